# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which versions apt gives to a part of all machines at first."""

from __future__ import annotations

import pytest

from ansible_collections.evergreen.virt.plugins.module_utils._updates.apt import is_phased


@pytest.mark.parametrize(
    ("lines", "phased"),
    [
        ("", False),
        ("Phased-Update-Percentage: 0\n", True),
        ("Phased-Update-Percentage: 90\n", True),
        ("Phased-Update-Percentage: 100\n", False),
        ("Description: a Phased-Update-Percentage: 10\n", False),
    ],
)
def test_a_version_that_comes_later_by_itself(lines: str, phased: bool) -> None:
    assert is_phased(f"Package: libvirt0\nVersion: 10.0.0-2ubuntu8.6\n{lines}Size: 1\n") is phased
