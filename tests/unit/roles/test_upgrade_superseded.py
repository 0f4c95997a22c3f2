# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a run leaves to a newer one at its end, and what it does not."""

from __future__ import annotations

from pathlib import Path

import pytest

from ansible_collections.evergreen.virt.tests.unit.roles.made_up import ROOT, said


@pytest.mark.parametrize(
    ("run_id", "epoch", "superseded"),
    [
        ("own", 7, False),
        ("20260101T000000Z-1", 8, True),
        ("cancelled-8", 8, False),
        ("evacuate-8", 8, False),
        ("20250101T000000Z-1", 6, False),
    ],
)
def test_only_another_upgrade_supersedes_a_run(tmp_path: Path, run_id: str, epoch: int, superseded: bool) -> None:
    read = {"ansible.builtin.include_vars": str(ROOT / "roles/upgrade/vars/main.yml")}
    tell = {"ansible.builtin.debug": {"msg": "superseded: {{ __upgrade_superseded | bool }}."}}
    variables = {
        "__upgrade_hosts": ["localhost"],
        "__upgrade_run": {"id": "own", "epoch": 7},
        "preflight_facts": {"lease": {"run_id": run_id, "epoch": epoch, "controller": "c", "since": "then"}},
    }
    assert f"superseded: {superseded}." in said(tmp_path, [read, tell], **variables)
