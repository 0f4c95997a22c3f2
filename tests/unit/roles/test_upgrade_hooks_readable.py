# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A hook whose tasks cannot be read is found before anything is changed, and reading them carries none of them out."""

from __future__ import annotations

from pathlib import Path

import pytest

from ansible_collections.evergreen.virt.tests.unit.plugins.module_utils._plan.clusters import node
from ansible_collections.evergreen.virt.tests.unit.roles.made_up import play

pytestmark = pytest.mark.programs

FILES = {
    "well.yml": "- name: Change something\n  ansible.builtin.command: {argv: [touch, CHANGED]}\n",
    "broken.yml": "- name: Change something\n  ansible.builtin.nothing_of_that_name: {}\n",
}


@pytest.mark.parametrize("file", ["well.yml", "broken.yml", "missing.yml"])
def test_the_tasks_of_hooks_are_read_before_the_run(tmp_path: Path, file: str) -> None:
    changed = tmp_path / "changed"
    for name, text in FILES.items():
        (tmp_path / name).write_text(text.replace("CHANGED", str(changed)))
    read = {"name": "evergreen.virt.upgrade", "tasks_from": "readable"}
    tasks = [{"ansible.builtin.import_role": read}, {"ansible.builtin.debug": {"msg": "the run begins"}}]
    told = play(
        tmp_path,
        [{"hosts": "cluster", "gather_facts": False, "tasks": tasks}],
        [node("h1"), node("h2")],
        {},
        upgrade_hooks={
            "not_back": [{"name": "power", "tasks": str(tmp_path / file)}, {"name": "other", "command": []}]
        },
    )
    assert ("the run begins" in told) is (file == "well.yml"), told
    assert not changed.exists()
