# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import datetime
import typing as t

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.evergreen.virt.plugins.module_utils._probe.gaps import (
    MS,
    SECOND,
    Clock,
    History,
    Meter,
    Question,
    Span,
    floor_ns,
    summary,
)
from ansible_collections.evergreen.virt.plugins.module_utils._probe.records import Kind, Record

WALL = 1_700_000_000 * SECOND
TARGET = {"name": "vm", "address": "192.0.2.1", "icmp": True, "tcp_port": 7000, "track": ["boot_id"]}


def moment(ms: float) -> datetime.datetime:
    """Return the wall time of a monotonic time in milliseconds."""
    return datetime.datetime.fromtimestamp((WALL / SECOND) + ms / 1000, datetime.timezone.utc)


def recorded(
    arrivals: t.Iterable[int], until: int, *, begin: int = 1, stream: int = 0, interval: int = 10
) -> list[Record]:
    """Return what a probe records of arrivals, in ms; like the prober it writes one tally a second."""
    meter = Meter(stream, floor_ns(interval), begin * MS)
    records = [Record(Kind.CLOCK, begin * MS, WALL)]
    flush = begin + 1000
    for arrival in arrivals:
        while arrival > flush:
            records.append(meter.tally(flush * MS))
            flush += 1000
        gap = meter.arrived(arrival * MS)
        records += [gap] if gap else []
    return [*records, meter.tally(until * MS)]


def icmp(records: t.Iterable[Record], **options: t.Any) -> dict[str, t.Any]:
    question = Question(10, options.pop("gap_ms", 20), **options)
    result = summary(History(records), question, [TARGET])["targets"][0]["icmp"]
    return t.cast("dict[str, t.Any]", result)


STEADY = list(range(10, 500, 10))
PAUSED = [*range(10, 500, 10), *range(790, 1500, 10)]


def test_a_quiet_target_has_its_interval_as_worst_gap() -> None:
    found = icmp(recorded(STEADY, 495))
    assert (found["worst_gap_ms"], found["gaps"], found["received"]) == (10, [], len(STEADY))


def test_a_gap_is_the_distance_of_two_arrivals() -> None:
    found = icmp(recorded(PAUSED, 1495))
    assert found["worst_gap_ms"] == 300
    assert [(gap["ms"], gap["open"], gap["own_stall_ms"]) for gap in found["gaps"]] == [(300, False, 0)]
    assert found["gaps"][0]["start"] == moment(490).isoformat(timespec="milliseconds")
    assert found["gaps"][0]["end"] == moment(790).isoformat(timespec="milliseconds")


def test_answers_that_come_at_once_after_a_pause_make_one_gap() -> None:
    assert [gap["ms"] for gap in icmp(recorded([*STEADY, *[800] * 30, 810], 815))["gaps"]] == [310]


@pytest.mark.parametrize(
    ("since", "until", "worst"),
    [
        (None, None, 300),
        (600, None, 190),
        (None, 600, 110),
        (600, 700, 100),
        (0, 480, 10),
        (1000, 1400, 10),
        (-5000, 9000, 300),
    ],
)
def test_a_window_cuts_gaps(since: int | None, until: int | None, worst: int) -> None:
    options = {key: moment(ms) for key, ms in (("since", since), ("until", until)) if ms is not None}
    assert icmp(recorded(PAUSED, 1495), **options)["worst_gap_ms"] == worst


def test_a_target_that_is_silent_still_has_an_open_gap() -> None:
    found = icmp(recorded(STEADY, 3490))
    assert [(gap["ms"], gap["open"]) for gap in found["gaps"]] == [(3000, True)]
    assert [gap["open"] for gap in icmp(recorded(STEADY, 3490), until=moment(2000))["gaps"]] == [False]


def test_a_target_that_never_answered_has_no_gap_but_no_answer_either() -> None:
    found = icmp(recorded([], 5000))
    assert (found["worst_gap_ms"], found["gaps"], found["received"]) == (None, [], 0)


def test_before_the_first_answer_is_no_gap() -> None:
    assert icmp(recorded(range(4000, 4500, 10), 4495))["worst_gap_ms"] == 10


