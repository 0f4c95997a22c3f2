# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where the trial VM of a host comes from, and what it is like."""

from __future__ import annotations

import dataclasses
import typing as t

import pytest

from ansible_collections.evergreen.virt.plugins.module_utils._facts import (
    Capacity,
    Health,
    Host,
    Interface,
    Maintenance,
    Versions,
)
from ansible_collections.evergreen.virt.plugins.module_utils._plan.trial import Trial, trial_for

from .clusters import node, vm

OLD, NEW = Versions(libvirt="9.0.0", qemu="7.2.22"), Versions(libvirt="11.3.0", qemu="10.0.2")
PARKED = Maintenance("alice", "a disk", "2026-01-01T00:00:00+00:00")
OVS = Interface("52:54:00:00:00:09", bridge="br0", vlan=10, type="ovs")


def able(**more: t.Any) -> Capacity:
    values: dict[str, t.Any] = {
        "virt_types": ["kvm", "qemu"],
        "machines": ["pc-q35-7.2", "pc-q35-6.2"],
        "cpu_models": ["qemu64", "EPYC"],
        "machine_aliases": {"q35": "pc-q35-7.2"},
    }
    return Capacity(1000, 4, "x86_64", **{**values, **more})


def host(name: str, *vms: t.Any, **more: t.Any) -> Host:
    return dataclasses.replace(node(name, *vms).facts, **{"versions": OLD, "capacity": able(), **more})


def trial(*others: Host, target: Host | None = None, busy: t.Sequence[str] = ()) -> Trial:
    hosts = {one.hostname: one for one in (target or host("h1", versions=NEW), *others)}
    return trial_for("h1", hosts, busy, 64)


@pytest.mark.parametrize(
    ("others", "source"),
    [
        ([], None),
        ([host("h2")], "h2"),
        ([host("h3"), host("h2")], "h2"),
        ([host("h2", versions=NEW), host("h3")], "h3"),
        ([host("h2", versions=NEW)], "h2"),
        ([host("h2", versions=Versions(libvirt="11.4.0", qemu="10.0.2"))], None),
        ([host("h2", versions=Versions(libvirt="9.0.0", qemu="10.1.0"))], None),
        ([host("h2", versions=Versions(libvirt="11.3.0", qemu="10.0"))], "h2"),
        ([host("h2", maintenance=PARKED)], None),
        ([host("h2", health=Health(["libvirtd failed"]))], None),
        ([host("h2", driver="LXC")], None),
        ([host("h2", capacity=Capacity(1000, 4, "aarch64"))], None),
        ([host("busy"), host("h4")], "h4"),
    ],
)
def test_it_comes_from_the_oldest_host_that_may_send_vms(others: list[Host], source: str | None) -> None:
    assert trial(*others, busy=["busy"]).source == source


@pytest.mark.parametrize(
    ("others", "options"),
    [
        ([], {"virt_type": "kvm", "machine": "pc-q35-7.2"}),
        (
            [host("h2", vm("a", machine="pc-q35-6.2"), vm("b"), vm("c"))],
            {"virt_type": "kvm", "machine": "pc-q35-7.2"},
        ),
        (
            [host("h2", vm("a", machine="pc-q35-5.2"), vm("b", machine="pc-q35-5.2"), vm("c", machine="pc-q35-6.2"))],
            {"virt_type": "kvm", "machine": "pc-q35-6.2"},
        ),
        (
            [host("h2", vm("a", machine="pc-q35-6.2", state="shutoff"), vm("b", state="paused"))],
            {"virt_type": "kvm", "machine": "pc-q35-7.2"},
        ),
        (
            [host("h2", vm("a", cpu_mode="custom", cpu_model="EPYC"))],
            {"virt_type": "kvm", "machine": "pc-q35-7.2", "cpu": {"mode": "custom", "model": "EPYC"}},
        ),
        (
            [host("h2", vm("a", cpu_mode="custom", cpu_model="Turin"))],
            {"virt_type": "kvm", "machine": "pc-q35-7.2"},
        ),
        (
            [host("h2", vm("a", cpu_mode="host-passthrough"))],
            {"virt_type": "kvm", "machine": "pc-q35-7.2", "cpu": {"mode": "host-passthrough"}},
        ),
        ([host("h2", vm("a"), capacity=able(machines=["virt-7.2"], machine_aliases={}))], {"virt_type": "kvm"}),
    ],
)
def test_it_is_like_most_vms_that_both_hosts_can_run(others: list[Host], options: dict[str, t.Any]) -> None:
    found = trial(*others).options
    assert {name: value for name, value in found.items() if name not in ("memory_mib", "interfaces")} == options
    assert found["memory_mib"] == 64


def test_an_emulated_one_can_be_moved_by_an_old_qemu() -> None:
    found = trial(host("h2", vm("a", virt_type="qemu"))).options
    assert found["virt_type"] == "qemu"
    assert found["qemu_arguments"][-2:] == ["-m", "65544K"]
    assert 65544 % 256


@pytest.mark.parametrize(
    ("cards", "more", "interfaces"),
    [
        ([OVS], {}, [{"bridge": "br0", "type": "ovs", "vlan": 10, "link": "down"}]),
        ([OVS, Interface("m", network="lan"), Interface("n", network="lan")], {"networks": ["lan"]}, "lan"),
        ([Interface("m", network="lan"), Interface("n", network="lan"), OVS], {}, "br0"),
        ([Interface("m", bridge="br9", type="linux")], {}, []),
        ([], {}, []),
    ],
)
def test_it_is_where_most_interfaces_are(cards: list[Interface], more: dict[str, t.Any], interfaces: t.Any) -> None:
    found = trial(host("h2", vm("a", interfaces=cards), **more), target=host("h1", versions=NEW, **more)).options
    if isinstance(interfaces, list):
        assert found["interfaces"] == interfaces
    else:
        assert [card.get("network") or card.get("bridge") for card in found["interfaces"]] == [interfaces]
        assert found["interfaces"][0]["link"] == "down"


def test_hosts_that_are_tried_together_have_different_sources() -> None:
    hosts = {name: host(name) for name in ("h1", "h2", "h3")}
    assert [trial_for(name, hosts, [], 64).source for name in hosts] == ["h2", "h3", "h1"]
