# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""Pure: what is to be done to a bridge's flows, groups and meters, and in which order."""

from __future__ import annotations

import dataclasses
import re
import typing as t

from .._errors import ConflictError, InvalidInputError
from . import openflow as of
from .flow_model import (
    ADD,
    DELETE,
    FLOW_ADD,
    FLOW_DELETE_STRICT,
    FLOW_MODIFY_STRICT,
    LAST_METER,
    MODIFY,
    Flow,
    Group,
    Meter,
    flow_mod,
    group_mod,
    meter_mod,
)
from .flow_options import Cookie


class Keyed(t.Protocol):
    """What is identified by a key."""

    @property
    def key(self) -> t.Any: ...


T = t.TypeVar("T", bound=Keyed)

_USED = re.compile(r"\b(group|meter):(\d+)")


@dataclasses.dataclass(frozen=True)
class Difference(t.Generic[T]):
    """How the objects of one kind differ from those that are wanted; each part in the order of their keys.

    :param modified: before and after.
    :param kept: those that stay as they are, managed or not.
    """

    added: tuple[T, ...] = ()
    modified: tuple[tuple[T, T], ...] = ()
    removed: tuple[T, ...] = ()
    kept: tuple[T, ...] = ()
    unchanged: int = 0

    def __bool__(self) -> bool:
        return bool(self.added or self.modified or self.removed)


@dataclasses.dataclass(frozen=True)
class Plan:
    """What is to be done."""

    flows: Difference[Flow] = Difference()
    groups: Difference[Group] = Difference()
    meters: Difference[Meter] = Difference()

    def __bool__(self) -> bool:
        return bool(self.flows or self.groups or self.meters)


def difference(present: t.Iterable[T], wanted: t.Iterable[T], manages: t.Callable[[T], bool]) -> Difference[T]:
    """Compare objects by their keys.

    :param manages: tells of a present object whether it is removed when it is not wanted.
    """
    there = {item.key: item for item in present}
    asked = {item.key: item for item in wanted}
    keys: list[t.Any] = sorted({*there, *asked})
    both = [(there[key], asked[key]) for key in keys if key in there and key in asked]
    alone = [there[key] for key in keys if key not in asked]
    return Difference(
        added=tuple(asked[key] for key in keys if key not in there),
        modified=tuple((before, after) for before, after in both if before != after),
        removed=tuple(item for item in alone if manages(item)),
        kept=tuple(
            [before for before, after in both if before == after] + [item for item in alone if not manages(item)]
        ),
        unchanged=sum(before == after for before, after in both),
    )


def flow_difference(
    present: t.Iterable[Flow], wanted: t.Sequence[Flow], cookie: Cookie | None, names: t.Sequence[str]
) -> Difference[Flow]:
    """Compare flows.

    :param cookie: the part that is managed; None: all.
    :param names: how errors name the wanted ones, in the same order.
    :raises InvalidInputError: when two wanted ones are the same, or one is not of the managed part.
    :raises ConflictError: when one would replace a flow that is not of the managed part.
    """
    present = list(present)
    _check_wanted(wanted, cookie, names)
    if cookie is not None:
        foreign = {flow.key: flow for flow in present if not cookie.covers(flow)}
        for flow, name in zip(wanted, names):
            if flow.key in foreign:
                raise ConflictError(
                    f"{name} would replace a flow with the same table, priority and match"
                    f" and the cookie {foreign[flow.key].cookie:#x}, which is not managed here.",
                    hint="Give it another priority, or remove the other flow first.",
                )
    return difference(present, wanted, lambda flow: cookie is None or cookie.covers(flow))


def _check_wanted(wanted: t.Sequence[Flow], cookie: Cookie | None, names: t.Sequence[str]) -> None:
    first: dict[t.Any, str] = {}
    for flow, name in zip(wanted, names):
        if flow.key in first:
            raise InvalidInputError(f"{name} has the same table, priority and match as {first[flow.key]}.")
        first[flow.key] = name
        if cookie is not None and not cookie.covers(flow):
            raise InvalidInputError(
                f"{name} has the cookie {flow.cookie:#x}, which is not of the managed part {cookie}.",
                hint="Leave its cookie out, or widen the option cookie by a mask.",
            )


