# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""A wave while it is put together."""

from __future__ import annotations

import typing as t

from .._facts import Vm
from .cluster import LATER, Cluster
from .model import Move, Wave
from .placement import Choice, place, units
from .reserve import Reserve
from .room import Room
from .ways import way

_ANEW = 64
"""Moves up to which a wave that cannot grow is planned anew as a whole."""


class Draft:
    """A wave that grows host by host; `cluster` always is as it will be when the wave's moves have ended.

    Nothing moves to a host of the wave, and what a source gives up counts as taken until the step has ended. So every
    target has room for all arrivals of a step at once: its moves may be carried out in any order, with any concurrency.
    """

    def __init__(self, cluster: Cluster, number: int, choice: Choice) -> None:
        self.cluster, self.number, self.choice = cluster, number, choice
        self.hosts: list[str] = []
        self.origin: dict[str, str] = {}
        """VM -> the host where it was before the wave."""
        self._before_last: dict[str, int] = {}
        """VM that makes room -> how many steps before the last one it moves."""
        self._shown: list[str] = []
        """Those of the hosts that were in service before."""
        self._reserve = Reserve(cluster)

    @property
    def detours(self) -> int:
        """How many moves of this wave spare no later one."""
        cluster = self.cluster
        again = sum(cluster.tier[cluster.location[name]] == LATER for name in self.origin)
        return again + len(self._before_last)

    def join(self, host: str, choice: Choice | None = None) -> bool:
        """Add a host if the wave stays possible with it; else the draft is as before."""
        cluster, choice = self.cluster, choice or self.choice
        if self.refusal(host) is not None:
            return False
        arrived = [vm for vm in cluster.on(host) if vm.name in self.origin]
        for vm in arrived:
            cluster.undo(vm, self.origin[vm.name])
        shown = cluster.in_service(host)
        if shown:
            cluster.take_out(host)
        own = cluster.leaving(host) if cluster.nodes[host].must_be_empty else []
        if place(cluster, units(cluster, [*own, *arrived]), choice) or self._anew(own, choice):
            self._add(host, own, shown=shown)
            return True
        if shown:
            cluster.put_back(host)
        for vm in arrived:
            cluster.move(vm, host)
        return False

    def refusal(self, host: str) -> str | None:
        """Return why a host cannot join the wave wherever its VMs should go, or None if it may."""
        node, rules = self.cluster.nodes[host], self.cluster.rules
        if not node.must_be_empty:
            return None
        for name, reason in self.cluster.stuck(host).items():
            return f"VM '{name}' cannot get out of the way of host '{host}': {reason}"
        emptied = [name for name in self.hosts if self.cluster.nodes[name].must_be_empty]
        if rules.cluster_parallel_moves and len(emptied) >= rules.cluster_parallel_moves:
            return f"no more than {rules.cluster_parallel_moves} VMs may move in the cluster at the same time"
        return self._reserve.refusal([*emptied, host])

    def _anew(self, own: t.Sequence[Vm], choice: Choice) -> bool:
        """Place everything that moves in this wave anew; False leaves what was placed as it was."""
        moved = [self.cluster.vms[name] for name in self.origin]
        if not moved or len(moved) + len(own) > _ANEW:
            return False
        before = {vm.name: self.cluster.location[vm.name] for vm in moved}
        for vm in moved:
            if before[vm.name] != self.origin[vm.name]:
                self.cluster.undo(vm, self.origin[vm.name])
        if place(self.cluster, units(self.cluster, [*own, *moved]), choice):
            return True
        for vm in moved:
            if before[vm.name] != self.origin[vm.name]:
                self.cluster.move(vm, before[vm.name])
        return False

    def join_with_room(self, host: str) -> bool:
        """Add the only host of a wave, and move VMs of other hosts to make room for its own."""
        cluster = self.cluster
        if self.refusal(host) is not None or not cluster.nodes[host].must_be_empty:
            return False
        shown = cluster.in_service(host)
        if shown:
            cluster.take_out(host)
        own = cluster.leaving(host)
        room = Room(cluster, self.choice)
        if not room.settle(units(cluster, own)):
            if shown:
                cluster.put_back(host)
            return False
        self._add(host, own, shown=shown)
        for name, (source, step) in room.made.items():
            self.origin[name], self._before_last[name] = source, step
        return True

    def _add(self, host: str, own: t.Iterable[Vm], *, shown: bool) -> None:
        self.hosts.append(host)
        self.origin.update((vm.name, host) for vm in own)
        if shown:
            self._shown.append(host)

    def abandon(self) -> None:
        """Let the cluster be as it was before the wave."""
        for name, source in self.origin.items():
            self.cluster.undo(self.cluster.vms[name], source)
        for host in self._shown:
            self.cluster.put_back(host)
        self.hosts, self.origin, self._before_last, self._shown = [], {}, {}, []

    def wave(self) -> Wave:
        """Return the wave as it is now."""
        last = 1 + max(self._before_last.values(), default=0)
        leaving = [self.cluster.vms[name] for name in self.origin]
        moves = [self._move(vm, last - self._before_last.get(vm.name, 0)) for vm in leaving]
        return Wave(self.number, tuple(self.hosts), tuple(sorted(moves, key=lambda move: move.step)))

    def _move(self, vm: Vm, step: int) -> Move:
        target = self.cluster.location[vm.name]
        disk_mib = sum(self.cluster.copied(vm, target).values())
        return Move(self.number, vm.name, self.origin[vm.name], target, vm.memory_mib, disk_mib, step, way(vm))
