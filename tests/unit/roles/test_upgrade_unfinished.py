# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What an update that was interrupted left behind is finished before a host is asked what it is."""

from __future__ import annotations

import typing as t
from pathlib import Path

import pytest

from ansible_collections.evergreen.virt.tests.unit.plugins.module_utils._plan.clusters import node
from ansible_collections.evergreen.virt.tests.unit.roles.made_up import Tasks, play

pytestmark = pytest.mark.programs

OURS = {"owner": "evergreen.virt", "stage": "updating", "run_id": "r1"}
RECORDS: dict[str, dict[str, t.Any]] = {
    "ours": {"maintenance": OURS},
    "theirs": {"maintenance": {**OURS, "owner": "alice"}},
    "begun": {"maintenance": {**OURS, "stage": None}},
    "free": {"maintenance": None},
    "unknown": {"msg": "it did not answer"},
}
"""What is called so -> what it says of its record."""
MANAGERS = {"apt": {}, "dnf": {"preflight_manager": "dnf"}}


def finished(folder: Path, manager: str, finish: Tasks) -> str:
    """Return what Ansible says when hosts, called after their records, finish what was left behind."""
    came: Tasks = [{"ansible.builtin.set_fact": {"__upgrade_came": "{{ records[inventory_hostname] }}"}}]
    others: dict[str, Tasks] = {"upgrade/tasks/came.yml": came, f"upgrade/tasks/{manager}/finish.yml": finish}
    tasks: Tasks = [
        {"ansible.builtin.include_role": {"name": "evergreen.virt.upgrade", "tasks_from": "unfinished"}},
        {"ansible.builtin.debug": {"msg": "{{ inventory_hostname }} is asked what it is"}},
    ]
    plays = [{"hosts": "cluster", "gather_facts": False, "tasks": tasks}]
    said = play(folder, plays, [node(name) for name in RECORDS], others, records=RECORDS, **MANAGERS[manager])
    assert all(f"{name} is asked what it is" in said for name in RECORDS), said
    return said


@pytest.mark.parametrize("manager", MANAGERS)
def test_only_on_hosts_that_a_run_left_in_the_middle(manager: str, tmp_path: Path) -> None:
    said = finished(tmp_path, manager, [{"ansible.builtin.debug": {"msg": "{{ inventory_hostname }} finishes"}}])
    assert [name for name in RECORDS if f"{name} finishes" in said] == ["ours"]


def test_what_cannot_be_finished_is_told_and_stops_nobody(tmp_path: Path) -> None:
    said = finished(tmp_path, "apt", [{"ansible.builtin.fail": {"msg": "dpkg ended with 1"}}])
    assert "left behind on ours is not finished: dpkg ended with 1." in said
    assert "failed=0" in said
