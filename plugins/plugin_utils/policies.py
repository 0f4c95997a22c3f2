# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""Policies from the inventory, for VMs whose own metadata one may not touch."""

from __future__ import annotations

import dataclasses
import typing as t

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.evergreen.virt.plugins.module_utils._errors import InvalidInputError
from ansible_collections.evergreen.virt.plugins.module_utils._facts import EVACUATION_MODES, Host, Policy, Vm
from ansible_collections.evergreen.virt.plugins.module_utils._where import selector

_LIST = {"type": "list", "elements": "str"}
_TYPES = ArgumentSpecValidator(
    {
        "evacuation": {"type": "str"},
        "anti_affinity": _LIST,
        "affinity": _LIST,
        "priority": {"type": "int"},
        "max_downtime_ms": {"type": "int"},
        "post_copy": {"type": "bool"},
        "hosts": _LIST,
    }
)


def apply_policies(host: Host, policies: t.Sequence[t.Mapping[str, t.Any]]) -> Host:
    """Return the host's facts with each VM's policy as the inventory wants it.

    :param policies: `[{"where": JMESPath over a VM's facts, "policy": {option: value}}]`, later ones win.
    :raises InvalidInputError: for an expression that cannot be read, an unknown option, or a value that is none of it.
    """
    if not policies:
        return host
    rules = [(selector(entry["where"]), _checked(entry["policy"])) for entry in policies]
    return dataclasses.replace(host, vms=[_with_policies(vm, rules) for vm in host.vms])


def _checked(policy: t.Mapping[str, t.Any]) -> t.Mapping[str, t.Any]:
    """Return the options that are managed, as what they are."""
    policy = {name: value for name, value in policy.items() if value is not None}
    known = [field.name for field in dataclasses.fields(Policy)]
    unknown = sorted(set(policy) - set(known))
    if unknown:
        raise InvalidInputError(f"unknown policy option '{unknown[0]}'.", hint=f"Known are {', '.join(known)}.")
    if policy.get("evacuation", "live") not in EVACUATION_MODES:
        raise InvalidInputError(
            f"unknown evacuation '{policy['evacuation']}'.", hint=f"Known are {', '.join(EVACUATION_MODES)}."
        )
    found = _TYPES.validate(policy)
    if found.error_messages:
        raise InvalidInputError(f"a policy cannot be meant: {found.error_messages[0]}")
    return {name: found.validated_parameters[name] for name in policy}


def _with_policies(
    vm: Vm, rules: t.Sequence[tuple[t.Callable[[t.Mapping[str, t.Any]], bool], t.Mapping[str, t.Any]]]
) -> Vm:
    data = vm.to_dict()
    policy = dict(data["policy"])
    for selects, wanted in rules:
        if selects(data):
            policy.update(wanted)
    return dataclasses.replace(vm, policy=Policy.from_dict(policy))
