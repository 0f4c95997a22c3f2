# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What variables come to on a host that another one asks."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.evergreen.virt.plugins.filter.host_settings import FilterModule

NONE: dict[str, t.Any] = {}


@pytest.mark.parametrize(
    ("own", "mine", "theirs", "expected"),
    [
        ("deb", {"sources": "deb"}, {"sources": "alma"}, "alma"),
        ("deb", {"sources": "deb"}, NONE, "default"),
        ("default", NONE, {"sources": "alma"}, "alma"),
        ("default", NONE, NONE, "default"),
        ("of the play", NONE, NONE, "of the play"),
        ("of the play", {"sources": "deb"}, {"sources": "alma"}, "of the play"),
    ],
)
def test_the_inventory_speaks_for_each_host_and_the_play_for_all(
    own: str, mine: dict[str, t.Any], theirs: dict[str, t.Any], expected: str
) -> None:
    settings = FilterModule().filters()["host_settings"]
    hostvars = {"deb1": mine, "alma1": theirs}
    assert settings({"sources": own}, {"sources": "default"}, hostvars, "alma1", "deb1") == {"sources": expected}
    assert settings({"sources": own}, {"sources": "default"}, {}, "deb1", "deb1") == {"sources": own}
