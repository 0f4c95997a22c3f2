# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""Pure: from the arrivals of answers to tallies and gaps, and from these to what a user is told.

A gap is the distance between the arrivals of two successive answers of one target by one way of asking. It begins with
an answer: before its first answer a target has no gap. A target that is silent still has an open gap, up to the probe's
newest record. Time in which the probe itself did not run is taken off a gap and told beside it.
"""

from __future__ import annotations

import bisect
import dataclasses
import datetime
import json
import typing as t

from .records import ICMP, TCP, Kind, Record

MS = 1_000_000
SECOND = 1_000_000_000


def floor_ns(interval_ms: int) -> int:
    """Return the shortest distance that is recorded as a gap of its own: twice the interval."""
    return 2 * interval_ms * MS


class Meter:
    """Sums up one stream while it runs."""

    def __init__(self, stream: int, floor: int, now: int) -> None:
        self._stream = stream
        self._floor = floor
        self._since = now
        self._last = 0
        self._clear()

    def _clear(self) -> None:
        self.sent = 0
        self._received = 0
        self._longest = 0

    def arrived(self, now: int, answers: int = 1) -> Record | None:
        """Count answers that arrived at this moment; return the gap that they end, if it is one."""
        before, self._last = self._last, now
        self._received += answers
        distance = now - before
        if not before:
            return None
        if distance >= self._floor:
            return Record(Kind.GAP, before, now, self._stream)
        self._longest = max(self._longest, distance)
        return None

    def tally(self, now: int) -> Record:
        """Return what was counted since the last tally, and begin anew."""
        since, self._since = self._since, now
        record = Record(Kind.TALLY, since, now, self._stream, self.sent, self._received, self._last, self._longest)
        self._clear()
        return record


class Clock:
    """Monotonic time <-> wall time, by the CLOCK records."""

    def __init__(self, records: t.Iterable[Record]) -> None:
        self._steps = sorted((record.start, record.end) for record in records if record.kind is Kind.CLOCK) or [(0, 0)]

    def wall(self, moment: int) -> str:
        """Return ISO 8601 in UTC, with milliseconds."""
        index = max(0, bisect.bisect_right(self._steps, (moment, 1 << 63)) - 1)
        seconds = (moment + self._steps[index][1]) / SECOND
        return datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc).isoformat(timespec="milliseconds")

    def monotonic(self, wall: datetime.datetime) -> int:
        """Return the monotonic time of a wall time; of one that a clock step repeated, the later one."""
        absolute = int(wall.timestamp() * SECOND)
        for start, offset in reversed(self._steps):
            if absolute - offset >= start:
                return absolute - offset
        return absolute - self._steps[0][1]


@dataclasses.dataclass(frozen=True)
class Span:
    """From `start` to `end`, nanoseconds."""

    start: int
    end: int

    @property
    def length(self) -> int:
        return self.end - self.start

    def within(self, other: Span) -> Span:
        """Return the common part; its length is 0 or negative if there is none."""
        return Span(max(self.start, other.start), min(self.end, other.end))


@dataclasses.dataclass(frozen=True)
class Gap:
    """A gap, cut at the window's edges; `own` is the time in it in which the probe did not run."""

    span: Span
    own: int
    open: bool = False

    @property
    def length(self) -> int:
        return max(0, self.span.length - self.own)


class History:
    """All that a probe has recorded, ready to be asked about windows of time."""

    def __init__(self, records: t.Iterable[Record]) -> None:
        everything = list(records)
        self.clock = Clock(everything)
        self._streams: dict[int, dict[Kind, list[Record]]] = {}
        for record in everything:
            self._streams.setdefault(record.stream, {}).setdefault(record.kind, []).append(record)
        tallies = [record for record in everything if record.kind is Kind.TALLY]
        self.empty = not tallies
        self.span = Span(min((r.start for r in tallies), default=0), max((r.end for r in tallies), default=0))
        self._stalls = sorted((r.end, r.start) for r in everything if r.kind is Kind.STALL)

    def records(self, stream: int, kind: Kind) -> list[Record]:
        """Return a stream's records of one kind, oldest first."""
        return self._streams.get(stream, {}).get(kind, [])

    def tallies(self, stream: int, window: Span) -> list[Record]:
        """Return the tallies that touch a window."""
        return [
            record
            for record in self.records(stream, Kind.TALLY)
            if record.start < window.end and record.end > window.start
        ]

    def stalls(self, window: Span) -> list[Span]:
        """Return the parts of the window in which the probe did not run."""
        found = []
        for end, start in self._stalls[bisect.bisect_left(self._stalls, (window.start, 0)) :]:
            common = Span(start, end).within(window)
            if common.length > 0:
                found.append(common)
        return found

    def gaps(self, stream: int, window: Span, floor: int) -> list[Gap]:
        """Return the gaps that touch a window, oldest first."""
        spans = [(Span(record.start, record.end), False) for record in self.records(stream, Kind.GAP)]
        last = max((record.last for record in self.records(stream, Kind.TALLY)), default=0)
        if last and self.span.end - last >= floor:
            spans.append((Span(last, self.span.end), True))
        cut = [(span.within(window), is_open and window.end >= span.end) for span, is_open in spans]
        return [
            Gap(span, sum(stall.length for stall in self.stalls(span)), is_open)
            for span, is_open in cut
            if span.length > 0
        ]


