# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import dataclasses
import typing as t

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.evergreen.virt.plugins.module_utils._errors import ImpossiblePlanError
from ansible_collections.evergreen.virt.plugins.module_utils._facts import Maintenance, Policy, Stopped
from ansible_collections.evergreen.virt.plugins.module_utils._plan.bounds import moves_lower_bound, waves_lower_bound
from ansible_collections.evergreen.virt.plugins.module_utils._plan.cluster import Cluster
from ansible_collections.evergreen.virt.plugins.module_utils._plan.model import Node, Rules
from ansible_collections.evergreen.virt.plugins.module_utils._plan.run import plan_gate
from ansible_collections.evergreen.virt.plugins.module_utils._plan.stops import begun
from ansible_collections.evergreen.virt.plugins.module_utils._plan.ways import OFFLINE, as_if_undisturbed

from .checker import untruths, violations
from .clusters import RULES, node, planned, vm
from .test_waves import clusters, targets


def by(evacuation: str, **more: t.Any) -> Policy:
    return Policy(evacuation=evacuation, **more)


def waiting_on(plan: t.Mapping[str, t.Any], host: str) -> list[tuple[str, str]]:
    return [(stop["vm"], stop["way"]) for stop in plan["stops"] if stop["host"] == host]


@pytest.mark.parametrize("way", ["suspend", "shutdown"])
def test_a_vm_that_waits_needs_no_room_elsewhere(way: str) -> None:
    hosts = [node("h1", vm("big", 9000, policy=by(way)), vm("a", 1000)), node("h2", vm("b", 8000), impact="none")]
    plan = planned(*hosts)
    assert (targets(plan), waiting_on(plan, "h1")) == ({"a": "h2"}, [("big", way)])
    assert plan["hosts"][0]["stops"] == [{"vm": "big", "way": way, "why": f"its policy is evacuation: {way}"}]
    assert plan["bounds"]["moves"] == len(plan["moves"]) == 1
    assert plan["proof"]["kept"] == [{"wave": 1, "host": "h1", "kept": {"memory": 9000}}]
    assert violations(hosts, RULES, plan) == untruths(hosts, RULES, plan) == []


def test_nobody_else_gets_the_memory_of_a_vm_that_waits() -> None:
    hosts = [node("h1", vm("big", 9000, policy=by("suspend"))), node("h2", vm("a", 2000)), node("h3", vm("b", 9000))]
    plan = planned(*hosts, scope=["h1"])
    assert (plan["moves"], plan["waves"]) == ([], [["h1"]])
    with pytest.raises(ImpossiblePlanError, match="h1, h3: it has 1000 MiB free of 2000 MiB needed"):
        planned(*hosts)


def test_an_offline_move_is_a_move_of_its_kind() -> None:
    hosts = [node("h1", vm("a", policy=by("offline", max_downtime_ms=50))), node("h2", impact="none")]
    plan = planned(*hosts)
    assert [(move["vm"], move["target"], move["kind"]) for move in plan["moves"]] == [("a", "h2", "offline")]
    order = {"vm": "a", "to": "h2", "kind": "offline", "policy": {"max_downtime_ms": 50, "post_copy": False}}
    assert plan["hosts"][0]["moves"] == [order]
    assert violations(hosts, RULES, plan) == untruths(hosts, RULES, plan) == []


def test_nothing_is_sent_of_a_vm_that_is_off() -> None:
    live, offline = (
        planned(node("h1", vm("a", 9000, policy=by(way))), node("h2", impact="none"))["figures"]["seconds"]
        for way in ("live", "offline")
    )
    assert live - offline == pytest.approx(9000 / RULES.pace.move_mib_per_s)


def test_a_host_whose_vm_stays_is_left_alone_and_others_are_upgraded() -> None:
    hosts = [node("h1", vm("a", policy=by("stay")), vm("b")), node("h2", vm("c"))]
    plan = planned(*hosts)
    assert plan["waves"] == [["h2"]]
    assert plan["skipped"] == {"h1": "VM 'a' must not be touched, its policy is evacuation: stay"}
    assert violations(hosts, RULES, plan) == untruths(hosts, RULES, plan) == []
    assert plan_gate({one.name: one for one in hosts}, ["h1"], 1, ["h1"], RULES)["skipped"] == plan["skipped"]


def test_a_vm_that_stays_is_no_matter_where_vms_keep_running_or_when_it_is_off() -> None:
    stay = by("stay")
    restarted, off = (
        node("h1", vm("a", policy=stay), impact="restart"),
        node("h2", vm("b", state="shutoff", policy=stay)),
    )
    assert planned(restarted, off)["skipped"] == {}


