# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Snapshots by hooks: what a plan promises of them, and what the guide's own hook takes."""

from __future__ import annotations

import json
import os
import subprocess
import typing as t
from pathlib import Path

import pytest
import yaml

from ansible_collections.evergreen.virt.tests.unit.roles.role_variables import holds
from ansible_collections.evergreen.virt.tests.unit.test_examples import blocks

HOOK = [{"name": "lvm", "command": ["true"]}]
RECORD = "/var/lib/evergreen.virt/maintenance.json"


@pytest.mark.parametrize(
    ("keep", "hooks", "well"),
    [
        ("packages", {}, True),
        ("snapshot", {}, False),
        ("snapshot", {"rollback": HOOK}, False),
        ("snapshot", {"rollback": HOOK, "before_update": []}, False),
        ("snapshot", {"before_update": HOOK}, False),
        ("snapshot", {"rollback": HOOK, "before_update": HOOK}, True),
    ],
)
def test_a_snapshot_is_promised_if_hooks_take_it_and_bring_it_back(
    keep: str, hooks: dict[str, t.Any], well: bool
) -> None:
    name = "Decide | Who keeps snapshots can bring them back"
    assert holds("upgrade", "decide.yml", name, upgrade_keep=keep, upgrade_hooks=hooks) is well


def the_guides_hook() -> list[str]:
    """Return the command by which the guide takes a snapshot."""
    pages = {
        str(param.id): yaml.safe_load(str(param.values[0])) for param in blocks() if "roll_a_host_back" in param.id
    }
    (hooks,) = [page["upgrade_hooks"] for page in pages.values() if "upgrade_hooks" in page]
    command: list[str] = hooks["before_update"][0]["command"]
    return command


@pytest.mark.programs
@pytest.mark.parametrize(
    ("stage", "there", "carried_out"),
    [
        (None, False, ["lvcreate"]),
        (None, True, ["lvremove", "lvcreate"]),
        ("updating", True, []),
        ("updated", True, []),
        ("updating", False, []),
    ],
)
def test_the_guides_snapshot_is_of_just_before_the_update(
    tmp_path: Path, stage: str | None, there: bool, carried_out: list[str]
) -> None:
    """Neither what an earlier run has left, nor of half an update."""
    record, done = tmp_path / "maintenance.json", tmp_path / "done"
    record.write_text(json.dumps({"owner": "evergreen.virt", "stage": stage}, indent=2))
    for name, code in {"lvs": 0 if there else 5, "lvremove": 0, "lvcreate": 0}.items():
        program = tmp_path / name
        program.write_text(f"#!/bin/sh\ntest {name} = lvs || echo {name} >> {done}\nexit {code}\n")
        program.chmod(0o755)
    command = [part.replace(RECORD, str(record)) for part in the_guides_hook()]
    environment = {**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"}
    assert subprocess.run(command, env=environment, check=False).returncode == 0
    assert (done.read_text().split() if done.exists() else []) == carried_out
