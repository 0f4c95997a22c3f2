# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""What a plan tells of VMs that do not keep running, as plain data for those who carry it out."""

from __future__ import annotations

import typing as t

from .._facts import Vm
from .cluster import Cluster
from .model import Node, Wave
from .ways import OFFLINE, unfinished, way

Stop = dict[str, t.Any]


def stops_on(cluster: Cluster, host: str) -> list[Stop]:
    """Return the VMs that wait on a host while it is empty, the most important first, as `maintenance_vms` takes them."""
    if not cluster.nodes[host].must_be_empty:
        return []
    names = cluster.waiting.get(host, ())
    return [_stop(vm) for vm in cluster.on(host) if vm.name in names]


def _stop(vm: Vm) -> Stop:
    return {"vm": vm.name, "way": way(vm), "why": f"its policy is evacuation: {way(vm)}"}


def stops_of(cluster: Cluster, waves: t.Iterable[Wave]) -> list[Stop]:
    """Return the same for all waves, each with its wave and its host."""
    return [
        {"wave": wave.number, "host": host, **stop}
        for wave in waves
        for host in wave.hosts
        for stop in stops_on(cluster, host)
    ]


def begun(node: Node) -> list[dict[str, t.Any]]:
    """Return the moves of VMs that have left already, but were not seen to start: whoever is asked for them finishes them."""
    return [{"vm": vm, "to": target, "kind": OFFLINE, "policy": {}} for vm, target in unfinished(node)]


def kind_of(vm: Vm) -> dict[str, str]:
    """Return the kind of a VM's move, as `vm_migrate` takes it, where it is not its usual one."""
    return {"kind": OFFLINE} if way(vm) == OFFLINE else {}