@pytest.mark.parametrize(
    ("stalls", "ms"),
    [([], 300), ([(500, 780)], 20), ([(400, 600)], 190), ([(500, 550), (600, 700)], 150), ([(0, 9000)], 0)],
)
def test_the_probes_own_stall_is_taken_off(stalls: list[tuple[int, int]], ms: int) -> None:
    own = [Record(Kind.STALL, start * MS, end * MS) for start, end in stalls]
    history = History([*recorded(PAUSED, 1495), *own])
    gaps = history.gaps(0, history.span, 20 * MS)
    assert [gap.length for gap in gaps] == [ms * MS]
    assert gaps[0].own == (300 - ms) * MS


def test_own_stalls_are_told() -> None:
    own = [Record(Kind.STALL, 100 * MS, 150 * MS), Record(Kind.STALL, 300 * MS, 310 * MS)]
    found = summary(History([*recorded(STEADY, 495), *own]), Question(10, 100), [TARGET])["own_stall"]
    assert found == {"count": 2, "worst_ms": 50, "total_ms": 60}


def test_a_conversation() -> None:
    def value(ms: int, text: str) -> Record:
        return Record(Kind.VALUE, ms * MS, stream=1, text=f'["boot_id", "{text}"]')

    records = [
        *recorded(STEADY, 495, stream=1),
        Record(Kind.CONNECTED, 8 * MS, stream=1),
        value(10, "a"),
        Record(Kind.LOST, 100 * MS, stream=1, sent=104),
        Record(Kind.CONNECTED, 110 * MS, stream=1),
        value(120, "b"),
        value(200, "a"),
    ]
    tcp = summary(History(records), Question(10, 100), [TARGET])["targets"][0]["tcp"]
    assert (tcp["lost"], tcp["answers"], tcp["tracked"]) == (1, len(STEADY), {"boot_id": ["a", "b"]})
    assert tcp["connected"] == moment(8).isoformat(timespec="milliseconds")
    assert tcp["first_lost"] == moment(100).isoformat(timespec="milliseconds")
    later = summary(History(records), Question(10, 100, since=moment(150)), [TARGET])["targets"][0]["tcp"]
    assert (later["lost"], later["first_lost"], later["tracked"]) == (0, None, {"boot_id": ["b", "a"]})


def test_nothing_recorded_yet() -> None:
    found = summary(History([]), Question(10, 100), [TARGET])
    assert (found["since"], found["until"]) == (None, None)
    assert found["targets"][0]["tcp"]["tracked"] == {"boot_id": []}


def test_a_step_of_the_clock() -> None:
    clock = Clock([Record(Kind.CLOCK, 0, WALL), Record(Kind.CLOCK, 10 * SECOND, WALL + 3600 * SECOND)])
    assert clock.wall(9 * SECOND) == moment(9000).isoformat(timespec="milliseconds")
    assert clock.wall(11 * SECOND) == moment(3_611_000).isoformat(timespec="milliseconds")
    assert clock.monotonic(moment(9000)) == 9 * SECOND
    assert clock.monotonic(moment(3_611_000)) == 11 * SECOND


ARRIVALS = st.lists(st.integers(1, 400), min_size=1, max_size=60).map(
    lambda distances: [sum(distances[: index + 1]) for index in range(len(distances))]
)


@given(ARRIVALS, st.integers(0, 2000))
def test_the_worst_gap_is_the_largest_distance(arrivals: list[int], silence: int) -> None:
    until = arrivals[-1] + silence
    distances = [after - before for before, after in zip(arrivals, arrivals[1:])]
    distances += [silence] if silence >= 20 else []
    found = icmp(recorded(arrivals, until, begin=0))
    assert found["worst_gap_ms"] == (max(distances) if distances else None)
    assert [gap["ms"] for gap in found["gaps"]] == [distance for distance in distances if distance >= 20]
    assert found["received"] == len(arrivals)


@given(ARRIVALS, st.integers(0, 25_000), st.integers(1, 25_000))
def test_two_windows_hold_together_what_one_holds(arrivals: list[int], cut: int, until: int) -> None:
    history = History(recorded(arrivals, max(until, arrivals[-1]), begin=0))
    parts = [Span(0, cut * MS).within(history.span), Span(cut * MS, history.span.end)]
    pieces = sum(gap.length for part in parts for gap in history.gaps(0, part, 20 * MS))
    assert pieces == sum(gap.length for gap in history.gaps(0, history.span, 20 * MS))
