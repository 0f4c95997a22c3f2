# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.evergreen.virt.plugins.module_utils._errors import ImpossiblePlanError, InvalidInputError
from ansible_collections.evergreen.virt.plugins.module_utils._facts import Disk, Health, Maintenance, Policy, Pool
from ansible_collections.evergreen.virt.plugins.module_utils._plan.bounds import moves_lower_bound, waves_lower_bound
from ansible_collections.evergreen.virt.plugins.module_utils._plan.model import Node, Rules
from ansible_collections.evergreen.virt.plugins.module_utils._plan.proof import moments
from ansible_collections.evergreen.virt.plugins.module_utils._plan.waves import plan_wave, plan_waves, upgrade_order

from .checker import violations
from .clusters import RULES, cluster, node, vm

WEB = Policy(anti_affinity=["web"])


def three_hosts() -> list[Node]:
    return [
        node("h1", vm("vm1", policy=WEB), vm("vm4")),
        node("h2", vm("vm2", policy=WEB), vm("vm5")),
        node("h3", vm("vm3"), vm("vm6")),
    ]


def test_three_full_hosts_need_no_move_more_than_the_bound() -> None:
    hosts = three_hosts()
    bound = moves_lower_bound(cluster(*hosts), ["h1", "h2", "h3"])
    waves = plan_waves(cluster(*hosts), ["h1", "h2", "h3"])
    assert [wave.hosts for wave in waves] == [("h1",), ("h2",), ("h3",)]
    assert sum(len(wave.moves) for wave in waves) == bound == 8
    assert violations(hosts, RULES, waves) == []


def test_an_untouched_host_saves_the_second_move() -> None:
    hosts = [node("h1", vm("a")), node("h2", vm("b")), node("spare", impact="none")]
    assert moves_lower_bound(cluster(*hosts), ["h1", "h2", "spare"]) == 2
    waves = plan_waves(cluster(*hosts), ["h1", "h2", "spare"])
    assert next((move.vm, move.target) for wave in waves for move in wave.moves) == ("a", "spare")
    assert sum(len(wave.moves) for wave in waves) == 2


def test_only_the_scope_is_upgraded_but_everybody_takes_vms() -> None:
    waves = plan_waves(cluster(*three_hosts()), ["h2"])
    assert [wave.hosts for wave in waves] == [("h2",)]
    assert {move.target for move in waves[0].moves} <= {"h1", "h3"}


def test_a_restart_leaves_the_vms_where_they_are() -> None:
    waves = plan_waves(cluster(node("h1", vm("a"), impact="restart"), node("h2")), ["h1"])
    assert [(wave.hosts, wave.moves) for wave in waves] == [(("h1",), ())]


def test_an_interrupted_host_comes_first_and_is_owed_its_impact() -> None:
    record = Maintenance("evergreen.virt", "upgrade", "2026-01-01T00:00:00Z", impact="reboot")
    hosts = [node("h1", vm("a")), node("h2", vm("b"), vm("c"), impact="none", maintenance=record), node("h3", vm("d"))]
    assert upgrade_order(cluster(*hosts), ["h1", "h2", "h3"]) == ["h2", "h1", "h3"]


def test_hosts_of_one_wave_do_not_take_each_other_s_vms() -> None:
    rules = Rules(max_hosts_per_wave=2, host_reserve_mib=0, vm_overhead_mib=0)
    hosts = [node("h1", vm("a")), node("h2", vm("b")), node("h3", vm("c")), node("h4", vm("d"))]
    waves = plan_waves(cluster(*hosts, rules=rules), [one.name for one in hosts])
    assert len(waves) == waves_lower_bound(cluster(*hosts, rules=rules), [one.name for one in hosts]) == 2
    assert violations(hosts, rules, waves) == []


