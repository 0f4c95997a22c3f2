# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What roles say in check mode of what the tasks before would have done."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from ansible_collections.evergreen.virt.tests.lab.cluster import ROOT
from ansible_collections.evergreen.virt.tests.unit.roles.made_up import said

pytestmark = pytest.mark.programs


@pytest.mark.parametrize(
    ("arguments", "moves", "ending"),
    [(["--check"], "db", "failed=0"), ([], "web db", "moves that cannot be ended go on")],
)
def test_what_would_have_been_done_before_is_no_failure(
    tmp_path: Path, arguments: list[str], moves: str, ending: str
) -> None:
    """VMs that went down would have been started before they move, and moves would have been cancelled."""
    tell = {"ansible.builtin.debug": {"msg": "moves: {{ __maintenance_movable | map(attribute='vm') | join(' ') }}."}}
    read = {"ansible.builtin.include_vars": str(ROOT / "roles/maintenance/vars/main.yml")}
    cancel = yaml.safe_load((ROOT / "roles/upgrade/tasks/cancel_now.yml").read_text())
    (check,) = [task for task in cancel if task["name"] == "Cancel now | Nothing moves any more"]
    variables = {
        "maintenance_moves": [{"vm": "web", "to": "h2"}, {"vm": "db", "to": "h2"}],
        "maintenance_source": "",
        "preflight_facts": {"went_down": ["web"]},
        "__upgrade_left": {"host": {"moving": ["db"]}},
    }
    told = said(tmp_path, [read, tell, check], *arguments, **variables)
    assert f"moves: {moves}." in told
    assert ending in told
