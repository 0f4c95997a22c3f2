# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""Carrying out operations on the rows of the IDL."""

from __future__ import annotations

import typing as t

from .connection import Database
from .operations import ROOT, Attach, Create, Detach, Keys, Operation, Ref, Write
from .writer import Writer

_KEY = {"Controller": "target"}
"""Column by which a row is found, where it is not `name`."""


class _Rows:
    """The rows of one transaction by reference: those it inserts and those that were there."""

    def __init__(self, database: Database, writer: Writer) -> None:
        self._database = database
        self._writer = writer
        self._new: dict[Ref, t.Any] = {}

    def create(self, ref: Ref) -> None:
        table, name = ref
        self._new[ref] = self._writer.insert(table)
        self._writer.put(table, self._new[ref], _KEY.get(table, "name"), name)

    def find(self, ref: Ref) -> t.Any:
        if ref == ROOT:
            return self._database.root
        if ref in self._new:
            return self._new[ref]
        return next(row for row in self._database.rows(ref[0]) if row.name == ref[1])

    def child(self, parent: Ref, column: str, ref: Ref) -> t.Any:
        key = _KEY.get(ref[0], "name")
        return next(row for row in getattr(self.find(parent), column) if getattr(row, key) == ref[1])


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
