# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""The fewest moves that even out the loads of a small cluster, by trying all sets of so many moves, and of one more, and so on.

What is tried is looser than what a plan has to keep: VMs go wherever they can ever run, whatever room there is meanwhile. So
numbers of moves for which nothing is found are proven to be too small, and what is found is asked whether there is an order for it.

No set is left out: while a host is outside of its window, some move of the set leaves it or comes to it, and where those that
have come to a host cannot be there together with who is there, some move leaves it; all of these are tried. A set that has
other moves besides those that were enough is not tried, as it is larger; but where what was enough has no order, such a larger
set may have one, so from there on nothing is proven any more.
"""

from __future__ import annotations

import typing as t

from .._facts import Vm
from .board import Board, Shift

Ordered = t.Callable[[list[Shift]], bool]
"""Tells whether there is an order of some moves that keeps every rule."""


class Deepening:
    """The search.

    :param board: is as it was when it has ended.
    :param budget: moves that are judged before it gives up.
    """

    def __init__(self, board: Board, ordered: Ordered, budget: int) -> None:
        self._board, self._ordered, self._budget = board, ordered, budget
        self._trail: list[Shift] = []
        self._refusals: dict[tuple[str, str], bool] = {}
        self._no_order = False
        self.bound = board.needs
        """A number of moves below which no plan stays."""

    def better(self, most: int) -> list[Shift] | None:
        """Return the fewest moves, if they are fewer than `most`; None if there are none or the budget is spent."""
        for count in range(self.bound, most):
            if self._within(count):
                return list(self._trail)
            if self._budget <= 0:
                return None
            if not self._no_order:
                self.bound = count + 1
        return None

    def _within(self, left: int) -> bool:
        """Tell whether some set of no more moves was found, which then is the trail; the board is as it was."""
        board = self._board
        host = max(board.outside, key=lambda host: (board.outside[host], host), default=None) or self._crowded()
        if host is None:
            found = self._ordered(list(self._trail))
            self._no_order = self._no_order or not found
            return found
        if board.needs > left or self._budget <= 0:
            return False
        shifts = [(board.judged(shift), shift) for shift in self._moves(host)]
        self._budget -= len(shifts)
        promising = [(judged, shift) for judged, shift in shifts if judged.needs + len(shift.unit) <= left]
        for _judged, shift in sorted(promising, key=lambda pair: (pair[0], pair[1].name, pair[1].target)):
            self._trail.append(shift)
            board.apply(shift)
            found = self._within(left - len(shift.unit))
            board.undo(shift)
            if found:
                return True
            self._trail.pop()
        return False

    def _moves(self, host: str) -> t.Iterator[Shift]:
        """Return all moves that leave a host that has too much, or come to one that has too little."""
        board = self._board
        outside = board.loads.windows[host].outside(board.loads.carried[host])
        others = [other for other in board.hosts if other != host]
        pairs: list[tuple[tuple[Vm, ...], str, str]] = []
        if max(outside) > 0 or not any(outside):
            pairs += [(unit, host, other) for unit in board.open_units(host) for other in others]
        if min(outside) < 0:
            pairs += [(unit, other, host) for other in others for unit in board.open_units(other)]
        return (Shift(*pair) for pair in pairs if self._can_run(pair[0], pair[2]))

    def _crowded(self) -> str | None:
        """Return a host that cannot have all VMs that are on it now that others have come, None if there is none."""
        cluster = self._board.cluster
        for shift in self._trail:
            for vm in shift.unit:
                if min(cluster.free[shift.target].values()) < 0 or not cluster.alone_of_its_groups(vm):
                    return shift.target
        return None

    def _can_run(self, unit: tuple[Vm, ...], host: str) -> bool:
        key = (unit[0].name, host)
        if key not in self._refusals:
            cluster = self._board.cluster
            self._refusals[key] = all(cluster.lasting_refusal(vm, host) is None for vm in unit)
        return self._refusals[key]
