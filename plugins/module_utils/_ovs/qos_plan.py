# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""Pure: the part of a bridge's plan that is about the QoS of its ports.

QoS and queues may be shared, and stay in the database though nobody refers to them. So what others use as well is not changed,
the port gets a copy instead; and what a task leaves without use is deleted.
"""

from __future__ import annotations

import dataclasses
import typing as t

from .._errors import InvalidInputError
from . import columns as c
from .bridge_model import Qos, Row, Switch
from .bridge_wanted import WantedQos
from .column import Column, Values, nothing
from .operations import Attach, Create, Delete, Detach, Operation, Plan, Ref, Refer, merged, plan_values, step, total


def plan_qos(
    port: str, current: Qos | None, wanted: WantedQos, switch: Switch, *, purge: bool, purge_keys: bool
) -> Plan:
    """Compute what is to be done to the QoS of a port.

    :raises InvalidInputError: when it is new and has no type.
    """
    if wanted.absent:
        gone = step(wanted.path, "present", "absent", Refer(("Port", port), "qos", ()))
        return Plan() if current is None else gone
    if current is None and not wanted.values.get("type"):
        raise InvalidInputError(f"{wanted.path} is not set up yet, and needs a type.", hint="For example linux-htb.")
    alone = current is not None and switch.users[current.uuid] == 1
    queues = _queues(port, current, wanted, switch, alone=alone, purge=purge, purge_keys=purge_keys)
    row = _Place(("QoS", port), wanted.path, c.QOS, purge_keys)
    qos = _row(row, current, wanted.values, alone=alone)
    before = {number: ("Queue", queue.uuid) for number, queue in current.queues.items()} if current else {}
    if current is not None and not alone and queues.refs != before:
        qos = _copied(row, current, wanted.values)
    plan = qos.plan + queues.plan
    if queues.refs != before or (qos.ref == row.new and queues.refs):
        plan += Plan(operations=(Refer(qos.ref, "queues", queues.refs),))
    if qos.ref == row.new:
        plan += Plan(operations=(Refer(("Port", port), "qos", (qos.ref,)),))
    return plan


@dataclasses.dataclass(frozen=True)
class _Place:
    """A row that may be a new one, called `new` in the transaction."""

    new: Ref
    path: str
    columns: t.Sequence[Column]
    purge_keys: bool


@dataclasses.dataclass(frozen=True)
class _Planned:
    ref: Ref
    plan: Plan


def _row(place: _Place, current: Row | None, wanted: Values, *, alone: bool) -> _Planned:
    """Change a row where it is if nobody else uses it, else make another one."""
    if current is None:
        created = step(place.path, "absent", "present", Create(place.new))
        empty = nothing(place.columns)
        values = plan_values(place.new, place.path, place.columns, empty, wanted, purge_keys=place.purge_keys)
        return _Planned(place.new, created + values)
    ref = (place.new[0], current.uuid)
    plan = plan_values(ref, place.path, place.columns, current.values, wanted, purge_keys=place.purge_keys)
    return _Planned(ref, plan) if alone or not plan.operations else _copied(place, current, wanted)


def _copied(place: _Place, current: Row, wanted: Values) -> _Planned:
    """Make a row that is what `current` would become; told are the differences only."""
    told = plan_values(place.new, place.path, place.columns, current.values, wanted, purge_keys=place.purge_keys)
    after = merged(place.columns, current.values, wanted, purge_keys=place.purge_keys)
    values = plan_values(place.new, place.path, place.columns, nothing(place.columns), after, purge_keys=False)
    return _Planned(place.new, Plan(told.changes, (Create(place.new), *values.operations)))


@dataclasses.dataclass(frozen=True)
class _Queues:
    refs: dict[int, Ref]
    plan: Plan


def _queues(
    port: str, current: Qos | None, wanted: WantedQos, switch: Switch, *, alone: bool, purge: bool, purge_keys: bool
) -> _Queues:
    there = dict(current.queues) if current else {}
    refs: dict[int, Ref] = {number: ("Queue", queue.uuid) for number, queue in there.items()}
    named, plans = wanted.queues or {}, []
    for number, values in named.items():
        if values is None:
            continue
        queue = there.get(number)
        only_here = alone and queue is not None and switch.users[queue.uuid] == 1
        place = _Place(("Queue", f"{port}:{number}"), f"{wanted.path}.queues[{number}]", c.QUEUE, purge_keys)
        planned = _row(place, queue, values, alone=only_here)
        refs[number] = planned.ref
        plans.append(planned.plan)
    unnamed = set(there).difference(named) if purge and wanted.queues is not None else set()
    absent = {number for number, values in named.items() if values is None}
    gone = sorted(number for number in unnamed | absent if number in refs)
    kept = {number: ref for number, ref in refs.items() if number not in gone}
    return _Queues(
        kept, total([*plans, *(step(f"{wanted.path}.queues[{number}]", "present", "absent") for number in gone)])
    )


def unused(switch: Switch, operations: t.Sequence[Operation]) -> tuple[Operation, ...]:
    """Return how QoS and queues are deleted that something refers to now, and nothing once `operations` are carried out."""
    before = {name: {("QoS", port.qos.uuid)} for name, (_bridge, port) in switch.homes.items() if port.qos}
    gone = _ports_gone(switch, operations)
    after = {name: refs for name, refs in before.items() if name not in gone}
    contents: dict[Ref, set[Ref]] = {
        ("QoS", qos.uuid): {("Queue", queue.uuid) for queue in qos.queues.values()} for qos in switch.qos
    }
    changed = dict(contents)
    for operation in operations:
        if isinstance(operation, Refer) and operation.column == "qos" and operation.ref[1] not in gone:
            after[operation.ref[1]] = set(t.cast("tuple[Ref, ...]", operation.targets))
        elif isinstance(operation, Refer) and isinstance(operation.targets, dict):
            changed[operation.ref] = set(operation.targets.values())
    free = _union(before.values()) - _union(after.values())
    kept = {ref: queues for ref, queues in changed.items() if ref not in free}
    queues = _union(contents.values()) - _union(kept.values())
    # The server counts references before it drops rows that are in no set.
    let_go = [Refer(("Port", name), "qos", ()) for name in sorted(gone) if not free.isdisjoint(before.get(name, ()))]
    return (*let_go, *(Delete(ref) for ref in (*sorted(queues), *sorted(free))))


def _union(sets: t.Iterable[t.Iterable[Ref]]) -> set[Ref]:
    return {ref for refs in sets for ref in refs}


def _ports_gone(switch: Switch, operations: t.Sequence[Operation]) -> set[str]:
    """Return the names of the ports that no bridge has afterwards."""
    gone: set[str] = set()
    back: set[str] = set()
    for operation in operations:
        if isinstance(operation, Detach) and operation.column == "bridges":
            gone.update(switch.bridges[operation.child[1]].ports)
        elif isinstance(operation, Detach) and operation.column == "ports":
            gone.add(operation.child[1])
        elif isinstance(operation, Attach) and operation.column == "ports":
            back.add(operation.child[1])
    return gone - back
