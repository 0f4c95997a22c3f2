# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""Waves, one after another, each as large as a strategy has it. What is best among many plans is for `best.py` to say."""

from __future__ import annotations

import dataclasses
import typing as t

from .cluster import Cluster
from .draft import Draft
from .impossible import explain
from .model import Wave
from .placement import Choice
from .turns import Turns

_SEEDS = 8
"""Hosts that are tried as the first of a wave, to find the one that costs the fewest detours."""
_PATIENCE = 40
"""Hosts in a row that do not fit into a wave before it counts as full."""


@dataclasses.dataclass(frozen=True)
class Strategy:
    """How large waves become.

    :param choice: how targets are chosen.
    :param cap: how many hosts a wave has at most.
    :param first: how many the first wave has at most.
    :param detours: further hosts may join a wave although some of their VMs will have to move again.
    """

    choice: Choice
    cap: int
    first: int
    detours: bool


def plan_waves(cluster: Cluster, turns: Turns, strategy: Strategy) -> list[Wave]:
    """Return waves in which all hosts have had their turn; `cluster` ends as the cluster will be then.

    :raises ImpossiblePlanError: when some host can never become empty.
    """
    waves: list[Wave] = []
    while turns.ranks:
        draft = open_wave(cluster, turns, len(waves) + 1, strategy)
        if not draft.hosts:
            raise explain(cluster, list(turns.first()))
        waves.append(close(draft, turns))
    return waves


def open_wave(cluster: Cluster, turns: Turns, number: int, strategy: Strategy) -> Draft:
    """Return the next wave, without hosts if none of those whose turn it is can become empty."""
    draft = Draft(cluster, number, strategy.choice)
    if strategy.detours:
        begun = any(draft.join(host) for host in turns.first())
    else:
        begun = _begin_with_the_best(draft, turns.first())
    if begun:
        grow(draft, turns, strategy)
    else:
        any(draft.join_with_room(host) for host in turns.first())
    return draft


def close(draft: Draft, turns: Turns) -> Wave:
    """Let the hosts of a wave have had it, and be back in service on their target versions."""
    turns.done(draft.hosts)
    for host in draft.hosts:
        draft.cluster.put_back(host, upgraded=True)
    return draft.wave()


def _begin_with_the_best(draft: Draft, hosts: t.Iterable[str]) -> bool:
    """Begin a wave with the host that costs the fewest detours among the first ones that can become empty."""
    costs: list[tuple[int, str]] = []
    for host in hosts:
        if not draft.join(host):
            continue
        if draft.detours == 0:
            return True
        costs.append((draft.detours, host))
        draft.abandon()
        if len(costs) == _SEEDS:
            break
    return bool(costs) and draft.join(min(costs)[1])


def grow(draft: Draft, turns: Turns, strategy: Strategy) -> None:
    """Add hosts to a wave that has begun, as long as it stays possible."""
    cap = strategy.first if draft.number == 1 else strategy.cap
    choice = dataclasses.replace(strategy.choice, detours=strategy.detours, budget=strategy.choice.budget // 8)
    refused = 0
    for host in turns.together_with(draft.hosts):
        if len(draft.hosts) >= cap or refused > _PATIENCE:
            return
        refused = 0 if draft.join(host, choice) else refused + 1
