# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""A bridge's flows, groups and meters: reading them, comparing, telling what was done."""

from __future__ import annotations

import dataclasses
import re
import typing as t
from pathlib import Path

from .._errors import InvalidInputError, NotFoundError, UnsupportedError
from . import ofctl
from . import openflow as of
from .daemons import Daemons
from .flow_change import Change
from .flow_model import Flow, Group, Meter, flow_of, flows_of, group_of, groups_of, meters_of, without_packet_type
from .flow_options import Wanted
from .flow_plan import (
    Difference,
    Plan,
    T,
    check_unused,
    flow_difference,
    group_difference,
    meter_difference,
    remaining,
)
from .ofctl import Complaint, Translator
from .openflow_switch import Switch, Target, connect, connect_far

_NAMES_PACKET_TYPE = re.compile(r"\b(eth|packet_type)\b")


@dataclasses.dataclass(frozen=True)
class Told:
    """The changes of one kind as texts; those that were modified as before and after."""

    added: list[str]
    modified: list[tuple[str, str]]
    removed: list[str]
    unchanged: int


@dataclasses.dataclass(frozen=True)
class Result:
    """What was, or would be, done.

    :param checked: False if there is no bridge yet that could say what the texts mean.
    """

    flows: Told
    groups: Told
    meters: Told
    checked: bool = True

    @property
    def changed(self) -> bool:
        return any(told.added or told.modified or told.removed for told in self._kinds)

    def diff(self) -> dict[str, str]:
        """Return the lines that go as `before` and those that come as `after`; what is modified is in the same place of both."""
        before = [line for told in self._kinds for line in (*(old for old, _skipped in told.modified), *told.removed)]
        after = [line for told in self._kinds for line in (*(new for _skipped, new in told.modified), *told.added)]
        return {"before": "".join(f"{line}\n" for line in before), "after": "".join(f"{line}\n" for line in after)}

    @property
    def _kinds(self) -> tuple[Told, ...]:
        return (self.meters, self.groups, self.flows)


def converge(params: t.Mapping[str, t.Any], *, check_mode: bool) -> Result:
    """Make a bridge's flows, groups and meters as the options say.

    :param params: options of the module `ovs_flows`.
    :raises VirtError: all but OperationError before anything is changed; with OperationError no flow and no group is.
    """
    wanted = Wanted.of(params)
    ofctl.require()
    try:
        return _converge(wanted, params, check_mode=check_mode)
    except NotFoundError:
        if check_mode and params["target"] is None and Daemons(Path(params["run_dir"])).running:
            return _unchecked(wanted)
        raise


def _connect(wanted: Wanted, params: t.Mapping[str, t.Any]) -> t.ContextManager[Switch]:
    if params["target"] is None:
        return connect(wanted.bridge, Path(params["run_dir"]), params["timeout"])
    keys = (params[name] for name in ("private_key", "certificate", "ca_certificate"))
    return connect_far(wanted.bridge, Target.of(params["target"], *keys), params["timeout"])


def _unchecked(wanted: Wanted) -> Result:
    """Return what would be added to a bridge that does not exist yet: an earlier task of the same play would make it."""

    def told(items: t.Iterable[str]) -> Told:
        return Told(list(items), [], [], 0)

    flows = told(line.text.partition("flow add ")[2] for line in wanted.flows or ())
    groups = told(line.text.partition("group add ")[2] for line in wanted.groups or ())
    return Result(flows, groups, told(map(str, wanted.meters or ())), checked=False)


def _converge(wanted: Wanted, params: t.Mapping[str, t.Any], *, check_mode: bool) -> Result:
    with _connect(wanted, params) as switch:
        _check_version(switch, wanted)
        translator = Translator(switch, params["timeout"])
        groups, flows = _translated(translator, wanted)
        plan = _plan(switch, wanted, groups, flows)
        if plan.groups.removed or plan.meters.removed:
            left = translator.flow_texts(remaining(plan.flows)) + translator.group_texts(remaining(plan.groups))
            check_unused(plan, left)
        result = _told(translator, plan)
        if plan and not check_mode:
            Change(switch, translator, wanted.bridge, _names(wanted, flows)).apply(plan)
    return result


