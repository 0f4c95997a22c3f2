# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How others empty host after host, as models: what is modelled is where VMs go and how often, nothing else of these programs.

Sources: reference manuals and sources of the peers. Each policy yields its waves in order, on a `Board` that keeps memory and
anti-affinity; what no host can take is left where it is and counted.
"""

from __future__ import annotations

import dataclasses
import heapq
import typing as t

from ansible_collections.evergreen.virt.plugins.module_utils._facts import Vm
from ansible_collections.evergreen.virt.plugins.module_utils._plan.model import Move, Rules

from .instances import Instance


@dataclasses.dataclass
class Round:
    """Hosts that are upgraded together, the moves before and the moves back after."""

    hosts: list[str]
    out: list[Move]
    back: list[Move] = dataclasses.field(default_factory=list)
    one_by_one: bool = False
    """The moves back are made one after another."""
    stuck: int = 0
    """VMs that found no room elsewhere."""


class Board:
    """Where VMs are, with the host that has the most memory free at hand."""

    def __init__(self, instance: Instance) -> None:
        self.rules = instance.rules
        self.vms = {vm.name: vm for node in instance.nodes.values() for vm in node.facts.vms}
        self.home = {vm.name: name for name, node in instance.nodes.items() for vm in node.facts.vms}
        self.where = dict(self.home)
        self.on: dict[str, set[str]] = {
            name: {vm.name for vm in node.facts.vms} for name, node in instance.nodes.items()
        }
        self.free = {
            name: node.facts.capacity.memory_mib
            - self.rules.host_reserve_mib
            - sum(self.need(vm) for vm in node.facts.vms)
            for name, node in instance.nodes.items()
        }
        self._heap = [(-free, name) for name, free in self.free.items()]
        heapq.heapify(self._heap)

    def need(self, vm: Vm) -> int:
        """MiB that a VM takes."""
        return vm.memory_mib + self.rules.vm_overhead_mib

    def takes(self, name: str, host: str) -> bool:
        """Tell whether a host can take a VM."""
        vm = self.vms[name]
        groups = set(vm.policy.anti_affinity)
        return self.need(vm) <= self.free[host] and not (
            groups and any(groups & set(self.vms[other].policy.anti_affinity) for other in self.on[host])
        )

    def emptiest(self, name: str, out: t.Container[str]) -> str | None:
        """Return the host with the most memory free that can take a VM."""
        passed: list[tuple[int, str]] = []
        found = None
        while self._heap and found is None:
            free, host = heapq.heappop(self._heap)
            if -free != self.free[host]:
                continue
            passed.append((free, host))
            if host not in out and self.takes(name, host):
                found = host
            elif -free < self.need(self.vms[name]):
                break
        for entry in passed:
            heapq.heappush(self._heap, entry)
        return found

    def move(self, name: str, target: str, wave: int) -> Move:
        """Move a VM."""
        source, vm = self.where[name], self.vms[name]
        self.on[source].discard(name)
        self.on[target].add(name)
        self.where[name] = target
        for host, change in ((source, self.need(vm)), (target, -self.need(vm))):
            self.free[host] += change
            heapq.heappush(self._heap, (-self.free[host], host))
        return Move(wave, name, source, target, vm.memory_mib)

    def clear(self, host: str, out: t.Container[str], wave: int) -> list[Move]:
        """Move the VMs of a host away, the largest first, each to the host with the most memory free; some may be left."""
        names = sorted(self.on[host], key=lambda name: (-self.vms[name].memory_mib, name))
        targets = ((name, self.emptiest(name, out)) for name in names)
        return [self.move(name, target, wave) for name, target in targets if target is not None]


def move_back(board: Board, hosts: t.Sequence[str], _rules: Rules) -> t.Iterator[Round]:
    """One host after another; its VMs return to it as soon as it is back (Proxmox VE's HA manager, Cluster-Aware Updating)."""
    for wave, host in enumerate(hosts, start=1):
        out, stuck = board.clear(host, {host}, wave), len(board.on[host])
        yield Round([host], out, [board.move(move.vm, host, wave) for move in out], stuck=stuck)


def xo(board: Board, hosts: t.Sequence[str], rules: Rules) -> t.Iterator[Round]:
    """One host after another; when all are done each VM returns to where it was, one at a time, if there is room (Xen Orchestra)."""
    rounds = list(least_loaded(board, hosts, rules))
    back = [
        board.move(name, home, len(hosts))
        for name, home in board.home.items()
        if board.where[name] != home and board.takes(name, home)
    ]
    rounds[-1].back, rounds[-1].one_by_one = back, True
    yield from rounds


def least_loaded(board: Board, hosts: t.Sequence[str], _rules: Rules) -> t.Iterator[Round]:
    """One host after another; each VM goes to the host with the most memory free and stays there (oVirt, OpenStack)."""
    for wave, host in enumerate(hosts, start=1):
        out = board.clear(host, {host}, wave)
        yield Round([host], out, stuck=len(board.on[host]))


def hroller(board: Board, hosts: t.Sequence[str], rules: Rules) -> t.Iterator[Round]:
    """Groups of hosts whose VMs fit on the others; they return after each group (Ganeti's hroller, for shared storage)."""
    left, wave = list(hosts), 0
    while left:
        wave += 1
        group: list[str] = []
        out: list[Move] = []
        for host in left[:]:
            if len(group) == rules.max_hosts_per_wave:
                break
            if any(move.target == host for move in out):
                continue
            moves = board.clear(host, {*group, host}, wave)
            if board.on[host] and group:
                for move in moves:
                    board.move(move.vm, host, wave)
                continue
            group.append(host)
            out += moves
        left = [host for host in left if host not in group]
        stuck = sum(len(board.on[host]) for host in group)
        yield Round(group, out, [board.move(move.vm, move.source, wave) for move in out], stuck=stuck)


POLICIES: dict[str, t.Callable[[Board, t.Sequence[str], Rules], t.Iterator[Round]]] = {
    "move back": move_back,
    "XO": xo,
    "least loaded": least_loaded,
    "hroller": hroller,
}
