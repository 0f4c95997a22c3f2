# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Huge pages and NUMA nodes out of a VM's domain XML and out of a host's capabilities."""

from __future__ import annotations

import pytest

from ansible_collections.evergreen.virt.plugins.module_utils._domain_xml.tree import parse
from ansible_collections.evergreen.virt.plugins.module_utils._facts import Backing, NumaNode
from ansible_collections.evergreen.virt.plugins.module_utils._libvirt.capabilities import numa_nodes
from ansible_collections.evergreen.virt.plugins.module_utils._libvirt.vm_memory_xml import backing

CELLS = """<cpu><numa>
  <cell id='0' cpus='0-1' memory='2097152' unit='KiB'/><cell id='1' cpus='2-3' memory='1' unit='GiB'/>
</numa></cpu>"""


@pytest.mark.parametrize(
    ("xml", "parts"),
    [
        ("", []),
        ("<memoryBacking><hugepages/></memoryBacking>", [Backing(3072, 2048)]),
        (
            "<memoryBacking><hugepages><page size='1' unit='G'/></hugepages></memoryBacking>",
            [Backing(3072, 1048576)],
        ),
        ("<numatune><memory mode='strict' nodeset='1'/></numatune>", [Backing(3072, None, [1])]),
        ("<numatune><memory nodeset='0-2,^1'/></numatune>", [Backing(3072, None, [0, 2])]),
        ("<numatune><memory mode='preferred' nodeset='1'/></numatune>", []),
        ("<numatune><memory mode='strict' placement='auto'/></numatune>", []),
        (CELLS, []),
        (CELLS + "<memoryBacking><hugepages/></memoryBacking>", [Backing(3072, 2048)]),
        (
            CELLS
            + """<memoryBacking><hugepages>
              <page size='2048' unit='KiB' nodeset='0'/><page size='1048576' unit='KiB' nodeset='1'/>
            </hugepages></memoryBacking>
            <numatune><memory mode='strict' nodeset='0-1'/><memnode cellid='1' mode='strict' nodeset='1'/></numatune>""",
            [Backing(2048, 2048, [0, 1]), Backing(1024, 1048576, [1])],
        ),
        (
            CELLS + "<memoryBacking><hugepages><page size='2048' unit='KiB' nodeset='1'/></hugepages></memoryBacking>",
            [Backing(1024, 2048)],
        ),
    ],
)
def test_what_the_memory_of_a_vm_is_made_of(xml: str, parts: list[Backing]) -> None:
    assert backing(parse(f"<domain><memory unit='MiB'>3072</memory>{xml}</domain>")) == parts


def test_memory_devices_are_no_part_of_the_vm_s_own() -> None:
    devices = "<devices><memory model='dimm'><target><size unit='MiB'>1024</size></target></memory></devices>"
    root = parse(
        f"<domain><memory unit='MiB'>3072</memory><memoryBacking><hugepages/></memoryBacking>{devices}</domain>"
    )
    assert backing(root) == [Backing(2048, 2048)]


def test_numa_nodes_of_a_host() -> None:
    capabilities = parse(
        """<capabilities><host><topology><cells num='2'>
          <cell id='0'><memory unit='KiB'>67108864</memory>
            <pages unit='KiB' size='4'>8388608</pages><pages unit='KiB' size='2048'>16384</pages><pages unit='KiB' size='1048576'>0</pages>
          </cell>
          <cell id='1'><memory unit='KiB'>67108864</memory>
            <pages unit='KiB' size='4'>16252928</pages><pages unit='KiB' size='2048'>0</pages><pages unit='KiB' size='1048576'>2</pages>
          </cell>
        </cells></topology></host></capabilities>"""
    )
    assert numa_nodes(capabilities) == [NumaNode(0, 65536, {"2048": 32768}), NumaNode(1, 65536, {"1048576": 2048})]
