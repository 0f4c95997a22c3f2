# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

import pytest
from ansible.errors import AnsibleFilterError

from ansible_collections.evergreen.virt.plugins.filter.vms_elsewhere import FilterModule
from ansible_collections.evergreen.virt.plugins.module_utils._facts import Capacity, Host, Versions, Vm

elsewhere = FilterModule().filters()["vms_elsewhere"]


def facts(name: str, *vms: Vm, moving: t.Sequence[str] = ()) -> dict[str, t.Any]:
    capacity = Capacity(1024, 1, "x86_64")
    return Host(name, "id", "b1", "uri", "QEMU", Versions(), capacity, vms=list(vms), moving=list(moving)).to_dict()


def vm(name: str, state: str = "running", *, persistent: bool = True) -> Vm:
    return Vm(name, f"u-{name}", state, persistent, 1024, 1)


@pytest.mark.parametrize(
    ("other", "runs", "unsure"),
    [
        (facts("h2", vm("db")), ["u-db"], []),
        (facts("h2", vm("db", "paused")), [], ["u-db"]),
        (facts("h2", vm("db", "crashed")), [], ["u-db"]),
        (facts("h2", vm("db", "shutdown")), [], ["u-db"]),
        (facts("h2", vm("db", persistent=False)), [], ["u-db"]),
        (facts("h2", vm("db"), vm("web"), moving=["db"]), ["u-web"], ["u-db"]),
        ({}, None, []),
    ],
)
def test_what_another_host_says(other: dict[str, t.Any], runs: list[str] | None, unsure: list[str]) -> None:
    own = facts("h1", vm("db", "shutoff"), vm("web", "shutoff"))
    assert elsewhere({"h1": own, "h2": other}, "h1") == [{"host": "h2", "runs": runs, "unsure": unsure}]


@pytest.mark.parametrize("other", [facts("h2"), facts("h2", vm("stranger"), vm("db", "shutoff"))])
def test_who_has_nothing_to_say_is_left_out(other: dict[str, t.Any]) -> None:
    assert elsewhere({"h1": facts("h1", vm("db", "shutoff")), "h2": other}, "h1") == []


def test_nothing_is_made_of_vms_that_nobody_asks_about() -> None:
    other = {**facts("h2", vm("db")), "vms": [{"uuid": "u-stranger"}, vm("db").to_dict()]}
    assert elsewhere({"h1": facts("h1", vm("db", "shutoff")), "h2": other}, "h1")[0]["runs"] == ["u-db"]


@pytest.mark.parametrize("told", [{}, {"h1": {}}])
def test_a_host_without_facts_cannot_be_told_of(told: dict[str, t.Any]) -> None:
    with pytest.raises(AnsibleFilterError, match="no facts of host 'h1'"):
        elsewhere(told, "h1")
