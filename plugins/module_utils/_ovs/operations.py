# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""Pure: what one transaction does to rows, and how that is told."""

from __future__ import annotations

import dataclasses
import typing as t

from .._changes import Change, ChangeSet
from . import columns as c

Ref = tuple[str, str]
"""Table and name of a row; of a controller its target, which is unique within its bridge only, of a monitor its bridge."""

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


Operation = t.Union[Create, Write, Keys, Attach, Detach]


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
    return sum(plans, Plan())


def plan_values(
    ref: Ref,
    path: str,
    columns: t.Iterable[c.Column],
    current: t.Mapping[str, t.Any],
    wanted: t.Mapping[str, t.Any],
    *,
    purge_keys: bool,
) -> Plan:
    plan = Plan()
    for column in columns:
        if column.option not in wanted:
            continue
        name = f"{path}.{column.option}" if path else column.option
        before, after = current[column.option], wanted[column.option]
        if column.kind is c.Kind.MAP:
            plan += _plan_keys(ref, name, column, before, after, purge_keys=purge_keys)
        elif before != after:
            plan += step(name, before, after, Write(ref, column.name, column.raw(after)))
    return plan


def _plan_keys(
    ref: Ref,
    path: str,
    column: c.Column,
    before: t.Mapping[str, t.Any],
    after: t.Mapping[str, t.Any],
    *,
    purge_keys: bool,
) -> Plan:
    put = {key: value for key, value in after.items() if value is not None and before.get(key) != value}
    drop = {key for key, value in after.items() if value is None and key in before}
    if purge_keys:
        keep = c.LIBVIRT_OWN_KEYS if column.option == "interface_external_ids" else frozenset()
        drop |= {key for key in before if key not in after and key not in keep}
    if not put and not drop:
        return Plan()
    changes = tuple(Change(f"{path}.{key}", before.get(key), put.get(key)) for key in sorted({*put, *drop}))
    return Plan(ChangeSet(changes), (Keys(ref, column.name, put, tuple(sorted(drop))),))
