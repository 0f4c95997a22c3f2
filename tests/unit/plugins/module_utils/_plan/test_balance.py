# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Plans that even out loads: every moment keeps every rule, and no move is made that need not be."""

from __future__ import annotations

import dataclasses
import json
import typing as t

import pytest

from ansible_collections.evergreen.virt.plugins.module_utils._facts import (
    Capacity,
    Disk,
    Health,
    Maintenance,
    Policy,
    Pool,
    Versions,
    Vm,
)
from ansible_collections.evergreen.virt.plugins.module_utils._plan.balance import plan_balance
from ansible_collections.evergreen.virt.plugins.module_utils._plan.loads import Wish
from ansible_collections.evergreen.virt.plugins.module_utils._plan.model import Node, Rules
from ansible_collections.evergreen.virt.tests.bench.planner.instances import large, uneven

from .balance_checker import broken
from .clusters import RULES, node, vm
from .test_inventories import FILES, load

Plan = dict[str, t.Any]
TEN = Wish({"memory": 10.0})


def evened(*nodes: Node, wish: Wish = TEN, rules: Rules = RULES, scope: t.Sequence[str] | None = None) -> Plan:
    """Return the plan, after every moment of it was looked at; it can be made JSON of, and a second run has nothing to do."""
    chosen = [one.name for one in nodes] if scope is None else list(scope)
    plan = plan_balance({one.name: one for one in nodes}, chosen, rules, wish)
    assert broken(nodes, rules, chosen, plan) == []
    assert json.loads(json.dumps(plan)) == plan
    if plan["reached"]:
        assert plan["bounds"]["moves"] <= plan["figures"]["moves"]
    again = plan_balance({one.name: one for one in after(nodes, plan)}, chosen, rules, wish)
    assert again["moves"] == []
    assert again["reached"] == plan["reached"]
    return plan


def after(nodes: t.Sequence[Node], plan: Plan) -> list[Node]:
    """Return the cluster as its facts would tell of it once the moves were made."""
    where = {one.name: {vm.name: vm for vm in one.facts.vms} for one in nodes}
    for move in plan["moves"]:
        where[move["target"]][move["vm"]] = where[move["source"]].pop(move["vm"])
    return [
        dataclasses.replace(one, facts=dataclasses.replace(one.facts, vms=list(where[one.name].values())))
        for one in nodes
    ]


def host(name: str, *sizes: int, policy: Policy | None = None, **more: t.Any) -> Node:
    """Return a host of 10,000 MiB with VMs of some sizes, on their target version."""
    vms = [vm(f"{name}-{number}", size, policy=policy) for number, size in enumerate(sizes)]
    return node(name, *vms, **{"impact": "none", **more})


def going(plan: Plan) -> list[str]:
    return [f"{move['vm']} {move['source']} -> {move['target']}" for move in plan["moves"]]


@pytest.mark.parametrize(
    ("nodes", "moves"),
    [
        # nothing to do, at the very edge as well: 60 % and 40 % around 50 %
        ([host("h1", 5000), host("h2", 5000)], 0),
        ([host("h1", 3000, 3000), host("h2", 4000)], 0),
        # one VM is enough, and it is the one of the right size
        ([host("h1", 1000, 2000, 3000), host("h2")], 1),
        # three leave one host, for two others
        ([host("h1", 1000, 1000, 1000, 1000, 1000, 1000), host("h2"), host("h3")], 3),
        # no VM alone is of the right size: the large one goes there, and a smaller one comes back
        ([host("h1", 4500, 4500), host("h2", 1500, 1500)], 2),
        # hosts of different sizes carry the same share
        ([host("h1", 3000, 3000, memory_mib=10_000), host("h2", memory_mib=20_000)], 1),
        ([host("h1"), host("h2")], 0),
        ([host("h1", 1000)], 0),
    ],
)
def test_the_fewest_moves(nodes: list[Node], moves: int) -> None:
    plan = evened(*nodes)
    assert plan["figures"]["moves"] == plan["bounds"]["moves"] == moves, going(plan)


def test_vcpus_are_evened_out_as_well() -> None:
    busy = [vm(f"busy{number}", 100, vcpus=4) for number in range(4)]
    large_ones = [vm(f"large{number}", 4000, vcpus=1) for number in range(2)]
    hosts = [node("h1", *busy, impact="none"), node("h2", *large_ones, impact="none")]
    assert going(evened(*hosts)) == ["large0 h2 -> h1"]
    by_vcpus = evened(*hosts, wish=Wish({"vcpus": 50.0}))
    assert by_vcpus["mean"] == {"vcpus": 225.0}
    assert len(by_vcpus["moves"]) == 2
    both = evened(*hosts, wish=Wish({"memory": 10.0, "vcpus": 50.0}))
    assert both["reached"]
    assert len(both["moves"]) == both["bounds"]["moves"] == 3


