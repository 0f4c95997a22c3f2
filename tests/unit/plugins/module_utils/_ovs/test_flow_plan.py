# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import dataclasses
import struct
import typing as t

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.evergreen.virt.plugins.module_utils._errors import ConflictError, InvalidInputError
from ansible_collections.evergreen.virt.plugins.module_utils._ovs import flow_plan as p
from ansible_collections.evergreen.virt.plugins.module_utils._ovs import openflow as of
from ansible_collections.evergreen.virt.plugins.module_utils._ovs.flow_model import Band, Flow, Group, Meter
from ansible_collections.evergreen.virt.plugins.module_utils._ovs.flow_options import Cookie

EMPTY = struct.pack("!HH4x", 1, 4)
DROP, GO = b"", struct.pack("!HHB3x", 1, 8, 5)
FLOW = Flow(0, 10, EMPTY, 0, 0, 0, 0, 0, DROP)


def flow(**options: t.Any) -> Flow:
    return dataclasses.replace(FLOW, **options)


FLOWS = st.lists(
    st.builds(
        Flow,
        st.integers(0, 1),
        st.integers(0, 3),
        st.just(EMPTY),
        st.integers(0, 3),
        st.just(0),
        st.integers(0, 1),
        st.just(0),
        st.just(0),
        st.sampled_from([DROP, GO]),
    ),
    unique_by=lambda each: each.key,
)


def afterwards(table: t.Iterable[Flow], steps: t.Iterable[p.Step[t.Any]]) -> dict[t.Any, Flow]:
    """A switch: what a table is after the changes."""
    flows = {each.key: each for each in table}
    for step in steps:
        cookie, mask, _skipped, command = struct.unpack_from("!QQBB", step.message.body)
        there = flows.get(step.about.key)
        if command == 0:
            flows[step.about.key] = step.about
        elif there is not None and there.cookie & mask == cookie:
            if command == 4:
                del flows[step.about.key]
            else:
                flows[step.about.key] = dataclasses.replace(there, instructions=step.about.instructions)
    return flows


@given(FLOWS, FLOWS)
def test_any_table_becomes_any_other_in_one_bundle(present: list[Flow], wanted: list[Flow]) -> None:
    found = p.flow_difference(present, wanted, None, [str(each) for each in wanted])
    after = afterwards(present, p.bundle(of.OF15, p.Plan(flows=found)))
    assert after == {each.key: each for each in wanted}
    assert {each.key for each in p.remaining(found)} == set(after)
    assert not p.flow_difference(after.values(), wanted, None, [str(each) for each in wanted])
    assert found.unchanged == len(set(present) & set(wanted))


@given(FLOWS, FLOWS, st.integers(0, 3))
def test_a_part_changes_and_the_rest_stays(present: list[Flow], wanted: list[Flow], value: int) -> None:
    cookie = Cookie(value)
    rest = {each.key: each for each in present if each.cookie != value}
    wanted = [dataclasses.replace(each, cookie=value) for each in wanted if each.key not in rest]
    found = p.flow_difference(present, wanted, cookie, [""] * len(wanted))
    after = afterwards(present, p.bundle(of.OF15, p.Plan(flows=found)))
    assert after == {**rest, **{each.key: each for each in wanted}}


@pytest.mark.parametrize(
    ("after", "command"),
    [
        (flow(instructions=GO), 2),
        (flow(instructions=GO, cookie=1), 0),
        (flow(cookie=1), 0),
        (flow(idle_timeout=5), 0),
        (flow(flags=1), 0),
        (flow(importance=1, instructions=GO), 0),
    ],
)
def test_only_other_actions_are_changed_in_place(after: Flow, command: int) -> None:
    found = p.flow_difference([FLOW], [after], None, ["flows[0]"])
    (step,) = p.bundle(of.OF15, p.Plan(flows=found))
    assert found.modified == ((FLOW, after),)
    assert step.message.body[17] == command


def test_two_flows_that_are_the_same_are_refused() -> None:
    with pytest.raises(InvalidInputError, match=r"flows\[1\] .* as flows\[0\]"):
        p.flow_difference([], [FLOW, flow(instructions=GO)], None, ["flows[0]", "flows[1]"])


