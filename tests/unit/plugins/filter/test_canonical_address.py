# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.evergreen.virt.plugins.filter.canonical_address import FilterModule


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2001:0DB8::0:11", "2001:db8::11"),
        ("fd00:0:0:30:0:0:0:11", "fd00:0:0:30::11"),
        ("192.0.2.1", "192.0.2.1"),
        ("hv1.example.org", "hv1.example.org"),
        ("", ""),
    ],
)
def test_one_address_has_one_form(text: str, expected: str) -> None:
    assert FilterModule().filters()["canonical_address"](text) == expected
