# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""Hosts of a site that are alike and VMs that ask for the same, so that each pair of kinds is judged once.

A large cluster has few kinds of hosts: without them every VM would be held against every host.
"""

from __future__ import annotations

import posixpath
import typing as t

from .._facts import Disk, Host, Vm
from . import rules
from .model import Node


class Kinds:
    """Which kinds of hosts can ever run a VM.

    :param nodes: every host of the cluster.
    """

    def __init__(self, nodes: t.Mapping[str, Node]) -> None:
        self.of_host: dict[str, int] = {}
        self.site: list[str] = []
        """Kind -> the site of its hosts."""
        self._examples: list[Host] = []
        self._vms: dict[str, tuple[t.Any, ...]] = {}
        self._judged: dict[tuple[t.Any, ...], tuple[str | None, ...]] = {}
        known: dict[tuple[t.Any, ...], int] = {}
        for name, node in nodes.items():
            kind = known.setdefault((node.site, *_of_host(node.facts)), len(known))
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


def _of_host(host: Host) -> tuple[t.Any, ...]:
    """Return all that the rules read of a host. Where storage of one host is, is no difference."""
    capacity = host.capacity
    return (
        tuple(capacity.virt_types),
        tuple(capacity.machines),
        tuple(capacity.cpu_models),
        tuple(capacity.partial_cpu_models),
        tuple((name, frozenset(cpu.given)) for name, cpu in sorted(capacity.cpus.items())),
        tuple(host.bridges),
        tuple(host.networks),
        None if host.filters is None else tuple(host.filters),
        None if host.secrets is None else tuple(host.secrets),
        tuple((pool.path, pool.backend.split(":")[0] == "local" or pool.backend) for pool in host.pools if pool.active),
    )


def _of_vm(vm: Vm) -> tuple[t.Any, ...]:
    """Return all that the rules read of a VM. Of a copied disk it is the folder that counts, of a shared one the backend."""
    return (
        (vm.virt_type, vm.machine, vm.cpu_mode, vm.cpu_model, tuple(vm.cpu_features)),
        tuple((one.bridge, one.network, one.filter) for one in vm.interfaces),
        tuple(vm.secrets),
        frozenset(_of_disk(disk) for disk in vm.disks if not disk.readonly),
    )


def _of_disk(disk: Disk) -> tuple[str | None, str]:
    folder = posixpath.dirname(disk.source or "")
    return (disk.backend, folder[:1]) if disk.shared else (None, folder)
