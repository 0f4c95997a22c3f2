# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Plans on the controller how loads are evened out, from facts that lie in the hosts' variables."""

from __future__ import annotations

import typing as t

from ansible.plugins.action import ActionBase
from ansible.utils.display import Display

from ansible_collections.evergreen.virt.plugins.module_utils._errors import InvalidInputError, VirtError
from ansible_collections.evergreen.virt.plugins.module_utils._plan.aged import aged
from ansible_collections.evergreen.virt.plugins.module_utils._plan.balance import plan_balance
from ansible_collections.evergreen.virt.plugins.module_utils._plan.loads import MEASURES, Wish
from ansible_collections.evergreen.virt.plugins.module_utils._plan.model import Node
from ansible_collections.evergreen.virt.plugins.plugin_utils.balance_table import balance_table
from ansible_collections.evergreen.virt.plugins.plugin_utils.planning import (
    PLANNING,
    facts_of,
    refuse_missing,
    rules_of,
    scope_of,
)

ARGUMENTS: dict[str, t.Any] = {
    **PLANNING,
    "by": {"type": "str", "choices": [*MEASURES, "both"], "default": "memory"},
    "memory_tolerance": {"type": "float", "default": 10.0},
    "vcpus_tolerance": {"type": "float", "default": 50.0},
    "vms": {"type": "str"},
}


class ActionModule(ActionBase):
    """`evergreen.virt.rebalance_plan`: no connection, no module on a host."""

    TRANSFERS_FILES = False
    _requires_connection = False

    def run(self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        """Return `{"changed": False, "plan": ...}`."""
        result = super().run(tmp, task_vars)
        _validated, options = self.validate_argument_spec(argument_spec=ARGUMENTS)
        try:
            plan = _plan(options, (task_vars or {})["hostvars"])
        except VirtError as exc:
            return {**result, **exc.as_failure()}
        if options["show"]:
            for line in balance_table(plan):
                Display().display(line)
        return {**result, "changed": False, "plan": plan}


def _plan(options: t.Mapping[str, t.Any], hostvars: t.Any) -> dict[str, t.Any]:
    wish, rules = _wish(options), rules_of(options)
    nodes = {name: Node(name, host) for name, host in facts_of(options, hostvars).items()}
    scope = scope_of(options, "to be rebalanced")
    refuse_missing(options, nodes)
    plan = plan_balance(nodes, scope, rules, wish)
    return {**plan, "restarts": aged(nodes, _pending(options, hostvars))}


def _wish(options: t.Mapping[str, t.Any]) -> Wish:
    measures = MEASURES if options["by"] == "both" else (options["by"],)
    tolerances = {measure: options[f"{measure}_tolerance"] for measure in measures}
    for measure, tolerance in tolerances.items():
        if tolerance < 0:
            raise InvalidInputError(f"{measure}_tolerance must be at least 0.")
    return Wish(tolerances)


def _pending(options: t.Mapping[str, t.Any], hostvars: t.Any) -> dict[str, list[str]]:
    """Return by VM the options that its next start changes, of the hosts that were asked for them."""
    found: dict[str, list[str]] = {}
    for name in options["hosts"] if options["vms"] else ():
        told = hostvars.raw_get(name).get(options["vms"]) or {}
        found.update({vm["name"]: list(vm["pending"]) for vm in told.get("vms", ()) if vm.get("pending")})
    return found