@pytest.mark.parametrize(
    ("leaving", "target", "reason"),
    [
        (vm("a", 20_000), node("h2"), "10000 MiB free of 20000 MiB needed"),
        (vm("a", policy=Policy(hosts=["h9"])), node("h2"), "policy allows only h9"),
        (vm("a", machine="pc-q35-9.9"), node("h2"), "machine type pc-q35-9.9"),
        (vm("a", virt_type="xen"), node("h2"), "VMs of type xen"),
        (vm("a", cpu_mode="custom", cpu_model="EPYC"), node("h2"), "CPU model EPYC"),
        (vm("a"), node("h2", bridges=[]), "no bridge br0"),
        (vm("a", policy=WEB), node("h2", vm("b", policy=WEB)), "anti-affinity group 'web'"),
        (vm("a"), node("h2", health=Health(["libvirtd is dead"])), "libvirtd is dead"),
        (vm("a"), node("h2", maintenance=Maintenance("alice", "disk", "today")), "maintenance by alice"),
        (vm("a", disks=[Disk("vda", "/p/a.img", "local:1", size_mib=5)]), node("h2"), "storage pool of it"),
        (
            vm("a", disks=[Disk("vda", "/p/a.img", "local:1", size_mib=5)]),
            node("h2", pools=[Pool("p", "dir", True, "local:2", "/p", 10, 4)]),
            "4 MiB free of 5 MiB",
        ),
        (vm("a", disks=[Disk("vda", "/n/a.img", "nfs:s:/e")]), node("h2"), "does not mount nfs:s:/e"),
    ],
)
def test_the_reason_why_a_vm_cannot_go_is_named(leaving: object, target: Node, reason: str) -> None:
    with pytest.raises(ImpossiblePlanError, match=reason):
        plan_waves(cluster(node("h1", leaving), target), ["h1"])  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("stuck", "reason"),
    [
        (vm("a", policy=Policy(evacuation="stay")), "evacuation: stay"),
        (vm("a", obstacles=["it has the host device 0000:01:00.0"]), "host device 0000:01:00.0"),
        (vm("a", state="paused"), "it is paused"),
    ],
)
def test_a_vm_that_cannot_leave_is_named(stuck: object, reason: str) -> None:
    with pytest.raises(ImpossiblePlanError, match=reason):
        plan_waves(cluster(node("h1", stuck), node("h2")), ["h1"])  # type: ignore[arg-type]


def test_a_refused_wave_leaves_the_cluster_as_it_was() -> None:
    state = cluster(node("h1", vm("a", 3000), vm("b", 3000)), node("h2", memory_mib=4000))
    wave, refused = plan_wave(state, ["h1"], 1, ["h1", "h2"])
    assert wave.hosts == ()
    assert "do not fit together" in str(refused["h1"])
    assert state.location == {"a": "h1", "b": "h1"}


def test_a_first_choice_that_blocks_another_vm_is_taken_back() -> None:
    only_h3 = Policy(hosts=["h3"])
    hosts = [
        node("h1", vm("big", 3000), vm("picky", 2000, policy=only_h3)),
        node("h2", memory_mib=3000),
        node("h3", memory_mib=4000),
    ]
    (wave,) = plan_waves(cluster(*hosts), ["h1"])
    assert {move.vm: move.target for move in wave.moves} == {"big": "h2", "picky": "h3"}


def test_a_vm_that_runs_twice_is_refused() -> None:
    with pytest.raises(InvalidInputError, match="on 'h1' and on 'h2'"):
        cluster(node("h1", vm("a")), node("h2", vm("a")))


POLICIES = st.builds(
    Policy,
    anti_affinity=st.lists(st.sampled_from(["x", "y"]), max_size=1),
    priority=st.integers(0, 3),
)


@st.composite
def clusters(draw: st.DrawFn) -> tuple[list[Node], Rules]:
    rules = Rules(max_hosts_per_wave=draw(st.integers(1, 3)), host_reserve_mib=draw(st.integers(0, 2000)))
    count = draw(st.integers(2, 6))
    hosts = []
    for number in range(count):
        members = [
            vm(f"vm{number}-{index}", draw(st.integers(100, 4000)), policy=policy)
            for index, policy in enumerate(
                draw(st.lists(POLICIES, max_size=4, unique_by=lambda one: str(one.anti_affinity)))
            )
        ]
        impact = draw(st.sampled_from(["none", "empty", "reboot", "reboot"]))
        used = sum(one.memory_mib + rules.vm_overhead_mib for one in members) + rules.host_reserve_mib
        hosts.append(node(f"h{number}", *members, memory_mib=used + draw(st.integers(0, 12_000)), impact=impact))
    return hosts, rules


@settings(max_examples=300, deadline=None)
@given(clusters())
def test_every_plan_keeps_every_rule_at_every_moment(case: tuple[list[Node], Rules]) -> None:
    hosts, rules = case
    names = [one.name for one in hosts]
    before = cluster(*hosts, rules=rules)
    try:
        waves = plan_waves(cluster(*hosts, rules=rules), names)
    except ImpossiblePlanError:
        return
    assert violations(hosts, rules, waves) == []
    assert [name for wave in waves for name in wave.hosts] != [] or not upgrade_order(before, names)
    assert sum(len(wave.moves) for wave in waves) >= moves_lower_bound(before, names)
    assert len(waves) >= waves_lower_bound(before, names)
    assert all(entry["free_mib"] >= 0 for entry in moments(before, waves))