@dataclasses.dataclass(frozen=True)
class Question:
    """What of a history is asked for.

    :param gap_ms: the length from which a gap is listed.
    """

    interval_ms: int
    gap_ms: int
    since: datetime.datetime | None = None
    until: datetime.datetime | None = None

    def window(self, history: History) -> Span:
        """Return the asked part of what the history covers."""
        start = history.span.start if self.since is None else history.clock.monotonic(self.since)
        end = history.span.end if self.until is None else history.clock.monotonic(self.until)
        return Span(start, end).within(history.span)


def summary(history: History, question: Question, targets: t.Iterable[t.Mapping[str, t.Any]]) -> dict[str, t.Any]:
    """Return `window`, `own_stall` and `targets` of a probe's result as plain data.

    :param targets: in the order in which they were numbered; keys `name`, `address`, `icmp`, `tcp_port`, `track`.
    """
    window = question.window(history)
    stalls = [stall.length for stall in history.stalls(window)]
    return {
        "since": None if history.empty else history.clock.wall(window.start),
        "until": None if history.empty else history.clock.wall(window.end),
        "own_stall": {
            "count": len(stalls),
            "worst_ms": _ms(max(stalls, default=0)),
            "total_ms": _ms(sum(stalls)),
        },
        "targets": [_target(history, question, window, number, target) for number, target in enumerate(targets)],
    }


def _target(
    history: History, question: Question, window: Span, number: int, target: t.Mapping[str, t.Any]
) -> dict[str, t.Any]:
    result: dict[str, t.Any] = {"name": target["name"], "address": target["address"], "icmp": None, "tcp": None}
    if target["icmp"]:
        counts, gaps = _stream(history, question, window, 2 * number + ICMP)
        result["icmp"] = {**counts, **gaps}
    if target["tcp_port"] is not None:
        stream = 2 * number + TCP
        counts, gaps = _stream(history, question, window, stream)
        conversation = _conversation(history, window, stream, target["track"])
        result["tcp"] = {**conversation, "requests": counts["sent"], "answers": counts["received"], **gaps}
    return result


def _stream(history: History, question: Question, window: Span, stream: int) -> tuple[dict[str, int], dict[str, t.Any]]:
    tallies = history.tallies(stream, window)
    gaps = history.gaps(stream, window, floor_ns(question.interval_ms))
    distances = [gap.length for gap in gaps] + [record.longest for record in tallies if record.longest]
    counts = {"sent": sum(r.sent for r in tallies), "received": sum(r.received for r in tallies)}
    listed = [_gap(history, gap) for gap in gaps if gap.length >= question.gap_ms * MS]
    return counts, {"worst_gap_ms": _ms(max(distances)) if distances else None, "gaps": listed}


def _gap(history: History, gap: Gap) -> dict[str, t.Any]:
    return {
        "start": history.clock.wall(gap.span.start),
        "end": history.clock.wall(gap.span.end),
        "ms": _ms(gap.length),
        "own_stall_ms": _ms(gap.own),
        "open": gap.open,
    }


def _conversation(history: History, window: Span, stream: int, track: t.Iterable[str]) -> dict[str, t.Any]:
    connected = history.records(stream, Kind.CONNECTED)
    lost = [record for record in history.records(stream, Kind.LOST) if window.start <= record.start <= window.end]
    return {
        "connected": history.clock.wall(connected[0].start) if connected else None,
        "lost": len(lost),
        "first_lost": history.clock.wall(lost[0].start) if lost else None,
        "tracked": {**{key: [] for key in track}, **_values(history.records(stream, Kind.VALUE), window)},
    }


def _values(records: t.Iterable[Record], window: Span) -> dict[str, list[t.Any]]:
    """Return the distinct values of each key in a window, oldest first, with the one that held when it began."""
    values: dict[str, list[t.Any]] = {}
    for record in records:
        if record.start > window.end:
            break
        key, value = json.loads(record.text)
        if record.start <= window.start:
            values[key] = [value]
        elif value not in values.setdefault(key, []):
            values[key].append(value)
    return values


def _ms(nanoseconds: int) -> float:
    return round(nanoseconds / MS, 1)
