# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The build of the collection: what it leaves, whatever was built before."""

from __future__ import annotations

import subprocess
import tarfile
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.evergreen.virt.tests.tools import package


def test_the_archive_of_an_earlier_version_does_not_stay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def build(*_arguments: Any, **_options: Any) -> subprocess.CompletedProcess[str]:
        with tarfile.open(tmp_path / "evergreen-virt-2.0.0.tar.gz", "w:gz") as tar:
            for name in package.REQUIRED:
                tar.addfile(tarfile.TarInfo(name))
        return subprocess.CompletedProcess([], 0)

    (tmp_path / "evergreen-virt-1.0.0.tar.gz").touch()
    monkeypatch.setattr(package, "PACKAGE", tmp_path)
    monkeypatch.setattr(subprocess, "run", build)
    assert package.main() == 0
    assert [path.name for path in tmp_path.iterdir()] == ["evergreen-virt-2.0.0.tar.gz"]
