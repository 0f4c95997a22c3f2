# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sets of numbers in libvirt's writing."""

from __future__ import annotations

import pytest

from ansible_collections.evergreen.virt.plugins.module_utils._domain_xml import cpuset


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("0", {0}),
        ("0-3,^2", {0, 1, 3}),
        ("8, 1-2", {1, 2, 8}),
        ("", None),
        (None, None),
        ("3-1", None),
        ("^0", None),
        ("a", None),
        ("-1", None),
        ("0-99999", None),
        ("99999999999999", None),
        ("0;1", None),
        ("\u0661", None),
    ],
)
def test_numbers(text: str | None, found: set[int] | None) -> None:
    assert cpuset.numbers(text) == found


@pytest.mark.parametrize(
    ("current", "wanted", "same"),
    [
        ("0-1", "1,0", True),
        ("0-1", "0", False),
        (None, "", True),
        ("0", "", False),
        (None, "0", False),
        ("x", "y", False),
    ],
)
def test_same(current: str | None, wanted: str, same: bool) -> None:
    assert cpuset.same(current, wanted) is same


@pytest.mark.parametrize(
    ("text", "answer"), [("0-3", True), ("0", True), ("1-3", False), ("0,2", False), (None, False)]
)
def test_is_everything(text: str | None, answer: bool) -> None:
    assert cpuset.is_everything(text) is answer