@pytest.mark.parametrize(
    ("stuck", "reason"),
    [
        (vm("a", policy=by("fly")), "evacuation: fly, and nobody here knows"),
        (vm("a", policy=by("suspend"), unsavable=["host device pci 1 belongs to this host."]), "host device pci 1"),
        (vm("a", policy=by("suspend"), persistent=False), "it is transient"),
        (vm("a", policy=by("shutdown"), persistent=False), "it is transient"),
        (vm("a", policy=by("shutdown"), state="paused"), "it is paused"),
        (vm("a", policy=by("offline"), state="paused"), "it is paused"),
        (vm("a", policy=by("offline"), tied=["its NVRAM is on this host."]), "its NVRAM is on this host"),
        (vm("a", 6000, policy=by("suspend")), "takes up to 6000 MiB on its host's disk, and 5000 MiB are free"),
    ],
)
def test_what_cannot_go_as_its_policy_says_is_named(stuck: t.Any, reason: str) -> None:
    with pytest.raises(ImpossiblePlanError, match=reason):
        planned(node("h1", stuck, save_free_mib=5000), node("h2"), scope=["h1"])


@pytest.mark.parametrize(
    ("other", "moves", "stops"),
    [
        (vm("a", state="paused"), 1, []),
        (vm("a", obstacles=["it has a GPU."], policy=by("shutdown")), 0, [("a", "shutdown")]),
        (vm("a", obstacles=["it has snapshots."], policy=by("suspend")), 0, [("a", "suspend")]),
        (vm("a", state="paused", policy=by("suspend")), 0, [("a", "suspend")]),
        (vm("a", obstacles=["CPU feature invtsc"], policy=by("offline")), 1, []),
    ],
)
def test_what_hinders_one_way_does_not_hinder_another(other: t.Any, moves: int, stops: list[tuple[str, str]]) -> None:
    hosts = [node("h1", other), node("h2", impact="none")]
    plan = planned(*hosts)
    assert (len(plan["moves"]), waiting_on(plan, "h1")) == (moves, stops)
    assert violations(hosts, RULES, plan) == untruths(hosts, RULES, plan) == []


def test_what_must_be_together_does_not_part() -> None:
    friends = [vm("a", policy=by("suspend", affinity=["f"])), vm("b", policy=by("live", affinity=["f"]))]
    with pytest.raises(ImpossiblePlanError, match=r"'b' cannot .* it must be with 'a', which waits on the host"):
        planned(node("h1", *friends), node("h2"), scope=["h1"])
    alike = [dataclasses.replace(one, policy=by("suspend", affinity=["f"])) for one in friends]
    assert len(planned(node("h1", *alike), node("h2"), scope=["h1"])["stops"]) == 2


def test_a_vm_that_waits_keeps_its_place_in_its_anti_affinity_group() -> None:
    group = {"anti_affinity": ["g"]}
    hosts = [node("h1", vm("a", policy=by("suspend", **group))), node("h2", vm("b", policy=by("live", **group)))]
    with pytest.raises(ImpossiblePlanError, match="'a' of anti-affinity group 'g' is there"):
        planned(*hosts)
    assert targets(planned(*hosts, node("h3", impact="none")), 2) == {"b": "h3"}


def test_nothing_is_stopped_to_make_room_for_others() -> None:
    hosts = [
        node("h1", vm("a", 6000)),
        node("h2", vm("b", 5000, policy=by("offline")), impact="none"),
        node("h3", memory_mib=5000, impact="none"),
    ]
    with pytest.raises(ImpossiblePlanError, match="'a' cannot leave host 'h1'"):
        planned(*hosts, scope=["h1"])
    assert planned(hosts[0], node("h2", vm("b", 5000), impact="none"), hosts[2], scope=["h1"])["room"]


def test_a_policy_that_would_help_is_told() -> None:
    with pytest.raises(ImpossiblePlanError) as caught:
        planned(node("h1", vm("a", obstacles=["it has a GPU."], unsavable=["it has a GPU."])), node("h2"), scope=["h1"])
    assert caught.value.details["remedies"] == ["give a the policy evacuation: shutdown", "stop a on h1"]


def record(*stopped: Stopped) -> Maintenance:
    return Maintenance("evergreen.virt", "", "2026-01-01T00:00:00Z", run_id="r", impact="reboot", stopped=list(stopped))


def stopped(name: str, way: str, to: str | None = None) -> Stopped:
    return Stopped(name, f"uuid-{name}", way, "because", "2026-01-01T00:00:00Z", to)


