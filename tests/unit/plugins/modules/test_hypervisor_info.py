# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The modules that read a host, on libvirt's own driver for tests."""

from __future__ import annotations

import functools
import typing as t

import libvirt
import pytest

from ansible_collections.evergreen.virt.plugins.module_utils._facts import Maintenance, Ran
from ansible_collections.evergreen.virt.plugins.module_utils._state import record
from ansible_collections.evergreen.virt.plugins.modules import hypervisor_info, vm, vm_info

from .tasks import Module

facts = Module(hypervisor_info, "read")
vm_facts = Module(vm_info, "read")


def test_the_facts_of_a_host(host: libvirt.virConnect) -> None:
    found = facts()["host"]
    assert (found["driver"], found["versions"]["qemu"]) == ("TEST", None)
    assert [one["name"] for one in found["vms"]] == ["test"]
    assert [one["name"] for one in found["pools"]] == ["default-pool"]
    assert found["networks"] == ["default"]
    assert found["vms"][0]["obstacles"] == ["libvirt's driver TEST does not move VMs to other hosts."]
    assert {"have secrets", "have network filters", "start a VM paused"} <= set(found["unsupported"])


@pytest.mark.parametrize("missing", ["listAllNetworks", "listAllStoragePools", "numOfNetworks"])
def test_a_driver_without_networks_or_pools(
    host: libvirt.virConnect, monkeypatch: pytest.MonkeyPatch, missing: str
) -> None:
    def unsupported(*_args: t.Any) -> t.NoReturn:
        error = libvirt.libvirtError("said by the test")
        error.err = (libvirt.VIR_ERR_NO_SUPPORT, 0, "said by the test", 2, None, None, None, 0, 0)
        raise error

    monkeypatch.setattr(libvirt.virConnect, missing, unsupported)
    found = facts()["host"]
    assert [one["name"] for one in found["vms"]] == ["test"]
    assert found["networks"] == ([] if missing == "listAllNetworks" else ["default"])
    assert ("have networks" in found["unsupported"]) is (missing == "numOfNetworks")


def test_the_facts_of_vms(host: libvirt.virConnect) -> None:
    Module(vm)(name="a", memory_mib=64, labels={"role": "web"})
    found = {one["name"]: one for one in vm_facts()["vms"]}
    assert (found["a"]["state"], found["a"]["labels"], found["a"]["pending"]) == ("shutoff", {"role": "web"}, [])
    assert [one["name"] for one in vm_facts(where="labels.role == 'web'")["vms"]] == ["a"]
    assert [one["name"] for one in vm_facts(name=["test", "none"])["vms"]] == ["test"]
    Module(vm)(name="a", state="started")
    Module(vm)(name="a", cmdline="quiet")
    assert vm_facts(name=["a"])["vms"][0]["pending"] == ["cmdline"]


def test_who_went_down_with_the_host_is_told(host: libvirt.virConnect, monkeypatch: pytest.MonkeyPatch) -> None:
    Module(vm)(name="down", memory_mib=64)
    uuids = {name: host.lookupByName(name).UUIDString() for name in ("test", "down")}
    before = [Ran(name, uuid, "an earlier boot") for name, uuid in uuids.items()]
    known = Maintenance("me", "", "2026-01-01T00:00:00+00:00", ran=before)
    monkeypatch.setattr(record, "read", lambda: known)
    assert facts()["host"]["went_down"] == ["down"]


def test_a_soft_reboot_ends_vms_as_a_boot_does(host: libvirt.virConnect, monkeypatch: pytest.MonkeyPatch) -> None:
    Module(vm)(name="down", memory_mib=64)
    boot = facts()["host"]["boot_id"]
    known = Maintenance(
        "me", "", "2026-01-01T00:00:00+00:00", ran=[Ran("down", host.lookupByName("down").UUIDString(), boot)]
    )
    monkeypatch.setattr(record, "read", lambda: known)
    for suffix, down in (("", []), ("+1", ["down"])):
        monkeypatch.setattr(hypervisor_info, "userspace_id", functools.partial("".join, (boot, suffix)))
        assert facts()["host"]["went_down"] == down
