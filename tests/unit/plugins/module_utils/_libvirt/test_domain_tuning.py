# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Against libvirt's own driver for tests, which keeps what is set."""

from __future__ import annotations

import typing as t

import libvirt
import pytest

from ansible_collections.evergreen.virt.plugins.module_utils._domain_xml import tree
from ansible_collections.evergreen.virt.plugins.module_utils._domain_xml.option import LiveStep
from ansible_collections.evergreen.virt.plugins.module_utils._errors import VirtError
from ansible_collections.evergreen.virt.plugins.module_utils._libvirt import domain_live
from ansible_collections.evergreen.virt.plugins.module_utils._wait import Deadline

XML = """
<domain type='test'><name>tuned</name><memory>65536</memory><os><type>hvm</type></os><devices>
<disk type='file'><source file='/d'/><target dev='vda'/></disk></devices></domain>
"""


@pytest.fixture
def domain() -> t.Iterator[libvirt.virDomain]:
    """Return a VM that runs."""
    connection = libvirt.open("test:///default")
    made = connection.createXML(XML)
    yield made
    made.destroy()
    connection.close()


def perform(domain: libvirt.virDomain, call: str, argument: t.Any, *, uncertain: bool = False) -> dict[LiveStep, str]:
    return domain_live.perform(domain, [LiveStep(call, argument, uncertain)], Deadline(5))


def test_memory_limits(domain: libvirt.virDomain) -> None:
    perform(domain, "memory_limits", (("hard_limit", 70000), ("soft_limit", 2**53 - 1), ("swap_hard_limit", 80000)))
    found = domain.memoryParameters()
    assert (found["hard_limit"], found["swap_hard_limit"]) == (70000, 80000)
    root = tree.parse(domain.XMLDesc())
    assert root.find("memtune/soft_limit") is None


def test_limits_of_a_disk(domain: libvirt.virDomain) -> None:
    bursts = (("total_bytes_sec_max", 5000), ("write_iops_sec_max", 7))  # this driver wants them
    limits = (("total_bytes_sec", 5000), ("read_iops_sec", 0), ("write_iops_sec", 7))
    perform(domain, "block_limits", ("vda", (*limits, *bursts)))
    found = domain.blockIoTune("vda")
    assert (found["total_bytes_sec"], found["read_iops_sec"], found["write_iops_sec"]) == (5000, 0, 7)


def test_threads(domain: libvirt.virDomain) -> None:
    def numbers() -> list[int]:
        return [thread[0] for thread in domain.ioThreadInfo()]

    for count, expected in ((3, [1, 2, 3]), (2, [1, 2]), (0, [])):
        perform(domain, "iothreads", count)
        assert numbers() == expected
    domain.addIOThread(2)
    perform(domain, "iothreads", 2)
    assert sorted(numbers()) == [1, 2]


def test_a_driver_that_cannot_is_named_unless_that_was_expected(domain: libvirt.virDomain) -> None:
    wanted = (("cpu_shares", 200),)
    with pytest.raises(VirtError, match="change the processor time of the running VM 'tuned'"):
        perform(domain, "scheduler", wanted)
    refused = perform(domain, "scheduler", wanted, uncertain=True)
    assert list(refused) == [LiveStep("scheduler", wanted, uncertain=True)]


def test_the_weight_of_input_and_output(domain: libvirt.virDomain) -> None:
    perform(domain, "block_weight", (("weight", 200),))
    assert domain.blkioParameters()["weight"] == 200
