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
from ansible_collections.evergreen.virt.plugins.module_utils._facts import Updates
from ansible_collections.evergreen.virt.plugins.module_utils._files import write_atomically
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
from ansible_collections.evergreen.virt.plugins.plugin_utils import kept_plan
from ansible_collections.evergreen.virt.plugins.plugin_utils.plan_picture import plan_picture
from ansible_collections.evergreen.virt.plugins.plugin_utils.plan_table import plan_table
from ansible_collections.evergreen.virt.plugins.plugin_utils.planning import (
    PLANNING,
    facts_of,
    refuse_missing,
    rules_of,
    scope_of,
)

ARGUMENTS: dict[str, t.Any] = {
    **PLANNING,
    "wave": {"type": "list", "elements": "str"},
    "wave_number": {"type": "int", "default": 1},
    "look_ahead": {"type": "bool", "default": False},
    "updates": {"type": "str", "default": "preflight_updates"},
    "objective": {"type": "str", "choices": list(OBJECTIVES), "default": "balanced"},
    "max_hosts_per_wave": {"type": "int", "default": 1},
    "canary_hosts": {"type": "int", "default": 0},
    "order": {"type": "str", "choices": list(ORDERS), "default": "load"},
    "label": {"type": "str"},
    "site": {"type": "str"},
    "pace": {
        "type": "dict",
        "options": {name: {"type": "float"} for name in Pace.__dataclass_fields__},
    },
    "owner": {"type": "str", "default": "evergreen.virt"},
    "adopt": {"type": "bool", "default": False},
    "keep": {"type": "str", "choices": list(KEEP)},
    "soft_reboot": {"type": "bool", "default": False},
    "left_out": {"type": "dict", "default": {}},
    "save": {"type": "path"},
    "approved": {"type": "path"},
    "as_text": {"type": "bool", "default": False},
    "approved_text": {"type": "str"},
    "picture": {"type": "path"},
}


class ActionModule(ActionBase):
    """`evergreen.virt.upgrade_plan`: no connection, no module on a host."""

    TRANSFERS_FILES = False
    _requires_connection = False

    def run(self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        """Return `{"changed": False, "plan": ...}`, and the plan as `text` if it is asked for."""
        result = super().run(tmp, task_vars)
        _validated, options = self.validate_argument_spec(
            argument_spec=ARGUMENTS,
            required_if=[("order", "label", ["label"])],
            mutually_exclusive=[
                ("wave", "approved", "approved_text"),
                ("save", "approved", "approved_text"),
                ("wave", "save"),
            ],
        )
        try:
            answer = _answer(options, (task_vars or {})["hostvars"])
            if options["picture"]:
                _write(options["picture"], plan_picture(answer["plan"]))
        except VirtError as exc:
            return {**result, **exc.as_failure()}
        if options["show"]:
            for line in plan_table(answer["plan"]):
                Display().display(line)
        return {**result, "changed": False, **answer}


def _answer(options: t.Mapping[str, t.Any], hostvars: t.Any) -> dict[str, t.Any]:
    """Return the plan, and the text of one that is to be approved."""
    rules, nodes = _rules(options), _nodes(options, hostvars)
    scope = scope_of(options, "to be upgraded")
    if options["wave"] is not None:
        gate = plan_gate(nodes, options["wave"], options["wave_number"], scope, rules, look_ahead=options["look_ahead"])
        return {"plan": gate}
    refuse_missing(options, nodes)
    approved, left_out = _approved(options), options["left_out"]
    plan = (
        plan_run(nodes, scope, rules, left_out)
        if approved is None
        else saved.approved(approved, nodes, scope, rules, left_out)
    )
    kept = saved.keep(plan, nodes, scope, rules)
    if options["save"]:
        _write(options["save"], json.dumps(kept, indent=1, sort_keys=True) + "\n")
    return {"plan": plan, **({"text": kept_plan.as_text(kept)} if options["as_text"] else {})}


def _approved(options: t.Mapping[str, t.Any]) -> t.Mapping[str, t.Any] | None:
    """Return the plan that was kept and approved, None if a new one is asked for."""
    if options["approved"]:
        return saved.read(kept_plan.of_file(options["approved"]))
    return saved.read(kept_plan.of_text(options["approved_text"])) if options["approved_text"] else None


def _rules(options: t.Mapping[str, t.Any]) -> Rules:
    pace = {name: value for name, value in (options["pace"] or {}).items() if value is not None}
    if any(value < 0 for value in pace.values()) or pace.get("move_mib_per_s") == 0:
        raise InvalidInputError("pace: no time is negative, and move_mib_per_s is more than 0.")
    return rules_of(options, pace=Pace(**pace))


def _nodes(options: t.Mapping[str, t.Any], hostvars: t.Any) -> dict[str, Node]:
    nodes = {}
    for name, host in facts_of(options, hostvars).items():
        variables = hostvars.raw_get(name)
        updates = variables.get(options["updates"])
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


def _write(path: str, text: str) -> None:
    target = pathlib.Path(path)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(target, text, mode=0o644)
    except OSError as exc:
        raise InvalidInputError(f"the plan cannot be written to '{path}': {exc}.") from exc
