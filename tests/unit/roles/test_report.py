# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The page that the role report draws in the folder that Ansible was started in, of runs that did not go well."""

from __future__ import annotations

import typing as t
from pathlib import Path

import pytest

from ansible_collections.evergreen.virt.plugins.plugin_utils.journal import record
from ansible_collections.evergreen.virt.tests.lab.cluster import run

pytestmark = pytest.mark.programs

PLAY = """\
- hosts: localhost
  gather_facts: false
  roles:
    - {role: evergreen.virt.report, report_directory: .}
"""


def page(folder: Path, *events: dict[str, t.Any]) -> str:
    """Return the page of the run that lies in the folder, after what else happened."""
    record(folder, events)
    play = folder / "play.yml"
    play.write_text(PLAY)
    done = run(["ansible-playbook", str(play)], cwd=folder, ANSIBLE_NOCOLOR="1")
    assert done.returncode == 0, done.stdout
    return (folder / "report.html").read_text()


def plan(**values: t.Any) -> dict[str, t.Any]:
    return {"event": "plan", "plan": {"waves": [["h1"]], "hosts": [], **values}}


BEGUN = {"event": "run", "state": "started", "run_id": "r", "epoch": 1}
FINISHED = {"event": "run", "state": "finished"}


def test_moves_that_ended_unseen_or_never_began_are_shown(tmp_path: Path) -> None:
    moves = [
        {"vm": "vm1", "from": "h1", "to": "h3", "result": "unknown", "error": "<gone>", "seconds": None},
        {"vm": "vm4", "from": "h1", "to": "h3", "result": "unknown", "error": "not begun"},
    ]
    shown = page(
        tmp_path, BEGUN, plan(moves=moves, bounds={}), {"event": "moves", "host": "h1", "moves": moves}, FINISHED
    )
    assert "&lt;gone&gt;" in shown
    assert "not begun" in shown


def test_a_rollback_shows_no_plan_of_the_upgrade_before_it(tmp_path: Path) -> None:
    (tmp_path / "plan.svg").write_text("<svg>planned</svg>")
    assert "<svg>planned</svg>" in page(tmp_path, BEGUN, plan(moves=[], bounds={"moves": 0, "waves": 1}), FINISHED)
    shown = page(tmp_path, {**BEGUN, "aim": "rollback"}, plan(), FINISHED)
    assert "What was planned" not in shown


def test_why_a_run_was_refused_is_shown(tmp_path: Path) -> None:
    refused = {"event": "refused", "reason": "h2: <silent>"}
    shown = page(tmp_path, {"event": "run", "state": "asked"}, refused, FINISHED)
    assert "<p>h2: &lt;silent&gt;</p>" in shown
    assert "None" not in shown
    assert "minutes in all" not in shown
