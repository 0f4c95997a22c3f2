# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""`where` chooses VMs."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.evergreen.virt.plugins.module_utils._errors import InvalidInputError
from ansible_collections.evergreen.virt.plugins.module_utils._where import selector

VM: dict[str, t.Any] = {"name": "web1", "memory_mib": 0, "labels": {"tier": "web"}, "obstacles": [], "autostart": False}


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ("name == 'web1'", True),
        ("labels.tier == 'web' && !obstacles", True),
        ("labels.tier", True),
        ("memory_mib", True),
        ("labels.none", False),
        ("obstacles", False),
        ("autostart", False),
        ("starts_with(name, 'db')", False),
    ],
)
def test_where(where: str, expected: bool) -> None:
    assert selector(where)(VM) is expected


@pytest.mark.parametrize("where", ["labels.tier = 'web'", "nosuch(name)", "starts_with(memory_mib, 'x')"])
def test_what_cannot_be_evaluated(where: str) -> None:
    with pytest.raises(InvalidInputError, match="where"):
        selector(where)(VM)
