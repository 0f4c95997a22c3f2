# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""What one OVSDB transaction may do to rows of the IDL.

Source: ovs/python/ovs/db/idl.py of Open vSwitch 3.1 and 3.5 (Row, Transaction).
"""

from __future__ import annotations

import typing as t

from .._errors import ConflictError


class Writer:
    """What a transaction may do. The IDL only writes a line to a log when a value does not fit: `Database.check_value`."""

    def __init__(self, transaction: t.Any, tables: t.Mapping[str, t.Any]) -> None:
        self._transaction = transaction
        self._tables = tables
        self._new: set[t.Any] = set()
        self._attached: dict[tuple[t.Any, str], list[t.Any]] = {}
        self._detached: dict[tuple[t.Any, str], list[t.Any]] = {}

    def insert(self, table: str) -> t.Any:
        """Return a new row."""
        row = self._transaction.insert(self._tables[table])
        self._new.add(row)
        return row

    def put(self, row: t.Any, column: str, value: t.Any) -> None:
        """Replace a column's value.

        :param value: as the IDL wants it: optional columns and sets are lists, maps dictionaries.
        """
        setattr(row, column, value)

    def put_keys(self, row: t.Any, column: str, put: t.Mapping[str, str], drop: t.Iterable[str]) -> None:
        """Set and remove keys of a map; keys that others write at the same time stay as they write them."""
        if row in self._new:
            setattr(row, column, {**getattr(row, column, {}), **put})
            return
        for key in drop:
            row.delkey(column, key)
        for key, value in put.items():
            row.setkey(column, key, value)

    def attach(self, row: t.Any, column: str, child: t.Any) -> None:
        """Add a row to a set of rows."""
        self._attached.setdefault((row, column), []).append(child)

    def detach(self, row: t.Any, column: str, child: t.Any) -> None:
        """Take a row out of a set of rows; the server removes rows that are in no set."""
        self._detached.setdefault((row, column), []).append(child)

    def delete(self, row: t.Any) -> None:
        """Delete a row of a table whose rows stay though they are in no set."""
        row.delete()

    def finish(self) -> None:
        """Change the sets of rows."""
        for row, column in dict.fromkeys([*self._attached, *self._detached]):
            came, gone = self._attached.get((row, column), []), self._detached.get((row, column), [])
            if gone:
                row.verify(column)
            if row in self._new or (gone and set(getattr(row, column)) <= set(gone)):
                # At once: the server takes rows out before it adds others, and some sets must not be empty in between.
                setattr(row, column, came)
                continue
            for child in came:
                row.addvalue(column, child.uuid)
            for child in gone:
                row.delvalue(column, child.uuid)


def retrying(attempt: t.Callable[[], bool], what: str, *, times: int = 5) -> None:
    """Call `attempt` until it returns True.

    :raises ConflictError: when others got in between each time.
    """
    for _unused in range(times):
        if attempt():
            return
    raise ConflictError(
        f"cannot change {what}: somebody else changed it at the same time, {times} times in a row.",
        hint="Find out who does, then run the task again.",
    )
