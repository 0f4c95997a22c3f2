# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""Where the VMs of hosts that must become empty go."""

from __future__ import annotations

import typing as t

from .._errors import ImpossiblePlanError
from .._facts import Vm
from .model import Cluster, Move
from .rules import pinned, refusal

SEARCH_BUDGET = 20_000
"""Placements that are tried before a set of hosts counts as impossible to empty together."""


def evacuate(cluster: Cluster, hosts: t.Sequence[str], wave: int, order: t.Sequence[str]) -> tuple[Move, ...]:
    """Place every active VM of `hosts` elsewhere and return the moves; `cluster` is changed accordingly.

    Nothing moves into `hosts`, and memory of a source counts as taken until its VM has left. So every target has room
    for all of the wave's arrivals at once: the moves may be carried out in any order and with any concurrency.

    A depth-first search over the VMs, largest first, tries targets in the order of `_preference` and takes back what
    leads nowhere.

    :param order: all hosts in the order in which they will be upgraded, those without need first.
    :raises ImpossiblePlanError: when no placement was found; `cluster` is then as before, and `details["refusals"]`
        is `{vm: {host: reason}}` for the VMs that have no target at all.
    """
    leaving = [vm for host in hosts for vm in cluster.on(host)]
    _refuse_pinned(cluster, leaving)
    targets = [name for name in order if name not in hosts]
    before = dict(cluster.location)
    if not _search(cluster, leaving, targets):
        raise _impossible(cluster, hosts, leaving, targets)
    return tuple(Move(wave, vm.name, before[vm.name], cluster.location[vm.name], vm.memory_mib) for vm in leaving)


def _search(cluster: Cluster, leaving: t.Sequence[Vm], targets: t.Sequence[str]) -> bool:
    """Place all of `leaving`, or leave the cluster as it was and return False."""
    sources = [cluster.location[vm.name] for vm in leaving]
    untried: list[t.Iterator[str]] = []
    placed = tries = 0
    while placed < len(leaving) and tries < SEARCH_BUDGET:
        tries += 1
        if len(untried) == placed:
            untried.append(iter(_preference(cluster, leaving[placed], targets)))
        target = next(untried[-1], None)
        if target is not None:
            cluster.place(leaving[placed], target)
            placed += 1
            continue
        untried.pop()
        if not untried:
            return False
        placed -= 1
        cluster.place(leaving[placed], sources[placed])
    if placed < len(leaving):
        for position in range(placed):
            cluster.place(leaving[position], sources[position])
    return placed == len(leaving)


def _preference(cluster: Cluster, vm: Vm, targets: t.Sequence[str]) -> list[str]:
    """Targets that can take `vm`, best first.

    A host that is done spares the VM its second move; among those that are not, the one that is upgraded last.
    Members of an affinity group follow one another; then the emptiest host wins, which keeps the load even.
    """
    friends = {
        cluster.location[other.name]
        for group in vm.policy.affinity
        for other in cluster.members(group, "affinity")
        if other.name != vm.name
    }
    possible = [name for name in targets if refusal(vm, cluster.nodes[name], cluster) is None]
    rank = {name: position for position, name in enumerate(targets)}
    return sorted(
        possible,
        key=lambda name: (
            name not in cluster.new,
            name not in friends,
            -cluster.free(name) if name in cluster.new else -rank[name],
            name,
        ),
    )


def _refuse_pinned(cluster: Cluster, leaving: t.Sequence[Vm]) -> None:
    reasons = {vm.name: reason for vm in leaving if (reason := pinned(vm))}
    if reasons:
        name, reason = next(iter(reasons.items()))
        raise ImpossiblePlanError(
            f"VM '{name}' cannot leave host '{cluster.location[name]}' while it runs: {reason}.",
            hint="Stop it, change its policy, or leave its host out with --limit.",
            pinned=reasons,
        )


def _impossible(
    cluster: Cluster, hosts: t.Sequence[str], leaving: t.Sequence[Vm], targets: t.Sequence[str]
) -> ImpossiblePlanError:
    refusals = {
        vm.name: {name: reason for name in targets if (reason := refusal(vm, cluster.nodes[name], cluster))}
        for vm in leaving
    }
    stuck = [name for name, reasons in refusals.items() if len(reasons) == len(targets)]
    names = ", ".join(f"'{host}'" for host in hosts)
    if not stuck:
        return ImpossiblePlanError(
            f"the VMs of {names} do not fit together on the other hosts.",
            hint="Stop VMs, add memory, or upgrade fewer hosts at a time.",
            refusals=refusals,
        )
    why = "; ".join(f"{name}: {reason}" for name, reason in refusals[stuck[0]].items()) or "there is no other host"
    return ImpossiblePlanError(
        f"VM '{stuck[0]}' cannot leave host {names}: {why}.",
        hint="Make room on one of these hosts, stop the VM, or drop the rule that forbids it.",
        refusals={name: refusals[name] for name in stuck},
    )
