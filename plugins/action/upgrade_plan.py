# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Plans an upgrade on the controller, from facts that lie in the hosts' variables."""

from __future__ import annotations

import typing as t

from ansible.plugins.action import ActionBase
from ansible.utils.display import Display

from ansible_collections.evergreen.virt.plugins.module_utils._errors import InvalidInputError, VirtError
from ansible_collections.evergreen.virt.plugins.module_utils._facts import Host, Updates
from ansible_collections.evergreen.virt.plugins.module_utils._plan.model import Node, Rules
from ansible_collections.evergreen.virt.plugins.module_utils._plan.run import plan_gate, plan_run
from ansible_collections.evergreen.virt.plugins.plugin_utils.plan_table import plan_table
from ansible_collections.evergreen.virt.plugins.plugin_utils.policies import apply_policies

ARGUMENTS: dict[str, t.Any] = {
    "hosts": {"type": "list", "elements": "str", "required": True},
    "scope": {"type": "list", "elements": "str"},
    "wave": {"type": "list", "elements": "str"},
    "wave_number": {"type": "int", "default": 1},
    "facts": {"type": "str", "default": "preflight_facts"},
    "updates": {"type": "str", "default": "preflight_updates"},
    "max_hosts_per_wave": {"type": "int", "default": 1},
    "host_reserve_mib": {"type": "int", "default": 1024},
    "vm_overhead_mib": {"type": "int", "default": 64},
    "policies": {
        "type": "list",
        "elements": "dict",
        "default": [],
        "options": {"where": {"type": "str", "required": True}, "policy": {"type": "dict", "required": True}},
    },
    "owner": {"type": "str", "default": "evergreen.virt"},
    "show": {"type": "bool", "default": True},
}


class ActionModule(ActionBase):
    """`evergreen.virt.upgrade_plan`: no connection, no module on a host."""

    TRANSFERS_FILES = False
    _requires_connection = False

    def run(self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        """Return `{"changed": False, "plan": ...}`."""
        result = super().run(tmp, task_vars)
        _validated, options = self.validate_argument_spec(argument_spec=ARGUMENTS)
        try:
            plan = _plan(options, (task_vars or {})["hostvars"])
        except VirtError as exc:
            return {**result, "failed": True, "msg": str(exc), "error": exc.as_result()}
        if options["show"]:
            for line in plan_table(plan):
                Display().display(line)
        return {**result, "changed": False, "plan": plan}


def _plan(options: t.Mapping[str, t.Any], hostvars: t.Any) -> dict[str, t.Any]:
    if options["max_hosts_per_wave"] < 1:
        raise InvalidInputError("max_hosts_per_wave must be at least 1.")
    rules = Rules(**{name: options[name] for name in Rules.__dataclass_fields__})
    nodes = _nodes(options, hostvars)
    scope = options["hosts"] if options["scope"] is None else options["scope"]
    _refuse_unknown(scope, options["hosts"])
    if options["wave"] is not None:
        return plan_gate(nodes, options["wave"], options["wave_number"], scope, rules)
    missing = [name for name in options["hosts"] if name not in nodes]
    if missing:
        raise InvalidInputError(
            f"host '{missing[0]}' has no facts in its variable '{options['facts']}'.",
            hint="Every host of the cluster must have answered before a run is planned.",
            hosts=missing,
        )
    return plan_run(nodes, scope, rules)


def _refuse_unknown(scope: t.Sequence[str], hosts: t.Sequence[str]) -> None:
    strangers = sorted(set(scope) - set(hosts))
    if strangers:
        raise InvalidInputError(f"host '{strangers[0]}' is to be upgraded and is not a host of the cluster.")


def _nodes(options: t.Mapping[str, t.Any], hostvars: t.Any) -> dict[str, Node]:
    """Read facts past the templating of `hostvars[...]`, which would cost seconds and copies for large clusters."""
    nodes = {}
    for name in options["hosts"]:
        variables = hostvars.raw_get(name)
        facts, updates = variables.get(options["facts"]), variables.get(options["updates"])
        if facts:
            host = apply_policies(Host.from_dict(facts), options["policies"])
            nodes[name] = Node(name, host, Updates.from_dict(updates) if updates else None)
    return nodes
