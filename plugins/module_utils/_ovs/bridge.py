# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""Bridges in the database: reading them, carrying out a plan in one transaction, proving that it took effect."""

from __future__ import annotations

import dataclasses
import typing as t

from .._errors import OperationError
from . import columns as c
from .bridge_model import Bridge, Interface, Port, Wanted, wanted_bridge
from .bridge_plan import plan_bridge
from .connection import Database
from .operations import Plan
from .rows import apply, check_supported, options_of
from .writer import retrying

NEEDED = {
    "Open_vSwitch": ["bridges", "next_cfg", "cur_cfg"],
    "Bridge": ["name", "ports"],
    "Port": ["name", "interfaces"],
    "Interface": ["name", "type"],
}
WANTED = {
    "Bridge": [*(column.name for column in c.BRIDGE), "controller"],
    "Port": [column.name for column in c.PORT],
    "Interface": [column.name for column in (*c.INTERFACE, *c.STATUS)],
    "Controller": ["target"],
}
"""The columns to register for `connection.connect`."""


def read(database: Database) -> dict[str, Bridge]:
    """Return all bridges by name."""
    return {row.name: _bridge(row) for row in database.rows("Bridge")}


def _bridge(row: t.Any) -> Bridge:
    return Bridge(
        row.name,
        options_of(row, c.BRIDGE),
        tuple(sorted(controller.target for controller in getattr(row, "controller", ()))),
        {port.name: _port(port) for port in row.ports},
    )


def _port(row: t.Any) -> Port:
    interfaces = sorted(row.interfaces, key=lambda item: str(item.name))
    return Port(row.name, options_of(row, c.PORT), tuple(_interface(item) for item in interfaces))


def _interface(row: t.Any) -> Interface:
    return Interface(row.name, options_of(row, c.INTERFACE), options_of(row, c.STATUS))


@dataclasses.dataclass(frozen=True)
class Result:
    """What was, or would be, done, and the bridge as it is now (None if there is none)."""

    plan: Plan
    bridge: Bridge | None


def converge(database: Database, params: t.Mapping[str, t.Any], *, comment: str, check_mode: bool) -> Result:
    """Make one bridge as the options say.

    :param params: options of the module `ovs_bridge`.
    :raises VirtError: InvalidInputError, ConflictError and UnsupportedError before anything is changed; OperationError
        and DeadlineError when the change, or what was there before, did not take effect.
    """
    wanted = wanted_bridge(params)
    plan = Plan()

    def attempt() -> bool:
        nonlocal plan
        plan = plan_bridge(wanted, read(database))
        check_supported(database, plan)
        if check_mode or not plan.operations:
            return True
        return database.transact(comment, lambda writer: apply(database, writer, plan.operations))

    retrying(attempt, f"bridge '{wanted.name}'")
    if not check_mode:
        database.wait_applied()
        _check_working(read(database), wanted)
    return Result(plan, read(database).get(wanted.name))


def _check_working(switch: t.Mapping[str, Bridge], wanted: Wanted) -> None:
    """Raise OperationError if an interface that the user named, or the bridge's own, does not work."""
    bridge = switch.get(wanted.name)
    if bridge is None:
        return
    named = {bridge.name, *(port.name for port in wanted.ports)}
    ports = (port for name, port in bridge.ports.items() if name in named)
    problems = {item.name: item.problem for port in ports for item in port.interfaces if item.problem}
    if problems:
        told = "; ".join(f"interface '{name}': {text}" for name, text in sorted(problems.items()))
        raise OperationError(
            f"bridge '{bridge.name}' is in the database as asked, but it does not work: {told}.",
            hint="Remove the cause (ovs-vswitchd tries again by itself), or correct the options, and run the task again.",
            interfaces=problems,
        )