def test_a_flow_outside_of_the_part_is_refused() -> None:
    with pytest.raises(InvalidInputError, match=r"flows\[0\] has the cookie 0x5"):
        p.flow_difference([], [flow(cookie=5)], Cookie(4), ["flows[0]"])


def test_a_flow_of_somebody_else_is_not_replaced() -> None:
    with pytest.raises(ConflictError, match="cookie 0x9"):
        p.flow_difference([flow(cookie=9)], [flow(cookie=4)], Cookie(4), ["flows[0]"])


def test_flows_go_by_table_and_falling_priority() -> None:
    wanted = [flow(table=1, priority=9), flow(priority=1), flow(priority=7), flow(table=1, priority=10)]
    found = p.flow_difference([], wanted, None, [""] * 4)
    assert [(each.table, each.priority) for each in found.added] == [(0, 7), (0, 1), (1, 10), (1, 9)]


GROUPS = [Group(1, 0, b""), Group(2, 0, b""), Group(3, 0, b"")]
METERS = [Meter(1, 1, (Band(1, 5),)), Meter(2, 1, ()), Meter(0xFFFFFFFE, 1, ())]


@pytest.mark.parametrize(
    ("removed", "whole", "gone"), [(set(), True, [2, 3]), (set(), False, []), ({3}, False, [3]), ({9}, False, [])]
)
def test_groups_that_nobody_names_go_with_the_whole_table_only(removed: set[int], whole: bool, gone: list[int]) -> None:
    found = p.group_difference(GROUPS, [Group(1, 1, b""), Group(4, 0, b"")], removed, whole=whole)
    assert [each.id for each in found.removed] == gone
    assert [each.id for each in found.added] == [4]
    assert found.modified == ((Group(1, 0, b""), Group(1, 1, b"")),)


def test_the_switchs_own_meters_stay() -> None:
    assert p.meter_difference(METERS, [], set(), whole=True).removed == tuple(METERS[:2])


def test_groups_come_before_the_flows_that_name_them_and_go_after() -> None:
    plan = p.Plan(
        p.Difference(added=(flow(priority=1),), modified=((FLOW, flow(instructions=GO)),), removed=(flow(priority=2),)),
        p.Difference(added=(GROUPS[0],), modified=((GROUPS[1], Group(2, 1, b"")),), removed=(GROUPS[2],)),
        p.Difference(added=(METERS[0],), modified=((METERS[1], Meter(2, 2, ())),), removed=(Meter(5, 1, ()),)),
    )
    steps = [(step.message.type, step.about) for step in p.bundle(of.OF15, plan)]
    assert steps == [
        (of.GROUP_MOD, GROUPS[0]),
        (of.GROUP_MOD, Group(2, 1, b"")),
        (of.FLOW_MOD, flow(priority=2)),
        (of.FLOW_MOD, flow(priority=1)),
        (of.FLOW_MOD, flow(instructions=GO)),
        (of.GROUP_MOD, GROUPS[2]),
    ]

    def commands(steps: t.Iterable[p.Step[Meter]]) -> list[tuple[int, Meter]]:
        return [(struct.unpack_from("!H", step.message.body)[0], step.about) for step in steps]

    assert commands(p.meters_before(of.OF15, plan)) == [(0, METERS[0]), (1, Meter(2, 2, ()))]
    assert commands(p.meters_undone(of.OF15, plan)) == [(2, METERS[0]), (1, METERS[1])]
    assert commands(p.meters_after(of.OF15, plan)) == [(2, Meter(5, 1, ()))]


@pytest.mark.parametrize(
    ("line", "used"),
    [
        ("priority=1 actions=group:3", True),
        ("priority=1 actions=meter:5,output:1", True),
        ("priority=1 actions=clone(group:3)", True),
        ("group_id=1,type=all,bucket=bucket_id:0,actions=group:3", True),
        ("priority=1 actions=group:33", False),
        ("priority=1 actions=meter:3,group:5", False),
        ("group_id=3,type=ff,bucket=bucket_id:0,watch_group:3,actions=drop", False),
    ],
)
def test_what_is_used_does_not_go(line: str, used: bool) -> None:
    plan = p.Plan(groups=p.Difference(removed=(GROUPS[2],)), meters=p.Difference(removed=(Meter(5, 1, ()),)))
    if not used:
        p.check_unused(plan, [line])
        return
    with pytest.raises(ConflictError, match="is used by"):
        p.check_unused(plan, [line])