WEB = Policy(anti_affinity=["web"])
PAIR = Policy(affinity=["pair"])


def one_full(*vms: Vm, **other: t.Any) -> list[Node]:
    """A host with some VMs, and an empty one."""
    return [node("h1", *vms, impact="none"), node("h2", impact="none", **other)]


@pytest.mark.parametrize(
    ("nodes", "why"),
    [
        (
            one_full(vm("a", 3000, policy=Policy(evacuation="shutdown")), vm("b", 3000, policy=Policy(hosts=["h1"]))),
            "a cannot leave: its policy is evacuation: shutdown; b cannot leave: the VM's policy allows only h1",
        ),
        (one_full(vm("a", 6000, obstacles=["it has a host device."])), "a cannot leave: it has a host device"),
        (
            one_full(vm("a", 6000, obstacles=["host device pci 0000:01:00.0."])),
            "a cannot leave: host device pci 0000:01:00.0",
        ),
        (one_full(vm("a", 3000), vm("b", 3000), bridges=[]), "a, b cannot leave: it has no bridge br0"),
        (
            one_full(vm("a", 3000, machine="pc-q35-10.0"), vm("b", 3000, machine="pc-q35-10.0")),
            "its emulator does not know machine type pc-q35-10.0",
        ),
        (
            one_full(
                vm("a", 3000, disks=[Disk("vda", "/p/a", "local:1", size_mib=900)]),
                vm("b", 3000, disks=[Disk("vda", "/p/b", "local:1", size_mib=900)]),
                pools=[Pool("p", "dir", True, "local:2", "/p", free_mib=800)],
            ),
            "pool p has 800 MiB free of 900 MiB needed",
        ),
        (one_full(vm("a", 8000)), "it would be too much for the host that it came to"),
    ],
)
def test_a_tolerance_that_cannot_be_reached(nodes: list[Node], why: str) -> None:
    plan = evened(*nodes)
    assert (plan["reached"], plan["moves"], plan["bounds"]) == (False, [], {})
    assert why in plan["why"][0]


def test_it_is_proven_that_no_plan_reaches_it_where_too_little_may_leave() -> None:
    assert not evened(*one_full(vm("a", 5000, obstacles=["it has a host device."]), vm("b", 1000)))["possible"]
    assert evened(*one_full(vm("a", 8000)))["possible"]


def test_it_comes_as_near_as_it_can() -> None:
    plan = evened(*one_full(vm("a", 6000, obstacles=["it has a host device."]), vm("b", 1000), vm("c", 2000)))
    assert sorted(move["vm"] for move in plan["moves"]) == ["b", "c"]
    assert plan["hosts"][0] == {"name": "h1", "before": {"memory": 90.0}, "after": {"memory": 60.0}}
    assert plan["why"][0].startswith("h1 carries 60 % of its memory, and 55.0 % is the most that is wanted")


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"maintenance": Maintenance("alice", "disk", "today")}, "it is in maintenance by alice since today"),
        ({"health": Health(["no network"])}, "it is not healthy: no network"),
        ({"capacity": Capacity(0, 4, "x86_64", ["kvm"])}, "it has nothing for VMs"),
    ],
)
def test_a_host_that_takes_no_part(more: dict[str, t.Any], says: str) -> None:
    plan = evened(host("h1", 1000, 1000, 1000, 1000), host("h2"), host("h3", 1000, **more))
    assert plan["left_alone"] == {"h3": says}
    assert {move["target"] for move in plan["moves"]} == {"h2"}
    assert [one["name"] for one in plan["hosts"]] == ["h1", "h2"]


def test_nobody_takes_part() -> None:
    ill = Health(["no network"])
    plan = evened(host("h1", 1000, health=ill), host("h2", health=ill))
    assert (sorted(plan["left_alone"]), plan["moves"], plan["hosts"], plan["mean"]) == (
        ["h1", "h2"],
        [],
        [],
        {"memory": 0.0},
    )


def test_only_the_scope_takes_part() -> None:
    plan = evened(host("h1", 2000, 2000, 2000), host("h2", 2000), host("h3"), scope=["h1", "h2"])
    assert [move["target"] for move in plan["moves"]] == ["h2"]
    assert plan["mean"] == {"memory": 40.0}


