# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is left of a run that is refused before it begins."""

from __future__ import annotations

import json
import re
import typing as t
from pathlib import Path

import pytest

from ansible_collections.evergreen.virt.plugins.plugin_utils.journal import record
from ansible_collections.evergreen.virt.tests.unit.plugins.module_utils._plan.clusters import node
from ansible_collections.evergreen.virt.tests.unit.roles.made_up import Tasks, play

pytestmark = pytest.mark.programs

SILENT: Tasks = [
    {"ansible.builtin.set_fact": {"preflight_problem": "{{ 'it is silent' if inventory_hostname == 'h2' else '' }}"}}
]
DROPS_OUT: Tasks = [{"ansible.builtin.fail": {"msg": "no room"}, "when": "inventory_hostname == 'h2'"}]
NOT_ASKED: dict[str, Tasks] = {
    "preflight/tasks/ways.yml": [],
    "upgrade/tasks/begin.yml": [{"ansible.builtin.debug": {"msg": "it goes on"}}],
    "upgrade/tasks/download.yml": [],
    "upgrade/tasks/recover.yml": [],
}
WHY = "Nothing was changed, because not every host of the cluster is ready: h2: it is silent"
BEFORE: list[dict[str, t.Any]] = [
    {"event": "run", "state": "started", "run_id": "r1", "epoch": 1},
    {
        "event": "plan",
        "plan": {"waves": [["h1"]], "hosts": [{"name": "h1", "wave": 1, "impact": "reboot", "from": {}}]},
    },
    {"event": "host", "host": "h1", "result": "upgraded"},
    {"event": "run", "state": "finished"},
]


@pytest.mark.parametrize(
    ("others", "why"),
    [({"preflight/tasks/updates.yml": SILENT}, WHY), ({"preflight/tasks/refuse.yml": DROPS_OUT}, "no room")],
    ids=["all of them", "one of them drops out"],
)
def test_its_report_says_why_and_the_play_ends(tmp_path: Path, others: dict[str, Tasks], why: str) -> None:
    """In the folder in which the run before it has told that all went well."""
    assert record(tmp_path / "report", BEFORE, pid=1)["result"] == "upgraded"
    asked = {"ansible.builtin.import_role": {"name": "evergreen.virt.upgrade", "tasks_from": "plan"}}
    later = {"ansible.builtin.debug": {"msg": "it goes on"}}
    plays = [{"hosts": "cluster", "gather_facts": False, "tasks": tasks} for tasks in ([asked, later], [later])]
    said = play(tmp_path, plays, [node("h1"), node("h2")], {**NOT_ASKED, **others})
    told = json.loads((tmp_path / "report" / "report.json").read_text())
    assert (told["result"], told["reason"], told["hosts"]) == ("refused", why, []), said
    assert why in (tmp_path / "report" / "report.html").read_text()
    assert "it goes on" not in said
    assert re.findall(r"^(h\d) .*failed=1", said, flags=re.MULTILINE)
    assert f'"msg": "{why}"' in said
