# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""Where VMs go that have to leave their hosts.

VMs that an affinity group ties together are a unit: they go together, or not at all.
"""

from __future__ import annotations

import dataclasses
import itertools
import typing as t

from .._facts import Vm
from .cluster import DONE, LATER, STAYING, Cluster
from .resources import MEMORY

Unit = list[Vm]

_ALTERNATIVES = 24
"""Targets of one unit among which the search chooses."""


@dataclasses.dataclass(frozen=True)
class Choice:
    """How targets are chosen.

    :param detours: VMs may go to hosts that are to be emptied later, and will then move again.
    :param pack: hosts where VMs stay for good are filled up one after another, instead of evenly.
    :param budget: placements that the search tries before it gives up.
    """

    detours: bool = True
    pack: bool = False
    budget: int = 2_000


def units(cluster: Cluster, vms: t.Iterable[Vm]) -> list[Unit]:
    """Return the VMs as units: first those with rules that leave them few hosts, then the largest."""
    found: dict[str, Unit] = {}
    seen: set[str] = set()
    for vm in vms:
        if vm.name not in seen:
            found[vm.name] = cluster.companions(vm) if vm.policy.affinity else [vm]
            seen.update(one.name for one in found[vm.name])
    return sorted(found.values(), key=lambda unit: (-_restrictions(unit), -size(unit), unit[0].name))


def _restrictions(unit: Unit) -> int:
    return max(2 * bool(vm.policy.hosts) + bool(vm.policy.anti_affinity) for vm in unit)


def size(unit: Unit) -> int:
    """MiB of memory of a unit."""
    return sum(vm.memory_mib for vm in unit)


def place(cluster: Cluster, leaving: t.Sequence[Unit], choice: Choice) -> bool:
    """Place all units, or leave the cluster as it was and return False.

    First it is tried to spare every VM a second move. If that is not possible and `choice` allows detours, as many VMs
    as possible are spared it, which is why the smallest ones are placed for good first.
    """
    for_good = (DONE, STAYING)
    if _all(cluster, leaving, choice, for_good):
        return True
    if not choice.detours:
        return False
    spared: list[tuple[Unit, list[str]]] = []
    for unit in sorted(leaving, key=size):
        target = next(preferred(cluster, unit, choice, for_good), None)
        if target is not None:
            spared.append((unit, _move(cluster, unit, target)))
    placed = {unit[0].name for unit, _sources in spared}
    if _all(cluster, [unit for unit in leaving if unit[0].name not in placed], choice, (LATER,)):
        return True
    for unit, sources in reversed(spared):
        _undo(cluster, unit, sources)
    return _all(cluster, leaving, choice, (DONE, STAYING, LATER))


def preferred(cluster: Cluster, unit: Unit, choice: Choice, tiers: t.Sequence[int]) -> t.Iterator[str]:
    """Return the hosts that can take a unit now, best first: where its friends are, then tier after tier.

    Among hosts that are to be emptied later, those that are full already are filled up: the emptier ones are upgraded
    before them, and give back the most room for the least moves.
    """
    friends = cluster.friends(unit) if any(vm.policy.affinity for vm in unit) else set()
    with_friends = [host for host in sorted(friends) if cluster.tier[host] in tiers and cluster.takes(unit, host)]
    yield from with_friends
    for tier in tiers:
        for host in cluster.targets(unit, tier, fullest=choice.pack or tier == LATER):
            if host not in with_friends:
                yield host


def _all(cluster: Cluster, leaving: t.Sequence[Unit], choice: Choice, tiers: t.Sequence[int]) -> bool:
    """Place all units on hosts of these tiers: each where it fits best, and if that leads nowhere, by search."""
    trail: list[tuple[Unit, list[str]]] = []
    for unit in leaving:
        target = next(preferred(cluster, unit, choice, tiers), None)
        if target is None:
            break
        trail.append((unit, _move(cluster, unit, target)))
    else:
        return True
    stuck = leaving[len(trail)]
    for unit, sources in reversed(trail):
        _undo(cluster, unit, sources)
    if not trail or next(preferred(cluster, stuck, choice, tiers), None) is None:
        return False
    return _search(cluster, leaving, choice, tiers)


def _search(cluster: Cluster, leaving: t.Sequence[Unit], choice: Choice, tiers: t.Sequence[int]) -> bool:
    """Search depth first, within the budget."""
    wanted = sum(cluster.demand[vm.name][MEMORY] for unit in leaving for vm in unit)
    if wanted > sum(max(0, cluster.free[host][MEMORY]) for host in cluster.serving(tiers)):
        return False
    trail: list[tuple[Unit, list[str]]] = []
    untried: list[t.Iterator[str]] = []
    for _attempt in range(choice.budget):
        if len(trail) == len(leaving):
            return True
        unit = leaving[len(trail)]
        if len(untried) == len(trail):
            untried.append(iter(list(itertools.islice(preferred(cluster, unit, choice, tiers), _ALTERNATIVES))))
        target = next(untried[-1], None)
        if target is not None:
            trail.append((unit, _move(cluster, unit, target)))
            continue
        untried.pop()
        if not trail:
            return False
        _undo(cluster, *trail.pop())
    if len(trail) == len(leaving):
        return True
    while trail:
        _undo(cluster, *trail.pop())
    return False


def _move(cluster: Cluster, unit: Unit, target: str) -> list[str]:
    sources = [cluster.location[vm.name] for vm in unit]
    for vm in unit:
        cluster.move(vm, target)
    return sources


def _undo(cluster: Cluster, unit: Unit, sources: t.Sequence[str]) -> None:
    for vm, source in zip(unit, sources):
        cluster.undo(vm, source)
