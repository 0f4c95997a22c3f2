# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is kept on a host to go back to."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ansible_collections.evergreen.virt.plugins.module_utils._errors import ConflictError
from ansible_collections.evergreen.virt.plugins.module_utils._facts import Kept
from ansible_collections.evergreen.virt.plugins.module_utils._state import kept

KEPT = Kept(
    "2026-01-01T00:00:00+00:00", packages={"a": "1"}, archives=["/x/a.deb"], files={"/etc/a": "/x/0", "/b": None}
)


def test_it_is_noted_read_and_forgotten(tmp_path: Path) -> None:
    assert kept.read(tmp_path) is None
    kept.write(KEPT, tmp_path)
    assert kept.read(tmp_path) == KEPT
    kept.folder(tmp_path).mkdir()
    kept.clear(tmp_path)
    assert kept.read(tmp_path) is None
    assert not kept.folder(tmp_path).exists()
    kept.clear(tmp_path)


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
    kept.write(KEPT, tmp_path)
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
    copies = kept.copy_files([str(secret), str(missing)], tmp_path)
    assert copies[str(missing)] is None
    copy = Path(copies[str(secret)] or "")
    assert copy.read_text() == secret.read_text()
    assert copy.stat().st_mode & 0o777 == 0o600