def test_what_an_interrupted_run_has_stopped_keeps_its_memory_and_what_others_have_stopped_does_not() -> None:
    off = [vm("ours", 6000, state="shutoff"), vm("theirs", 6000, state="shutoff")]
    hosts = [node("h1", *off, maintenance=record(stopped("ours", "shutdown"))), node("h2", vm("a", 5000))]
    plan = planned(*hosts, scope=["h1"])
    assert (plan["waves"], waiting_on(plan, "h1")) == ([["h1"]], [("ours", "shutdown")])
    with pytest.raises(ImpossiblePlanError, match="h1: it has 4000 MiB free of 5000 MiB needed"):
        planned(*hosts)


@pytest.mark.parametrize("saved", [0, 1, 3, 4])
def test_what_is_saved_already_needs_no_more_space(saved: int) -> None:
    vms = [vm(f"v{number}", 10_000, state="shutoff" if number < saved else "running") for number in range(4)]
    vms = [dataclasses.replace(one, policy=by("suspend")) for one in vms]
    ours = record(*(stopped(one.name, "suspend") for one in vms[:saved]))
    hosts = [node("h1", *vms, maintenance=ours, memory_mib=50_000, save_free_mib=45_000 - 10_000 * saved), node("h2")]
    plan = planned(*hosts, scope=["h1"])
    assert sorted(waiting_on(plan, "h1")) == [(one.name, "suspend") for one in vms]
    assert violations(hosts, RULES, plan) == untruths(hosts, RULES, plan) == []
    short = dataclasses.replace(hosts[0], facts=dataclasses.replace(hosts[0].facts, save_free_mib=-1))
    assert ["has no room to save" in told for told in violations([short, hosts[1]], RULES, plan)] == [True]


def test_a_new_vm_beside_saved_ones_needs_its_own_space() -> None:
    vms = [vm("a", 10_000, state="shutoff"), vm("b", 10_000, policy=by("suspend"))]
    host = node("h1", *vms, maintenance=record(stopped("a", "suspend")), memory_mib=50_000, save_free_mib=9000)
    with pytest.raises(ImpossiblePlanError, match="takes up to 20000 MiB on its host's disk, and 19000 MiB are free"):
        planned(host, node("h2"), scope=["h1"])


def test_a_vm_that_was_shut_down_to_go_elsewhere_still_goes() -> None:
    hosts = [
        node("h1", vm("a", 2000, state="shutoff"), maintenance=record(stopped("a", "offline", "h2"))),
        node("h2", memory_mib=1000),
        node("h3"),
    ]
    assert [(move["vm"], move["target"], move["kind"]) for move in planned(*hosts, scope=["h1"])["moves"]] == [
        ("a", "h3", "offline")
    ]


def test_a_vm_that_has_gone_and_was_not_seen_to_start_is_finished_and_counts_where_it_is() -> None:
    hosts = [
        node("h1", vm("b", 2000), maintenance=record(stopped("a", "offline", "h2"))),
        node("h2", vm("a", 9000, state="shutoff")),
        node("h3", vm("c", 7000)),
    ]
    plan = planned(*hosts, scope=["h1"])
    assert plan["hosts"][0]["moves"][0] == {"vm": "a", "to": "h2", "kind": "offline", "policy": {}}
    assert targets(plan) == {"b": "h3"}


def test_who_went_down_with_its_host_is_planned_as_if_it_were_back() -> None:
    off = [vm("ours", 6000, state="shutoff"), vm("theirs", 6000, state="shutoff")]
    hosts = [node("h1", *off, maintenance=record(), went_down=["ours"]), node("h2"), node("h3", vm("a", 5000))]
    assert targets(planned(*hosts, scope=["h1"])) == {"ours": "h2"}


def test_who_went_down_and_runs_on_another_host_counts_there() -> None:
    hosts = [
        node("h1", vm("a", 6000, state="shutoff"), maintenance=record(), went_down=["a"]),
        node("h2", vm("a", 6000)),
        node("h3"),
    ]
    assert planned(*hosts, scope=["h1"])["moves"] == []
    assert targets(planned(*hosts, scope=["h2"])) == {"a": "h3"}


WAYS = st.sampled_from(["live", "live", "offline", "suspend", "shutdown", "shutdown", "stay"])


@st.composite
def mixed(draw: st.DrawFn) -> tuple[list[Node], Rules]:
    hosts, rules = draw(clusters())
    return [_with_ways(draw, one) for one in hosts], rules


