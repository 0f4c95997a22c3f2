# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the role upgrade keeps away from a host that may have booted, and when it ends that."""

from __future__ import annotations

import typing as t
from pathlib import Path

import pytest

from ansible_collections.evergreen.virt.tests.unit.roles.made_up_hosts import Hosts
from ansible_collections.evergreen.virt.tests.unit.roles.role_variables import tasks_of

NEWER = {"failed": True, "msg": "run r1 (epoch 1) may not change this host"}


@pytest.mark.programs
@pytest.mark.parametrize(
    ("lease", "written"), [({"changed": False}, True), (NEWER, False)], ids=["its own", "of a newer run"]
)
def test_only_the_run_that_has_the_host_keeps_other_updates_away(
    tmp_path: Path, lease: dict[str, t.Any], written: bool
) -> None:
    hosts = Hosts(tmp_path)
    changed = [{"changed": True}]
    hosts.add("h1", {"upgrade_lease": [lease], "file": changed, "systemd_service": changed})
    keep = {"ansible.builtin.include_role": {"name": "evergreen.virt.upgrade", "tasks_from": "quiet"}}
    known = {"__upgrade_run": {"id": "r1", "epoch": 1}, "__upgrade_quiet_folder": str(tmp_path / "quiet")}
    said = hosts.play("h1", [{**keep, "vars": known}])
    assert ("Quiet | Make a folder" in said) is written
    assert (f"other updates are not kept away from h1: {NEWER['msg']}" in said) is not written


def includes(tasks: list[dict[str, t.Any]], file: str) -> list[int]:
    """Return at which places of the tasks the file is included."""
    return [place for place, task in enumerate(tasks) if task.get("ansible.builtin.include_tasks") == file]


def test_what_may_have_booted_is_kept_away_from_anew() -> None:
    """When a host begins, in each of its attempts, and as the last step of its boot."""
    assert includes(tasks_of("upgrade", "host.yml"), "quiet.yml") < includes(
        tasks_of("upgrade", "host.yml"), "evacuate.yml"
    )
    boot = tasks_of("upgrade", "reboot.yml")
    assert includes(boot, "quiet.yml") == [len(boot) - 1]


def test_a_rollback_ends_that_however_it_ends() -> None:
    (whole,) = tasks_of("upgrade", "rollback_host.yml")
    assert includes(whole["always"], "quiet_end.yml") == [0]
