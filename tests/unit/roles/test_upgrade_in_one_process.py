# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A rolling upgrade after other playbooks of the same process, whose facts last as long as it does."""

from __future__ import annotations

import typing as t
from pathlib import Path

import pytest

from ansible_collections.evergreen.virt.tests.unit.plugins.module_utils._plan.clusters import node
from ansible_collections.evergreen.virt.tests.unit.roles.made_up import Tasks, play

pytestmark = pytest.mark.programs

LEFT = {
    "maintenance_moves": [{"vm": "old", "to": "h9"}],
    "maintenance_stops": [{"vm": "old", "way": "suspend", "why": ""}],
    "maintenance_room": [{"host": "h9", "moves": [{"vm": "old", "to": "h8"}]}],
    "maintenance_run_id": "evacuate-1",
    "maintenance_epoch": 1,
}
"""What the plan of an evacuation has left."""
VARIABLES: dict[str, t.Any] = {
    "__upgrade_run": {"id": "r2", "epoch": 2, "hosts": [{"name": "h1", "wave": 1}]},
    "__upgrade_planned_host": {"impact": "reboot", "moves": [{"vm": "new"}], "stops": [], "parallel_moves": 1},
    "__upgrade_room": {"host": "h2", "moves": [{"vm": "new"}]},
    "__upgrade_verified": {"host": {"driver": "LXC"}},
}
TOLD = {
    "run": "{{ maintenance_run_id }} {{ maintenance_epoch }}",
    "moves": "{{ maintenance_moves | map(attribute='vm') | join }}",
    "room": "{{ maintenance_room | length }}",
}
TELL: Tasks = [{"ansible.builtin.debug": {"msg": "; ".join(f"{name}: {value}" for name, value in TOLD.items())}}]


def after(folder: Path, facts: dict[str, t.Any], step: str) -> str:
    """Return what Ansible says to a step of the upgrade of a host that has such facts already."""
    tasks: Tasks = [
        {"ansible.builtin.set_fact": facts},
        {"ansible.builtin.include_role": {"name": "evergreen.virt.upgrade", "tasks_from": step}},
    ]
    others = {f"maintenance/tasks/{name}.yml": TELL for name in ("main", "move")}
    plays = [{"hosts": "h1", "gather_facts": False, "tasks": tasks}]
    return play(folder, plays, [node("h1"), node("h2")], others, **VARIABLES)


@pytest.mark.parametrize(
    ("step", "expected"),
    [("evacuate", "run: r2 2; moves: new; room: 0"), ("room", "run: r2 2; moves: new;"), ("return", "run: r2 2;")],
)
def test_the_plan_of_an_evacuation_is_none_of_a_run(step: str, expected: str, tmp_path: Path) -> None:
    said = after(tmp_path, LEFT, step)
    assert expected in said, said


def test_hosts_are_upgraded_once_in_a_process(tmp_path: Path) -> None:
    said = after(tmp_path, {"upgrade_result": "upgraded"}, "plan")
    assert "has upgraded hosts already since it was started: h1." in said
