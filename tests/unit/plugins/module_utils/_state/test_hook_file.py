# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import os
import pathlib

import pytest

from ansible_collections.evergreen.virt.plugins.module_utils import _systemd
from ansible_collections.evergreen.virt.plugins.module_utils._state import hook_file


def test_install_and_remove(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "hooks" / "qemu.d" / "hook"
    assert hook_file.read(path) is None
    for _twice in range(2):
        hook_file.install(path)
        assert hook_file.read(path) == hook_file.WANTED
        assert os.access(path, os.X_OK)
    for _twice in range(2):
        hook_file.remove(path)
        assert hook_file.read(path) is None


UNITS = """ActiveState=active
StateChangeTimestampMonotonic=2500000
Id=libvirtd.service

ActiveState=inactive
StateChangeTimestampMonotonic=0
Id=virtqemud.service
"""


@pytest.mark.parametrize(
    ("answer", "units"),
    [
        (UNITS, {"libvirtd.service": 102.5}),
        (UNITS.replace("=active", "=reloading"), {"libvirtd.service": 102.5}),
        (UNITS.replace("=active", "=failed"), {}),
        ("", {}),
    ],
)
def test_active_units_and_when_they_were_loaded(
    monkeypatch: pytest.MonkeyPatch, answer: str, units: dict[str, float]
) -> None:
    monkeypatch.setattr(_systemd, "to_wall_clock", lambda moment: 100.0 + int(moment) / 1e6)
    assert hook_file.running(_systemd.parse(answer)) == units


@pytest.mark.parametrize(
    ("came", "waiting"), [(102.0, []), (103.0, ["libvirtd.service"]), (None, ["libvirtd.service"])]
)
def test_a_daemon_that_was_loaded_before_the_hook_came_must_be_reloaded(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch, came: float | None, waiting: list[str]
) -> None:
    monkeypatch.setattr(hook_file, "_running_daemons", lambda: {"libvirtd.service": 102.5})
    path = tmp_path / "hook"
    if came is not None:
        path.touch()
        os.utime(path, (came, came))
    assert hook_file.daemons_to_reload(path) == waiting
