# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""All that OpenFlow has told a bridge, kept while ovs-vswitchd is started again, and given back to it."""

from __future__ import annotations

import dataclasses
import typing as t

from .._errors import OperationError
from . import openflow as of
from .flow_change import Change
from .flow_model import Flow, Group, Meter, flows_of, groups_of, meters_of
from .flow_plan import Plan, difference, meter_difference
from .ofctl import Translator
from .openflow_switch import Switch

KINDS = {"flows": of.FLOWS, "groups": of.GROUPS, "meters": of.METERS}


@dataclasses.dataclass(frozen=True)
class Memory:
    """What a bridge said of itself.

    :param version: the OpenFlow version that it spoke.
    :param parts: the replies for each of KINDS.
    :param options: which options of tunnels are which fields; flows may name these.
    """

    version: int
    parts: t.Mapping[str, tuple[bytes, ...]]
    options: tuple[bytes, ...]

    @property
    def flows(self) -> list[Flow]:
        return [flow for part in self.parts["flows"] for flow in flows_of(self.version, part)]

    @property
    def groups(self) -> list[Group]:
        return [group for part in self.parts["groups"] for group in groups_of(self.version, part)]

    @property
    def meters(self) -> list[Meter]:
        return [meter for part in self.parts["meters"] for meter in meters_of(part)]

    def to_json(self) -> dict[str, t.Any]:
        parts = {kind: [part.hex() for part in parts] for kind, parts in self.parts.items()}
        return {"version": self.version, **parts, "options": [entry.hex() for entry in self.options]}

    @classmethod
    def of_json(cls, data: t.Mapping[str, t.Any]) -> Memory:
        parts = {kind: tuple(map(bytes.fromhex, data[kind])) for kind in KINDS}
        return cls(data["version"], parts, tuple(map(bytes.fromhex, data["options"])))


def remember(switch: Switch) -> Memory:
    """Return what the bridge has now."""
    parts = {kind: tuple(switch.all_of(number)) for kind, number in KINDS.items()}
    return Memory(switch.version, parts, tuple(_options(switch)))


def _options(switch: Switch) -> list[bytes]:
    [answer] = switch.ask(of.Message(switch.version, of.EXPERIMENTER, 0, of.tlv_question()))
    return of.tlv_entries(answer.body) if answer.type == of.EXPERIMENTER else []


def recall(switch: Switch, bridge: str, memory: Memory, timeout: float) -> None:
    """Make the bridge have what is remembered and nothing else.

    :raises OperationError: when it does not take it, or has something else afterwards.
    """
    if switch.version != memory.version:
        raise OperationError(
            f"bridge '{bridge}' spoke OpenFlow {of.VERSIONS[memory.version]} and now speaks {of.VERSIONS[switch.version]}."
        )
    _recall_options(switch, bridge, memory)
    plan = _plan(remember(switch), memory)
    if plan:
        Change(switch, Translator(switch, timeout), bridge, {}).apply(plan)
    if _plan(remember(switch), memory):
        raise OperationError(f"bridge '{bridge}' has other flows than it was given.")


def differs(switch: Switch, memory: Memory) -> bool:
    """Tell whether the bridge has something else than what is remembered."""
    return switch.version != memory.version or bool(_plan(remember(switch), memory))


def _recall_options(switch: Switch, bridge: str, memory: Memory) -> None:
    missing = [entry for entry in memory.options if entry not in _options(switch)]
    if missing:
        message = of.Message(switch.version, of.EXPERIMENTER, 0, of.tlv_addition(missing))
        if switch.carry_out([message]):
            raise OperationError(f"bridge '{bridge}' does not take the options of tunnels that its flows name.")


def _plan(now: Memory, then: Memory) -> Plan:
    return Plan(
        difference(now.flows, then.flows, lambda _flow: True),
        difference(now.groups, then.groups, lambda _group: True),
        meter_difference(now.meters, then.meters, frozenset(), whole=True),
    )
