# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""Carrying out a plan for a bridge's flows, groups and meters: of flows and groups in one bundle."""

from __future__ import annotations

import dataclasses
import typing as t

from .._errors import OperationError
from . import openflow as of
from .flow_model import Flow, Group, Meter
from .flow_plan import Plan, Step, bundle, meters_after, meters_before, meters_undone
from .ofctl import Translator
from .openflow_switch import Refusal, Switch


@dataclasses.dataclass(frozen=True)
class Change:
    """Carries out a plan on one bridge.

    :param names: how errors name what the user wrote.
    """

    switch: Switch
    translator: Translator
    bridge: str
    names: t.Mapping[t.Any, str]

    def apply(self, plan: Plan) -> None:
        """Change meters, then flows and groups at once, then remove meters.

        :raises OperationError: when the switch refuses something; of flows and groups nothing is changed then.
        """
        version = self.switch.version
        before = meters_before(version, plan)
        steps = bundle(version, plan)
        try:
            self._demand(before, self.switch.carry_out)
            if steps:
                self._demand(steps, self.switch.commit)
        except OperationError:
            self.switch.carry_out([step.message for step in meters_undone(version, plan)])
            raise
        self._demand(meters_after(version, plan), self.switch.carry_out)

    def _demand(
        self, steps: t.Sequence[Step[t.Any]], send: t.Callable[[t.Sequence[of.Message]], Refusal | None]
    ) -> None:
        refusal = send([step.message for step in steps])
        if refusal is None:
            return
        about = "the change" if refusal.index is None else self._name(steps[refusal.index].about)
        raise OperationError(
            f"bridge '{self.bridge}' does not take {about}: {self.translator.error_text(refusal.error)}.",
            hint="Flows and groups are as they were. ovs-vswitchd's log says more.",
        )

    def _name(self, item: Flow | Group | Meter) -> str:
        if isinstance(item, Flow):
            return self.names.get(item.key, "the removal of a flow")
        return f"{type(item).__name__.lower()} {item.id}"
