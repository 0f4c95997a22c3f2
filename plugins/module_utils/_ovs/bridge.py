# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""Bridges in the database: reading them, carrying out a plan in one transaction, proving that it took effect."""

from __future__ import annotations

import dataclasses
import typing as t

from .._errors import OperationError, UnsupportedError
from . import columns as c
from .bridge_model import Bridge, Interface, Port, Wanted, wanted_bridge
from .bridge_plan import plan_bridge
from .connection import Database
from .operations import Keys, Plan, Write
from .rows import apply
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


def _options(row: t.Any, columns: t.Iterable[c.Column]) -> dict[str, t.Any]:
    """Return the options of a row; a column that this host's schema lacks reads as empty."""
    raw = {column: getattr(row, column.name, None) for column in columns}
    return {column.option: column.nothing if value is None else column.read(value) for column, value in raw.items()}


def _bridge(row: t.Any) -> Bridge:
    return Bridge(
        row.name,
        _options(row, c.BRIDGE),
        tuple(sorted(controller.target for controller in getattr(row, "controller", ()))),
        {port.name: _port(port) for port in row.ports},
    )


def _port(row: t.Any) -> Port:
    interfaces = sorted(row.interfaces, key=lambda item: str(item.name))
    return Port(row.name, _options(row, c.PORT), tuple(_interface(item) for item in interfaces))


def _interface(row: t.Any) -> Interface:
    return Interface(row.name, _options(row, c.INTERFACE), _options(row, c.STATUS))


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
        _check_supported(database, plan)
        if check_mode or not plan.operations:
            return True
        return database.transact(comment, lambda writer: apply(database, writer, plan.operations))

    retrying(attempt, f"bridge '{wanted.name}'")
    if not check_mode:
        database.wait_applied()
        _check_working(read(database), wanted)
    return Result(plan, read(database).get(wanted.name))


def _check_supported(database: Database, plan: Plan) -> None:
    for operation in plan.operations:
        if isinstance(operation, (Write, Keys)) and not database.has(operation.ref[0], operation.column):
            table, name = operation.ref
            raise UnsupportedError(
                f"{table} '{name}' cannot be given what was asked: this host's Open vSwitch has no column"
                f" {table}.{operation.column}.",
                hint="Update Open vSwitch on this host, or leave that option out.",
            )


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