def group_difference(
    present: t.Iterable[Group], wanted: t.Iterable[Group], removed: t.AbstractSet[int], *, whole: bool
) -> Difference[Group]:
    """Compare groups.

    :param removed: numbers of those that shall not exist.
    :param whole: whether those that nobody names are removed.
    """
    return difference(present, wanted, lambda group: whole or group.id in removed)


def meter_difference(
    present: t.Iterable[Meter], wanted: t.Iterable[Meter], removed: t.AbstractSet[int], *, whole: bool
) -> Difference[Meter]:
    """Compare meters, as `group_difference`; Open vSwitch's own are never removed."""
    return difference(present, wanted, lambda meter: meter.id <= LAST_METER and (whole or meter.id in removed))


def remaining(found: Difference[T]) -> tuple[T, ...]:
    """Return what is there afterwards."""
    return (*found.kept, *found.added, *(after for _skipped, after in found.modified))


def check_unused(plan: Plan, lines: t.Iterable[str]) -> None:
    """Raise ConflictError if a group or meter that goes is named by what stays: the switch would remove that, too.

    :param lines: flows and groups that are there afterwards.
    """
    going = {("group", group.id) for group in plan.groups.removed} | {
        ("meter", meter.id) for meter in plan.meters.removed
    }
    for line in lines:
        actions = line.partition("actions=")[2]
        for kind, number in _USED.findall(actions):
            if (kind, int(number)) in going:
                raise ConflictError(
                    f"{kind} {number} is to be removed and is used by: {line}",
                    hint=f"Remove the flow as well, or keep the {kind}.",
                )


@dataclasses.dataclass(frozen=True)
class Step(t.Generic[T]):
    """One message, and what it is about."""

    message: of.Message
    about: T


def bundle(version: int, plan: Plan) -> list[Step[t.Any]]:
    """Return what one bundle does: groups before the flows that name them, and groups that go after those."""
    return [
        *(Step(group_mod(version, ADD, group), group) for group in plan.groups.added),
        *(Step(group_mod(version, MODIFY, after), after) for _skipped, after in plan.groups.modified),
        *(Step(flow_mod(version, FLOW_DELETE_STRICT, flow, seen=flow), flow) for flow in plan.flows.removed),
        *(Step(flow_mod(version, FLOW_ADD, flow), flow) for flow in plan.flows.added),
        *(Step(_changed_flow(version, before, after), after) for before, after in plan.flows.modified),
        *(Step(group_mod(version, DELETE, group), group) for group in plan.groups.removed),
    ]


def _changed_flow(version: int, before: Flow, after: Flow) -> of.Message:
    """Return the message that keeps most of a flow: with other actions only, its age as well as its counters."""
    if dataclasses.replace(before, instructions=after.instructions) == after:
        return flow_mod(version, FLOW_MODIFY_STRICT, after, seen=before)
    return flow_mod(version, FLOW_ADD, after)


def meters_before(version: int, plan: Plan) -> list[Step[Meter]]:
    """Return what is done to meters before the bundle, which may name them and cannot have them."""
    return [
        *(Step(meter_mod(version, ADD, meter), meter) for meter in plan.meters.added),
        *(Step(meter_mod(version, MODIFY, after), after) for _skipped, after in plan.meters.modified),
    ]


def meters_undone(version: int, plan: Plan) -> list[Step[Meter]]:
    """Return what takes `meters_before` back."""
    return [
        *(Step(meter_mod(version, DELETE, meter), meter) for meter in plan.meters.added),
        *(Step(meter_mod(version, MODIFY, before), before) for before, _skipped in plan.meters.modified),
    ]


def meters_after(version: int, plan: Plan) -> list[Step[Meter]]:
    """Return what is done to meters after the bundle."""
    return [Step(meter_mod(version, DELETE, meter), meter) for meter in plan.meters.removed]
