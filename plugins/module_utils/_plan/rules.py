# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""Why a VM cannot go to a host. Each rule returns one sentence, or None when it is kept.

A new rule is one function and one entry in `RULES`.
"""

from __future__ import annotations

import typing as t

from .._facts import Disk, Vm
from .model import Cluster, Node

Rule = t.Callable[[Vm, Node, Cluster], t.Optional[str]]


def _service(_vm: Vm, host: Node, _cluster: Cluster) -> str | None:
    record = host.facts.maintenance
    if record is not None:
        return f"it is in maintenance by {record.owner} since {record.since}"
    if not host.facts.health.ok:
        return f"it is not healthy: {host.facts.health.problems[0]}"
    return None


def _permission(vm: Vm, host: Node, _cluster: Cluster) -> str | None:
    if vm.policy.hosts and host.name not in vm.policy.hosts:
        return f"the VM's policy allows only {', '.join(vm.policy.hosts)}"
    return None


def _direction(vm: Vm, host: Node, cluster: Cluster) -> str | None:
    if cluster.location[vm.name] in cluster.new and host.name not in cluster.new:
        return "the VM runs on a newer version already"
    return None


def _memory(vm: Vm, host: Node, cluster: Cluster) -> str | None:
    if cluster.need(vm) > cluster.free(host.name):
        return f"it has {max(0, cluster.free(host.name))} MiB free of {cluster.need(vm)} MiB needed"
    return None


def _emulator(vm: Vm, host: Node, _cluster: Cluster) -> str | None:
    capacity = host.facts.capacity
    if vm.virt_type not in capacity.virt_types:
        return f"it cannot run VMs of type {vm.virt_type}"
    if vm.machine and capacity.machines and vm.machine not in capacity.machines:
        return f"its emulator does not know machine type {vm.machine}"
    return None


def _cpu(vm: Vm, host: Node, cluster: Cluster) -> str | None:
    """A model that a host has only in part is fine if the VM does without what the host lacks.

    That the host where the VM runs does not list a feature either shows that the list does not tell of it.
    """
    capacity, cpu = host.facts.capacity, host.facts.capacity.cpus.get(vm.virt_type)
    own = cluster.nodes[cluster.location[vm.name]].facts.capacity.cpus.get(vm.virt_type)
    compared = bool(vm.cpu_features) and cpu is not None and own is not None
    models = [*capacity.cpu_models, *(capacity.partial_cpu_models if compared else ())]
    if vm.cpu_mode == "custom" and models and vm.cpu_model not in models:
        return f"its emulator cannot give CPU model {vm.cpu_model}"
    missing = (own.given - cpu.given).intersection(vm.cpu_features) if cpu is not None and own is not None else set()
    return f"its emulator cannot give CPU feature {', '.join(sorted(missing))}" if missing else None


def _networks(vm: Vm, host: Node, _cluster: Cluster) -> str | None:
    for interface in vm.interfaces:
        if interface.bridge and interface.bridge not in host.facts.bridges:
            return f"it has no bridge {interface.bridge}"
        if interface.network and interface.network not in host.facts.networks:
            return f"it has no active network {interface.network}"
    return None


def _pool_refusal(disk: Disk, host: Node) -> str | None:
    """A copied disk is made on the target at the same path, so a pool must be there and have room."""
    pools = [p for p in host.facts.pools if p.active and p.path and (disk.source or "").startswith(p.path + "/")]
    if not pools:
        return f"no active storage pool of it holds {disk.source}"
    if disk.size_mib > pools[0].free_mib:
        return f"pool {pools[0].name} has {pools[0].free_mib} MiB free of {disk.size_mib} MiB needed"
    return None


def _storage(vm: Vm, host: Node, _cluster: Cluster) -> str | None:
    for disk in vm.disks:
        if not disk.shared:
            refusal = _pool_refusal(disk, host)
            if refusal:
                return refusal
        elif not _reaches(disk, host):
            return f"it does not mount {disk.backend}"
    return None


def _reaches(disk: Disk, host: Node) -> bool:
    """A network disk is reached by the emulator itself; a file on a network file system needs a pool of the same one."""
    if (disk.source or "").startswith("/"):
        return disk.readonly or disk.backend in {pool.backend for pool in host.facts.pools if pool.active}
    return True


def _anti_affinity(vm: Vm, host: Node, cluster: Cluster) -> str | None:
    for group in vm.policy.anti_affinity:
        for other in cluster.members(group, "anti_affinity"):
            if other.name != vm.name and cluster.location[other.name] == host.name:
                return f"'{other.name}' of anti-affinity group '{group}' is there"
    return None


RULES: tuple[Rule, ...] = (
    _service,
    _permission,
    _direction,
    _emulator,
    _cpu,
    _networks,
    _storage,
    _anti_affinity,
    _memory,
)


def refusal(vm: Vm, host: Node, cluster: Cluster) -> str | None:
    """Return why `vm` cannot go to `host` now, or None if it can."""
    return next((reason for rule in RULES if (reason := rule(vm, host, cluster))), None)


def pinned(vm: Vm) -> str | None:
    """Return why `vm` cannot leave its host running, wherever it should go, or None if it can."""
    if vm.policy.evacuation != "live":
        return f"its policy is evacuation: {vm.policy.evacuation}"
    if vm.obstacles:
        return vm.obstacles[0].rstrip(".")
    if vm.state != "running":
        return f"it is {vm.state}"
    return None
