# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which hosts the small VM may come from that proves a host."""

from __future__ import annotations

import typing as t
from pathlib import Path

import pytest

from ansible_collections.evergreen.virt.tests.unit.plugins.module_utils._plan.clusters import node
from ansible_collections.evergreen.virt.tests.unit.roles.made_up import Tasks, play


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
