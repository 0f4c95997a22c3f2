# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""Hosts of a site that are alike and VMs that ask for the same, so that each pair of kinds is judged once.

A large cluster has few kinds of hosts, as far as its VMs can tell: what no VM asks for makes no difference. Without kinds every
VM would be held against every host.
"""

from __future__ import annotations

import dataclasses
import typing as t

from .._facts import Disk, Host, Vm
from . import rules
from .model import Node

Key = tuple[t.Any, ...]


class Kinds:
    """Which kinds of hosts can ever run a VM.

    :param nodes: every host of the cluster.
    """

    def __init__(self, nodes: t.Mapping[str, Node]) -> None:
        self.of_host: dict[str, int] = {}
        self.site: list[str] = []
        """Kind -> the site of its hosts."""
        self._examples: list[Host] = []
        self._vms: dict[str, Key] = {}
        self._judged: dict[Key, tuple[str | None, ...]] = {}
        asked = _Asked.by(vm for node in nodes.values() for vm in node.facts.vms if vm.active)
        known: dict[Key, int] = {}
        for name, node in nodes.items():
            kind = known.setdefault((node.site, *_of_host(node.facts, asked)), len(known))
            if kind == len(self._examples):
                self._examples.append(node.facts)
                self.site.append(node.site)
            self.of_host[name] = kind

    def refusals(self, vm: Vm, home: str) -> tuple[str | None, ...]:
        """Return for each kind of host why it can never run `vm`, which is on the host `home`; None where it can."""
        asked = self._vms.get(vm.name)
        if asked is None:
            asked = self._vms[vm.name] = _of_vm(vm)
        key = (self.of_host[home], asked)
        if key not in self._judged:
            own = self._examples[self.of_host[home]]
            self._judged[key] = tuple(rules.refusal(vm, own, host) for host in self._examples)
        return self._judged[key]


@dataclasses.dataclass
class _Asked:
    """All that any VM of the cluster asks for, of what the rules look at."""

    machines: set[str] = dataclasses.field(default_factory=set)
    models: set[str] = dataclasses.field(default_factory=set)
    features: set[str] = dataclasses.field(default_factory=set)
    bridges: set[str] = dataclasses.field(default_factory=set)
    networks: set[str] = dataclasses.field(default_factory=set)
    filters: set[str] = dataclasses.field(default_factory=set)
    secrets: set[str] = dataclasses.field(default_factory=set)
    backends: set[str] = dataclasses.field(default_factory=set)
    folders: set[str] = dataclasses.field(default_factory=set)

    @classmethod
    def by(cls, vms: t.Iterable[Vm]) -> _Asked:
        asked = cls()
        for vm in vms:
            asked.machines.add(vm.machine or "")
            asked.models.add(vm.cpu_model or "")
            asked.features.update(vm.cpu_features)
            asked.secrets.update(vm.secrets)
            for interface in vm.interfaces:
                asked.bridges.add(interface.bridge or "")
                asked.networks.add(interface.network or "")
                asked.filters.add(interface.filter or "")
            for disk in vm.disks:
                if not disk.shared:
                    asked.folders.add(rules.folder_of(disk))
                elif not disk.readonly:
                    asked.backends.add(disk.backend or "")
        return asked


def _of_host(host: Host, asked: _Asked) -> Key:
    """Return all that the rules read of a host and any VM asks for. An empty list of what its emulator has tells nothing."""
    capacity, pools = host.capacity, [pool for pool in host.pools if pool.active]
    return (
        tuple(capacity.virt_types),
        (bool(capacity.machines), _both(asked.machines, capacity.machines)),
        (bool(capacity.cpu_models), _both(asked.models, capacity.cpu_models)),
        _both(asked.models, capacity.partial_cpu_models),
        tuple((name, cpu.vendor, _both(asked.features, cpu.given)) for name, cpu in sorted(capacity.cpus.items())),
        _both(asked.bridges, host.bridges),
        _both(asked.networks, host.networks),
        None if host.filters is None else _both(asked.filters, host.filters),
        None if host.secrets is None else _both(asked.secrets, host.secrets),
        _both(asked.backends, [pool.backend for pool in pools]),
        _both(asked.folders, [pool.path for pool in pools if pool.path]),
    )


def _both(asked: set[str], present: t.Iterable[str]) -> frozenset[str]:
    return frozenset(asked.intersection(present))


def _of_vm(vm: Vm) -> Key:
    """Return all that the rules read of a VM. Of a copied disk it is the folder that counts, of a shared one the backend."""
    return (
        (
            vm.virt_type,
            vm.machine,
            vm.cpu_mode,
            vm.cpu_model,
            tuple(vm.cpu_features),
            vm.policy.evacuation == "offline",
        ),
        tuple((one.bridge, one.network, one.filter) for one in vm.interfaces),
        tuple(vm.secrets),
        frozenset(_of_disk(disk) for disk in vm.disks if not disk.readonly),
    )


def _of_disk(disk: Disk) -> tuple[str | None, str]:
    return (disk.backend, rules.folder_of(disk)[:1]) if disk.shared else (None, rules.folder_of(disk))
