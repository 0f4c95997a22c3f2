# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""The cluster as the planner sees it: hosts with their facts, and where each VM is at a moment.

Pure: built from facts, changed only by `Cluster.place`, and known by nothing outside this room but facts.
"""

from __future__ import annotations

import dataclasses
import typing as t

from .._errors import InvalidInputError
from .._facts import IMPACTS, Host, Updates, Vm


@dataclasses.dataclass(frozen=True)
class Rules:
    """What a plan must keep besides the VMs' own policies.

    :param max_hosts_per_wave: how many hosts may be out of service at the same moment.
    :param host_reserve_mib: memory that stays free of VMs on every host.
    :param vm_overhead_mib: what QEMU needs besides the guest's memory, for each VM.
    :param owner: the owner of maintenance records that belong to this kind of run.
    """

    max_hosts_per_wave: int = 1
    host_reserve_mib: int = 1024
    vm_overhead_mib: int = 64
    owner: str = "evergreen.virt"


@dataclasses.dataclass(frozen=True)
class Move:
    """One VM going from one host to another, in a wave (counted from 1)."""

    wave: int
    vm: str
    source: str
    target: str
    memory_mib: int


@dataclasses.dataclass(frozen=True)
class Wave:
    """The hosts that are out of service at the same moment, and the moves that empty them."""

    number: int
    hosts: tuple[str, ...]
    moves: tuple[Move, ...]


@dataclasses.dataclass(frozen=True)
class Node:
    """One host: its inventory name, its facts, and what is pending on it (None: not asked)."""

    name: str
    facts: Host
    updates: t.Optional[Updates] = None

    @property
    def impact(self) -> str:
        """The impact of what is pending, no less than what an interrupted run still owes this host."""
        pending = self.updates.impact if self.updates else "none"
        owed = (self.facts.maintenance and self.facts.maintenance.impact) or "none"
        return max(pending, owed, key=IMPACTS.index)

    @property
    def must_be_empty(self) -> bool:
        return self.impact in ("empty", "reboot")


class Cluster:
    """Where every VM is. `new` are the hosts that already run, or after their wave will run, the target versions."""

    def __init__(self, nodes: t.Mapping[str, Node], rules: Rules) -> None:
        self.nodes = dict(nodes)
        self.rules = rules
        self.vms: dict[str, Vm] = {}
        self.location: dict[str, str] = {}
        self._on: dict[str, dict[str, Vm]] = {name: {} for name in nodes}
        self._used: dict[str, int] = dict.fromkeys(nodes, 0)
        self.new: set[str] = {name for name, node in nodes.items() if node.impact == "none"}
        for name, node in nodes.items():
            for vm in node.facts.vms:
                if vm.active:
                    self._settle(vm, name)

    def _settle(self, vm: Vm, host: str) -> None:
        if vm.name in self.location:
            raise InvalidInputError(
                f"VM '{vm.name}' is active on '{self.location[vm.name]}' and on '{host}' at the same time.",
                hint="Wait until its move has ended, or find out which of the two is the right one.",
                vm=vm.name,
            )
        self.vms[vm.name] = vm
        self.location[vm.name] = host
        self._on[host][vm.name] = vm
        self._used[host] += self.need(vm)

    def need(self, vm: Vm) -> int:
        """MiB that a VM takes on its host."""
        return vm.memory_mib + self.rules.vm_overhead_mib

    def capacity(self, host: str) -> int:
        """MiB that VMs may take on a host."""
        return self.nodes[host].facts.capacity.memory_mib - self.rules.host_reserve_mib

    def used(self, host: str) -> int:
        return self._used[host]

    def free(self, host: str) -> int:
        return self.capacity(host) - self._used[host]

    def on(self, host: str) -> list[Vm]:
        """The active VMs of a host, in the order in which a wave moves them: most important, then largest first."""
        return sorted(self._on[host].values(), key=lambda vm: (-vm.policy.priority, -vm.memory_mib, vm.name))

    def place(self, vm: Vm, host: str) -> None:
        """Move `vm` to `host`."""
        source = self.location[vm.name]
        del self._on[source][vm.name]
        self._used[source] -= self.need(vm)
        self._on[host][vm.name] = vm
        self._used[host] += self.need(vm)
        self.location[vm.name] = host

    def members(self, group: str, kind: str) -> list[Vm]:
        """VMs that name `group` in their policy's `kind` (anti_affinity or affinity)."""
        return [vm for vm in self.vms.values() if group in getattr(vm.policy, kind)]

    def release(self, hosts: t.Iterable[str]) -> None:
        """Note that `hosts` are back in service: this run's maintenance of them has ended."""
        for name in hosts:
            node = self.nodes[name]
            self.nodes[name] = dataclasses.replace(node, facts=dataclasses.replace(node.facts, maintenance=None))
