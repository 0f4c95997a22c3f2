# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""`make tools` by whoever is not root: what the machine lacks is named with the way out, and so is what root has left in .cache/."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ansible_collections.evergreen.virt.tests.tools import bootstrap

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine whose dpkg knows what a file says."""
    dpkg = tmp_path / "dpkg-query"
    dpkg.write_text(f"#!/bin/sh\n/bin/cat {tmp_path}/known\nexit 1\n")
    dpkg.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(bootstrap, "PACKAGES", tmp_path / "packages.txt")
    (tmp_path / "packages.txt").write_text("# Said.\ngcc\nrpm\nshellcheck\n")
    return tmp_path


def test_packages_that_are_missing_are_named_with_the_way_to_them(machine: Path) -> None:
    (machine / "known").write_text("ii gcc\nrc rpm\n")
    said = bootstrap.lacking()
    assert "rpm, shellcheck." in said
    assert "gcc" not in said
    assert "make packages" in said
    (machine / "known").write_text("ii gcc\nii rpm\nii shellcheck\n")
    assert bootstrap.lacking() == ""


def test_a_program_that_fails_says_what_may_be_missing(machine: Path) -> None:
    (machine / "known").write_text("ii rpm\nii shellcheck\n")
    with pytest.raises(SystemExit, match=r"(?s)no compiler.*exit code 3.*gcc\. Root installs"):
        bootstrap.run("/bin/sh", "-c", "echo no compiler; exit 3")


@pytest.mark.parametrize(
    ("closed", "way"),
    [
        ([], ""),
        (["lab"], ""),
        (["."], "sudo rm -r {cache}"),
        (["venv"], "sudo rm -r {cache}/venv"),
        (["venv", "lab"], "sudo rm -r {cache}/venv"),
    ],
)
def test_what_root_has_left_is_named(
    closed: list[str], way: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("lab", "venv", "xdg"):
        (tmp_path / name).mkdir()
    monkeypatch.setattr(os, "access", lambda path, _mode: path not in [tmp_path / name for name in closed])
    said = bootstrap.refusal(tmp_path)
    assert said.endswith(way.format(cache=tmp_path))
    assert bool(said) == bool(way)


def test_a_checkout_of_somebody_else_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert bootstrap.refusal(tmp_path / ".cache") == ""
    monkeypatch.setattr(os, "access", lambda _path, _mode: False)
    assert bootstrap.refusal(tmp_path / ".cache") == f"{tmp_path} is closed to you: use a checkout of your own."


def test_only_what_make_packages_does_is_for_root_alone() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    (rule,) = [part for part in makefile.split("\n.PHONY: ") if part.startswith("packages\n")]
    assert makefile.count("apt-get") == rule.count("apt-get") == 2
