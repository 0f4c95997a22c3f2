# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pathlib

import pytest

from ansible_collections.evergreen.virt.plugins.module_utils._errors import OperationError
from ansible_collections.evergreen.virt.plugins.modules import metrics_writer

from .tasks import Module

writer = Module(metrics_writer, host={})


@pytest.fixture(autouse=True)
def program(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> pathlib.Path:
    path = tmp_path / "lib" / "metrics.pyz"
    monkeypatch.setattr(metrics_writer, "PROGRAM", path)
    return path


def test_it_comes_once_and_goes_once(program: pathlib.Path) -> None:
    assert writer.once()["collectors"] == ["ovs", "state", "updates"]
    assert program.stat().st_mode & 0o7777 == 0o755
    writer.once(state="absent")
    assert not program.exists()


def test_check_mode_writes_nothing(program: pathlib.Path) -> None:
    assert writer(check_mode=True)["changed"]
    assert not program.parent.exists()


@pytest.mark.parametrize("damage", ["content", "mode"])
def test_a_damaged_one_is_made_whole(program: pathlib.Path, damage: str) -> None:
    writer()
    if damage == "mode":
        program.chmod(0o600)
    else:
        program.write_bytes(b"")
    writer.once()


def test_what_the_host_refuses_is_an_error_with_its_reason(program: pathlib.Path) -> None:
    program.parent.write_text("a file where the folder should be")
    with pytest.raises(OperationError, match="File exists"):
        writer()
