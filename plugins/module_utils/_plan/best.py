# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""The best of many plans. All of them keep every rule; they differ in how large the waves are and where VMs go.

Small clusters get a search over the waves besides, because there a single move counts. How much is tried depends on
the size of the cluster and never on the clock, so that the same facts always give the same plan.
"""

from __future__ import annotations

import dataclasses
import math
import typing as t

from .._errors import ImpossiblePlanError
from .bounds import moves_lower_bound, seconds_lower_bound, waves_lower_bound
from .cluster import Cluster
from .duration import seconds
from .model import Rules, Wave
from .placement import Choice
from .search import search
from .turns import Turns
from .waves import Strategy, plan_waves

_LARGE = 4_000
"""Active VMs above which few strategies are tried."""
_SMALL = 16
"""Hosts up to which the order of waves is searched."""
_SMALL_VMS = 240


@dataclasses.dataclass(frozen=True)
class Figures:
    """What a plan is judged by; also what no plan can beat."""

    moves: int
    waves: int
    seconds: float

    def rank(self, objective: str, bounds: Figures) -> tuple[float, ...]:
        """Return what is smaller for a better plan.

        `balanced` adds up how many times the bounds moves and seconds are.
        """
        if objective == "moves":
            return (self.moves, self.seconds)
        if objective == "time":
            return (self.seconds, self.moves)
        return (self.moves / max(1, bounds.moves) + self.seconds / max(1.0, bounds.seconds), self.moves)


def lower_bounds(cluster: Cluster, scope: t.Collection[str]) -> Figures:
    """Return the figures that no plan can beat."""
    return Figures(
        moves_lower_bound(cluster, scope), waves_lower_bound(cluster, scope), seconds_lower_bound(cluster, scope)
    )


def figures(cluster: Cluster, waves: t.Sequence[Wave]) -> Figures:
    """Return by what `waves` are judged."""
    return Figures(sum(len(wave.moves) for wave in waves), len(waves), seconds(cluster.nodes, waves, cluster.rules))


def best_plan(cluster: Cluster, scope: t.Collection[str]) -> list[Wave]:
    """Return the best plan that was found, under the objective of the rules; `cluster` stays as it is.

    :raises ImpossiblePlanError: when there is none; it tells of the first attempt.
    """
    turns = Turns(cluster, scope)
    if not turns.ranks:
        return []
    bounds, objective = lower_bounds(cluster, scope), cluster.rules.objective
    found: list[tuple[Figures, list[Wave]]] = []
    failures: list[ImpossiblePlanError] = []
    for strategy in _strategies(cluster.rules, len(turns.ranks), bounds.waves, large=len(cluster.vms) > _LARGE):
        state = cluster.copy()
        try:
            waves = plan_waves(state, turns.copy(state), strategy)
        except ImpossiblePlanError as exc:
            failures.append(exc)
        else:
            found.append((figures(cluster, waves), waves))
    small = len(turns.ranks) <= _SMALL and len(cluster.vms) <= _SMALL_VMS
    if small and not any(_at_the_bound(judged, bounds, objective) for judged, _waves in found):
        found += [(figures(cluster, waves), waves) for waves in search(cluster, turns)]
    if not found:
        raise failures[0]
    return min(found, key=lambda one: one[0].rank(objective, bounds))[1]


def _at_the_bound(found: Figures, bounds: Figures, objective: str) -> bool:
    """Tell whether a plan is at the bound of what counts most; how long evacuations take is left to the strategies."""
    moves, waves = found.moves == bounds.moves, found.waves == bounds.waves
    return {"moves": moves, "time": waves, "balanced": moves and waves}[objective]


def _strategies(rules: Rules, hosts: int, fewest: int, *, large: bool) -> t.Iterator[Strategy]:
    """Return what is tried, the most promising first.

    Without detours waves grow with what is done already, which saves moves. With them waves are large from the first
    one on, which saves time: as many waves as there are at least, or a few more, all but the first of them equally large.
    """
    most = rules.max_hosts_per_wave
    first = min(most, rules.canary_hosts or most)
    packs = (False, True)
    sparing = [Strategy(Choice(pack=pack), most, first, detours=False) for pack in packs]
    fewest = min(max(1, fewest), hosts)
    counts = range(fewest, min(hosts, fewest + (1 if large else 3)) + 1)
    caps = dict.fromkeys(pair for count in counts for pair in _sizes(hosts, count, most, first))
    quick = [Strategy(Choice(pack=pack), cap, begin, detours=True) for cap, begin in caps for pack in packs]
    if large:
        quick = quick[:2]
    if rules.objective != "time":
        yield from sparing[:1] if large else sparing
    if rules.objective != "moves":
        yield from quick


def _sizes(hosts: int, count: int, most: int, first: int) -> t.Iterator[tuple[int, int]]:
    """Return the size of the waves and of the first of them, for so many waves: all alike, or the first one small."""
    yield min(most, math.ceil(hosts / count)), min(first, math.ceil(hosts / count))
    if count > 1:
        small = max(1, hosts - (count - 1) * most)
        yield most, min(first, small)
