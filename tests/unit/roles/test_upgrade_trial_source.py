# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The small VM that proves a host: which hosts it may come from, and that of a host that is finished while its run is cancelled."""

from __future__ import annotations

import typing as t
from pathlib import Path

import pytest

from ansible_collections.evergreen.virt.tests.unit.plugins.module_utils._plan.clusters import node
from ansible_collections.evergreen.virt.tests.unit.roles.made_up import Tasks, play

pytestmark = pytest.mark.programs

TAKEN = "Trial | Have it come here: run r1 (epoch 1) may not change this host: run cancelled-2 (epoch 2) has it"
TRY: Tasks = [
    {"ansible.builtin.set_fact": {"tries": "{{ tries | default(0) | int + 1 }}"}},
    {"ansible.builtin.fail": {"msg": "{{ says[tries | int - 1] }}"}, "when": "says | length >= tries | int"},
]


@pytest.mark.parametrize(
    ("says", "ending"),
    [
        ([TAKEN], "proven after 2"),
        ([TAKEN, "br0 is missing"], "failed after 2"),
        (["br0 is missing"], "failed after 1"),
    ],
    ids=["its source was taken", "its source was taken and it takes no VM", "it takes no VM"],
)
def test_a_host_is_not_failed_by_a_source_that_was_taken(tmp_path: Path, says: list[str], ending: str) -> None:
    prove = {"ansible.builtin.include_role": {"name": "evergreen.virt.upgrade", "tasks_from": "trial"}}
    told = [{"ansible.builtin.debug": {"msg": f"{how} after {{{{ tries }}}}."}} for how in ("proven", "failed")]
    tasks = [{"block": [prove, told[0]], "rescue": [told[1]]}]
    known: dict[str, t.Any] = {
        "__upgrade_verified": {"host": {}},
        "__upgrade_run": {"id": "r1", "epoch": 1, "order": ["h1"]},
    }
    plays = [{"hosts": "h1", "gather_facts": False, "tasks": tasks}]
    said = play(tmp_path, plays, [node("h1")], {"preflight/tasks/trial.yml": TRY}, says=says, **known)
    assert f"{ending}." in said, said


@pytest.mark.programs
def test_a_rollback_of_one_host_has_the_others_of_its_play(tmp_path: Path) -> None:
    """Without --limit they are all in it, and a host that nobody can send a VM to would prove no move."""
    tell: Tasks = [{"ansible.builtin.debug": {"msg": "busy: {{ preflight_trial_busy | join(' ') }}."}}]
    run: dict[str, t.Any] = {"id": "rollback-1", "epoch": 2, "order": ["h2"]}
    trial = {"ansible.builtin.include_role": {"name": "evergreen.virt.upgrade", "tasks_from": "trial"}}
    plays = [{"hosts": "cluster", "gather_facts": False, "tasks": [{**trial, "when": "inventory_hostname == 'h2'"}]}]
    given: dict[str, t.Any] = {"__upgrade_run": run, "__upgrade_verified": {"host": {}}}
    said = play(tmp_path, plays, [node("h1"), node("h2")], {"preflight/tasks/trial.yml": tell}, **given)
    assert "busy: h2." in said, said
