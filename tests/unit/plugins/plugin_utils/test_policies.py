# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import dataclasses
import typing as t

import pytest

from ansible_collections.evergreen.virt.plugins.module_utils._errors import InvalidInputError
from ansible_collections.evergreen.virt.plugins.module_utils._facts import Capacity, Host, Policy, Versions, Vm
from ansible_collections.evergreen.virt.plugins.plugin_utils.policies import apply_policies


def a_host() -> Host:
    names = ("web", "db")
    vms = [Vm(name, name, "running", True, 100, 1, policy=Policy(priority=5), labels={"tier": name}) for name in names]
    return Host("h1", "m", "b", "u", "QEMU", Versions(), Capacity(1000, 1, "x86_64"), vms=vms)


def test_a_policy_applies_where_its_expression_holds_and_leaves_the_rest() -> None:
    web, db = apply_policies(a_host(), [{"where": "labels.tier == 'web'", "policy": {"hosts": ["h2"]}}]).vms
    assert web.policy == Policy(priority=5, hosts=["h2"])
    assert db.policy == Policy(priority=5)


def test_later_policies_win() -> None:
    policies = [{"where": "`true`", "policy": {"priority": one}} for one in (1, 2)]
    assert [vm.policy.priority for vm in apply_policies(a_host(), policies).vms] == [2, 2]


def test_values_are_those_of_their_options_as_in_a_task() -> None:
    policy = {"priority": "3", "hosts": "h1", "post_copy": "yes", "anti_affinity": []}
    (web, _db) = apply_policies(a_host(), [{"where": "name", "policy": policy}]).vms
    assert web.policy == Policy(priority=3, hosts=["h1"], post_copy=True)


@pytest.mark.parametrize("option", [field.name for field in dataclasses.fields(Policy)])
def test_an_option_without_a_value_is_not_managed(option: str) -> None:
    (web, _db) = apply_policies(a_host(), [{"where": "name", "policy": {option: None}}]).vms
    assert web.policy == Policy(priority=5)


@pytest.mark.parametrize(
    ("entry", "sentence"),
    [
        ({"where": "name ==", "policy": {}}, "is no JMESPath"),
        ({"where": "name", "policy": {"colour": "red"}}, "unknown policy option 'colour'"),
        ({"where": "name", "policy": {"evacuation": "fly"}}, "unknown evacuation 'fly'"),
        ({"where": "name", "policy": {"priority": "high"}}, "priority"),
        ({"where": "name", "policy": {"post_copy": "perhaps"}}, "post_copy"),
        ({"where": "name", "policy": {"hosts": {"h1": 1}}}, "hosts"),
    ],
)
def test_what_cannot_be_meant_is_refused(entry: dict[str, t.Any], sentence: str) -> None:
    with pytest.raises(InvalidInputError, match=sentence):
        apply_policies(a_host(), [entry])
