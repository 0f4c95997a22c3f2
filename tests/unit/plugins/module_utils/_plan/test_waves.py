# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import dataclasses
import typing as t

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.evergreen.virt.plugins.module_utils._errors import ImpossiblePlanError, InvalidInputError
from ansible_collections.evergreen.virt.plugins.module_utils._facts import (
    Backing,
    Capacity,
    Disk,
    Health,
    Interface,
    Maintenance,
    NumaNode,
    Policy,
    Pool,
    Updates,
    Versions,
)
from ansible_collections.evergreen.virt.plugins.module_utils._plan.bounds import moves_lower_bound, waves_lower_bound
from ansible_collections.evergreen.virt.plugins.module_utils._plan.model import Node, Rules
from ansible_collections.evergreen.virt.plugins.module_utils._plan.run import plan_gate

from .checker import untruths, violations
from .clusters import RULES, cluster, node, planned, vm

WEB = Policy(anti_affinity=["web"])


def targets(plan: dict[str, t.Any], wave: int = 1) -> dict[str, str]:
    return {move["vm"]: move["target"] for move in plan["moves"] if move["wave"] == wave}


def three_hosts() -> list[Node]:
    return [
        node("h1", vm("vm1", policy=WEB), vm("vm4")),
        node("h2", vm("vm2", policy=WEB), vm("vm5")),
        node("h3", vm("vm3"), vm("vm6")),
    ]


def test_three_full_hosts_need_no_move_more_than_the_bound() -> None:
    hosts = three_hosts()
    plan = planned(*hosts)
    assert plan["waves"] == [["h1"], ["h2"], ["h3"]]
    assert len(plan["moves"]) == plan["bounds"]["moves"] == plan["figures"]["moves"] == 8
    assert violations(hosts, RULES, plan) == untruths(hosts, RULES, plan) == []


def test_a_package_that_names_its_version_in_short_makes_no_host_older() -> None:
    short = Updates("apt", "reboot", target=Versions(qemu="7.2"))
    hosts = [dataclasses.replace(host, updates=short) for host in three_hosts()]
    running = [
        dataclasses.replace(host, facts=dataclasses.replace(host.facts, versions=Versions(qemu="7.2.22")))
        for host in hosts
    ]
    plan = planned(*running)
    assert (plan["waves"], len(plan["moves"])) == ([["h1"], ["h2"], ["h3"]], 8)
    assert violations(running, RULES, plan) == untruths(running, RULES, plan) == []


def test_an_untouched_host_saves_the_second_move() -> None:
    plan = planned(node("h1", vm("a")), node("h2", vm("b")), node("spare", impact="none"))
    assert plan["bounds"]["moves"] == len(plan["moves"]) == 2
    assert targets(plan) == {"a": "spare"}


def test_only_the_scope_is_upgraded_but_everybody_takes_vms() -> None:
    plan = planned(*three_hosts(), scope=["h2"])
    assert plan["waves"] == [["h2"]]
    assert set(targets(plan).values()) <= {"h1", "h3"}
    assert len(plan["moves"]) == plan["bounds"]["moves"] == 2


def test_a_restart_leaves_the_vms_where_they_are() -> None:
    plan = planned(node("h1", vm("a"), impact="restart"), node("h2"), scope=["h1"])
    assert (plan["waves"], plan["moves"]) == ([["h1"]], [])


def test_an_interrupted_host_comes_first_and_is_owed_its_impact() -> None:
    record = Maintenance("evergreen.virt", "upgrade", "2026-01-01T00:00:00Z", run_id="r", impact="reboot")
    hosts = [node("h1", vm("a")), node("h2", vm("b"), vm("c"), impact="none", maintenance=record), node("h3", vm("d"))]
    plan = planned(*hosts)
    assert plan["waves"][0] == ["h2"]
    assert next(host["impact"] for host in plan["hosts"] if host["name"] == "h2") == "reboot"


