# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The epoch by which the role upgrade takes hosts from a run that is cancelled."""

from __future__ import annotations

import dataclasses
import re
import typing as t
from pathlib import Path

import pytest

from ansible_collections.evergreen.virt.plugins.module_utils._facts import Lease
from ansible_collections.evergreen.virt.tests.unit.plugins.module_utils._plan.clusters import node, vm
from ansible_collections.evergreen.virt.tests.unit.roles.made_up_hosts import SILENT, Hosts, noted

pytestmark = pytest.mark.programs
SINCE = "2026-11-01T12:00:00+00:00"


def cancelled(folder: Path, leases: dict[str, Lease | None], small: str = "", **more: t.Any) -> str:
    """Return what is said when a run is cancelled.

    :param leases: host -> the newest run that it knows.
    :param small: the small VM that each of them has.
    :param more: variables of the role.
    """
    hosts = Hosts(folder)
    hosts.add("h1", {"hypervisor_info": [SILENT]})
    for name, lease in leases.items():
        vms = [vm(small)] if small else []
        host = dataclasses.replace(node(name, *vms).facts, lease=lease).to_dict()
        answers: dict[str, list[dict[str, t.Any]]] = {
            "hypervisor_info": [{"changed": False, "host": host}],
            "upgrade_lease": [{"changed": True}],
            "file": [{"changed": True}],
            "systemd_service": [{"changed": False}],
            "vm_migrate": [
                {"changed": True, "moves": [{"vm": "web", "to": "h9", "result": "cancelled", "ladder": []}]}
            ],
            "vms": [{"changed": True}],
        }
        hosts.add(name, answers)
    cancel = {
        "ansible.builtin.include_role": {"name": "evergreen.virt.upgrade", "tasks_from": "cancel", "public": True}
    }
    tell = {"ansible.builtin.debug": {"msg": "{{ inventory_hostname }}: {{ __upgrade_cancel_id }}."}}
    silent = {"ansible.builtin.debug": {"msg": "{{ inventory_hostname }} is silent"}}
    said = hosts.play("all", [{"block": [{**cancel, "vars": more}, tell], "rescue": [silent]}])
    assert "h1 is silent" in said
    return said


def taken_by(folder: Path, leases: dict[str, Lease | None], **more: t.Any) -> list[str]:
    """Return by which run each host is taken that answers."""
    said = cancelled(folder, leases, **more)
    return sorted(line.split('"')[3] for line in said.splitlines() if ": cancelled-" in line)


def test_it_is_newer_than_all_that_the_hosts_know(tmp_path: Path) -> None:
    leases = {"h2": Lease("r3", 3, SINCE, SINCE), "h3": Lease("r7", 7, SINCE, SINCE), "h4": None}
    assert taken_by(tmp_path, leases) == [f"{name}: cancelled-8." for name in leases]


def test_it_is_chosen_once_for_all_hosts(tmp_path: Path) -> None:
    leases = noted(tmp_path / "asked", [{"epoch": 4}])
    assert taken_by(tmp_path, {"h2": None, "h3": None}, __upgrade_seen_leases=leases) == [
        "h2: cancelled-5.",
        "h3: cancelled-5.",
    ]
    assert (tmp_path / "asked").read_text(encoding="utf-8").count("\n") == 1


def test_other_updates_go_on_where_a_run_that_died_kept_them_away(tmp_path: Path) -> None:
    said = cancelled(tmp_path, {"h2": Lease("r3", 3, SINCE, SINCE)})
    assert "changed: [h2] => (item=/run/systemd/system/apt-.service.d/evergreen-virt.conf)" in said


def done(said: str, task: str) -> list[str]:
    """Return the hosts on which the task has changed something."""
    (part,) = [part for part in said.split("TASK [") if f"{task}]" in part.splitlines()[0]]
    return re.findall(r"^changed: \[(?:h\d -> )?(h\d)", part, flags=re.MULTILINE)


MOVES = "Cancel | End what the run moves from a host that is in service"
SMALL_VMS = "Trial leftovers | Remove what a trial left behind that was interrupted"


@pytest.mark.parametrize(("now", "ended"), [(True, ["h2"]), (False, [])])
def test_what_the_run_moves_from_hosts_in_service_ends_now_or_goes_on(
    tmp_path: Path, now: bool, ended: list[str]
) -> None:
    """Not what a balancing moves, nor where no run was."""
    leases = {
        "h2": Lease("20260101T000000Z-1", 3, SINCE, SINCE),
        "h3": Lease("rebalance-7-1", 7, SINCE, SINCE),
        "h4": None,
    }
    assert done(cancelled(tmp_path, leases, upgrade_cancel_now=now), MOVES) == ended


@pytest.mark.parametrize(("small", "removed"), [("evergreen-trial-h3", ["h2", "h3"]), ("evergreen-trial-h9", [])])
def test_small_vms_of_a_run_that_has_the_hosts_no_more_are_removed(
    tmp_path: Path, small: str, removed: list[str]
) -> None:
    """But not one that tries a host which was not taken from the run: that is left to it."""
    leases: dict[str, Lease | None] = dict.fromkeys(("h2", "h3"), Lease("20260101T000000Z-1", 3, SINCE, SINCE))
    assert done(cancelled(tmp_path, leases, small), SMALL_VMS) == removed
