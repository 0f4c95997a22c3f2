# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""Hosts in service, sorted by what they have free: where a VM finds a host without looking at all of them."""

from __future__ import annotations

import bisect
import heapq
import typing as t

Key = tuple[int, int, str]
"""Which hosts: their tier, their kind, and the resource by which they are sorted."""


class Shelf:
    """For each key the hosts by their free amount."""

    def __init__(self) -> None:
        self._sorted: dict[Key, list[tuple[int, str]]] = {}

    def copy(self) -> Shelf:
        """Return another one that changes by itself."""
        twin = Shelf()
        twin._sorted = {key: list(entries) for key, entries in self._sorted.items()}
        return twin

    def put(self, key: Key, free: int, host: str) -> None:
        """Add a host."""
        bisect.insort(self._sorted.setdefault(key, []), (free, host))

    def take(self, key: Key, free: int, host: str) -> None:
        """Remove a host, whose free amount is the one that it was added with."""
        entries = self._sorted[key]
        del entries[bisect.bisect_left(entries, (free, host))]

    def fullest(self, keys: t.Sequence[Key], wanted: int) -> t.Iterator[str]:
        """Return the hosts that have the wanted amount free, those with the least first."""
        known = [self._sorted[key] for key in keys if key in self._sorted]
        ranges = [_from(entries, bisect.bisect_left(entries, (wanted, ""))) for entries in known]
        return (host for _free, host in (heapq.merge(*ranges) if len(ranges) != 1 else ranges[0]))

    def emptiest(self, keys: t.Sequence[Key], wanted: int) -> t.Iterator[str]:
        """Return the hosts that have the wanted amount free, those with the most first."""
        known = [reversed(self._sorted[key]) for key in keys if key in self._sorted]
        for free, host in heapq.merge(*known, reverse=True) if len(known) != 1 else known[0]:
            if free < wanted:
                return
            yield host


def _from(entries: list[tuple[int, str]], start: int) -> t.Iterator[tuple[int, str]]:
    for position in range(start, len(entries)):
        yield entries[position]