def _check_version(switch: Switch, wanted: Wanted) -> None:
    """Raise UnsupportedError for what ovs-ofctl would leave out without a word."""
    for line in wanted.groups or ():
        if "selection_method=" in line.text and switch.version < of.OF15:
            raise UnsupportedError(
                f"{line.name}: a selection method needs OpenFlow 1.5, which bridge '{wanted.bridge}' does not speak.",
                hint="Add OpenFlow15 to the option protocols of evergreen.virt.ovs_bridge.",
            )


def _translated(translator: Translator, wanted: Wanted) -> tuple[list[Group], list[Flow]]:
    """Return the groups and flows that the texts mean."""
    outcome = translator.messages([line.text for line in wanted.lines])
    if isinstance(outcome, Complaint):
        name = "flows and groups" if outcome.index is None else wanted.lines[outcome.index].name
        raise InvalidInputError(
            f"{name}: {outcome.text}.",
            hint="ovs-fields(7) and ovs-actions(7) describe what can be written; a field needs its protocol, nw_src for example ip.",
        )
    count = len(wanted.groups or ())
    flows = [_flow(message, line.text) for message, line in zip(outcome[count:], wanted.flows or ())]
    return [group_of(message) for message in outcome[:count]], flows


def _flow(message: of.Message, text: str) -> Flow:
    flow = flow_of(message)
    return flow if _NAMES_PACKET_TYPE.search(text) else without_packet_type(flow)


def _names(wanted: Wanted, flows: t.Sequence[Flow]) -> dict[t.Any, str]:
    """Return how errors name flows."""
    return {flow.key: line.name for flow, line in zip(flows, wanted.flows or ())}


def _plan(switch: Switch, wanted: Wanted, groups: t.Sequence[Group], flows: t.Sequence[Flow]) -> Plan:
    """Compare what is wanted with what is there; flows and groups that are not managed are all kept."""
    whole = wanted.cookie is None
    there = [flow for part in switch.all_of(of.FLOWS) for flow in flows_of(switch.version, part)]
    found = [group for part in switch.all_of(of.GROUPS) for group in groups_of(switch.version, part)]
    names = [line.name for line in wanted.flows or ()]
    return Plan(
        Difference(kept=tuple(there)) if wanted.flows is None else flow_difference(there, flows, wanted.cookie, names),
        Difference(kept=tuple(found))
        if wanted.groups is None
        else group_difference(found, groups, wanted.removed_groups, whole=whole),
        Difference() if wanted.meters is None else _meters(switch, wanted, wanted.meters, whole=whole),
    )


def _meters(switch: Switch, wanted: Wanted, meters: t.Sequence[Meter], *, whole: bool) -> Difference[Meter]:
    there = [meter for part in switch.all_of(of.METERS) for meter in meters_of(part)]
    return meter_difference(there, meters, wanted.removed_meters, whole=whole)


def _told(translator: Translator, plan: Plan) -> Result:
    return Result(
        _texts(plan.flows, translator.flow_texts),
        _texts(plan.groups, translator.group_texts),
        _texts(plan.meters, lambda meters: [str(meter) for meter in meters]),
    )


def _texts(found: Difference[T], translate: t.Callable[[list[T]], list[str]]) -> Told:
    """Translate all that differs at once."""
    items = [*found.added, *found.removed, *(item for pair in found.modified for item in pair)]
    texts = iter(translate(items))
    added, removed = [next(texts) for _skipped in found.added], [next(texts) for _skipped in found.removed]
    return Told(added, [(next(texts), next(texts)) for _skipped in found.modified], removed, found.unchanged)
