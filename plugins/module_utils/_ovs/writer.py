# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""What one OVSDB transaction may do to rows of the IDL.

Source: ovs/python/ovs/db/idl.py of Open vSwitch 3.1 and 3.5 (Row, Transaction).
"""

from __future__ import annotations

import contextlib
import typing as t

from .._errors import ConflictError, InvalidInputError

with contextlib.suppress(ImportError):  # `connection.OVS` reports it
    import ovs.db.data
    import ovs.db.error


class Writer:
    """What a transaction may do; raises where the IDL would only write a line to a log that nobody reads."""

    def __init__(self, transaction: t.Any, tables: t.Mapping[str, t.Any]) -> None:
        self._transaction = transaction
        self._tables = tables
        self._new: list[t.Any] = []

    def insert(self, table: str) -> t.Any:
        """Return a new row."""
        row = self._transaction.insert(self._tables[table])
        self._new.append(row)
        return row

    def put(self, table: str, row: t.Any, column: str, value: t.Any) -> None:
        """Replace a column's value.

        :param value: as the IDL wants it: optional columns and sets are lists, maps dictionaries.
        :raises InvalidInputError: when the column's type does not allow the value.
        """
        try:
            ovs.db.data.Datum.from_python(self._tables[table].columns[column].type, value, lambda item: item)
        except ovs.db.error.Error as exc:
            raise InvalidInputError(f"{table}.{column} cannot be {value!r}: {exc}.") from exc
        setattr(row, column, value)

    def put_keys(self, table: str, row: t.Any, column: str, put: t.Mapping[str, str], drop: t.Iterable[str]) -> None:
        """Set and remove keys of a map; keys that others write at the same time stay as they write them."""
        if row in self._new:
            self.put(table, row, column, {**getattr(row, column, {}), **put})
            return
        for key in drop:
            row.delkey(column, key)
        for key, value in put.items():
            row.setkey(column, key, value)

    def attach(self, row: t.Any, column: str, child: t.Any) -> None:
        """Add a row to a set of rows."""
        if row in self._new:  # its column must not be empty at any time, so it cannot be added afterwards
            setattr(row, column, [*getattr(row, column, []), child])
        else:
            row.addvalue(column, child.uuid)

    def detach(self, row: t.Any, column: str, child: t.Any) -> None:
        """Take a row out of a set of rows; the server removes rows that are in no set."""
        row.verify(column)
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
