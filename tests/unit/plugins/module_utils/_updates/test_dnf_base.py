# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is copied of the host's dnf, which goes on meanwhile; the rest needs dnf, as test_dnf.py has it."""

from __future__ import annotations

import shutil
import typing as t
from pathlib import Path

import pytest

from ansible_collections.evergreen.virt.plugins.module_utils._updates import dnf_base

FILES = ("history.sqlite", "history.sqlite-wal", "os/repodata/repomd.xml", "os/packages/a.rpm")


@pytest.fixture
def source(tmp_path: Path) -> Path:
    for name in FILES:
        path = tmp_path / "source" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name, encoding="utf-8")
    return tmp_path / "source"


def copied(source: Path, target: Path, **options: t.Any) -> list[str]:
    dnf_base.copy(str(source), str(target), **options)
    return sorted(str(path.relative_to(target)) for path in target.rglob("*") if path.is_file())


def test_a_folder_is_copied(source: Path, tmp_path: Path) -> None:
    assert copied(source, tmp_path / "all") == sorted(FILES)
    assert copied(source, tmp_path / "some", without="packages") == sorted(FILES[:-1])
    assert (tmp_path / "some/os/repodata/repomd.xml").read_text(encoding="utf-8") == FILES[2]


def test_no_folder_is_no_copy(tmp_path: Path) -> None:
    assert copied(tmp_path / "none", tmp_path / "target") == []
    assert not (tmp_path / "target").exists()


def test_what_goes_meanwhile_is_left_out(source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """dnf closes its database, and takes new metadata, while the first file is copied."""
    copy2 = shutil.copy2

    def copy_while_dnf_works(path: t.Any, folder: t.Any, **options: t.Any) -> t.Any:
        (source / "history.sqlite-wal").unlink(missing_ok=True)
        shutil.rmtree(source / "os", ignore_errors=True)
        return copy2(path, folder, **options)

    monkeypatch.setattr(shutil, "copy2", copy_while_dnf_works)
    assert copied(source, tmp_path / "target") == ["history.sqlite"]


def test_what_dnf_says_is_one_line_without_passwords() -> None:
    said = ValueError(
        "Errors while downloading:\n  - Curl error (7) for https://user:secret@mirror/9/os/repomd.xml.\n\n"
    )
    told = "Errors while downloading:; - Curl error (7) for https://mirror/9/os/repomd.xml"
    assert dnf_base.one_line(said) == told
