# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""Pure: what a probe writes to disk. Fixed-size binary records, only appended; all times are nanoseconds.

A stream is one way of asking one target: number 2 * target + `ICMP` or `TCP`. One tally for each stream and second,
one record for each gap worth telling: 20 streams are 3 MB in an hour, whatever the interval is.
"""

from __future__ import annotations

import enum
import struct
import typing as t

ICMP = 0
TCP = 1

_LAYOUT = struct.Struct("<BxHIIqqqq")


class Kind(enum.IntEnum):
    """What a record tells, and what its fields mean."""

    CLOCK = 1
    """From monotonic time `start` on, wall time is monotonic time + `end`."""
    TALLY = 2
    """From `start` to `end`: `sent` requests, `received` answers, `longest` distance between two answers' arrivals that
    is no gap record; `last` is the arrival of the newest answer so far, 0 if there never was one."""
    GAP = 3
    """Two successive answers arrived at `start` and `end`."""
    STALL = 4
    """From `start` to `end` the probe itself did not run: it asked nobody."""
    CONNECTED = 5
    """At `start` the connection was established."""
    LOST = 6
    """At `start` the established connection broke, with errno `sent` (0: closed by the other side)."""
    VALUE = 7
    """From `start` on, a tracked key has another value: `text` is JSON `[key, value]`, its length `sent`."""


class Record(t.NamedTuple):
    """One record; see `Kind`."""

    kind: Kind
    start: int
    end: int = 0
    stream: int = 0
    sent: int = 0
    received: int = 0
    last: int = 0
    longest: int = 0
    text: str = ""


def encode(record: Record) -> bytes:
    """Return a record as bytes."""
    text = record.text.encode()
    return (
        _LAYOUT.pack(
            record.kind,
            record.stream,
            len(text) if record.kind is Kind.VALUE else record.sent,
            record.received,
            record.start,
            record.end,
            record.last,
            record.longest,
        )
        + text
    )


def decode(data: bytes) -> t.Iterator[Record]:
    """Yield the records; an unfinished one at the end, of a write under way, is left out."""
    offset = 0
    while offset + _LAYOUT.size <= len(data):
        kind, stream, sent, received, start, end, last, longest = _LAYOUT.unpack_from(data, offset)
        offset += _LAYOUT.size
        text = ""
        if kind == Kind.VALUE:
            if offset + sent > len(data):
                return
            text = data[offset : offset + sent].decode()
            offset += sent
        yield Record(Kind(kind), start, end, stream, sent, received, last, longest, text)
