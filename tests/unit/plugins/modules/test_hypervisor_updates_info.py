# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is compared and counted beside what is pending, with a package manager that is none."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.evergreen.virt.plugins.module_utils import _os_release
from ansible_collections.evergreen.virt.plugins.module_utils._facts import Kept
from ansible_collections.evergreen.virt.plugins.module_utils._module import Task
from ansible_collections.evergreen.virt.plugins.module_utils._state import kept
from ansible_collections.evergreen.virt.plugins.module_utils._updates.protocol import Pending
from ansible_collections.evergreen.virt.plugins.modules import hypervisor_updates_info as module

TOO_MUCH = 1 << 40
NOW = _os_release.name(_os_release.read())
SINCE = "2026-01-01T00:00:00+00:00"


class Manager:
    """Versions that are numbers."""

    name = "apt"

    def pending(self, _repositories: t.Any, _packages: t.Any) -> Pending:
        return Pending([], [], [], 0, "/", 0, {}, NOW, frozenset(), replaced={"app": "1"}, keep_mib=TOO_MUCH)

    def installed(self) -> dict[str, str]:
        return {"app": "9", "gone": "1"}

    def is_older(self, version: str, other: str) -> bool:
        return int(version) < int(other)


@pytest.fixture(autouse=True)
def manager(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "package_manager", lambda **_options: Manager())


def read(**options: t.Any) -> dict[str, t.Any]:
    defaults = {name: option.get("default") for name, option in module.SPEC.options.items()}
    return module.read(Task({**defaults, **options}, check_mode=False, warn=print))


@pytest.mark.parametrize(
    ("options", "differences"),
    [
        ({}, []),
        ({"manifest": {"app": "9"}}, []),
        ({"manifest": {"app": "10"}}, ["app is at 9, and 10 was planned"]),
        ({"removed": ["gone"]}, ["gone is installed, and was planned to go"]),
    ],
)
def test_what_has_not_come_true(options: dict[str, t.Any], differences: list[str]) -> None:
    assert read(**options)["differences"] == differences


@pytest.mark.parametrize(
    ("keep", "known", "refused"),
    [
        (True, None, True),
        (False, None, False),
        (True, Kept(SINCE, packages={"app": "1"}), False),
        (True, Kept(SINCE, packages={"app": "0"}), True),
    ],
    ids=["to be kept", "not to be kept", "kept already", "something else is kept"],
)
def test_room_for_what_is_kept(monkeypatch: pytest.MonkeyPatch, keep: bool, known: Kept | None, refused: bool) -> None:
    monkeypatch.setattr(kept, "read", lambda: known)
    problems = read(keep=keep)["problems"]
    assert any("/var/lib/evergreen.virt/kept" in problem for problem in problems) is refused
