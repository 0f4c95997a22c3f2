# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""A beam search over the waves of a small cluster: after each wave the best few beginnings are gone on with."""

from __future__ import annotations

import dataclasses
import typing as t

from .cluster import Cluster
from .draft import Draft
from .model import Wave
from .placement import Choice
from .turns import Turns
from .waves import Strategy, close, grow

_WIDTH = 10
"""Beginnings that are kept after each wave."""
_QUICK = Choice(budget=400)


@dataclasses.dataclass
class _State:
    """A plan that has begun."""

    cluster: Cluster
    turns: Turns
    waves: tuple[Wave, ...] = ()
    detours: int = 0

    def key(self) -> tuple[t.Any, ...]:
        """Plans alike in this go on alike, as far as the search cares."""
        return (frozenset(self.turns.ranks), self.detours)


def search(cluster: Cluster, turns: Turns) -> t.Iterator[list[Wave]]:
    """Return the plans that a beam search comes to.

    For fewest moves a beginning is good that has cost few detours, for the shortest run one that leaves few hosts.
    """
    for objective in ("moves", "time"):
        if cluster.rules.objective not in (objective, "balanced"):
            continue
        start = cluster.copy()
        states = [_State(start, turns.copy(start))]
        while states:
            children = {child.key(): child for state in reversed(states) for child in _children(state, objective)}
            yield from (list(child.waves) for child in children.values() if not child.turns.ranks)
            states = sorted(
                (child for child in children.values() if child.turns.ranks),
                key=lambda child: _promise(child, objective),
            )[:_WIDTH]


def _promise(state: _State, objective: str) -> tuple[float, ...]:
    left = len(state.turns.ranks)
    loaded = sum(state.cluster.count(name) for name in state.turns.ranks)
    return (state.detours, left, loaded) if objective == "moves" else (left, state.detours, loaded)


def _children(state: _State, objective: str) -> list[_State]:
    """Return the beginnings that are one wave longer: for each host that the wave may begin with, grown in two ways."""
    rules, seeds = state.cluster.rules, list(state.turns.first())
    cap = rules.max_hosts_per_wave
    if rules.canary_hosts and not state.waves:
        cap = min(cap, rules.canary_hosts)
    ways = ((False, cap), (True, cap)) if objective == "time" else ((False, cap), (False, 1))
    found = [_longer(state, seed, detours=detours, cap=limit) for seed in seeds for detours, limit in ways]
    return [one for one in found if one] or [one for one in (_with_room(state, seed) for seed in seeds) if one]


def _longer(state: _State, seed: str, *, detours: bool, cap: int) -> _State | None:
    """Return the beginning with another wave, which begins with `seed`; None if that cannot become empty."""
    cluster = state.cluster.copy()
    turns = state.turns.copy(cluster)
    draft = Draft(cluster, len(state.waves) + 1, _QUICK)
    if not draft.join(seed):
        return None
    grow(draft, turns, Strategy(_QUICK, cap, cap, detours))
    return _closed(state, draft, turns)


def _with_room(state: _State, seed: str) -> _State | None:
    cluster = state.cluster.copy()
    draft = Draft(cluster, len(state.waves) + 1, _QUICK)
    return _closed(state, draft, state.turns.copy(cluster)) if draft.join_with_room(seed) else None


def _closed(state: _State, draft: Draft, turns: Turns) -> _State:
    detours = state.detours + draft.detours
    return _State(draft.cluster, turns, (*state.waves, close(draft, turns)), detours)
