# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import dataclasses
import typing as t

import pytest

from ansible_collections.evergreen.virt.plugins.module_utils._facts import Maintenance, Versions
from ansible_collections.evergreen.virt.plugins.module_utils._plan.model import Rules
from ansible_collections.evergreen.virt.plugins.module_utils._plan.run import plan_gate, plan_run

from .clusters import RULES, node, vm

OURS = Maintenance(
    "evergreen.virt", "rolling upgrade r1", "today", run_id="r1", impact="reboot", before=Versions(os="Debian 12")
)
OTHERS = dataclasses.replace(OURS, owner="alice")
BY_HAND = dataclasses.replace(OURS, run_id=None)


def run(record: Maintenance, rules: Rules = RULES, **more: t.Any) -> dict[str, t.Any]:
    nodes = {one.name: one for one in (node("h1", vm("a")), node("h2", maintenance=record, **more))}
    return plan_run(nodes, ["h2"], rules)


@pytest.mark.parametrize("record", [OTHERS, BY_HAND], ids=["another owner", "no run"])
def test_a_maintenance_that_is_no_run_s_is_left_alone(record: Maintenance) -> None:
    plan = run(record)
    assert plan["waves"] == []
    assert "in maintenance by" in plan["skipped"]["h2"]
    nodes = {one.name: one for one in (node("h1"), node("h2", maintenance=record))}
    assert set(plan_gate(nodes, ["h2"], 1, ["h2"], RULES)["skipped"]) == {"h2"}


def test_whoever_keeps_a_host_out_of_service_may_empty_it() -> None:
    adopting = dataclasses.replace(RULES, adopt=True)
    assert run(BY_HAND, adopting)["waves"] == [["h2"]]
    assert run(OTHERS, adopting)["waves"] == []


def test_hosts_are_emptied_together_with_one_that_is_out_of_service_already() -> None:
    rules = dataclasses.replace(RULES, adopt=True, max_hosts_per_wave=2)
    nodes = {one.name: one for one in (node("h1", maintenance=BY_HAND), node("h2", vm("a")), node("h3", impact="none"))}
    plan = plan_run(nodes, ["h1", "h2"], rules)
    assert [sorted(wave) for wave in plan["waves"]] == [["h1", "h2"]]
    assert plan_run(
        {**nodes, "h1": node("h1", maintenance=OURS)}, ["h1", "h2"], dataclasses.replace(rules, adopt=False)
    )["waves"] == [["h1"], ["h2"]]


def test_a_maintained_host_with_nothing_pending_is_not_part_of_the_run() -> None:
    plan = run(dataclasses.replace(OTHERS, impact=None), impact="none")
    assert (plan["waves"], plan["skipped"]) == ([], {})


def test_an_interrupted_run_is_gone_on_with_and_tells_what_ran_before_it() -> None:
    plan = run(OURS)
    assert plan["waves"] == [["h2"]]
    (host,) = [host for host in plan["hosts"] if host["name"] == "h2"]
    assert host["from"]["os"] == "Debian 12"
