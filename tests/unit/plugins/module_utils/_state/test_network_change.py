# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from ansible_collections.evergreen.virt.plugins.module_utils._errors import ConflictError
from ansible_collections.evergreen.virt.plugins.module_utils._state.network_change import (
    APPLYING,
    BROKEN,
    KEPT,
    UNDOING,
    UNDONE,
    WAITING,
    Change,
    NetworkChange,
)

UNIT = "evergreen-virt-network.service"


@pytest.fixture
def record(tmp_path: Path) -> NetworkChange:
    (tmp_path / "units").mkdir()
    found = NetworkChange(tmp_path / "state", tmp_path / "units")
    found.directory.mkdir(parents=True)
    return found


@pytest.fixture
def change(tmp_path: Path) -> Change:
    """A file that changes, one that comes, and a database."""
    (tmp_path / "a").write_text("old\n")
    (tmp_path / "conf.db").write_text("old database")
    files = {str(tmp_path / "a"): "old\n", str(tmp_path / "b"): None}
    return Change("one", "2026-01-01T00:00:00+00:00", APPLYING, files, database=str(tmp_path / "conf.db"))


def units(folder: Path) -> set[str]:
    return {str(path.relative_to(folder / "units")) for path in (folder / "units").rglob("*") if not path.is_dir()}


def test_a_boot_in_the_middle_puts_everything_back(record: NetworkChange, change: Change, tmp_path: Path) -> None:
    record.advance(record.begin(change, "saved database"), WAITING)
    for name in ("a", "b", "conf.db"):
        (tmp_path / name).write_text("new")
    assert units(tmp_path) == {UNIT, f"sysinit.target.wants/{UNIT}"}
    assert f"RequiresMountsFor={record.directory} {tmp_path}\n" in (tmp_path / "units" / UNIT).read_text()
    subprocess.run([sys.executable, "-I", "-S", str(record.directory / "undo.py")], check=True)
    assert (tmp_path / "a").read_text() == "old\n"
    assert not (tmp_path / "b").exists()
    assert (tmp_path / "conf.db").read_text() == "saved database"
    assert units(tmp_path) == set()
    known = record.keep("one")
    assert known
    assert known.state == UNDONE
    assert "started anew" in known.problem


def test_a_change_is_kept_once_it_waits_for_that(record: NetworkChange, change: Change, tmp_path: Path) -> None:
    change = record.begin(change, "")
    early = record.keep("one")
    assert early
    assert early.state == APPLYING
    assert not record.is_kept(change)
    record.advance(change, WAITING)
    assert record.keep("another") is None
    for _again in range(2):  # an answer may get lost on its way
        known = record.keep("one")
        assert known
        assert known.state == KEPT
    assert record.is_kept(change)
    assert not record.close(change)
    assert units(tmp_path) == set()


def test_nobody_can_keep_what_is_being_undone(record: NetworkChange, change: Change, tmp_path: Path) -> None:
    change = record.begin(change, "")
    record.advance(change, WAITING)
    assert record.close(change)
    known = record.keep("one")
    assert known
    assert known.state == UNDOING
    record.end(change, UNDONE, "nobody came")
    ended = record.read()
    assert ended
    assert (ended.state, ended.problem) == (UNDONE, "nobody came")
    assert units(tmp_path) == set()


@pytest.mark.parametrize("state", [KEPT, UNDONE, BROKEN])
def test_a_boot_leaves_a_change_alone_that_has_ended(
    state: str, record: NetworkChange, change: Change, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its units are there again: the host lost its power before their removal was on the disk."""
    with monkeypatch.context() as patch:
        patch.setattr(Path, "unlink", lambda *_arguments, **_options: None)
        change = record.begin(change, "saved database")
        record.end(change, state)
    for name in ("a", "b", "conf.db"):
        (tmp_path / name).write_text("new")
    for recorded in (record.read(), replace(change, state=state)):  # of which the second still tells what was before
        assert recorded
        record.advance(recorded, state)
        subprocess.run([sys.executable, "-I", "-S", str(record.directory / "undo.py")], check=True)
        assert [(tmp_path / name).read_text() for name in ("a", "b", "conf.db")] == ["new"] * 3
        assert units(tmp_path) == set()
        known = record.read()
        assert known
        assert known.state == state


def test_a_boot_in_the_middle_records_before_it_removes_what_started_it(record: NetworkChange, change: Change) -> None:
    record.begin(change, "saved database")
    undo = record.directory / "undo.py"
    undo.write_text(undo.read_text().partition('for name in change["units"]')[0])
    subprocess.run([sys.executable, "-I", "-S", str(undo)], check=True)
    known = record.read()
    assert known
    assert known.state == UNDONE


@pytest.mark.parametrize("files", ['"a"', "1", '["a"]'])
def test_a_record_of_a_wrong_kind_is_damaged(files: str, record: NetworkChange) -> None:
    document = f'{{"id": "one", "began": "2026", "state": "kept", "files": {files}}}'
    (record.directory / "change.json").write_text(document)
    with pytest.raises(ConflictError, match=r"change\.json is damaged: .*Change.files"):
        record.read()


def test_there_is_one_guard(record: NetworkChange) -> None:
    assert record.claim() is not None
    assert record.claim() is None
