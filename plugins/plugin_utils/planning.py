# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the actions that plan have in common: their options, and the facts that lie in the hosts' variables."""

from __future__ import annotations

import typing as t

from ansible_collections.evergreen.virt.plugins.module_utils._errors import InvalidInputError
from ansible_collections.evergreen.virt.plugins.module_utils._facts import Host
from ansible_collections.evergreen.virt.plugins.module_utils._plan.model import Rules
from ansible_collections.evergreen.virt.plugins.plugin_utils.policies import apply_policies

PLANNING: dict[str, t.Any] = {
    "hosts": {"type": "list", "elements": "str", "required": True},
    "scope": {"type": "list", "elements": "str"},
    "facts": {"type": "str", "default": "preflight_facts"},
    "reserve": {"type": "int", "default": 0},
    "host_reserve_mib": {"type": "int", "default": 1024},
    "vm_overhead_mib": {"type": "int", "default": 64},
    "max_vcpus_per_thread": {"type": "float"},
    "parallel_moves": {"type": "int", "default": 2},
    "cluster_parallel_moves": {"type": "int", "default": 0},
    "policies": {
        "type": "list",
        "elements": "dict",
        "default": [],
        "options": {"where": {"type": "str", "required": True}, "policy": {"type": "dict", "required": True}},
    },
    "show": {"type": "bool", "default": True},
}
"""The options of the documentation fragment `planning`."""

_LEAST = {
    "max_hosts_per_wave": 1,
    "canary_hosts": 0,
    "reserve": 0,
    "host_reserve_mib": 0,
    "vm_overhead_mib": 0,
    "parallel_moves": 1,
    "cluster_parallel_moves": 0,
}

Options = t.Mapping[str, t.Any]


def rules_of(options: Options, **more: t.Any) -> Rules:
    """Return the rules that a plan has to keep, out of the options that have their names.

    :raises InvalidInputError: for a number that cannot be meant.
    """
    for name, least in _LEAST.items():
        if options.get(name, least) < least:
            raise InvalidInputError(f"{name} must be at least {least}.")
    if options["max_vcpus_per_thread"] is not None and options["max_vcpus_per_thread"] <= 0:
        raise InvalidInputError("max_vcpus_per_thread must be more than 0.")
    values = {name: options[name] for name in Rules.__dataclass_fields__ if name in options and name not in more}
    return Rules(**values, **more)


def scope_of(options: Options, purpose: str) -> list[str]:
    """Return the hosts that are meant, all if none are named.

    :param purpose: what is to become of them, for the message.
    :raises InvalidInputError: for a host that is none of the cluster.
    """
    scope: list[str] = options["hosts"] if options["scope"] is None else options["scope"]
    strangers = sorted(set(scope) - set(options["hosts"]))
    if strangers:
        raise InvalidInputError(f"host '{strangers[0]}' is {purpose} and is not a host of the cluster.")
    return scope


def facts_of(options: Options, hostvars: t.Any) -> dict[str, Host]:
    """Return the facts of the hosts that have some, with the policies of the inventory.

    They are read past the templating of `hostvars[...]`, which would cost seconds and copies for large clusters.
    """
    known = {name: hostvars.raw_get(name).get(options["facts"]) for name in options["hosts"]}
    return {name: apply_policies(Host.from_dict(facts), options["policies"]) for name, facts in known.items() if facts}


def refuse_missing(options: Options, known: t.Container[str]) -> None:
    """Make sure that each host has facts.

    :raises InvalidInputError: when one has none.
    """
    missing = [name for name in options["hosts"] if name not in known]
    if missing:
        raise InvalidInputError(
            f"host '{missing[0]}' has no facts in its variable '{options['facts']}'.",
            hint="Every host of the cluster must have answered before anything is planned.",
            hosts=missing,
        )