def test_hosts_of_one_wave_do_not_take_each_other_s_vms() -> None:
    rules = dataclasses.replace(RULES, max_hosts_per_wave=2, objective="time")
    hosts = [node("h1", vm("a")), node("h2", vm("b")), node("h3", vm("c")), node("h4", vm("d"))]
    plan = planned(*hosts, rules=rules)
    assert len(plan["waves"]) == plan["bounds"]["waves"] == 2
    assert violations(hosts, rules, plan) == []


def test_an_objective_saves_moves_or_time() -> None:
    hosts = [node(f"h{number}", vm(f"vm{number}")) for number in range(6)]
    found = {
        objective: planned(*hosts, rules=dataclasses.replace(RULES, max_hosts_per_wave=3, objective=objective))
        for objective in ("moves", "time", "balanced")
    }
    figures = {objective: (len(plan["moves"]), len(plan["waves"])) for objective, plan in found.items()}
    assert figures == {"moves": (7, 3), "time": (9, 2), "balanced": (9, 2)}
    assert found["time"]["figures"]["seconds"] < found["moves"]["figures"]["seconds"]


def capacity(memory_mib: int = 10_000, **more: t.Any) -> Capacity:
    return Capacity(memory_mib, 4, "x86_64", ["kvm"], ["pc-q35-7.2"], ["qemu64"], **more)


HUGE = [Backing(1000, 2048, [1])]
PAGES = [NumaNode(0, 5000, {"2048": 3000}), NumaNode(1, 5000, {"2048": 500})]
SECRETIVE = vm("a", secrets=["key"])
FILTERED = vm("a", interfaces=[Interface("52:54:00:00:00:01", bridge="br0", filter="clean-traffic")])


@pytest.mark.parametrize(
    ("leaving", "target", "reason"),
    [
        (vm("a", 20_000), node("h2"), "10000 MiB free of 20000 MiB needed"),
        (vm("a", policy=Policy(hosts=["h9"])), node("h2"), "policy allows only h9"),
        (vm("a", machine="pc-q35-9.9"), node("h2"), "machine type pc-q35-9.9"),
        (vm("a", virt_type="xen"), node("h2"), "VMs of type xen"),
        (vm("a", cpu_mode="custom", cpu_model="EPYC"), node("h2"), "CPU model EPYC"),
        (vm("a"), node("h2", bridges=[]), "no bridge br0"),
        (vm("a", interfaces=[Interface("m", network="lan")]), node("h2"), "no active network lan"),
        (FILTERED, node("h2", filters=["other"]), "no network filter clean-traffic"),
        (SECRETIVE, node("h2", secrets=[]), "no secret key"),
        (vm("a", policy=WEB), node("h2", vm("b", policy=WEB)), "anti-affinity group 'web'"),
        (vm("a"), node("h2", health=Health(["libvirtd is dead"])), "libvirtd is dead"),
        (vm("a"), node("h2", maintenance=Maintenance("alice", "disk", "today")), "maintenance by alice"),
        (
            vm("a", disks=[Disk("vda", "/p/a.img", "local:1", size_mib=5)]),
            node("h2"),
            "no active storage pool with the path /p, to copy disk vda into",
        ),
        (
            vm("a", disks=[Disk("vda", "/p/a/disk.img", "local:1", size_mib=5)]),
            node("h2", pools=[Pool("p", "dir", True, "local:2", "/p", 100, 100)]),
            "no active storage pool with the path /p/a, to copy disk vda into",
        ),
        (
            vm("a", disks=[Disk("vda", "/p/a.img", "local:1", size_mib=5)]),
            node("h2", pools=[Pool("p", "dir", True, "local:2", "/p", 10, 4)]),
            "4 MiB free of 5 MiB",
        ),
        (vm("a", disks=[Disk("vda", "/n/a.img", "nfs:s:/e")]), node("h2"), "does not mount nfs:s:/e"),
        (vm("a", backing=HUGE), node("h2"), "0 MiB free in huge pages of 2048 KiB of 1000 MiB"),
        (
            vm("a", backing=HUGE),
            node("h2", capacity=capacity(nodes=PAGES)),
            "500 MiB free in huge pages of 2048 KiB on NUMA node 1",
        ),
        (vm("a", 7000), node("h2", capacity=capacity(nodes=PAGES)), "6500 MiB free of 7000 MiB"),
        (vm("a"), node("h2", versions=Versions(qemu="6.2.0")), "newer version"),
    ],
)
def test_the_reason_why_a_vm_cannot_go_is_named(leaving: t.Any, target: Node, reason: str) -> None:
    source = node("h1", leaving, versions=Versions(qemu="7.2.0"))
    with pytest.raises(ImpossiblePlanError, match=reason) as caught:
        planned(source, target, scope=["h1"])
    assert reason in caught.value.details["refusals"]["a"]["h2"] or "a" in caught.value.message


