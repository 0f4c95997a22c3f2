# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An upgrade to another release is taken back where hooks keep the host's disk."""

from __future__ import annotations

import json
import sys
import typing as t
from pathlib import Path

import pytest

from ansible_collections.evergreen.virt.tests.lab.audit import audit, losses
from ansible_collections.evergreen.virt.tests.lab.cluster import ROOT, play

pytestmark = [pytest.mark.usefixtures("lab"), pytest.mark.slow]

HOST = "h1"
UPGRADE = "evergreen.virt.rolling_upgrade"


def hook(verb: str) -> list[dict[str, t.Any]]:
    """Return a hook that does something to the host's disk from outside, as a storage array does."""
    command = [sys.executable, str(ROOT / "tests" / "lab" / "host.py"), verb, HOST]
    return [{"name": verb, "command": command, "runs_on": "controller"}]


OPTIONS: dict[str, t.Any] = {
    "upgrade_keep": "snapshot",
    "upgrade_rollback": True,
    "upgrade_hooks": {
        "before_update": hook("keep"),
        "rollback": hook("bring-back"),
        "before_return": [{"name": "acceptance", "command": ["grep", "--quiet", 'VERSION_ID="12"', "/etc/os-release"]}],
    },
}


def test_the_plan_says_that_there_is_a_way_back() -> None:
    done = play(UPGRADE, "--limit", HOST, "--check", "-e", json.dumps(OPTIONS))
    assert done.returncode == 0, done.stdout
    assert f"Rollback of {HOST} by snapshot" in done.stdout


def test_a_release_upgrade_that_fails_is_taken_back(tmp_path: Path) -> None:
    before = audit()
    options = json.dumps({**OPTIONS, "upgrade_report_directory": str(tmp_path)})
    done = play(UPGRADE, "--limit", HOST, "-e", options)
    assert done.returncode == 2, done.stdout
    [host] = json.loads((tmp_path / "report.json").read_text())["hosts"]
    assert (host["result"], host["to"]) == ("rolled_back", host["from"]), done.stdout
    assert "acceptance" in host["reason"]
    after = audit()
    assert losses(before, after) == []
    assert (after.hosts[HOST]["os"], after.hosts[HOST]["in_maintenance"]) == ("12", False)
