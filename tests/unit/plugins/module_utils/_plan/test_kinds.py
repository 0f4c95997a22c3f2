# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which hosts are alike for the VMs that there are."""

from __future__ import annotations

import dataclasses
import typing as t

import pytest

from ansible_collections.evergreen.virt.plugins.module_utils._facts import Cpu, Disk, Interface, Pool
from ansible_collections.evergreen.virt.plugins.module_utils._plan import rules
from ansible_collections.evergreen.virt.plugins.module_utils._plan.kinds import Kinds
from ansible_collections.evergreen.virt.plugins.module_utils._plan.model import Node

from .clusters import node, vm
from .test_inventories import FILES, load

VMS = [
    vm(
        "a",
        cpu_features=["aes"],
        secrets=["key"],
        interfaces=[Interface("m", network="lan", filter="clean")],
        disks=[
            Disk("vda", "/p/a.img", "local:1"),
            Disk("vdb", "/n/a.img", "nfs:s:/e"),
            Disk("vdc", "rbd:f/p", "rbd:f/p"),
        ],
    )
]
POOLS = [Pool("p", "dir", True, "local:2", "/p"), Pool("n", "netfs", True, "nfs:s:/e", "/n")]
LIKE: dict[str, t.Any] = {"networks": ["lan"], "filters": ["clean"], "secrets": ["key"], "pools": POOLS}


def hosts(**more: t.Any) -> dict[str, Node]:
    return {one.name: one for one in (node("home", *VMS), node("h1", **LIKE), node("h2", **{**LIKE, **more}))}


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"bridges": ["br0", "only-here"]},
        {"secrets": ["key", "of-its-own"]},
        {"pools": [*POOLS, Pool("more", "dir", True, "local:2", "/more")]},
        {"pools": [Pool("other", "dir", True, "local:3", "/p"), POOLS[1]]},
        {"pools": [*POOLS, Pool("above", "dir", True, "local:2", "/")]},
    ],
)
def test_what_no_vm_asks_for_makes_no_difference(more: dict[str, t.Any]) -> None:
    kinds = Kinds(hosts(**more)).of_host
    assert kinds["h1"] == kinds["h2"] != kinds["home"]


@pytest.mark.parametrize(
    "more",
    [
        {"networks": []},
        {"filters": None},
        {"filters": []},
        {"secrets": []},
        {"pools": POOLS[:1]},
        {"pools": [dataclasses.replace(POOLS[0], active=False), POOLS[1]]},
    ],
)
def test_what_a_vm_asks_for_makes_one(more: dict[str, t.Any]) -> None:
    kinds = Kinds(hosts(**more)).of_host
    assert kinds["h1"] != kinds["h2"]


def test_disks_that_only_their_host_has_make_no_kind_of_it() -> None:
    def with_disks(number: int) -> Node:
        own = f"local:{number}"
        disks = [Disk("vda", "/p/a.img", own), Disk("sda", "/p/seed.iso", own, device="cdrom", readonly=True)]
        pools = [Pool("p", "dir", True, own, "/p")]
        return node(f"h{number}", vm(f"vm{number}", disks=disks), pools=pools)

    assert set(Kinds({one.name: one for one in map(with_disks, range(4))}).of_host.values()) == {0}


def test_cpus_differ_by_the_features_that_vms_have() -> None:
    def with_cpu(one: Node, **features: str) -> Node:
        capacity = dataclasses.replace(one.facts.capacity, cpus={"kvm": Cpu("EPYC", "AMD", features)})
        return dataclasses.replace(one, facts=dataclasses.replace(one.facts, capacity=capacity))

    known = hosts()
    known |= {"h1": with_cpu(known["h1"], aes="require"), "h2": with_cpu(known["h2"], aes="require", umip="require")}
    assert len(set(Kinds(known).of_host.values())) == 2
    known["h2"] = with_cpu(known["h2"], aes="disable")
    assert len(set(Kinds(known).of_host.values())) == 3


def test_cpus_differ_by_who_made_them() -> None:
    def of(vendor: str) -> Node:
        cpus = {"kvm": Cpu("EPYC", vendor)}
        return node(vendor, capacity=dataclasses.replace(node("any").facts.capacity, cpus=cpus))

    kinds = Kinds({vendor: of(vendor) for vendor in ("AMD", "Intel")}).of_host
    assert kinds["AMD"] != kinds["Intel"]


@pytest.mark.parametrize("name", FILES)
def test_kinds_say_what_the_rules_say(name: str) -> None:
    nodes, _rules = load(name)
    kinds = Kinds(nodes)
    for home, source in nodes.items():
        for one in source.facts.vms:
            found = kinds.refusals(one, home)
            for host, target in nodes.items():
                assert found[kinds.of_host[host]] == rules.refusal(one, source.facts, target.facts)
