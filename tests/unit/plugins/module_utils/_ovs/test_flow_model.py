# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.evergreen.virt.plugins.module_utils._ovs import flow_model as m
from ansible_collections.evergreen.virt.plugins.module_utils._ovs import openflow as of

VERSIONS = st.sampled_from(of.SPOKEN)
SHORT, LONG = st.integers(0, 2**16 - 1), st.integers(0, 2**64 - 1)


def match(*fields: bytes) -> bytes:
    packed = struct.pack("!HH", 1, 4 + sum(map(len, fields))) + b"".join(fields)
    return packed.ljust(len(packed) + 7 & ~7, b"\0")


ETHERNET = bytes.fromhex("8000580400000000")
IP = bytes.fromhex("80000a020800")
MATCHES = st.sampled_from([match(), match(IP), match(ETHERNET), match(ETHERNET, IP)])
FLOWS = st.builds(
    m.Flow,
    st.integers(0, 254),
    SHORT,
    MATCHES,
    LONG,
    SHORT,
    SHORT,
    st.sampled_from([0, 1, 8, 25]),
    SHORT,
    st.sampled_from([b"", struct.pack("!HH4x", 4, 8), struct.pack("!HHB3x", 1, 8, 5)]),
)
GROUPS = st.builds(m.Group, st.integers(0, 2**32 - 256), st.integers(0, 3), st.sampled_from([b"", bytes(16)]))
BANDS = st.builds(m.Band, st.sampled_from([1, 2]), *[st.integers(0, 2**32 - 1)] * 2, st.integers(0, 255))
METERS = st.builds(
    m.Meter, st.integers(1, m.LAST_METER), st.sampled_from([5, 6, 13]), st.lists(BANDS, max_size=3).map(tuple)
)


@given(VERSIONS, FLOWS)
def test_a_flow_is_the_same_in_a_change_and_in_an_answer(version: int, flow: m.Flow) -> None:
    assert m.flow_of(m.flow_mod(version, m.FLOW_ADD, flow)) == flow
    assert list(m.flows_of(version, m.flow_entry(version, flow) * 2)) == [flow, flow]


@given(VERSIONS, GROUPS)
def test_a_group_is_the_same_in_a_change_and_in_an_answer(version: int, group: m.Group) -> None:
    assert m.group_of(m.group_mod(version, m.ADD, group)) == group
    assert list(m.groups_of(version, m.group_entry(version, group) * 2)) == [group, group]


def test_a_group_keeps_its_properties_where_there_are_some() -> None:
    group = m.Group(1, 1, bytes(16), b"\xff" * 8)
    assert m.group_of(m.group_mod(of.OF15, m.ADD, group)) == group
    assert list(m.groups_of(of.OF15, m.group_entry(of.OF15, group))) == [group]


@given(METERS)
def test_a_meter_is_the_same_in_a_change_and_in_an_answer(meter: m.Meter) -> None:
    body = m.meter_mod(of.OF15, m.MODIFY, meter).body
    entry = struct.pack("!H", len(body)) + body[2:]
    assert list(m.meters_of(entry * 2)) == [meter, meter]


def test_a_burst_that_nobody_asked_for_is_none() -> None:
    body = m.meter_mod(of.OF15, m.ADD, m.Meter(1, 1, (m.Band(1, 1000, 1000),))).body
    assert list(m.meters_of(struct.pack("!H", len(body)) + body[2:])) == [m.Meter(1, 1, (m.Band(1, 1000),))]


@given(VERSIONS, FLOWS)
def test_a_flow_is_removed_only_with_the_cookie_that_was_seen(version: int, flow: m.Flow) -> None:
    body = m.flow_mod(version, m.FLOW_DELETE_STRICT, flow, seen=flow).body
    cookie, mask, table, command = struct.unpack_from("!QQBB", body)
    assert (cookie, mask, table, command) == (flow.cookie, 2**64 - 1, flow.table, m.FLOW_DELETE_STRICT)
    assert body[40:] == flow.match


def test_the_flags_of_the_moment_make_no_difference_and_are_sent() -> None:
    plain = m.Flow(0, 1, match(), 0, 0, 0, 1, 0, b"")
    checked = m.flow_of(m.flow_mod(of.OF15, m.FLOW_ADD, m.Flow(0, 1, match(), 0, 0, 0, 1, 0, b"", moment=6)))
    assert checked == plain
    assert checked.moment == 6


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (match(), match()),
        (match(ETHERNET), match()),
        (match(IP), match(IP)),
        (match(bytes.fromhex("8000000400000001"), ETHERNET), match(bytes.fromhex("8000000400000001"))),
        (match(ETHERNET, IP), match(IP)),
    ],
)
def test_a_match_for_ethernet_can_be_left_out(before: bytes, after: bytes) -> None:
    flow = m.Flow(0, 1, before, 0, 0, 0, 0, 0, b"")
    assert m.without_packet_type(flow).match == after


def test_a_meter_is_shown_on_one_line() -> None:
    assert str(m.Meter(3, 1 | 4 | 8, (m.Band(1, 100, 5), m.Band(2, 50, 5, 1)))) == (
        "meter=3 kbps burst stats bands=type=drop rate=100 burst_size=5 type=dscp_remark rate=50 burst_size=5 prec_level=1"
    )
