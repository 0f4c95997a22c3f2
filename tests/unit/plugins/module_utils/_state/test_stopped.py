# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import dataclasses
import pathlib

import pytest

from ansible_collections.evergreen.virt.plugins.module_utils._facts import Maintenance, Ran, Stopped
from ansible_collections.evergreen.virt.plugins.module_utils._state import record, stopped

DB = Stopped("db", "u1", "suspend", "a disk", "then")
WEB = Stopped("web", "u2", "offline", "a disk", "then", "h2")


@pytest.fixture
def folder(tmp_path: pathlib.Path) -> pathlib.Path:
    record.write(Maintenance("me", "", "2026-01-01T00:00:00+00:00", allow=["welcome"]), tmp_path)
    return tmp_path


def known(folder: pathlib.Path) -> Maintenance:
    found = record.read(folder)
    assert found is not None
    return found


def test_who_is_owed_a_start_is_known_until_it_runs(folder: pathlib.Path) -> None:
    stopped.owe([DB, WEB], folder)
    assert known(folder).stopped == [DB, WEB]
    stopped.settle("u1", folder)
    assert known(folder).stopped == [WEB]
    assert (known(folder).owner, known(folder).allow) == ("me", ["welcome"])


def test_who_runs_here_again_is_known_as_running(folder: pathlib.Path) -> None:
    stopped.owe([DB, WEB], folder)
    for _twice in range(2):
        stopped.settle("u1", folder, boot_id="b2")
        stopped.settle("u2", folder)
        assert (known(folder).stopped, known(folder).ran) == ([], [Ran("db", "u1", "b2")])
        stopped.owe([DB], folder)
        assert known(folder).ran == []


def test_a_reason_is_kept_and_a_new_target_is_taken(folder: pathlib.Path) -> None:
    stopped.owe([WEB], folder)
    stopped.owe([dataclasses.replace(WEB, why="another", since="now", to="h3")], folder)
    assert known(folder).stopped == [dataclasses.replace(WEB, to="h3")]


def test_a_vm_is_allowed_only_while_it_starts_however_that_ends(folder: pathlib.Path) -> None:
    seen: list[str] = []

    def start() -> None:
        with stopped.allowed("db", folder):
            seen.extend(known(folder).allow)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        start()
    assert seen == ["welcome", "db"]
    assert known(folder).allow == ["welcome"]


def test_who_was_left_allowed_is_not_any_more_when_it_is_stopped_again(folder: pathlib.Path) -> None:
    record.write(dataclasses.replace(known(folder), allow=["db", "welcome"]), folder)
    stopped.owe([DB], folder)
    assert known(folder).allow == ["welcome"]


def test_without_a_maintenance_nothing_is_noted(tmp_path: pathlib.Path) -> None:
    stopped.owe([DB], tmp_path)
    stopped.settle("u1", tmp_path)
    with stopped.allowed("db", tmp_path):
        assert record.read(tmp_path) is None
