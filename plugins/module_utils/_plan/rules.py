# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""Why a host can never run a VM, whatever runs there at the moment. Each rule returns one sentence, or None when it is kept.

A new rule is one function, one entry in `RULES`, and what it looks at in `kinds.py`.
"""

from __future__ import annotations

import posixpath
import typing as t

from .._facts import PASSED_THROUGH, Disk, Host, Pool, Vm
from .._names import shortened

_FEATURES_TOLD = 8
"""CPUs of two generations may differ by dozens."""

Rule = t.Callable[[Vm, Host, Host], t.Optional[str]]
"""Given the VM, the host where it is, and the host that is asked."""


def _emulator(vm: Vm, _home: Host, host: Host) -> str | None:
    capacity = host.capacity
    if vm.virt_type not in capacity.virt_types:
        return f"it cannot run VMs of type {vm.virt_type}"
    if vm.machine and capacity.machines and vm.machine not in capacity.machines:
        return f"its emulator does not know machine type {vm.machine}"
    return None


def _cpu(vm: Vm, home: Host, host: Host) -> str | None:
    """A model that a host has only in part is fine if the VM does without what the host lacks.

    That the host where the VM runs does not list a feature either shows that the list does not tell of it. A VM that is started
    anew, and whose CPU is no model of its own, gets what the target has.
    """
    if vm.policy.evacuation == "offline" and vm.cpu_mode != "custom":
        return None
    capacity, cpu = host.capacity, host.capacity.cpus.get(vm.virt_type)
    own = home.capacity.cpus.get(vm.virt_type)
    compared = bool(vm.cpu_features) and cpu is not None and own is not None
    models = [*capacity.cpu_models, *(capacity.partial_cpu_models if compared else ())]
    if vm.cpu_mode == "custom" and models and vm.cpu_model not in models:
        return f"its emulator cannot give CPU model {vm.cpu_model}"
    if cpu is None or own is None:
        return None
    if vm.cpu_mode in PASSED_THROUGH and own.vendor and cpu.vendor and own.vendor != cpu.vendor:
        return f"its CPU is of {cpu.vendor}, and the one that is passed through to the VM is of {own.vendor}"
    missing = sorted((own.given - cpu.given).intersection(vm.cpu_features))
    return f"its emulator cannot give CPU feature {shortened(missing, _FEATURES_TOLD)}" if missing else None


def _networks(vm: Vm, _home: Host, host: Host) -> str | None:
    for interface in vm.interfaces:
        if interface.bridge and interface.bridge not in host.bridges:
            return f"it has no bridge {interface.bridge}"
        if interface.network and interface.network not in host.networks:
            return f"it has no active network {interface.network}"
        if interface.filter and host.filters is not None and interface.filter not in host.filters:
            return f"it has no network filter {interface.filter}"
    return None


def _secrets(vm: Vm, _home: Host, host: Host) -> str | None:
    missing = [] if host.secrets is None else sorted(set(vm.secrets).difference(host.secrets))
    return f"it has no secret {missing[0]}" if missing else None


def _storage(vm: Vm, _home: Host, host: Host) -> str | None:
    for disk in vm.disks:
        if not disk.shared and pool_of(disk, host) is None:
            return f"it has no active storage pool with the path {folder_of(disk) or disk.source}, to copy disk {disk.target} into"
        if disk.shared and not _reaches(disk, host):
            return f"it does not mount {disk.backend}"
    return None


def pool_of(disk: Disk, host: Host) -> Pool | None:
    """Return the pool of a host that a copied disk comes into: libvirt makes it at the same path, and a pool makes no folders."""
    folder = folder_of(disk)
    return next((pool for pool in host.pools if pool.active and pool.path and pool.path == folder), None)


def folder_of(disk: Disk) -> str:
    """Return the folder that a disk lies in, empty if it has no path."""
    return posixpath.dirname(disk.source or "")


def _reaches(disk: Disk, host: Host) -> bool:
    """A network disk is reached by the emulator itself; a file on a network file system needs a pool of the same one."""
    if (disk.source or "").startswith("/"):
        return disk.readonly or disk.backend in {pool.backend for pool in host.pools if pool.active}
    return True


RULES: tuple[Rule, ...] = (_emulator, _cpu, _networks, _secrets, _storage)


def refusal(vm: Vm, home: Host, host: Host) -> str | None:
    """Return why `host` can never run `vm`, which is on `home`, or None if it can."""
    return next((reason for rule in RULES if (reason := rule(vm, home, host))), None)