@pytest.mark.parametrize(
    ("stuck", "reason"),
    [
        (vm("a", obstacles=["it has the host device 0000:01:00.0"]), "host device 0000:01:00.0"),
        (vm("a", state="suspended"), "it is suspended"),
        (vm("a", state="crashed"), "it is crashed"),
    ],
)
def test_a_vm_that_cannot_leave_is_named(stuck: t.Any, reason: str) -> None:
    with pytest.raises(ImpossiblePlanError, match=reason):
        planned(node("h1", stuck), node("h2"), scope=["h1"])


def test_space_in_a_pool_is_summed_up() -> None:
    def on_local_disk(name: str) -> t.Any:
        return vm(name, disks=[Disk("vda", f"/p/{name}.img", "local:1", size_mib=60)])

    pools = [Pool("p", "dir", True, "local:2", "/p", 200, 100)]
    hosts = [node("h1", on_local_disk("a"), on_local_disk("b")), node("h2", pools=pools), node("h3", pools=pools)]
    plan = planned(*hosts, scope=["h1"])
    assert sorted(targets(plan).values()) == ["h2", "h3"]
    assert violations(hosts, RULES, plan) == untruths(hosts, RULES, plan) == []
    with pytest.raises(ImpossiblePlanError, match="do not fit together"):
        planned(*hosts[:2], scope=["h1"])


def test_vcpus_are_limited_where_that_is_asked_for() -> None:
    hosts = [node("h1", *(vm(f"vm{number}", 100, vcpus=2) for number in range(3))), node("h2"), node("h3")]
    rules = dataclasses.replace(RULES, max_vcpus_per_thread=1.0)
    plan = planned(*hosts, scope=["h1"], rules=rules)
    assert sorted(targets(plan).values()) in (["h2", "h2", "h3"], ["h2", "h3", "h3"])
    with pytest.raises(ImpossiblePlanError, match="do not fit together"):
        planned(*hosts[:2], scope=["h1"], rules=rules)


def test_friends_stay_together() -> None:
    friends = Policy(affinity=["app"])
    hosts = [
        node("h1", vm("a", 3000, policy=friends), vm("b", 3000, policy=friends), vm("c", 1000)),
        node("h2", vm("d", 5000)),
        node("h3", vm("e", 3900)),
    ]
    plan = planned(*hosts, scope=["h1"])
    assert targets(plan)["a"] == targets(plan)["b"] == "h3"
    assert violations(hosts, RULES, plan) == []


def test_a_reserve_for_failures_makes_waves_smaller() -> None:
    hosts = [node(f"h{number}", vm(f"vm{number}", 5000)) for number in range(6)]
    rules = dataclasses.replace(RULES, max_hosts_per_wave=6, objective="time", reserve=1)
    plan = planned(*hosts, rules=rules)
    assert max(map(len, plan["waves"])) == 2
    assert all(spare >= 0 for spare in plan["proof"]["spare_mib"])
    assert violations(hosts, rules, plan) == []
    with pytest.raises(ImpossiblePlanError, match="if 3 other hosts failed"):
        planned(*hosts, rules=dataclasses.replace(rules, reserve=3))


def test_a_canary_goes_first_and_alone() -> None:
    hosts = [node(f"h{number}", vm(f"vm{number}")) for number in range(7)]
    rules = dataclasses.replace(RULES, max_hosts_per_wave=3, objective="time", canary_hosts=1)
    plan = planned(*hosts, rules=rules)
    assert list(map(len, plan["waves"])) == [1, 3, 3]
    assert plan["bounds"]["waves"] == 3


