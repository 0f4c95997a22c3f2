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
from ansible_collections.evergreen.virt.plugins.module_utils._plan.cluster import Cluster
from ansible_collections.evergreen.virt.plugins.module_utils._plan.model import Node, Rules
from ansible_collections.evergreen.virt.plugins.module_utils._plan.run import plan_run

RULES = Rules(host_reserve_mib=0, vm_overhead_mib=0)


def vm(name: str, memory_mib: int = 1000, *, state: str = "running", policy: Policy | None = None, **more: t.Any) -> Vm:
    values: dict[str, t.Any] = {
        "vcpus": 1,
        "machine": "pc-q35-7.2",
        "interfaces": [Interface("52:54:00:00:00:01", bridge="br0")],
        "persistent": True,
        "uuid": f"uuid-{name}",
    }
    return Vm(name, state=state, memory_mib=memory_mib, policy=policy or Policy(), **{**values, **more})


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
        "versions": Versions(),
        "maintenance": maintenance,
        "capacity": Capacity(memory_mib, 4, "x86_64", ["kvm"], ["pc-q35-7.2"], ["qemu64"]),
    }
    facts = Host(
        hostname=name,
        machine_id=f"id-{name}",
        boot_id="boot",
        uri="qemu:///system",
        driver="QEMU",
        vms=list(vms),
        **{**values, **more},
    )
    return Node(name, facts, Updates("apt", impact))


def planned(*nodes: Node, rules: Rules = RULES, scope: t.Sequence[str] | None = None) -> dict[str, t.Any]:
    """The plan as `upgrade_plan` returns it."""
    names = [one.name for one in nodes]
    return plan_run({one.name: one for one in nodes}, names if scope is None else scope, rules)


def cluster(*nodes: Node, rules: Rules = RULES) -> Cluster:
    return Cluster({one.name: one for one in nodes}, rules)
