# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""A beam search for moves that even out loads: after each move the best few beginnings are gone on with.

Any set of moves that brings all hosts into their windows has one that leaves a host which carries too much, or comes to one which
carries too little. So only such moves are looked at, of one host at a time.
"""

from __future__ import annotations

import dataclasses
import itertools
import typing as t

from .board import Board, Judged, Shift

_PATIENCE = 4
"""Moves in a row that bring no host nearer before the search ends."""


@dataclasses.dataclass(frozen=True)
class Beam:
    """How much is tried.

    :param width: beginnings that are gone on with.
    :param breadth: hosts that are looked at for each VM that is to leave, or from which one may come.
    """

    width: int
    breadth: int


class _Path:
    """Moves that were made: none, or the last one and those before it."""

    def __init__(self, judged: Judged, made: tuple[_Path, Shift] | None = None) -> None:
        self.judged, self._made = judged, made
        self.depth: int = made[0].depth + 1 if made else 0

    @property
    def before(self) -> _Path:
        """What was before the last move; that there is one is for the caller to know."""
        return self._pair[0]

    @property
    def last(self) -> Shift:
        """The last move, likewise."""
        return self._pair[1]

    @property
    def _pair(self) -> tuple[_Path, Shift]:
        if self._made is None:
            raise IndexError("no move was made")
        return self._made

    def shifts(self) -> list[Shift]:
        """Return the moves in their order."""
        found, path = [], self
        while path.depth:
            found.append(path.last)
            path = path.before
        return found[::-1]


def search(board: Board, beam: Beam) -> list[Shift]:
    """Return the moves after which hosts are the least outside of their windows, of these the fewest; the board stays as it is."""
    walker = _Walker(board)
    best = start = _Path(Judged(board.needs, board.excess, 0))
    paths, waited = [start], 0
    while paths and best.judged.excess and waited < _PATIENCE:
        children: dict[t.Any, _Path] = {}
        for path in paths:
            walker.go(path)
            for child in _children(board, path, beam):
                key = frozenset((one.name, one.target) for one in child.shifts()) if beam.width > 1 else len(children)
                children.setdefault(key, child)
        paths = sorted(children.values(), key=_promise)[: beam.width]
        nearest = min(paths, key=lambda path: (path.judged.excess, path.judged.mib), default=best)
        waited = 0 if nearest.judged.excess < best.judged.excess else waited + 1
        best = nearest if nearest.judged.excess < best.judged.excess else best
    walker.go(start)
    return best.shifts()


def _promise(path: _Path) -> tuple[t.Any, ...]:
    return (*path.judged, path.last.name, path.last.target)


def _children(board: Board, path: _Path, beam: Beam) -> list[_Path]:
    """Return the beginnings that are one move longer, for the host that is the farthest outside and of any use."""
    for host in sorted(board.outside, key=lambda host: (-board.outside[host], host)):
        found = [_longer(path, shift, board.judged(shift)) for shift in candidates(board, host, beam.breadth)]
        if beam.width == 1:
            found = [child for child in found if child.judged[:2] < path.judged[:2]]
        if found:
            return found
    return []


def _longer(path: _Path, shift: Shift, judged: Judged) -> _Path:
    return _Path(judged._replace(mib=path.judged.mib + judged.mib), (path, shift))


def candidates(board: Board, host: str, breadth: int) -> t.Iterator[Shift]:
    """Return moves from a host that carries too much, and to one that carries too little, that can be made now."""
    outside = board.loads.windows[host].outside(board.loads.carried[host])
    if max(outside) > 0:
        for unit in board.open_units(host):
            targets = (other for other in board.lightest() if other != host and board.cluster.takes(unit, other))
            for target in itertools.islice(targets, breadth):
                yield Shift(unit, host, target)
    if min(outside) < 0:
        for source in itertools.islice((other for other in board.heaviest() if other != host), breadth):
            for unit in board.open_units(source):
                if board.cluster.takes(unit, host):
                    yield Shift(unit, source, host)


class _Walker:
    """Brings a board from one beginning to another."""

    def __init__(self, board: Board) -> None:
        self._board = board
        self._made: list[_Path] = []

    def go(self, path: _Path) -> None:
        """Undo what the beginning does not have, and make the rest of it."""
        missing: list[_Path] = []
        while path.depth > len(self._made):
            missing.append(path)
            path = path.before
        while len(self._made) > path.depth:
            self._board.undo(self._made.pop().last)
        while self._made and self._made[-1] is not path:
            missing.append(path)
            path = path.before
            self._board.undo(self._made.pop().last)
        for one in reversed(missing):
            self._board.apply(one.last)
            self._made.append(one)
