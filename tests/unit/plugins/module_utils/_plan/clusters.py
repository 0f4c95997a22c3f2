# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Clusters for tests, in a few words."""

from __future__ import annotations

import typing as t

from ansible_collections.evergreen.virt.plugins.module_utils._facts import (
    Capacity,
    Host,
    Interface,
    Maintenance,
    Policy,
    Updates,
    Versions,
    Vm,
)
from ansible_collections.evergreen.virt.plugins.module_utils._plan.model import Cluster, Node, Rules

RULES = Rules(host_reserve_mib=0, vm_overhead_mib=0)


def vm(name: str, memory_mib: int = 1000, *, state: str = "running", policy: Policy | None = None, **more: t.Any) -> Vm:
    values: dict[str, t.Any] = {"machine": "pc-q35-7.2", "interfaces": [Interface("52:54:00:00:00:01", bridge="br0")]}
    return Vm(name, f"uuid-{name}", state, True, memory_mib, 1, policy=policy or Policy(), **{**values, **more})


def node(
    name: str,
    *vms: Vm,
    memory_mib: int = 10_000,
    impact: str = "reboot",
    maintenance: Maintenance | None = None,
    **more: t.Any,
) -> Node:
    values: dict[str, t.Any] = {
        "bridges": ["br0"],
        "maintenance": maintenance,
        "capacity": Capacity(memory_mib, 4, "x86_64", ["kvm"], ["pc-q35-7.2"], ["qemu64"]),
    }
    facts = Host(
        hostname=name,
        machine_id=f"id-{name}",
        boot_id="boot",
        uri="qemu:///system",
        driver="QEMU",
        versions=Versions(),
        vms=list(vms),
        **{**values, **more},
    )
    return Node(name, facts, Updates("apt", impact))


def cluster(*nodes: Node, rules: Rules = RULES) -> Cluster:
    return Cluster({one.name: one for one in nodes}, rules)
