# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""Pure: what one transaction does to rows, and how that is told."""

from __future__ import annotations

import dataclasses
import typing as t

from .._changes import HIDDEN, HIDDEN_NEW, Change, ChangeSet
from .column import Column, Kind, Values, nothing

Ref = tuple[str, str]
"""Table and name of a row; of a manager its target, of a monitor its bridge. Controllers, mirrors, QoS, queues and
numbers of collectors, whose names are not unique, are known by their UUID; new ones by any name that the transaction gives no other."""

ROOT: Ref = ("Open_vSwitch", ".")
TLS: Ref = ("SSL", ".")


@dataclasses.dataclass(frozen=True)
class Create:
    """Insert a row that has nothing but its name."""

    ref: Ref


@dataclasses.dataclass(frozen=True)
class Write:
    """Replace a column's value."""

    ref: Ref
    column: str
    value: t.Any


@dataclasses.dataclass(frozen=True)
class Keys:
    """Set and remove keys of a map."""

    ref: Ref
    column: str
    put: dict[str, str]
    drop: tuple[str, ...] = ()


@dataclasses.dataclass(frozen=True)
class Attach:
    """Add a row to another row's set of rows."""

    parent: Ref
    column: str
    child: Ref


@dataclasses.dataclass(frozen=True)
class Detach:
    """Take a row out of another row's set of rows; a row in no set ceases to exist."""

    parent: Ref
    column: str
    child: Ref


@dataclasses.dataclass(frozen=True)
class Refer:
    """Let a column refer to these rows and no others; a dictionary for a map of rows."""

    ref: Ref
    column: str
    targets: tuple[Ref, ...] | dict[int, Ref]


@dataclasses.dataclass(frozen=True)
class Delete:
    """Delete a row of a table whose rows stay though nobody refers to them."""

    ref: Ref


Operation = t.Union[Create, Write, Keys, Attach, Detach, Refer, Delete]


@dataclasses.dataclass(frozen=True)
class Plan:
    """What the user is shown and what the transaction does; merged with `+`."""

    changes: ChangeSet = dataclasses.field(default_factory=ChangeSet)
    operations: tuple[Operation, ...] = ()

    def __add__(self, other: Plan) -> Plan:
        return Plan(self.changes + other.changes, self.operations + other.operations)


def step(path: str, before: t.Any, after: t.Any, *operations: Operation) -> Plan:
    return Plan(ChangeSet.of(Change(path, before, after)), operations)


def total(plans: t.Iterable[Plan]) -> Plan:
    """Merge many plans in time that grows with what is in them."""
    found = list(plans)
    changes = tuple(change for plan in found for change in plan.changes)
    return Plan(ChangeSet(changes), tuple(operation for plan in found for operation in plan.operations))


def plan_values(
    ref: Ref,
    path: str,
    columns: t.Iterable[Column],
    current: t.Mapping[str, t.Any],
    wanted: t.Mapping[str, t.Any],
    *,
    purge_keys: bool,
) -> Plan:
    plans = []
    for column in columns:
        if column.option not in wanted:
            continue
        name = f"{path}.{column.option}" if path else column.option
        before, after = current[column.option], wanted[column.option]
        if column.kind is Kind.MAP:
            plans.append(_plan_keys(ref, name, column, before, after, purge_keys=purge_keys))
        elif before != after:
            plans.append(step(name, before, after, _replace(ref, column, after)))
    return total(plans)


def _replace(ref: Ref, column: Column, value: t.Any) -> Operation:
    if column.kind is Kind.PORT:
        return Refer(ref, column.name, () if value is None else (("Port", value),))
    if column.kind is Kind.PORTS:
        return Refer(ref, column.name, tuple(("Port", name) for name in value))
    return Write(ref, column.name, column.raw(value))


def _plan_keys(
    ref: Ref,
    path: str,
    column: Column,
    before: t.Mapping[str, t.Any],
    after: t.Mapping[str, t.Any],
    *,
    purge_keys: bool,
) -> Plan:
    put = {key: value for key, value in after.items() if value is not None and before.get(key) != value}
    drop = _dropped(column, before, after, purge_keys=purge_keys)
    if not put and not drop:
        return Plan()
    changes = tuple(_change(column, path, key, before.get(key), put.get(key)) for key in sorted({*put, *drop}))
    return Plan(ChangeSet(changes), (Keys(ref, column.name, put, tuple(sorted(drop))),))


def _change(column: Column, path: str, key: str, before: str | None, after: str | None) -> Change:
    if key in column.secret:
        return Change(f"{path}.{key}", before and HIDDEN, after and HIDDEN_NEW)
    return Change(f"{path}.{key}", before, after)


def _dropped(
    column: Column, before: t.Mapping[str, t.Any], after: t.Mapping[str, t.Any], *, purge_keys: bool
) -> set[str]:
    drop = {key for key, value in after.items() if value is None and key in before}
    if purge_keys:
        drop |= {key for key in before if key not in after and key not in column.owned}
    return drop


def merged(
    columns: t.Iterable[Column], current: t.Mapping[str, t.Any], wanted: t.Mapping[str, t.Any], *, purge_keys: bool
) -> Values:
    """Return the options that a row has once `plan_values` is carried out."""
    after = {**current, **wanted}
    for column in columns:
        if column.kind is Kind.MAP and column.option in wanted:
            before, named = current[column.option], wanted[column.option]
            drop = _dropped(column, before, named, purge_keys=purge_keys)
            kept = {key: value for key, value in before.items() if key not in drop}
            after[column.option] = {**kept, **{key: value for key, value in named.items() if value is not None}}
    return after


@dataclasses.dataclass(frozen=True)
class Place:
    """A row that is there while it is wanted: in `column`, a set of rows, of the row `parent`."""

    ref: Ref
    path: str
    parent: Ref
    column: str
    columns: t.Sequence[Column]


def plan_row(place: Place, current: Values | None, wanted: Values | None, *, purge_keys: bool) -> Plan:
    """Make a row, change it, or, if None is wanted, take it away."""
    if wanted is None:
        gone = step(place.path, "present", "absent", Detach(place.parent, place.column, place.ref))
        return Plan() if current is None else gone
    before = nothing(place.columns) if current is None else current
    values = plan_values(place.ref, place.path, place.columns, before, wanted, purge_keys=purge_keys)
    if current is not None:
        return values
    created = step(place.path, "absent", "present", Create(place.ref))
    return created + values + Plan(operations=(Attach(place.parent, place.column, place.ref),))
