# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is pending, judged on the machine that the tests run on."""

from __future__ import annotations

import typing as t
from pathlib import Path

import pytest

from ansible_collections.evergreen.virt.plugins.module_utils import _os_release
from ansible_collections.evergreen.virt.plugins.module_utils._updates.assessment import assessed
from ansible_collections.evergreen.virt.plugins.module_utils._updates.protocol import Pending

TOO_MUCH = 1 << 40
NOW = _os_release.name(_os_release.read())


@pytest.mark.parametrize(
    ("keeps", "more", "refused"),
    [(True, {}, True), (False, {}, False), (True, {"lost": ["app 1"]}, False)],
    ids=["kept", "not kept", "it cannot be kept"],
)
def test_room_is_asked_for_what_is_kept(tmp_path: Path, keeps: bool, more: dict[str, t.Any], refused: bool) -> None:
    pending = Pending([], [], [], 0, str(tmp_path), 0, {}, NOW, frozenset(), keep_mib=TOO_MUCH, **more)
    kept = str(tmp_path / "kept")
    _updates, problems = assessed("apt", pending, kept if keeps else None)
    assert any(f"the update needs {TOO_MUCH} MiB in {kept}" in problem for problem in problems) is refused
