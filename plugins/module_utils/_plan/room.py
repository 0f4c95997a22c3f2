# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""Room for VMs that find none: VMs of hosts that stay in service move first. So a swap goes by way of a third host.

Steps are counted backwards here: 0 is the evacuation itself, 1 the step before it, and so on.
"""

from __future__ import annotations

import itertools
import typing as t

from .._facts import Vm
from .cluster import DONE, LATER, STAYING, Cluster
from .placement import Choice, Unit, preferred
from .resources import MEMORY
from .ways import LIVE, way

_TIERS = (DONE, STAYING, LATER)
_STEPS = 2
"""How many steps of making room come before the evacuation."""
_HOSTS = 48
"""Hosts of which it is tried to make room for one unit."""
_SETS = 12
"""Sets of VMs of one host that are tried to be moved away."""
_ATTEMPTS = 1_000
"""Placements that are tried for all units together."""


class Room:
    """The moves of a wave in which others make room; `cluster` changes with them."""

    def __init__(self, cluster: Cluster, choice: Choice) -> None:
        self._cluster, self._choice = cluster, choice
        self._moved: list[tuple[Vm, str, int]] = []
        """The VM, where it was, and its step."""
        self._attempts = _ATTEMPTS

    @property
    def made(self) -> dict[str, tuple[str, int]]:
        """VM that makes room -> the host where it was, and its step."""
        return {vm.name: (source, step) for vm, source, step in self._moved if step}

    def settle(self, leaving: t.Sequence[Unit]) -> bool:
        """Place all units, or leave the cluster as it was and return False."""
        busy = frozenset(vm.name for unit in leaving for vm in unit)
        if all(self._settle(unit, 0, busy) for unit in leaving):
            return True
        self._undo(0)
        return False

    def _settle(self, unit: Unit, step: int, busy: frozenset[str]) -> bool:
        """Place one unit in a step, or change nothing."""
        self._attempts -= 1
        hosts = preferred(self._cluster, unit, self._choice, _TIERS)
        target = next((host for host in hosts if self._open(host, unit, step)), None)
        if target is not None:
            self._move(unit, target, step)
            return True
        if step == _STEPS or self._attempts < 0:
            return False
        return any(self._clear(unit, host, step, busy) for host in self._worth_clearing(unit, step))

    def _open(self, host: str, unit: Unit, step: int) -> bool:
        """Tell whether what is free on a host is free when this step begins: nobody leaves it in this step or later."""
        if host == self._cluster.location[unit[0].name]:
            return False
        return all(left > step for _vm, source, left in self._moved if source == host and left)

    def _worth_clearing(self, unit: Unit, step: int) -> list[str]:
        """Return hosts that could take the unit if it were not for the VMs that are there, those with the most room first."""
        cluster = self._cluster
        able = [
            host
            for host in cluster.nodes
            if self._open(host, unit, step) and all(cluster.lasting_refusal(vm, host) is None for vm in unit)
        ]
        return sorted(able, key=lambda host: (cluster.tier[host], -cluster.free[host][MEMORY], host))[:_HOSTS]

    def _clear(self, unit: Unit, host: str, step: int, busy: frozenset[str]) -> bool:
        """Let VMs of a host move away until the unit fits, and place it there; or change nothing."""
        mark = len(self._moved)
        for leaving in self._who_could_leave(unit, host, busy):
            gone = busy.union(vm.name for vm in leaving)
            if all(self._settle([vm], step + 1, gone) for vm in leaving) and self._cluster.takes(unit, host):
                self._move(unit, host, step)
                return True
            self._undo(mark)
        return False

    def _who_could_leave(self, unit: Unit, host: str, busy: frozenset[str]) -> t.Iterator[list[Vm]]:
        """Return sets of VMs with which gone the unit would fit: few and small ones first, then the largest together."""
        groups = {group for vm in unit for group in vm.policy.anti_affinity}
        present = self._cluster.on(host)
        busy = busy.union(vm.name for vm, _source, _step in self._moved)
        free = [vm for vm in present if vm.name not in busy | self._cluster.pinned.keys() and self._may_make_room(vm)]
        rivals = [vm for vm in present if groups.intersection(vm.policy.anti_affinity)]
        if not all(vm in free for vm in rivals):
            return
        others = sorted((vm for vm in free if vm not in rivals), key=lambda vm: (vm.memory_mib, vm.name))
        few = (some for count in (0, 1, 2) for some in itertools.combinations(others, count))
        many = (others[-count:] for count in range(3, len(others) + 1))
        sets = ([*rivals, *some] for some in itertools.chain(few, many))
        yield from itertools.islice((vms for vms in sets if vms and self._fits(unit, host, vms)), _SETS)

    def _may_make_room(self, vm: Vm) -> bool:
        return not vm.policy.affinity and way(vm) == LIVE

    def _fits(self, unit: Unit, host: str, gone: t.Sequence[Vm]) -> bool:
        """Tell whether the unit has room once some VMs are gone."""
        cluster = self._cluster
        free = dict(cluster.free[host])
        for name, amount in (pair for vm in gone for pair in cluster.demand[vm.name].items()):
            free[name] = free.get(name, 0) + amount
        return all(free.get(name, 0) >= amount for name, amount in cluster.wanted(unit, host).items())

    def _move(self, unit: Unit, target: str, step: int) -> None:
        for vm in unit:
            self._moved.append((vm, self._cluster.location[vm.name], step))
            self._cluster.move(vm, target)

    def _undo(self, mark: int) -> None:
        while len(self._moved) > mark:
            vm, source, _step = self._moved.pop()
            self._cluster.undo(vm, source)
