# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""When the lab's image is built again."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.evergreen.virt.tests.lab.cluster import ROOT, run

pytestmark = pytest.mark.programs

LAB = ROOT / "tests" / "lab"
SOURCES = "templates/lab.sources.j2"


def test_the_image_is_another_one_with_another_user_or_other_sources(tmp_path: Path) -> None:
    def note(name: str, **given: Any) -> dict[str, Any]:
        dest = str(tmp_path / f"{name}.id")
        return {"ansible.builtin.copy": {"content": "{{ lab_image_id }}", "dest": dest}, "vars": given}

    for folder in ("files", "templates"):
        shutil.copytree(LAB / folder, tmp_path / folder)
    other = {"ansible.builtin.copy": {"content": "other", "dest": str(tmp_path / SOURCES)}}
    tasks = [
        *(note("first"), note("again"), note("user", lab_user="other"), note("number", lab_user_id=1234)),
        *(other, note("sources")),
    ]
    play = {"hosts": "localhost", "gather_facts": False, "vars_files": [str(LAB / "vars.yml")], "tasks": tasks}
    (tmp_path / "play.json").write_text(json.dumps([play]))
    done = run(["ansible-playbook", str(tmp_path / "play.json")])
    assert done.returncode == 0, done.stdout
    ids = {path.stem: path.read_text() for path in tmp_path.glob("*.id")}
    assert ids["first"] == ids["again"]
    assert len(set(ids.values())) == len(ids) - 1 == 4
