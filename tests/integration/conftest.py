# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The lab of the integration tests: bare at first; the tests of this folder bring it further in their order."""

from __future__ import annotations

import typing as t
from concurrent.futures import Future

import pytest

from ansible_collections.evergreen.virt.tests.integration.target_runs import Done, beside_each_other
from ansible_collections.evergreen.virt.tests.lab.cluster import fresh_lab

ORDER = (
    # These begin without a lab.
    "test_molecule_all",
    "test_tarball_on_the_lab",
    "test_getting_started",
    "test_site",
    "test_lock_manager",
    "test_targets",
    "test_change_of_the_link",
    "test_tunnel_mesh",
    "test_guests",
    "test_runner",
    "test_molecule",
    "test_bad_input",
    "test_switch_upgrade",
    "test_faults",
    "test_rollback",
    "test_snapshot",
    "test_owed_boot",
    "test_rolling_upgrade",
    "test_evacuate",
    "test_evacuation_policies",
    "test_targets_upgraded",
    "test_soft_reboot",
    "test_evacuations",
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


@pytest.fixture(scope="module")
def runs(request: pytest.FixtureRequest, lab: None) -> t.Iterator[dict[str, Future[Done]]]:
    """Those targets of a file that were chosen and share the cluster."""
    items = [item for item in request.session.items if isinstance(item, pytest.Function)]
    chosen = [item for item in items if item.module is request.module and "runs" in item.fixturenames]
    with beside_each_other([str(item.callspec.params["target"]) for item in chosen]) as running:
        yield running