def test_order_by_name_is_that_of_people() -> None:
    hosts = [node(f"h{number}", *(vm(f"vm{number}-{index}") for index in range(11 - number))) for number in (2, 10, 1)]
    plan = planned(*hosts, rules=dataclasses.replace(RULES, order="name"))
    assert plan["waves"] == [["h1"], ["h2"], ["h10"]]


def test_order_by_label_and_one_site_after_another() -> None:
    hosts = [
        dataclasses.replace(node(f"h{number}", vm(f"vm{number}")), site=site, label=label)
        for number, (site, label) in enumerate([("b", "1"), ("a", "2"), ("b", "1"), ("a", "1")])
    ]
    rules = dataclasses.replace(RULES, order="label", max_hosts_per_wave=2, objective="time")
    assert list(map(sorted, planned(*hosts, rules=rules)["waves"])) == [["h1", "h3"], ["h0", "h2"]]


def test_moves_at_a_time_in_the_cluster_are_shared_among_the_hosts_of_a_wave() -> None:
    hosts = [node(f"h{number}", vm(f"vm{number}")) for number in range(8)]
    rules = dataclasses.replace(
        RULES, max_hosts_per_wave=4, objective="time", parallel_moves=4, cluster_parallel_moves=3
    )
    plan = planned(*hosts, rules=rules)
    assert max(map(len, plan["waves"])) == 3
    shares = {host["name"]: host["parallel_moves"] for host in plan["hosts"]}
    assert all(sum(shares[name] for name in wave) <= 3 for wave in plan["waves"])


def test_a_swap_goes_by_way_of_a_third_host() -> None:
    hosts = [
        node("h1", vm("a", 8000, policy=Policy(hosts=["h1", "h2"]))),
        node("h2", vm("b", 8000)),
        node("h3", memory_mib=9000, impact="none"),
    ]
    plan = planned(*hosts, scope=["h1"])
    assert [(move["step"], move["vm"], move["target"]) for move in plan["moves"]] == [(1, "b", "h3"), (2, "a", "h2")]
    assert plan["room"] == [
        {"wave": 1, "step": 1, "host": "h2", "moves": [{"vm": "b", "to": "h3", "policy": {"post_copy": False}}]}
    ]
    assert violations(hosts, RULES, plan) == untruths(hosts, RULES, plan) == []


def test_scattered_room_is_joined() -> None:
    hosts = [
        node("h1", vm("big", 6000)),
        node("h2", vm("b", 5000), impact="none"),
        node("h3", vm("c", 5000), impact="none"),
    ]
    plan = planned(*hosts, scope=["h1"])
    assert len(plan["moves"]) == 2
    assert violations(hosts, RULES, plan) == untruths(hosts, RULES, plan) == []


def test_a_refused_wave_says_what_would_make_it_possible() -> None:
    hosts = [node("h1", vm("a", 3000), vm("b", 3000)), node("h2", vm("c", 500), memory_mib=4000)]
    with pytest.raises(ImpossiblePlanError, match="do not fit together") as caught:
        planned(*hosts, scope=["h1"])
    assert caught.value.details["remedies"] == ["give h2 2500 MiB more memory", "stop b on h1"]
    assert list(caught.value.details["hosts"]) == ["h1"]


