# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The page that the role report draws, of runs that did not go well."""

from __future__ import annotations

from pathlib import Path

import pytest

from ansible_collections.evergreen.virt.plugins.plugin_utils.journal import record
from ansible_collections.evergreen.virt.tests.lab.cluster import run

pytestmark = pytest.mark.programs

PLAY = """\
- hosts: localhost
  gather_facts: false
  roles:
    - {role: evergreen.virt.report, report_directory: "{{ playbook_dir }}"}
"""


def test_moves_that_ended_unseen_or_never_began_are_shown(tmp_path: Path) -> None:
    moves = [
        {"vm": "vm1", "from": "h1", "to": "h3", "result": "unknown", "error": "<gone>", "seconds": None},
        {"vm": "vm4", "from": "h1", "to": "h3", "result": "unknown", "error": "not begun"},
    ]
    record(
        tmp_path,
        [
            {"event": "run", "state": "started", "run_id": "r", "epoch": 1},
            {"event": "plan", "plan": {"waves": [["h1"]], "moves": moves, "hosts": [], "bounds": {}}},
            {"event": "moves", "host": "h1", "moves": moves},
            {"event": "run", "state": "finished"},
        ],
    )
    play = tmp_path / "play.yml"
    play.write_text(PLAY)
    done = run(["ansible-playbook", str(play)], ANSIBLE_NOCOLOR="1")
    assert done.returncode == 0, done.stdout
    page = (tmp_path / "report.html").read_text()
    assert "&lt;gone&gt;" in page
    assert "not begun" in page
