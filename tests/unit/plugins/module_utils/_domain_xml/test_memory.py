# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A VM's own memory, without what is plugged in."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.evergreen.virt.plugins.module_utils._domain_xml import convergence, tree

HOTPLUG = (
    "<domain><maxMemory slots='4' unit='MiB'>2048</maxMemory><memory unit='MiB'>{memory}</memory>"
    "<currentMemory unit='MiB'>{current}</currentMemory><vcpu>2</vcpu>"
    "<cpu><numa><cell id='0' cpus='0-1' memory='196608' unit='KiB'/></numa></cpu><devices>{devices}</devices></domain>"
)
DIMM = "<memory model='dimm'><target><size unit='MiB'>128</size><node>0</node></target><alias name='ua-m1'/></memory>"
VIRTIO = (
    "<memory model='virtio-mem'><target><size unit='MiB'>512</size><node>0</node><block unit='MiB'>2</block>"
    "<requested unit='MiB'>64</requested>{current}</target><alias name='ua-m2'/></memory>"
)


def vm(devices: str = "", memory: int = 192, current: int = 192) -> tree.Element:
    return tree.parse(HOTPLUG.format(devices=devices, memory=memory, current=current))


def after(root: tree.Element, **params: t.Any) -> tree.Element:
    text = convergence.converge(root, None, params).definition
    assert text is not None
    return tree.parse(text)


def sizes(root: tree.Element) -> list[int | None]:
    """The VM's memory, what it has of it now, and its cell's, in MiB."""
    cell = root.find("cpu/numa/cell")
    assert cell is not None
    written = [tree.size_in_bytes(root.find(tag)) for tag in ("memory", "currentMemory")]
    return [None if size is None else size // 2**20 for size in written] + [int(cell.get("memory", "0")) // 1024]


@pytest.mark.parametrize(
    ("root", "own", "now"),
    [
        (vm(), 192, 192),
        (vm(DIMM, 320, 320), 192, 192),
        (vm(DIMM, 320, 256), 192, 128),
        (vm(DIMM + VIRTIO.format(current=""), 832, 832), 192, 192),
        (vm(VIRTIO.format(current="<current unit='MiB'>30</current>"), 704, 222), 192, 192),
    ],
)
def test_devices_do_not_count(root: tree.Element, own: int, now: int) -> None:
    options = convergence.options_of(root)
    assert (options["memory_max_mib"], options["memory_mib"]) == (own, now)


def test_what_is_plugged_in_is_counted_by_libvirt() -> None:
    more = after(vm(), memory_devices=[{"name": "m1", "size_mib": 128}])
    assert sizes(more) == [320, 320, 192]
    both = after(more, memory_mib=256, memory_devices=[{"name": "m1", "size_mib": 64}])
    assert sizes(both) == [320, 320, 256]
    less = after(both, memory_devices=[], purge=["memory_devices"])
    assert sizes(less) == [256, 256, 256]


def test_the_only_cell_has_all_memory_and_all_cpus() -> None:
    root = after(vm(DIMM, 320, 320), memory_mib=512, vcpus=4)
    assert sizes(root) == [640, 640, 512]
    cell = root.find("cpu/numa/cell")
    assert cell is not None
    assert cell.get("cpus") == "0-3"


def test_a_vm_whose_memory_may_grow_gets_a_cell() -> None:
    root = tree.parse("<domain><memory unit='MiB'>64</memory><vcpu>1</vcpu><devices/></domain>")
    done = after(root, memory_hotplug={"max_mib": 1024, "slots": 2})
    cell = done.find("cpu/numa/cell")
    assert cell is not None
    assert cell.attrib == {"id": "0", "cpus": "0", "unit": "KiB", "memory": "65536"}
    assert tree.attribute(done, "maxMemory", "slots") == "2"
    assert after(done, memory_hotplug={"max_mib": 0}).find("maxMemory") is None