def _with_ways(draw: st.DrawFn, one: Node) -> Node:
    vms = [
        dataclasses.replace(
            each,
            policy=dataclasses.replace(each.policy, evacuation=draw(WAYS)),
            obstacles=draw(st.sampled_from([[], [], [], ["it has a GPU."]])),
            state=draw(st.sampled_from(["running", "running", "running", "paused"])) if each.active else each.state,
        )
        for each in one.facts.vms
    ]
    facts = dataclasses.replace(one.facts, vms=vms, save_free_mib=draw(st.sampled_from([None, 20_000, 3000])))
    return dataclasses.replace(one, facts=facts)


@settings(max_examples=100)
@given(mixed())
def test_every_moment_stays_feasible_with_mixed_policies(case: tuple[list[Node], Rules]) -> None:
    hosts, rules = case
    try:
        plan = planned(*hosts, rules=rules)
    except ImpossiblePlanError:
        return
    assert violations(hosts, rules, plan) == untruths(hosts, rules, plan) == []
    staying = {
        one.name
        for one in hosts
        if any(vm.active and vm.policy.evacuation == "stay" for vm in one.facts.vms) and one.must_be_empty
    }
    assert plan["skipped"].keys() == staying
    assert sorted(name for wave in plan["waves"] for name in wave) == sorted(
        one.name for one in hosts if one.impact != "none" and one.name not in staying
    )
    scope = [one.name for one in hosts if one.name not in staying]
    before = Cluster({one.name: one for one in hosts}, rules, scope)
    assert len(plan["moves"]) >= plan["bounds"]["moves"] == moves_lower_bound(before, scope)
    assert len(plan["waves"]) >= plan["bounds"]["waves"] == waves_lower_bound(before, scope)
    assert plan["figures"]["seconds"] >= plan["bounds"]["seconds"] - 0.001
    assert planned(*hosts, rules=rules) == plan


@pytest.mark.parametrize(("runs_on", "asked"), [(None, True), ("h2", True), ("h3", False)])
def test_a_move_is_finished_unless_somebody_has_brought_its_vm_elsewhere(runs_on: str | None, asked: bool) -> None:
    there = vm("a")
    owing = Maintenance("evergreen.virt", "", "then", stopped=[Stopped("a", there.uuid, OFFLINE, "", "then", "h2")])
    left = node("h1")
    left = dataclasses.replace(left, facts=dataclasses.replace(left.facts, maintenance=owing))
    nodes = {name: node(name, *([there] if name == runs_on else [])) for name in ("h2", "h3")}
    found = as_if_undisturbed({"h1": left, **nodes})
    assert bool(begun(found["h1"])) is asked


@pytest.mark.parametrize(
    ("stage", "boot", "now", "pending", "impact"),
    [
        ("updated", "full", ("after", 0), "none", "restart"),
        ("updated", None, ("after", None), "none", "restart"),
        ("updated", "soft", ("before", 1), "none", "restart"),
        ("updated", "soft", ("before", 0), "none", "reboot"),
        ("updated", "full", ("before", 1), "none", "reboot"),
        ("updating", "full", ("after", 0), "none", "reboot"),
        ("updated", "full", ("after", 0), "empty", "empty"),
    ],
)
def test_who_is_back_on_a_host_that_has_booted_is_not_stopped_again(
    stage: str, boot: str | None, now: tuple[str, int | None], pending: str, impact: str
) -> None:
    record = Maintenance("evergreen.virt", "", "then", stage=stage, impact="reboot", boot_id="before", boot=boot)
    record = dataclasses.replace(record, run_id="r1", soft_reboots=0 if boot else None)
    waits = vm("a", policy=Policy(evacuation="shutdown"))
    host = node("h1", waits, impact=pending, maintenance=record)
    host = dataclasses.replace(host, facts=dataclasses.replace(host.facts, boot_id=now[0], soft_reboots=now[1]))
    assert host.impact == impact
    stops = planned(host, rules=dataclasses.replace(RULES, owner="evergreen.virt"))["hosts"][0]["stops"]
    assert bool(stops) is (impact != "restart")


def test_one_that_waited_and_was_started_elsewhere_does_not_wait_any_more() -> None:
    there = vm("a")
    here = dataclasses.replace(there, state="shutoff")
    owing = Maintenance("evergreen.virt", "", "then", stopped=[Stopped("a", here.uuid, "shutdown", "policy", "then")])
    left = node("h1", here)
    left = dataclasses.replace(left, facts=dataclasses.replace(left.facts, maintenance=owing))
    found = as_if_undisturbed({"h1": left, "h2": node("h2", there)})
    assert {name: [one.active for one in host.facts.vms] for name, host in found.items()} == {
        "h1": [False],
        "h2": [True],
    }
