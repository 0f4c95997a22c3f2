# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""VMs that somebody else made: what is not named stays, and what already holds is no change."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.evergreen.virt.plugins.module_utils._changes import ChangeSet
from ansible_collections.evergreen.virt.plugins.module_utils._domain_xml import convergence, tree
from ansible_collections.evergreen.virt.plugins.module_utils._domain_xml.registry import OPTIONS

from .samples import SAMPLES

NOTHING = convergence.Convergence(ChangeSet())

HOLDS: list[tuple[str, dict[str, t.Any]]] = [
    ("virt_install_windows11", {"firmware": "uefi-secure"}),
    ("virt_install_windows11", {"tpm": {"version": "2.0", "model": "crb"}}),
    ("virt_install_windows11", {"features": {"smm": True, "vmport": False}}),
    ("virt_install_windows11", {"hyperv": {"relaxed": True, "spinlocks": 8191, "vpindex": False}}),
    ("virt_install_windows11", {"clock": {"offset": "localtime", "timers": [{"name": "hpet", "present": False}]}}),
    ("virt_install_windows11", {"cdroms": [{"target": "sdb", "path": "/var/lib/libvirt/images/virtio-win.iso"}]}),
    ("virt_manager_linux", {"firmware": "uefi"}),
    ("virt_manager_linux", {"memory_backing": {"shared": True, "source": "memfd", "hugepages": False}}),
    ("virt_manager_linux", {"cpu": {"topology": {"cores": 2, "threads": 2}}}),
    ("virt_manager_linux", {"graphics": {"type": "vnc", "password": 'a&"b c'}}),
    ("virt_manager_linux", {"memory_mib": 2048, "memory_max_mib": 4096, "vcpus": 2, "vcpus_max": 4}),
    ("terraform", {"firmware": "bios", "machine": "pc", "tpm": {"version": "none"}}),
    ("terraform", {"disks": [{"target": "vda", "pool": "default", "volume": "tf-node-0.qcow2"}]}),
    ("openstack", {"numa": {"nodeset": "0,1", "mode": "strict"}}),
    ("openstack", {"numa": {"cells": [
        {"id": 1, "cpus": "2,3", "memory_mib": 2048},
        {"id": 0, "cpus": "0-1", "memory_mib": 2048, "nodeset": "0"},
    ]}}),
    ("openstack", {"pinning": {"vcpus": {0: "2", "3": "19"}, "emulator": "2,3,18,19", "cpuset": ""}}),
    ("openstack", {"memory_backing": {"hugepages": True, "locked": False}}),
    ("openstack", {"xml": "<domain><sysinfo><system><entry name='product'>OpenStack Nova</entry></system></sysinfo></domain>"}),
    ("openstack", {"xml": "<domain><devices><hostdev><source><address bus='0x3B'/></source></hostdev></devices></domain>"}),
    ("handwritten", {"firmware": "bios", "pinning": {"cpuset": "0,1"}}),
    ("handwritten", {"cpu": {"features": {"vmx": "require", "mpx": "disable", "aes": "default"}}}),
    ("handwritten", {"clock": {"timezone": "Europe/Berlin"}}),
    ("handwritten", {"xml": "<domain><memtune><hard_limit unit='GiB'>2</hard_limit></memtune></domain>"}),
]  # fmt: skip


def test_there_are_vms_of_every_tool() -> None:
    assert set(SAMPLES) == {"handwritten", "openstack", "terraform", "virt_install_windows11", "virt_manager_linux"}


@pytest.mark.parametrize("sample", SAMPLES)
def test_a_spec_that_names_only_the_vm_defines_nothing(sample: str) -> None:
    definition = tree.parse(SAMPLES[sample])
    text = tree.serialize(definition)
    assert convergence.converge(definition, None, {}) == NOTHING
    assert convergence.converge(definition, tree.parse(SAMPLES[sample]), {}, "restart") == NOTHING
    assert tree.serialize(definition) == text


@pytest.mark.parametrize("option", [option.name for option in OPTIONS])
@pytest.mark.parametrize("sample", SAMPLES)
def test_whatever_already_holds_is_no_change(sample: str, option: str) -> None:
    definition = tree.parse(SAMPLES[sample])
    value = next(each for each in OPTIONS if each.name == option).read(definition)
    assert convergence.converge(definition, definition, {option: value}, "restart") == NOTHING


@pytest.mark.parametrize(("sample", "params"), HOLDS)
def test_what_a_person_would_write_already_holds(sample: str, params: dict[str, t.Any]) -> None:
    convergence.check(params)
    definition = tree.parse(SAMPLES[sample])
    assert convergence.converge(definition, definition, params, "restart") == NOTHING


@pytest.mark.parametrize("sample", SAMPLES)
def test_one_change_changes_one_line(sample: str) -> None:
    """All but the description is as before, secrets and the metadata of others included."""
    definition = tree.parse(SAMPLES[sample])
    text = convergence.converge(definition, None, {"description": "changed"}).definition
    assert text is not None
    after = tree.parse(text)
    tree.set_text(after, "description", tree.text(definition, "description") or "")
    assert canonical(after) == canonical(definition)


def canonical(root: tree.Element) -> list[tuple[str, dict[str, str], str]]:
    """Every element with what it says, in order."""
    return [(element.tag, element.attrib, (element.text or "").strip()) for element in root.iter()]