def test_never_from_a_new_version_to_an_old_one() -> None:
    new, old = Versions(qemu="10.0.2"), Versions(qemu="7.2.0")
    assert evened(host("h1", 2000, 2000, versions=old), host("h2", versions=new))["reached"]
    plan = evened(host("h1", 2000, 2000, versions=new), host("h2", versions=old))
    assert plan["moves"] == []
    assert "the VM runs on a newer version already" in plan["why"][0]


def test_members_of_a_group_are_not_brought_together_and_friends_not_parted() -> None:
    hosts = [
        node(
            "h1",
            vm("w1", 2000, policy=WEB),
            vm("x", 2000),
            vm("p1", 500, policy=PAIR),
            vm("p2", 1500, policy=PAIR),
            impact="none",
        ),
        node("h2", vm("w2", 500, policy=WEB), impact="none"),
    ]
    moved = {move["vm"] for move in evened(*hosts)["moves"]}
    assert moved == {"x"}
    apart = [dataclasses.replace(one) for one in hosts]
    apart[0] = node(
        "h1", vm("w1", 2000, policy=WEB), vm("p1", 1000, policy=PAIR), vm("p2", 1000, policy=PAIR), impact="none"
    )
    assert {move["vm"] for move in evened(*apart)["moves"]} == {"p1", "p2"}


def test_a_swap_goes_by_way_of_a_third_host() -> None:
    """Neither of two hosts has room for what comes before what goes has left."""
    hosts = [
        node("h1", vm("a", 5000, vcpus=4), vm("b", 4500, vcpus=4), impact="none"),
        node("h2", vm("c", 5000, vcpus=1), vm("d", 4500, vcpus=1), impact="none"),
        node(
            "h3",
            vm("e", 200, vcpus=2, policy=Policy(evacuation="stay")),
            vm("f", 200, vcpus=3, policy=Policy(evacuation="stay")),
            impact="none",
        ),
    ]
    plan = evened(*hosts, wish=Wish({"vcpus": 30.0}))
    assert plan["reached"]
    assert plan["bounds"]["moves"] == 2
    assert [len(step["hosts"]) for step in plan["steps"]] == [1, 1, 1]
    assert {move["target"] for move in plan["moves"]} == {"h1", "h2", "h3"}


def test_moves_at_the_same_time_are_as_few_as_is_asked() -> None:
    hosts = [
        host("h1", *[1000] * 8),
        host("h2", *[1000] * 8),
        host("h3", *[1000] * 8),
        host("h4"),
        host("h5"),
        host("h6"),
    ]
    for most, steps in ((0, 1), (3, 1), (2, 2), (1, 3)):
        rules = dataclasses.replace(RULES, parallel_moves=2, cluster_parallel_moves=most)
        plan = evened(*hosts, rules=rules)
        assert plan["figures"]["moves"] == 9
        assert len(plan["steps"]) == steps, most


def test_a_reserve_that_is_not_there_is_told() -> None:
    hosts = [host("h1", 4000, 4000), host("h2", 4000)]
    assert evened(*hosts)["reserve"] == ""
    rules = dataclasses.replace(RULES, reserve=1)
    assert "2000 MiB of memory would be missing" in evened(*hosts, rules=rules)["reserve"]


def test_a_vm_that_is_moving_already_is_left_alone() -> None:
    assert evened(host("h1", 1000, 1000, 1000, 2000), host("h2"))["moves"]
    plan = evened(host("h1", 1000, 1000, 1000, 2000, moving=[f"h1-{number}" for number in range(4)]), host("h2"))
    assert plan["moves"] == []
    assert "it is moving already" in plan["why"][0]


@pytest.mark.parametrize("name", FILES)
def test_clusters_shaped_like_those_of_productions(name: str) -> None:
    nodes, rules = load(name)
    plan = evened(*nodes.values(), rules=rules, wish=Wish({"memory": 5.0}))
    assert plan["figures"]["moves"] <= 1.5 * plan["bounds"].get("moves", plan["figures"]["moves"])


@pytest.mark.parametrize("number", range(4, 40, 3))
def test_every_moment_of_many_clusters(number: int) -> None:
    instance, wish = uneven(number)
    evened(*instance.nodes.values(), rules=instance.rules, wish=wish)


def test_a_large_cluster_is_near_the_bound() -> None:
    instance = large(200, 2_000)
    nodes = [dataclasses.replace(one, updates=None) for one in instance.nodes.values()]
    plan = evened(*nodes, rules=instance.rules)
    assert plan["reached"]
    assert plan["figures"]["moves"] <= 1.05 * plan["bounds"]["moves"]
