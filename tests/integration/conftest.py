# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The lab of the integration tests: bare at first; the tests of this folder bring it further in their order."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.evergreen.virt.tests.lab.cluster import fresh_lab

ORDER = (
    "test_site",
    "test_lock_manager",
    "test_targets",
    "test_guests",
    "test_runner",
    "test_bad_input",
    "test_rolling_upgrade",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Bare hosts are installed first and upgraded last."""
    rank = {name: number for number, name in enumerate(ORDER)}
    items.sort(key=lambda item: rank.get(item.path.stem, -1) if "integration" in item.path.parts else -1)


@pytest.fixture(scope="package")
def lab() -> t.Iterator[None]:
    """Bare hosts, once for all tests."""
    with fresh_lab():
        yield
