# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""Why hosts stay outside of their windows: what each of them carries, and why that does not change."""

from __future__ import annotations

import collections
import typing as t

from .._facts import Vm
from .._names import shortened
from .cluster import Cluster
from .loads import Loads
from .resources import MEMORY

_TOLD = 3
"""Reasons that are told of one host, those that hold for the most VMs first."""
_SHOWN = 6
"""Names of VMs that are told of one reason."""
_PARTS = {MEMORY: ("of its memory", "%"), "vcpus": ("vCPUs per 100 threads", "")}


def why_outside(cluster: Cluster, loads: Loads, fixed: t.Mapping[str, str]) -> list[str]:
    """Return one sentence for each host that is outside of its window, in the cluster as it is after the moves.

    :param fixed: VM -> why it cannot move.
    """
    return [
        f"{host} carries {_carries(loads, host, index)}: {'; '.join(_reasons(cluster, loads, fixed, host, over=amount > 0))}."
        for host, window in loads.windows.items()
        for index, amount in enumerate(window.outside(loads.carried[host]))
        if amount
    ]


def _carries(loads: Loads, host: str, index: int) -> str:
    window, measure = loads.windows[host], loads.measures[index]
    what, unit = _PARTS[measure]
    over = loads.carried[host][index] > window.high[index]
    wanted = 100 * (window.high if over else window.low)[index] / window.size[index]
    return (
        f"{loads.shares(host)[measure]:g} {unit}".rstrip()
        + f" {what}, and {wanted:.1f} {unit}".rstrip()
        + (" is the most that is wanted" if over else " is the least that is wanted")
    )


def _reasons(cluster: Cluster, loads: Loads, fixed: t.Mapping[str, str], host: str, *, over: bool) -> list[str]:
    """Return why nothing leaves a host that carries too much, or comes to one that carries too little."""
    if over:
        pairs = ((vm, [other for other in loads.windows if other != host]) for vm in cluster.on(host))
    else:
        pairs = ((vm, [host]) for other in loads.windows if other != host for vm in cluster.on(other))
    found: dict[str, list[str]] = collections.defaultdict(list)
    for vm, targets in pairs:
        found[fixed.get(vm.name) or _refusal(cluster, loads, vm, targets)].append(vm.name)
    if not found:
        return ["there are no VMs on it" if over else "there are no VMs on the others"]
    most = sorted(found.items(), key=lambda item: (-len(item[1]), item[0]))
    way = "leave" if over else "come"
    told = [f"{shortened(names, _SHOWN)} cannot {way}: {reason}" for reason, names in most[:_TOLD]]
    return told + ([f"and {len(most) - _TOLD} other reasons"] if len(most) > _TOLD else [])


def _refusal(cluster: Cluster, loads: Loads, vm: Vm, targets: t.Sequence[str]) -> str:
    """Return why a VM alone cannot go to any of some hosts: the reason of most of them."""
    reasons = collections.Counter(
        cluster.refusal([vm], target) or _unwanted(loads, vm, cluster.location[vm.name], target) for target in targets
    )
    reason, count = min(reasons.items(), key=lambda item: (-item[1], item[0]), default=("there is no other host", 0))
    return reason if count == len(targets) else f"on {count} of {len(targets)} hosts because {reason}"


def _unwanted(loads: Loads, vm: Vm, source: str, target: str) -> str:
    """Return why a move that could be made helps nobody."""
    weight = loads.weight[vm.name]
    less = tuple(now - part for now, part in zip(loads.carried[source], weight))
    more = tuple(now + part for now, part in zip(loads.carried[target], weight))
    windows = loads.windows
    if any(amount > 0 for amount in windows[target].outside(more)):
        return "it would be too much for the host that it came to"
    if any(amount < 0 for amount in windows[source].outside(less)):
        return "it would leave too little behind"
    return "no set of moves with it was found that brings the hosts nearer"
