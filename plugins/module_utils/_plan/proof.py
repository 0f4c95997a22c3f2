# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""The proof that comes with a plan: what each moment of it takes from each host and gives back.

A moment is a step of a wave. In the middle of it every arrival counts already and every departure does not yet, which is
worse than any real order of the same moves. Only what changes is told: what a host has free at a moment is what it has at the
start, less all that was taken until then, plus all that was given back before; the plan holds if no sum is negative.
"""

from __future__ import annotations

import typing as t

from .cluster import Cluster
from .model import Wave
from .reserve import Reserve
from .resources import Amounts

Changes = dict[str, Amounts]
"""Host -> resource -> amount."""


def prove(before: Cluster, waves: t.Sequence[Wave]) -> dict[str, t.Any]:
    """Replay `waves` on the cluster as it was before planning.

    :returns: `start` (what each host that is touched has free), `moments` (`{"wave", "step", "taken", "given"}`), `tightest`
        (`{resource: {"host", "wave", "free"}}`, the smallest sums), and with a reserve for failures `spare_mib`, what is
        left in each wave after them. `kept` (`{"wave", "host", "kept"}`) is what VMs take that wait on a host of a wave: never given back.
    """
    free: Changes = {}
    moments: list[dict[str, t.Any]] = []
    tightest: dict[str, dict[str, t.Any]] = {}
    start: Changes = {}
    for wave in waves:
        for step in sorted({move.step for move in wave.moves}):
            taken, given = _changes(before, wave, step)
            for host in sorted({*taken, *given} - set(free)):
                free[host] = dict(before.free[host])
                start[host] = dict(before.free[host])
            _apply(free, taken, -1)
            _note(tightest, free, taken, wave.number)
            _apply(free, given, +1)
            moments.append({"wave": wave.number, "step": step, "taken": taken, "given": given})
    spare = {"spare_mib": _spare(before, waves)} if before.rules.reserve else {}
    kept = [
        {"wave": wave.number, "host": host, "kept": before.kept(host)}
        for wave in waves
        for host in wave.hosts
        if before.nodes[host].must_be_empty and host in before.waiting
    ]
    return {"start": start, "moments": moments, "tightest": tightest, "kept": kept, **spare}


def _changes(before: Cluster, wave: Wave, step: int) -> tuple[Changes, Changes]:
    taken: Changes = {}
    given: Changes = {}
    for move in wave.moves:
        if move.step == step:
            vm = before.vms[move.vm]
            _add(taken.setdefault(move.target, {}), before.demand[vm.name])
            _add(taken[move.target], before.copied(vm, move.target))
            _add(given.setdefault(move.source, {}), before.demand[vm.name])
    return taken, given


def _add(amounts: Amounts, more: t.Mapping[str, int]) -> None:
    for name, amount in more.items():
        amounts[name] = amounts.get(name, 0) + amount


def _apply(free: Changes, changes: Changes, sign: int) -> None:
    for host, amounts in changes.items():
        for name, amount in amounts.items():
            free[host][name] = free[host].get(name, 0) + sign * amount


def _note(tightest: dict[str, dict[str, t.Any]], free: Changes, taken: Changes, wave: int) -> None:
    for host, amounts in taken.items():
        for name in amounts:
            if name not in tightest or free[host][name] < tightest[name]["free"]:
                tightest[name] = {"host": host, "wave": wave, "free": free[host][name]}


def _spare(before: Cluster, waves: t.Sequence[Wave]) -> list[int]:
    reserve = Reserve(before)
    return [reserve.spare([host for host in wave.hosts if before.nodes[host].must_be_empty]) for wave in waves]
