# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""VMs that are off and keep others from coming to their host: libvirt takes no second VM of a name, of a UUID, or with the file of a disk."""

from __future__ import annotations

import itertools
import typing as t

from .._facts import Vm
from .model import Node


def clashes(nodes: t.Mapping[str, Node]) -> dict[str, dict[str, str]]:
    """Return for each active VM that some host cannot take because of a VM that is off there: host -> why."""
    off = _by_what_is_theirs(nodes)
    found: dict[str, dict[str, str]] = {}
    for vm in (vm for node in nodes.values() for vm in node.facts.vms if vm.active):
        for host, other in itertools.chain.from_iterable(off.get(one, ()) for one in (vm.name, vm.uuid, *_copied(vm))):
            if reason := _clash(vm, other):
                found.setdefault(vm.name, {}).setdefault(host, reason)
    return found


def _by_what_is_theirs(nodes: t.Mapping[str, Node]) -> dict[str, list[tuple[str, Vm]]]:
    """Return name, UUID or path -> the VMs that are off and have it, each with its host."""
    found: dict[str, list[tuple[str, Vm]]] = {}
    for name, node in nodes.items():
        for vm in (vm for vm in node.facts.vms if not vm.active):
            for one in (vm.name, vm.uuid, *_sources(vm)):
                found.setdefault(one, []).append((name, vm))
    return found


def _sources(vm: Vm) -> list[str]:
    return [disk.source for disk in vm.disks if disk.source]


def _copied(vm: Vm) -> list[str]:
    return [disk.source for disk in vm.disks if disk.source and not disk.shared]


def _clash(vm: Vm, other: Vm) -> str | None:
    """Return why `vm` cannot come to where `other` is off, or None: what it has left there itself is in nobody's way."""
    same_name, same_uuid = vm.name == other.name, vm.uuid == other.uuid
    if same_name != same_uuid:
        what = "name" if same_name else "UUID"
        return f"VM '{other.name}' (UUID {other.uuid}), which is off there, has the same {what}: rename or remove one of the two"
    taken = [] if same_uuid else [path for path in _copied(vm) if path in _sources(other)]
    return (
        f"VM '{other.name}', which is off there, uses {taken[0]}: give one of the two disks another path"
        if taken
        else None
    )
