# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""The rows of the IDL: reading options out of them, carrying out operations on them."""

from __future__ import annotations

import typing as t

from .._errors import UnsupportedError
from .column import Column, Values
from .columns import SAMPLE_SET
from .connection import Database
from .operations import ROOT, TLS, Attach, Create, Delete, Detach, Keys, Operation, Plan, Ref, Refer, Write
from .writer import Writer, retrying

_KEYS = {"Bridge": "name", "Port": "name", "Interface": "name", "Manager": "target"}
"""Column by which a row is found."""

_BY_UUID = {"Controller": "target", "Mirror": "name", "QoS": None, "Queue": None, SAMPLE_SET: None}
"""Rows that are found by their UUID, and the column that has the name of a new one."""

_ONLY = {"SSL": "ssl", "sFlow": "sflow", "NetFlow": "netflow", "IPFIX": "ipfix"}
"""Rows without a name: the one row in this column of the switch, or of the bridge that the reference names."""


def options_of(row: t.Any, columns: t.Iterable[Column]) -> Values:
    """Return the options of a row; a column that this host's schema lacks reads as empty."""
    raw = {column: getattr(row, column.name, None) for column in columns}
    return {column.option: column.nothing if value is None else column.read(value) for column, value in raw.items()}


_TYPES = {("Interface", "type"): "iface_types", ("Bridge", "datapath_type"): "datapath_types"}
"""Columns of the switch that say which values of these columns its ovs-vswitchd knows."""


def check_possible(database: Database, plan: Plan) -> None:
    """Raise what the server or ovs-vswitchd would answer, before anything is changed and in check mode too.

    :raises UnsupportedError: if this host's schema lacks a column that the plan writes, or ovs-vswitchd knows no such type.
    :raises InvalidInputError: if the schema does not allow a value.
    """
    for operation in plan.operations:
        if not isinstance(operation, (Write, Keys, Refer)):
            continue
        table, name = operation.ref
        if not database.has(table, operation.column):
            raise UnsupportedError(
                f"{table} '{name}' cannot be given what was asked: this host's Open vSwitch has no column"
                f" {table}.{operation.column}.",
                hint="Update Open vSwitch on this host, or leave that option out.",
            )
        if isinstance(operation, Write):
            database.check_value(table, operation.column, operation.value)
            _check_type(database, operation)


def _check_type(database: Database, operation: Write) -> None:
    column = _TYPES.get((operation.ref[0], operation.column))
    known = getattr(database.root, column, ()) if column else ()
    if known and operation.value not in known:
        table, name = operation.ref
        raise UnsupportedError(
            f"{table.lower()} '{name}': this host's Open vSwitch knows no type '{operation.value}';"
            f" it knows {', '.join(sorted(known))}.",
            hint="Correct it, or install what supports it (openvswitch-switch-dpdk for DPDK).",
        )


class _Rows:
    """The rows of one transaction by reference: those it inserts and those that were there."""

    def __init__(self, database: Database, writer: Writer) -> None:
        self._database = database
        self._writer = writer
        self._new: dict[Ref, t.Any] = {}
        self._named: dict[str, dict[str, t.Any]] = {}

    def create(self, ref: Ref) -> None:
        table, name = ref
        self._new[ref] = self._writer.insert(table)
        key = {**_KEYS, **_BY_UUID}.get(table)
        if key:
            self._writer.put(self._new[ref], key, name)

    def find(self, ref: Ref) -> t.Any:
        if ref == ROOT:
            return self._database.root
        if ref in self._new:
            return self._new[ref]
        table, name = ref
        if table in _ONLY:
            return getattr(self.find(ROOT if ref == TLS else ("Bridge", name)), _ONLY[table])[0]
        return self._database.row(table, name) if table in _BY_UUID else self._by_name(table)[name]

    def _by_name(self, table: str) -> dict[str, t.Any]:
        if table not in self._named:
            self._named[table] = {getattr(row, _KEYS[table]): row for row in self._database.rows(table)}
        return self._named[table]

    def targets(self, operation: Refer) -> list[t.Any] | dict[int, t.Any]:
        if isinstance(operation.targets, dict):
            return {number: self.find(ref) for number, ref in operation.targets.items()}
        return [self.find(ref) for ref in operation.targets]


_CALLS: t.Mapping[type, t.Callable[[_Rows, Writer, t.Any], None]] = {
    Create: lambda rows, _writer, one: rows.create(one.ref),
    Write: lambda rows, writer, one: writer.put(rows.find(one.ref), one.column, one.value),
    Keys: lambda rows, writer, one: writer.put_keys(rows.find(one.ref), one.column, one.put, one.drop),
    Attach: lambda rows, writer, one: writer.attach(rows.find(one.parent), one.column, rows.find(one.child)),
    Detach: lambda rows, writer, one: writer.detach(rows.find(one.parent), one.column, rows.find(one.child)),
    Refer: lambda rows, writer, one: writer.put(rows.find(one.ref), one.column, rows.targets(one)),
    Delete: lambda rows, writer, one: writer.delete(rows.find(one.ref)),
}
"""What each kind of operation asks of the writer."""


def apply(database: Database, writer: Writer, operations: t.Iterable[Operation]) -> None:
    """Carry out operations within a transaction."""
    rows = _Rows(database, writer)
    for operation in operations:
        _CALLS[type(operation)](rows, writer, operation)


def carry_out(database: Database, compute: t.Callable[[], Plan], what: str, *, comment: str, check_mode: bool) -> Plan:
    """Carry out a plan in one transaction, wait until ovs-vswitchd has applied it, and return it.

    :param compute: makes the plan out of what is now; asked anew when somebody else got in between.
    :raises VirtError: UnsupportedError before anything is changed; ConflictError, OperationError and DeadlineError when
        the change did not take effect.
    """
    plan = Plan()

    def attempt() -> bool:
        nonlocal plan
        plan = compute()
        check_possible(database, plan)
        if check_mode or not plan.operations:
            return True
        return database.transact(comment, lambda writer: apply(database, writer, plan.operations))

    retrying(attempt, what)
    if not check_mode:
        database.wait_applied()
    return plan