@pytest.mark.parametrize(
    ("leaving", "others", "rules", "remedy"),
    [
        (vm("a", policy=WEB), [vm("b", policy=WEB)], RULES, "take a out of the anti-affinity group 'web'"),
        (vm("a", policy=Policy(hosts=["h1"])), [], RULES, "let a run on other hosts than its policy allows"),
        (vm("a", 3000), [vm("b", 8000)], RULES, "stop b (8000 MiB) on h2"),
        (vm("a", 9800), [], dataclasses.replace(RULES, host_reserve_mib=300), "lower host_reserve_mib from 300 to 150"),
        (
            vm("a", vcpus=5),
            [],
            dataclasses.replace(RULES, max_vcpus_per_thread=1),
            "raise max_vcpus_per_thread from 1 to 1.25",
        ),
        (vm("a", obstacles=["it has a GPU."]), [], RULES, "stop a on h1"),
    ],
)
def test_remedies(leaving: t.Any, others: list[t.Any], rules: Rules, remedy: str) -> None:
    with pytest.raises(ImpossiblePlanError) as caught:
        planned(node("h1", leaving), node("h2", *others, impact="none"), scope=["h1"], rules=rules)
    assert remedy in caught.value.details["remedies"]
    assert remedy in str(caught.value)


def test_a_host_that_is_not_healthy_is_emptied_and_never_a_target() -> None:
    hosts = [node("h1", vm("a"), health=Health(["a disk is slow"])), node("h2", vm("b"), vm("c")), node("h3", vm("d"))]
    plan = planned(*hosts)
    assert {host for wave in plan["waves"] for host in wave} == {"h1", "h2", "h3"}
    assert "h1" not in {move["target"] for move in plan["moves"]}
    assert violations(hosts, RULES, plan) == []


def test_a_first_choice_that_blocks_another_vm_is_taken_back() -> None:
    only_h3 = Policy(hosts=["h3"])
    hosts = [
        node("h1", vm("big", 3000), vm("picky", 2000, policy=only_h3)),
        node("h2", memory_mib=3000),
        node("h3", memory_mib=4000),
    ]
    assert targets(planned(*hosts, scope=["h1"])) == {"big": "h2", "picky": "h3"}


def test_a_vm_that_runs_twice_is_refused() -> None:
    with pytest.raises(InvalidInputError, match="on 'h1' and on 'h2'"):
        cluster(node("h1", vm("a")), node("h2", vm("a")))


def test_the_gate_shrinks_a_wave_and_says_why() -> None:
    rules = dataclasses.replace(RULES, max_hosts_per_wave=2)
    hosts = {one.name: one for one in (node("h1", vm("a", 6000)), node("h2", vm("b", 6000)), node("h3"))}
    gate = plan_gate(hosts, ["h1", "h2"], 4, ["h1", "h2", "h3"], rules, look_ahead=True)
    assert gate["waves"] == [["h1"]]
    assert "'b' cannot leave host 'h2': h1: it is in the same wave; h3: it has 4000 MiB" in gate["skipped"]["h2"]
    assert {move["wave"] for move in gate["moves"]} == {4}
    assert gate["rest"] == {"waves": [["h2"], ["h3"]], "moves": 2, "problem": ""}


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"cluster_parallel_moves": 1}, "no more than 1 VMs may move in the cluster at the same time"),
        ({"reserve": 1}, "if another host failed meanwhile, 4000 MiB of memory would be missing"),
    ],
)
def test_the_gate_names_the_rule_that_keeps_a_host_out(more: dict[str, t.Any], says: str) -> None:
    rules = dataclasses.replace(RULES, max_hosts_per_wave=2, **more)
    hosts = {one.name: one for one in (node(f"h{number}", vm(f"vm{number}", 3500)) for number in range(4))}
    gate = plan_gate(hosts, ["h0", "h1"], 1, list(hosts), rules)
    assert (gate["waves"], gate["skipped"]) == ([["h0"]], {"h1": f"host 'h1' cannot go out of service: {says}."})


def test_the_gate_never_enlarges_a_wave() -> None:
    hosts = {one.name: one for one in three_hosts()}
    gate = plan_gate(hosts, ["h2"], 1, ["h1", "h2", "h3"], dataclasses.replace(RULES, max_hosts_per_wave=3))
    assert gate["waves"] == [["h2"]]


def test_the_gate_sees_that_the_rest_has_become_impossible() -> None:
    hosts = {one.name: one for one in (node("h1"), node("h2", vm("a", obstacles=["it has a GPU."])))}
    gate = plan_gate(hosts, ["h1"], 1, ["h1", "h2"], RULES, look_ahead=True)
    assert gate["waves"] == [["h1"]]
    assert "GPU" in gate["rest"]["problem"]


