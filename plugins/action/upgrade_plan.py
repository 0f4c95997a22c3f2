# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Plans an upgrade on the controller, from facts that lie in the hosts' variables."""

from __future__ import annotations

import json
import pathlib
import typing as t

from ansible.plugins.action import ActionBase
from ansible.utils.display import Display

from ansible_collections.evergreen.virt.plugins.module_utils._errors import InvalidInputError, VirtError
from ansible_collections.evergreen.virt.plugins.module_utils._facts import Host, Updates
from ansible_collections.evergreen.virt.plugins.module_utils._plan import saved
from ansible_collections.evergreen.virt.plugins.module_utils._plan.model import (
    KEEP,
    OBJECTIVES,
    ORDERS,
    Node,
    Pace,
    Rules,
)
from ansible_collections.evergreen.virt.plugins.module_utils._plan.run import plan_gate, plan_run
from ansible_collections.evergreen.virt.plugins.plugin_utils.plan_picture import plan_picture
from ansible_collections.evergreen.virt.plugins.plugin_utils.plan_table import plan_table
from ansible_collections.evergreen.virt.plugins.plugin_utils.policies import apply_policies

ARGUMENTS: dict[str, t.Any] = {
    "hosts": {"type": "list", "elements": "str", "required": True},
    "scope": {"type": "list", "elements": "str"},
    "wave": {"type": "list", "elements": "str"},
    "wave_number": {"type": "int", "default": 1},
    "look_ahead": {"type": "bool", "default": False},
    "facts": {"type": "str", "default": "preflight_facts"},
    "updates": {"type": "str", "default": "preflight_updates"},
    "objective": {"type": "str", "choices": list(OBJECTIVES), "default": "balanced"},
    "max_hosts_per_wave": {"type": "int", "default": 1},
    "canary_hosts": {"type": "int", "default": 0},
    "order": {"type": "str", "choices": list(ORDERS), "default": "load"},
    "label": {"type": "str"},
    "site": {"type": "str"},
    "reserve": {"type": "int", "default": 0},
    "host_reserve_mib": {"type": "int", "default": 1024},
    "vm_overhead_mib": {"type": "int", "default": 64},
    "max_vcpus_per_thread": {"type": "float"},
    "parallel_moves": {"type": "int", "default": 1},
    "cluster_parallel_moves": {"type": "int", "default": 0},
    "pace": {
        "type": "dict",
        "options": {name: {"type": "float"} for name in Pace.__dataclass_fields__},
    },
    "policies": {
        "type": "list",
        "elements": "dict",
        "default": [],
        "options": {"where": {"type": "str", "required": True}, "policy": {"type": "dict", "required": True}},
    },
    "owner": {"type": "str", "default": "evergreen.virt"},
    "keep": {"type": "str", "choices": list(KEEP)},
    "save": {"type": "path"},
    "approved": {"type": "path"},
    "picture": {"type": "path"},
    "show": {"type": "bool", "default": True},
}
_LEAST = {
    "max_hosts_per_wave": 1,
    "canary_hosts": 0,
    "reserve": 0,
    "host_reserve_mib": 0,
    "vm_overhead_mib": 0,
    "parallel_moves": 1,
    "cluster_parallel_moves": 0,
}


class ActionModule(ActionBase):
    """`evergreen.virt.upgrade_plan`: no connection, no module on a host."""

    TRANSFERS_FILES = False
    _requires_connection = False

    def run(self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        """Return `{"changed": False, "plan": ...}`."""
        result = super().run(tmp, task_vars)
        _validated, options = self.validate_argument_spec(
            argument_spec=ARGUMENTS,
            required_if=[("order", "label", ["label"])],
            mutually_exclusive=[("wave", "approved"), ("wave", "save"), ("save", "approved")],
        )
        try:
            plan = _plan(options, (task_vars or {})["hostvars"])
            if options["picture"]:
                _write(options["picture"], plan_picture(plan))
        except VirtError as exc:
            return {**result, "failed": True, "msg": str(exc), "error": exc.as_result()}
        if options["show"]:
            for line in plan_table(plan):
                Display().display(line)
        return {**result, "changed": False, "plan": plan}


def _plan(options: t.Mapping[str, t.Any], hostvars: t.Any) -> dict[str, t.Any]:
    rules, nodes = _rules(options), _nodes(options, hostvars)
    scope = options["hosts"] if options["scope"] is None else options["scope"]
    _refuse_unknown(scope, options["hosts"])
    if options["wave"] is not None:
        return plan_gate(nodes, options["wave"], options["wave_number"], scope, rules, look_ahead=options["look_ahead"])
    missing = [name for name in options["hosts"] if name not in nodes]
    if missing:
        raise InvalidInputError(
            f"host '{missing[0]}' has no facts in its variable '{options['facts']}'.",
            hint="Every host of the cluster must have answered before a run is planned.",
            hosts=missing,
        )
    if options["approved"]:
        return saved.approved(_read(options["approved"]), nodes, scope, rules)
    plan = plan_run(nodes, scope, rules)
    if options["save"]:
        kept = saved.keep(plan, nodes, scope, rules)
        _write(options["save"], json.dumps(kept, indent=1, sort_keys=True) + "\n")
    return plan


def _rules(options: t.Mapping[str, t.Any]) -> Rules:
    for name, least in _LEAST.items():
        if options[name] < least:
            raise InvalidInputError(f"{name} must be at least {least}.")
    if options["max_vcpus_per_thread"] is not None and options["max_vcpus_per_thread"] <= 0:
        raise InvalidInputError("max_vcpus_per_thread must be more than 0.")
    pace = {name: value for name, value in (options["pace"] or {}).items() if value is not None}
    if any(value < 0 for value in pace.values()) or pace.get("move_mib_per_s") == 0:
        raise InvalidInputError("pace: no time is negative, and move_mib_per_s is more than 0.")
    values = {name: options[name] for name in Rules.__dataclass_fields__ if name != "pace"}
    return Rules(**values, pace=Pace(**pace))


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
            pending = Updates.from_dict(updates) if updates else None
            site, label = (_named(name, variables, options[what]) for what in ("site", "label"))
            nodes[name] = Node(name, host, pending, site, label)
    return nodes


def _named(host: str, variables: t.Mapping[str, t.Any], variable: str | None) -> str:
    """Return the value of a host's variable as text, empty if none is asked for."""
    if variable is None:
        return ""
    if variable not in variables:
        raise InvalidInputError(
            f"host '{host}' has no variable '{variable}', which the order of the hosts is read from."
        )
    return str(variables[variable])


def _read(path: str) -> t.Any:
    try:
        return json.loads(pathlib.Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError) as exc:
        raise InvalidInputError(f"the approved plan '{path}' cannot be read: {exc}.") from exc


def _write(path: str, text: str) -> None:
    target = pathlib.Path(path)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
    except OSError as exc:
        raise InvalidInputError(f"the plan cannot be written to '{path}': {exc}.") from exc
