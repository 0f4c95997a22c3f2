# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pathlib

import pytest

from ansible_collections.evergreen.virt.plugins.module_utils._facts import Maintenance, Ran, Stopped, Vm
from ansible_collections.evergreen.virt.plugins.module_utils._state import ran, record, stopped

DB, WEB = Ran("db", "u1", "b1"), Ran("web", "u2", "b1")
KNOWN = Maintenance("me", "", "2026-01-01T00:00:00+00:00", ran=[DB, WEB])


def vm(name: str, uuid: str, state: str) -> Vm:
    return Vm(name, uuid, state, True, 1024, 1)


@pytest.mark.parametrize(
    ("known", "boot_id", "vms", "expected"),
    [
        (None, "b2", [vm("db", "u1", "shutoff")], []),
        (KNOWN, "b1", [vm("db", "u1", "shutoff")], []),
        (KNOWN, "b2", [], []),
        (KNOWN, "b2", [vm("db", "u1", "running"), vm("web", "u2", "paused")], []),
        (KNOWN, "b2", [vm("db", "u1", "shutoff"), vm("web", "u2", "running"), vm("other", "u3", "shutoff")], ["db"]),
        (KNOWN, "b2", [vm("renamed", "u1", "shutoff"), vm("db", "u9", "shutoff")], ["renamed"]),
        (KNOWN, "b2", [vm("db", "u1", "crashed")], []),
    ],
)
def test_who_went_down(known: Maintenance | None, boot_id: str, vms: list[Vm], expected: list[str]) -> None:
    assert [one.name for one in ran.went_down(known, boot_id, vms)] == expected


def test_who_runs_again_or_has_left_did_not_go_down(tmp_path: pathlib.Path) -> None:
    record.write(KNOWN, tmp_path)
    ran.note("u1", "b2", tmp_path)
    ran.forget("u2", tmp_path)
    found = record.read(tmp_path)
    assert found is not None
    assert found.ran == [Ran("db", "u1", "b2")]
    assert ran.of_earlier_boots(found, "b2") == []


def test_who_is_stopped_for_the_maintenance_is_owed_a_start_and_nothing_else(tmp_path: pathlib.Path) -> None:
    record.write(KNOWN, tmp_path)
    stopped.owe([Stopped("db", "u1", "suspend", "a disk", "then", autostart=True)], tmp_path)
    stopped.owe([Stopped("db", "u1", "suspend", "a disk", "now")], tmp_path)
    found = record.read(tmp_path)
    assert found is not None
    assert (found.ran, [one.autostart for one in found.stopped]) == ([WEB], [True])


def test_on_a_host_in_service_nothing_is_noted(tmp_path: pathlib.Path) -> None:
    ran.note("u1", "b2", tmp_path)
    ran.forget("u2", tmp_path)
    assert record.read(tmp_path) is None