POLICIES = st.builds(
    Policy,
    anti_affinity=st.lists(st.sampled_from(["x", "y"]), max_size=1),
    affinity=st.sampled_from([[], [], [], ["f"]]),
    hosts=st.sampled_from([[], [], [], [], ["h0", "h1", "h2"]]),
    priority=st.integers(0, 3),
)
BACKINGS = st.sampled_from([[], [], [], [Backing(500, 2048)], [Backing(500, 2048, [0])], [Backing(300, None, [1])]])
DISKS = st.sampled_from(
    [[], [], [Disk("vda", "/p/x.img", "local:1", size_mib=300)], [Disk("vda", "rbd:f/p/i", "rbd:f/p/i")]]
)

LEFT = st.sampled_from([[], [], [], ["vm0-0"], ["vm1-0", "nobody"]])
"""Names of VMs that are off on a host, and may be those of others that run elsewhere."""


@st.composite
def clusters(draw: st.DrawFn) -> tuple[list[Node], Rules]:
    rules = Rules(
        max_hosts_per_wave=draw(st.integers(1, 3)),
        host_reserve_mib=draw(st.integers(0, 2000)),
        objective=draw(st.sampled_from(["moves", "time", "balanced"])),
        reserve=draw(st.sampled_from([0, 0, 1])),
        max_vcpus_per_thread=draw(st.sampled_from([None, 3.0])),
        cluster_parallel_moves=draw(st.sampled_from([0, 0, 2])),
        canary_hosts=draw(st.sampled_from([0, 1])),
    )
    hosts = []
    for number in range(draw(st.integers(2, 6))):
        policies = draw(
            st.lists(POLICIES, max_size=4, unique_by=lambda one: str(one.anti_affinity) + str(one.affinity))
        )
        members = [
            vm(
                f"vm{number}-{index}",
                draw(st.integers(600, 4000)),
                policy=policy,
                backing=draw(BACKINGS),
                disks=draw(DISKS),
                vcpus=draw(st.integers(1, 3)),
            )
            for index, policy in enumerate(policies)
            if not any(policy.anti_affinity == other.anti_affinity != [] for other in policies[:index])
        ]
        here = {member.name for member in members}  # libvirt has each name once on a host
        members += [vm(name, state="shutoff", uuid="another") for name in draw(LEFT) if name not in here]
        impact = draw(st.sampled_from(["none", "restart", "empty", "reboot", "reboot"]))
        used = sum(one.memory_mib + rules.vm_overhead_mib for one in members if one.active) + rules.host_reserve_mib
        memory = used + 3000 + draw(st.integers(0, 12_000))
        nodes = [NumaNode(0, memory // 2, {"2048": 1500}), NumaNode(1, memory // 2, {"2048": 1500})]
        pools = [Pool("p", "dir", True, f"local:{number}", "/p", 2000, draw(st.integers(300, 1500)))]
        hosts.append(node(f"h{number}", *members, capacity=capacity(memory, nodes=nodes), impact=impact, pools=pools))
    return hosts, rules


@settings(max_examples=300)
@given(clusters())
def test_every_plan_keeps_every_rule_at_every_moment(case: tuple[list[Node], Rules]) -> None:
    hosts, rules = case
    names = [one.name for one in hosts]
    try:
        plan = planned(*hosts, rules=rules)
    except ImpossiblePlanError:
        return
    assert violations(hosts, rules, plan) == untruths(hosts, rules, plan) == []
    assert sorted(name for wave in plan["waves"] for name in wave) == sorted(
        one.name for one in hosts if one.impact != "none"
    )
    before = cluster(*hosts, rules=rules)
    assert len(plan["moves"]) >= plan["bounds"]["moves"] == moves_lower_bound(before, names)
    assert len(plan["waves"]) >= plan["bounds"]["waves"] == waves_lower_bound(before, names)
    assert plan["figures"]["seconds"] >= plan["bounds"]["seconds"] - 0.001
