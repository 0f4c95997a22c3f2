# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""Pure: what it takes to read, compare and write an option that is a column of the database."""

from __future__ import annotations

import dataclasses
import enum
import typing as t

from .._changes import HIDDEN

Values = dict[str, t.Any]
"""Option -> value, as `Column.read` returns it."""


class Kind(enum.Enum):
    """How OVSDB stores a column, and how the IDL shows it."""

    PLAIN = enum.auto()
    """One value, always there."""
    OPTIONAL = enum.auto()
    """No value or one; the IDL shows a list."""
    SET = enum.auto()
    MAP = enum.auto()
    PORT = enum.auto()
    """No port or one; the option is its name."""
    PORTS = enum.auto()


@dataclasses.dataclass(frozen=True)
class Column:
    """An option and the column it stands for.

    :param option: the option's name.
    :param name: the column's name.
    :param empty: what the option is when the column is empty.
    :param clear: what the user writes to empty an optional column.
    :param alias: another way to write `empty`, as the daemon treats both the same.
    :param owned: keys of a map that others write; `purge_keys` leaves them.
    :param secret: keys of a map whose values nobody is shown.
    """

    option: str
    name: str
    kind: Kind
    empty: t.Any = None
    clear: t.Any = None
    alias: t.Any = None
    owned: frozenset[str] = frozenset()
    secret: frozenset[str] = frozenset()

    def read(self, raw: t.Any) -> t.Any:
        """Return the option's value for what the IDL shows: a scalar or None, a sorted list, or a dictionary."""
        if self.kind is Kind.OPTIONAL:
            return raw[0] if raw else None
        if self.kind is Kind.SET:
            return sorted(raw)
        if self.kind is Kind.MAP:
            return dict(raw)
        if self.kind in (Kind.PORT, Kind.PORTS):
            names = sorted(port.name for port in raw)
            return names if self.kind is Kind.PORTS else next(iter(names), None)
        return self.normal(raw)

    def raw(self, value: t.Any) -> t.Any:
        """Return what the IDL is to be given for a value that `normal` returned, for all but maps and ports."""
        if self.kind is Kind.OPTIONAL:
            return [] if value is None else [value]
        return value

    def normal(self, value: t.Any) -> t.Any:
        """Return a user's value in the form in which `read` returns the same one."""
        if self.kind in (Kind.SET, Kind.PORTS):
            return sorted(set(value))
        if self.kind in (Kind.OPTIONAL, Kind.PORT) and value == self.clear:
            return None
        if self.alias is not None and value == self.alias:
            return self.empty
        return value

    def shown(self, value: t.Any) -> t.Any:
        """Return a value as users are shown it."""
        if not self.secret:
            return value
        return {key: HIDDEN if key in self.secret else item for key, item in value.items()}

    @property
    def nothing(self) -> t.Any:
        """The value in a row that was just inserted."""
        if self.kind in (Kind.SET, Kind.PORTS):
            return []
        return {} if self.kind is Kind.MAP else self.empty


def shown(columns: t.Iterable[Column], values: t.Mapping[str, t.Any]) -> Values:
    """Return the options of a row as users are shown them."""
    return {column.option: column.shown(values[column.option]) for column in columns}


def nothing(columns: t.Iterable[Column]) -> Values:
    """Return the options of a row that was just inserted."""
    return {column.option: column.nothing for column in columns}
