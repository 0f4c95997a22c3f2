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
from .bridge_model import Bridge, Interface, Port, Qos, Row, Switch
from .bridge_plan import plan_bridge
from .bridge_wanted import Wanted, wanted_bridge
from .column import Column
from .connection import Columns, Database
from .operations import Plan
from .rows import carry_out, options_of

NEEDED = {
    "Open_vSwitch": ["bridges", "next_cfg", "cur_cfg"],
    "Bridge": ["name", "ports"],
    "Port": ["name", "interfaces"],
    "Interface": ["name", "type"],
}
"""The columns to register for `connection.connect`."""

_STATUS = {"Controller": c.CONTROLLER_STATUS, "Port": c.PORT_STATUS, "Interface": c.STATUS}
_DETAILS = {
    "Bridge": c.BRIDGE_DETAILS,
    "Mirror": c.MIRROR_DETAILS,
    "Port": c.PORT_DETAILS,
    "Interface": c.INTERFACE_DETAILS,
}
_WANTED = {
    "Open_vSwitch": ["datapath_types", "iface_types"],
    "Bridge": [*(column.name for column in c.BRIDGE), "controller", "mirrors"],
    "Port": [*(column.name for column in c.PORT), "qos"],
    "Interface": [column.name for column in c.INTERFACE],
    "Controller": ["target", *(column.name for column in c.CONTROLLER)],
    "Mirror": ["name", *(column.name for column in c.MIRROR)],
    "QoS": [*(column.name for column in c.QOS), "queues"],
    "Queue": [column.name for column in c.QUEUE],
    c.SAMPLE_SET: ["bridge"],
}


def wanted_columns(*, details: bool = False) -> Columns:
    """Return the columns that may be missing, to register for `connection.connect`.

    :param details: those with counters and the like, too, which change all the time.
    """
    reported = _reported(details)
    return {table: [*columns, *(column.name for column in reported[table])] for table, columns in _WANTED.items()}


def _reported(details: bool) -> dict[str, tuple[Column, ...]]:
    """Return for each table the columns that ovs-vswitchd writes."""
    kinds = (_STATUS, _DETAILS) if details else (_STATUS,)
    return {table: tuple(column for kind in kinds for column in kind.get(table, ())) for table in _WANTED}


def read(database: Database, *, details: bool = False) -> Switch:
    """Return all bridges and QoS.

    :param details: as for `wanted_columns`.
    """
    reader = _Reader(database, details)
    bridges = {row.name: reader.bridge(row) for row in database.rows("Bridge")}
    return Switch(bridges, tuple(reader.qos(row) for row in database.rows("QoS")))


class Look:
    """Returns what `read` does, and reads again only what has changed: most tasks change nothing."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._seen: tuple[int, Switch] | None = None

    def __call__(self) -> Switch:
        if self._seen is None or self._seen[0] != self._database.age:
            self._seen = (self._database.age, read(self._database))
        return self._seen[1]


class _Reader:
    """Makes plain data of rows."""

    def __init__(self, database: Database, details: bool) -> None:
        self._samples = [(str(row.uuid), row.bridge.uuid) for row in database.rows(c.SAMPLE_SET)]
        self._reported = _reported(details)

    def bridge(self, row: t.Any) -> Bridge:
        return Bridge(
            row.name,
            options_of(row, c.BRIDGE),
            {item.target: self._row("Controller", item, c.CONTROLLER) for item in getattr(row, "controller", ())},
            {item.name: self._port(item) for item in row.ports},
            {item.name: self._row("Mirror", item, c.MIRROR) for item in getattr(row, "mirrors", ())},
            options_of(row, self._reported["Bridge"]),
            tuple(sample for sample, bridge in self._samples if bridge == row.uuid),
        )

    def _row(self, table: str, row: t.Any, columns: t.Sequence[Column]) -> Row:
        return Row(str(row.uuid), options_of(row, columns), options_of(row, self._reported[table]))

    def qos(self, row: t.Any) -> Qos:
        queues = {number: self._row("Queue", queue, c.QUEUE) for number, queue in row.queues.items()}
        return Qos(str(row.uuid), options_of(row, c.QOS), queues=queues)

    def _port(self, row: t.Any) -> Port:
        interfaces = tuple(self._interface(item) for item in sorted(row.interfaces, key=lambda item: str(item.name)))
        qos = [self.qos(item) for item in getattr(row, "qos", ())]
        status = options_of(row, self._reported["Port"])
        return Port(row.name, options_of(row, c.PORT), interfaces, qos[0] if qos else None, status)

    def _interface(self, row: t.Any) -> Interface:
        return Interface(row.name, options_of(row, c.INTERFACE), options_of(row, self._reported["Interface"]))


@dataclasses.dataclass(frozen=True)
class Result:
    """What was, or would be, done, and the bridge as it is now, as plain data (None if there is none)."""

    plan: Plan
    bridge: dict[str, t.Any] | None


def converge(database: Database, params: t.Mapping[str, t.Any], *, comment: str, check_mode: bool) -> Result:
    """Make one bridge as the options say.

    :param params: options of the module `ovs_bridge`.
    :raises VirtError: InvalidInputError, ConflictError, NotFoundError and UnsupportedError before anything is changed;
        OperationError and DeadlineError when the change, or what was there before, did not take effect.
    """
    wanted, look = wanted_bridge(params), Look(database)
    plan = carry_out(
        database,
        lambda: plan_bridge(wanted, look()),
        f"bridge '{params['name']}'",
        comment=comment,
        check_mode=check_mode,
    )
    bridge = look().bridges.get(wanted.name)
    if bridge is None:
        return Result(plan, None)
    if not check_mode:
        _check_working(bridge, wanted)
    return Result(plan, bridge.part(wanted.fake[0]) if wanted.fake else bridge.to_dict())


def _check_working(bridge: Bridge, wanted: Wanted) -> None:
    """Raise OperationError if an interface that the user named, or the bridge's own, does not work."""
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
