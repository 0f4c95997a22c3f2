# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is kept on a host to go back to."""

from __future__ import annotations

import dataclasses
import os
from pathlib import Path

import pytest

from ansible_collections.evergreen.virt.plugins.module_utils._errors import ConflictError
from ansible_collections.evergreen.virt.plugins.module_utils._facts import Kept, Maintenance
from ansible_collections.evergreen.virt.plugins.module_utils._state import kept, record

KEPT = Kept(
    "2026-01-01T00:00:00+00:00", packages={"a": "1"}, archives=["/x/a.deb"], files={"/etc/a": "/x/0", "/b": None}
)


def test_it_is_noted_read_and_forgotten(tmp_path: Path) -> None:
    assert kept.read(tmp_path) is None
    with kept.locked(tmp_path):
        own = kept.new_folder(tmp_path)
        noted = dataclasses.replace(KEPT, archives=[str(own / "a.deb")])
        assert kept.replace(noted, tmp_path)
    assert kept.read(tmp_path) == noted
    assert own.is_dir()
    for _twice in range(2):
        with kept.locked(tmp_path):
            assert kept.replace(None, tmp_path)
        assert kept.read(tmp_path) is None
        assert not kept.folder(tmp_path).exists()


def test_what_was_kept_lasts_until_something_else_is(tmp_path: Path) -> None:
    with kept.locked(tmp_path):
        first = kept.new_folder(tmp_path)
        kept.replace(dataclasses.replace(KEPT, archives=[], files={"/etc/a": str(first / "files/0")}), tmp_path)
    with kept.locked(tmp_path):
        begun = kept.new_folder(tmp_path)
        assert first.is_dir()
    assert first.is_dir()
    assert not begun.exists()
    with kept.locked(tmp_path):
        second = kept.new_folder(tmp_path)
        kept.replace(dataclasses.replace(KEPT, archives=[str(second / "a.deb")]), tmp_path)
    assert list(kept.folder(tmp_path).iterdir()) == [second]


@pytest.mark.parametrize("other", [None, dataclasses.replace(KEPT, packages={"b": "1"})])
def test_nothing_takes_its_place_once_the_update_has_begun(tmp_path: Path, other: Kept | None) -> None:
    kept.replace(KEPT, tmp_path)
    record.write(Maintenance("evergreen.virt", "run", KEPT.since), tmp_path)
    assert kept.replace(KEPT, tmp_path)
    record.write(Maintenance("evergreen.virt", "run", KEPT.since, stage="updating"), tmp_path)
    assert not kept.replace(other, tmp_path)
    assert kept.read(tmp_path) == KEPT


def test_the_copies_are_on_the_disk_before_the_note(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = kept.folder(tmp_path)
    (folder / "files").mkdir(parents=True)
    copies = [folder / "a.deb", folder / "files" / "0"]
    for copy in copies:
        copy.write_text("copy")
    safe: list[Path] = []

    def sync(descriptor: int) -> None:
        """The disk; the note is written under another name first, in the same directory."""
        path = Path(f"/proc/self/fd/{descriptor}").readlink()
        if path.name.startswith(".kept.json"):
            assert {*copies, folder, folder / "files", tmp_path} <= set(safe)
        safe.append(path)

    monkeypatch.setattr(os, "fsync", sync)
    kept.replace(KEPT, tmp_path)
    assert len([path for path in safe if path.name.startswith(".kept.json")]) == 1


@pytest.mark.parametrize("text", ["no json", "[]", "{}"])
def test_a_damaged_note_is_nothing_to_go_back_to(text: str, tmp_path: Path) -> None:
    (tmp_path / "kept.json").write_text(text)
    with pytest.raises(ConflictError, match="rm "):
        kept.read(tmp_path)


def test_files_are_copied_as_they_are(tmp_path: Path) -> None:
    secret, missing = tmp_path / "a.sources", tmp_path / "b.sources"
    secret.write_text("URIs: https://user:word@example.com")
    secret.chmod(0o600)
    copies = kept.copy_files([str(secret), str(missing)], tmp_path / "copies")
    assert copies[str(missing)] is None
    copy = Path(copies[str(secret)] or "")
    assert copy.read_text() == secret.read_text()
    assert copy.stat().st_mode & 0o777 == 0o600
