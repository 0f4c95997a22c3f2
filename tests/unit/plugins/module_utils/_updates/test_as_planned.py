# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether an update brought a host what was planned for it."""

from __future__ import annotations

import pytest

from ansible_collections.evergreen.virt.plugins.module_utils._updates.as_planned import differences

MANIFEST = {"app": "2", "fresh": "1"}


@pytest.mark.parametrize(
    ("installed", "told"),
    [
        ({"app": "2", "fresh": "1", "other": "0"}, []),
        ({"app": "3", "fresh": "1"}, []),
        ({"app": "1", "fresh": "1"}, ["app is at 1, and 2 was planned"]),
        ({"app": "2"}, ["fresh is not installed, and 1 was planned"]),
        ({"app": "2", "fresh": "1", "gone": "1"}, ["gone is installed, and was planned to go"]),
    ],
    ids=["as planned", "a newer one", "an older one", "one that should have come", "one that should have gone"],
)
def test_differences(installed: dict[str, str], told: list[str]) -> None:
    assert differences(MANIFEST, ["gone"], installed, lambda version, other: int(version) < int(other)) == told
