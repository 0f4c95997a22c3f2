# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""The rows of the IDL: reading options out of them, carrying out operations on them."""

from __future__ import annotations

import typing as t

from .._errors import UnsupportedError
from . import columns as c
from .connection import Database
from .operations import ROOT, TLS, Attach, Create, Detach, Keys, Operation, Plan, Ref, Write
from .writer import Writer

_KEYS = {"Controller": "target", "Manager": "target"}
"""Column by which a row is found, where it is not `name`."""

_ONLY = {"SSL": "ssl", "sFlow": "sflow", "NetFlow": "netflow", "IPFIX": "ipfix"}
"""Rows without a name: the one row in this column of the switch, or of the bridge that the reference names."""


def options_of(row: t.Any, columns: t.Iterable[c.Column]) -> dict[str, t.Any]:
    """Return the options of a row; a column that this host's schema lacks reads as empty."""
    raw = {column: getattr(row, column.name, None) for column in columns}
    return {column.option: column.nothing if value is None else column.read(value) for column, value in raw.items()}


def check_supported(database: Database, plan: Plan) -> None:
    """Raise UnsupportedError if this host's schema lacks a column that the plan writes."""
    for operation in plan.operations:
        if isinstance(operation, (Write, Keys)) and not database.has(operation.ref[0], operation.column):
            table, name = operation.ref
            raise UnsupportedError(
                f"{table} '{name}' cannot be given what was asked: this host's Open vSwitch has no column"
                f" {table}.{operation.column}.",
                hint="Update Open vSwitch on this host, or leave that option out.",
            )


class _Rows:
    """The rows of one transaction by reference: those it inserts and those that were there."""

    def __init__(self, database: Database, writer: Writer) -> None:
        self._database = database
        self._writer = writer
        self._new: dict[Ref, t.Any] = {}

    def create(self, ref: Ref) -> None:
        table, name = ref
        self._new[ref] = self._writer.insert(table)
        if table not in _ONLY:
            self._writer.put(table, self._new[ref], _KEYS.get(table, "name"), name)

    def find(self, ref: Ref) -> t.Any:
        if ref == ROOT:
            return self._database.root
        if ref in self._new:
            return self._new[ref]
        table, name = ref
        if table in _ONLY:
            return getattr(self.find(ROOT if ref == TLS else ("Bridge", name)), _ONLY[table])[0]
        key = _KEYS.get(table, "name")
        return next(row for row in self._database.rows(table) if getattr(row, key) == name)

    def child(self, parent: Ref, column: str, ref: Ref) -> t.Any:
        children = getattr(self.find(parent), column)
        key = _KEYS.get(ref[0], "name")
        return children[0] if ref[0] in _ONLY else next(row for row in children if getattr(row, key) == ref[1])


def apply(database: Database, writer: Writer, operations: t.Iterable[Operation]) -> None:
    """Carry out operations within a transaction."""
    rows = _Rows(database, writer)
    for operation in operations:
        if isinstance(operation, Create):
            rows.create(operation.ref)
        elif isinstance(operation, Write):
            writer.put(operation.ref[0], rows.find(operation.ref), operation.column, operation.value)
        elif isinstance(operation, Keys):
            row = rows.find(operation.ref)
            writer.put_keys(operation.ref[0], row, operation.column, operation.put, operation.drop)
        elif isinstance(operation, Attach):
            writer.attach(rows.find(operation.parent), operation.column, rows.find(operation.child))
        elif isinstance(operation, Detach):
            child = rows.child(operation.parent, operation.column, operation.child)
            writer.detach(rows.find(operation.parent), operation.column, child)
