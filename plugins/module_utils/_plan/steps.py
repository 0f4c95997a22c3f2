# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""Moves in steps: those of a step may be made in any order and at the same time.

No host sends VMs and takes some in the same step, so every target has room for all arrivals of a step whatever leaves when.
"""

from __future__ import annotations

import dataclasses
import typing as t

from .board import Shift
from .cluster import Cluster

Steps = list[list[Shift]]


def in_steps(cluster: Cluster, shifts: t.Sequence[Shift], hosts: t.Collection[str]) -> Steps | None:
    """Return the moves in few steps, or None if no order of them was found that keeps every rule.

    Where no VM finds its place before another one has left, one goes by way of a third host: that is a move more.

    :param cluster: as it is before; it stays as it is.
    :param shifts: one for each VM that moves, in the order in which they are tried.
    :param hosts: who takes part.
    """
    return (
        _tried(cluster.copy(), shifts, in_order=False)
        or _tried(cluster.copy(), shifts, in_order=True)
        or _tried(cluster.copy(), shifts, in_order=False, way_by=sorted(hosts))
    )


def _tried(state: Cluster, shifts: t.Sequence[Shift], *, in_order: bool, way_by: t.Sequence[str] = ()) -> Steps | None:
    steps: Steps = []
    waiting, gone_round = list(shifts), set[str]()
    while waiting:
        step = _step(state, waiting, in_order=in_order)
        if not step:
            way = _way_round(state, [shift for shift in waiting if shift.name not in gone_round], way_by)
            if way is None:
                return None
            gone_round.add(way.name)
            waiting = [
                dataclasses.replace(shift, source=way.target) if shift.name == way.name else shift for shift in waiting
            ]
            _make(state, way)
            steps.append([way])
            continue
        made = {shift.name for shift in step}
        waiting = [shift for shift in waiting if shift.name not in made]
        steps.append(step)
    return steps


def _step(state: Cluster, waiting: t.Iterable[Shift], *, in_order: bool) -> list[Shift]:
    """Make as many of the moves as can be made at the same time, and return them.

    :param in_order: none before all of those that come before it.
    """
    step: list[Shift] = []
    sources: set[str] = set()
    targets: set[str] = set()
    for shift in waiting:
        apart = shift.source not in targets and shift.target not in sources
        if apart and _few_enough(state, sources | {shift.source}) and state.takes(shift.unit, shift.target):
            _make(state, shift)
            step.append(shift)
            sources.add(shift.source)
            targets.add(shift.target)
        elif in_order:
            break
    return step


def _few_enough(state: Cluster, sources: t.Collection[str]) -> bool:
    """Tell whether so many hosts may send VMs at the same time: one at a time is the least that each of them sends."""
    return not state.rules.cluster_parallel_moves or len(sources) <= state.rules.cluster_parallel_moves


def _make(state: Cluster, shift: Shift) -> None:
    for vm in shift.unit:
        state.move(vm, shift.target)


def _way_round(state: Cluster, waiting: t.Sequence[Shift], hosts: t.Sequence[str]) -> Shift | None:
    """Return a move by which a VM, a small one if possible, waits on a third host until its target has room for it."""
    for shift in sorted(waiting, key=lambda shift: (shift.mib, shift.name)):
        for host in hosts:
            way = dataclasses.replace(shift, target=host)
            if (
                host not in (shift.source, shift.target)
                and state.takes(shift.unit, host)
                and _goes_on(state, way, shift)
            ):
                return way
    return None


def _goes_on(state: Cluster, way: Shift, shift: Shift) -> bool:
    _make(state, way)
    goes_on = all(state.lasting_refusal(vm, shift.target) is None for vm in shift.unit)
    for vm in shift.unit:
        state.undo(vm, shift.source)
    return goes_on
