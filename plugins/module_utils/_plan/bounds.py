# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""Figures that no plan can beat, to judge a plan by. To be asked before planning, of the cluster as it is."""

from __future__ import annotations

import itertools
import math
import typing as t

from .cluster import DONE, STAYING, Cluster
from .duration import carried, stage_seconds
from .resources import MEMORY
from .turns import Turns
from .ways import LIVE, waits, way


def moves_lower_bound(cluster: Cluster, scope: t.Iterable[str]) -> int:
    """Return a number of moves below which no plan stays.

    Every VM on a host that must become empty leaves it at least once. That is all if hosts that stay as they are have room.

    Take the host that is emptied first, h. Until then every host that must become empty still has its turn before it,
    so a VM of h that does not go to a host which stays as it is goes to one that it has to leave again: one move more.
    The former hosts have U MiB free in all. Moving VMs from them elsewhere would give more, but each such move is one
    that was not counted yet; after m of them at most the m largest VMs have made room. So the moves beyond the first of
    each VM are, for the best h among those that may be first and the best m, at least
    m + (VMs of h - how many of its smallest VMs fit into U and that room, were it one host).
    """
    emptied = [name for name in scope if cluster.nodes[name].must_be_empty]
    once = sum(cluster.count(name) for name in emptied)
    staying = [name for name in cluster.nodes if cluster.tier[name] in (DONE, STAYING) and cluster.in_service(name)]
    room = sum(max(0, cluster.free[name][MEMORY]) for name in staying)
    others = sorted((_memory(cluster, vm.name) for name in staying for vm in cluster.leaving(name)), reverse=True)
    first = _may_be_first(cluster, emptied)
    return once + min((_second_moves(cluster, name, room, others) for name in first), default=0)


def _may_be_first(cluster: Cluster, emptied: t.Sequence[str]) -> list[str]:
    ranks = Turns(cluster, emptied).ranks
    lowest = min(ranks.values(), default=())
    return [name for name, rank in ranks.items() if rank == lowest]


def _second_moves(cluster: Cluster, host: str, room: int, others: t.Sequence[int]) -> int:
    sizes = sorted(_memory(cluster, vm.name) for vm in cluster.leaving(host))
    best = len(sizes)
    for made, given in enumerate(itertools.accumulate(others, initial=room)):
        if made >= best:
            break
        fitting = sum(total <= given for total in itertools.accumulate(sizes))
        best = min(best, made + len(sizes) - fitting)
    return best


def _memory(cluster: Cluster, vm: str) -> int:
    return cluster.demand[vm][MEMORY]


def waves_lower_bound(cluster: Cluster, scope: t.Iterable[str]) -> int:
    """Return a number of waves below which no plan stays.

    The hosts of a wave that must be empty leave all VMs to the others, except those that wait on them. So the sum of their
    capacities, each less what waits there, is at most the slack: the capacity of all hosts that can serve, less the memory in
    use and less a reserve for failures (the largest hosts that are left; no less than the largest ones after as many as a wave
    may have were taken). Waves are bins of that size:

    - the sum of the capacities needs `sum / slack` of them,
    - hosts of more than half of the slack need one each, and those of exactly half share them in pairs,
    - no more than `max_hosts_per_wave` hosts are in one, in the first no more than `canary_hosts`, and each site has its own.

    The members of an anti-affinity group that do not wait are on as many hosts at any moment as now, or more, so the hosts that
    are left are at least so many.
    """
    turns = Turns(cluster, scope)
    slack = _slack(cluster, turns)
    sites: dict[t.Any, list[str]] = {}
    for name, rank in turns.ranks.items():
        sites.setdefault(rank[1] if rank[0] else None, []).append(name)
    known = [names for site, names in sites.items() if site is not None]
    interrupted = len(sites.get(None, []))
    return max(
        sum(_bins(cluster, names, slack, 0) for names in known),
        _bins(cluster, list(turns.ranks), slack, cluster.rules.canary_hosts),
        1 if interrupted else 0,
    )


def _slack(cluster: Cluster, turns: Turns) -> int:
    """MiB that may be out of service at the same moment. Hosts that come back during the run count as serving."""
    serving = [name for name in cluster.nodes if cluster.in_service(name) or name in turns.ranks]
    capacities = sorted((cluster.capacity(name) for name in serving), reverse=True)
    most, rules = cluster.rules.max_hosts_per_wave, cluster.rules
    reserve = sum(capacities[most : most + rules.reserve])
    return sum(capacities) - reserve - sum(cluster.used(name) for name in serving)


def _bins(cluster: Cluster, names: t.Sequence[str], slack: int, canary: int) -> int:
    most = cluster.rules.max_hosts_per_wave
    by_number = math.ceil(len(names) / most)
    if canary and len(names) > canary:
        by_number = 1 + math.ceil((len(names) - canary) / most)
    sizes = [
        cluster.capacity(name) - cluster.kept(name).get(MEMORY, 0)
        for name in names
        if cluster.nodes[name].must_be_empty
    ]
    by_groups = math.ceil(len(sizes) / _most_emptied(cluster, names))
    if slack <= 0 or not sizes:
        return max(by_number, by_groups)
    alone = sum(2 * size > slack for size in sizes)
    halves = sum(2 * size == slack for size in sizes)
    return max(by_number, by_groups, math.ceil(sum(sizes) / slack), alone + math.ceil(halves / 2))


def _most_emptied(cluster: Cluster, names: t.Sequence[str]) -> int:
    """How many hosts may be empty at the same moment, as the anti-affinity groups have it; at least one."""
    places: dict[str, set[str]] = {}
    for vm in (vm for vm in cluster.vms.values() if not waits(vm)):
        for group in vm.policy.anti_affinity:
            places.setdefault(group, set()).add(cluster.location[vm.name])
    serving = {name for name in cluster.nodes if cluster.in_service(name)}.union(names)
    return max(1, min((len(serving | hosts) - len(hosts) for hosts in places.values()), default=len(serving)))


def seconds_lower_bound(cluster: Cluster, scope: t.Iterable[str]) -> float:
    """Return a modelled duration (`duration.py`) below which no plan stays.

    In each wave the stages after the evacuation last as long as on its slowest host, so no less than on the average of its
    hosts; the sum over all waves is no less than the sum over all hosts divided by the most hosts that a wave has, and
    no less than the shortest for each of the waves there are at least. Likewise what each host has to send goes over its
    link: when VMs leave it in its own wave at most so many hosts send at the same time, and moves that make room before
    are made one after another.
    """
    names = list(Turns(cluster, scope).ranks)
    if not names:
        return 0.0
    rules, waves = cluster.rules, waves_lower_bound(cluster, scope)
    most = min(rules.max_hosts_per_wave, len(names))
    stages = [stage_seconds(cluster.nodes[name], rules) for name in names]
    sending = [
        carried(sum(vm.memory_mib for vm in cluster.leaving(name) if way(vm) == LIVE), rules)
        for name in names
        if cluster.nodes[name].must_be_empty
    ]
    return max(waves * min(stages), sum(stages) / most, *stages) + max(sum(sending) / most, *sending, 0.0)
