# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.evergreen.virt.plugins.module_utils._state.hook_file import WANTED, Hook
from ansible_collections.evergreen.virt.plugins.modules.maintenance_hook import changes


@pytest.mark.parametrize(
    ("known", "state", "paths"),
    [
        (None, "present", ["state"]),
        (None, "absent", []),
        (WANTED, "present", []),
        (WANTED, "absent", ["state"]),
        (Hook("", WANTED.mode), "present", ["text"]),
        (Hook(WANTED.text, 0o644), "present", ["mode"]),
        (Hook("", 0o644), "absent", ["state"]),
    ],
)
def test_changes(known: Hook | None, state: str, paths: list[str]) -> None:
    assert [change.path for change in changes(known, state)] == paths
