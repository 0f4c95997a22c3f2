# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""VMs that are not what they would be if they were started anew: what a move does not change, and a restart does."""

from __future__ import annotations

import typing as t

from .._facts import Vm
from .common import family
from .model import Node

Row = dict[str, t.Any]


def aged(nodes: t.Mapping[str, Node], pending: t.Mapping[str, t.Sequence[str]]) -> list[Row]:
    """Return the VMs that wait for a restart, by their names.

    :param pending: VM -> the options that its next start changes (`pending` of `vm_info`).
    :returns: `{"vm", "host", "options", "machine", "newest_machine", "emulator_stale"}`; `newest_machine` is None unless its machine
        type is older than the newest of its family that the emulators of all hosts have.
    """
    rows = [
        _row(node, vm, nodes, pending.get(vm.name, ())) for node in nodes.values() for vm in node.facts.vms if vm.active
    ]
    found = [row for row in rows if row["options"] or row["newest_machine"] or row["emulator_stale"]]
    return sorted(found, key=lambda row: str(row["vm"]))


def _row(node: Node, vm: Vm, nodes: t.Mapping[str, Node], options: t.Sequence[str]) -> Row:
    return {
        "vm": vm.name,
        "host": node.name,
        "options": list(options),
        "machine": vm.machine,
        "newest_machine": _newer(vm.machine, nodes),
        "emulator_stale": bool(vm.emulator_stale),
    }


def _newer(machine: str | None, nodes: t.Mapping[str, Node]) -> str | None:
    """Return the newest machine type of the same family that all hosts have, None if `machine` is no older."""
    if not machine or not nodes:
        return None
    shared = set.intersection(*(set(node.facts.capacity.machines) for node in nodes.values()))
    name, version = family(machine)
    newer = [one for one in shared if family(one)[0] == name and family(one)[1] > version]
    return max(newer, key=lambda one: (family(one)[1], one), default=None)
