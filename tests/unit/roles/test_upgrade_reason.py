# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The reason why a host has failed, on the host itself."""

from __future__ import annotations

import typing as t
from pathlib import Path

import pytest

from ansible_collections.evergreen.virt.tests.unit.plugins.module_utils._plan.clusters import node
from ansible_collections.evergreen.virt.tests.unit.roles.made_up import NOWHERE, Tasks, play
from ansible_collections.evergreen.virt.tests.unit.roles.made_up_hosts import Hosts, noted

pytestmark = pytest.mark.programs

WRITTEN = {"changed": True}
ANSWERS: dict[str, tuple[list[dict[str, t.Any]], bool]] = {
    "out of service for this run": ([{"changed": False}, WRITTEN], True),
    "in service": ([{"changed": True}, WRITTEN], False),
    "superseded": ([{"failed": True, "msg": "run r1 (epoch 1) may not change this host"}], False),
    "silent": ([], False),
}
"""What the host is -> what its module answers, and whether the reason is written."""


@pytest.mark.parametrize(("answers", "written"), ANSWERS.values(), ids=ANSWERS)
def test_it_is_written_where_the_run_has_the_host_out_of_service(
    tmp_path: Path, answers: list[dict[str, t.Any]], written: bool
) -> None:
    hosts = Hosts(tmp_path)
    hosts.add("h1", {"hypervisor_maintenance": answers}, **({} if answers else NOWHERE))
    failure = noted(tmp_path / "reason", "Packages | Update: E: lock\n  held")
    given = {"__upgrade_run": {"id": "r1", "epoch": 1}, "__upgrade_failure": failure}
    reason = {"ansible.builtin.include_role": {"name": "evergreen.virt.upgrade", "tasks_from": "reason"}, "vars": given}
    found = hosts.play("all", [reason, {"ansible.builtin.debug": {"msg": "it goes on"}}])
    assert (tmp_path / "reason").exists() == written, found
    assert "it goes on" in found


def test_a_rollback_that_fails_is_a_reason_as_well(tmp_path: Path) -> None:
    others: dict[str, Tasks] = {
        "upgrade/tasks/back.yml": [{"name": "Back | Boot", "ansible.builtin.fail": {"msg": "it is silent"}}],
        "upgrade/tasks/reason.yml": [{"ansible.builtin.debug": {"msg": "written: {{ __upgrade_failure }}"}}],
        "upgrade/tasks/ended.yml": [
            {"ansible.builtin.debug": {"msg": "{{ __upgrade_result }}: {{ __upgrade_reason }}"}}
        ],
    }
    roll = {"ansible.builtin.include_role": {"name": "evergreen.virt.upgrade", "tasks_from": "rollback_host"}}
    found = play(tmp_path, [{"hosts": "h1", "gather_facts": False, "tasks": [roll]}], [node("h1")], others)
    assert "written: Back | Boot: it is silent" in found, found
    assert "failed: Back | Boot: it is silent" in found
