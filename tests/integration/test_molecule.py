# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Each role's Molecule scenario, on the lab that is up, and on what an inventory of somebody's own names."""

from __future__ import annotations

from pathlib import Path

import pytest

from ansible_collections.evergreen.virt.tests.lab.cluster import ADDRESSES, OBSERVER, ROOT, run
from ansible_collections.evergreen.virt.tests.lab.elsewhere import copied_inventory

pytestmark = [pytest.mark.usefixtures("lab"), pytest.mark.slow]
SCENARIOS = sorted({path.parent.name for path in ROOT.glob("extensions/molecule/*/molecule.yml")} - {"default"})
OWN = "hypervisors: {children: {staging: {hosts: {elsewhere: {ansible_host: %s}}}}}\n"
"""A host of the lab under another name, in a group that the lab does not have."""


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_scenario(scenario: str) -> None:
    # Without the shared state, with which Molecule would start a lab of its own.
    done = run(["molecule", "test", "--scenario-name", scenario, "--no-shared-state"])
    assert done.returncode == 0, done.stdout


# Those that look where they are; the others take nothing but the group.
@pytest.mark.parametrize("scenario", ["fleet", "rebalance", "upgrade"])
def test_scenario_on_hosts_of_ones_own(scenario: str, tmp_path: Path) -> None:
    inventory = copied_inventory(tmp_path)
    (inventory / "own.yml").write_text(OWN % ADDRESSES[OBSERVER])
    done = run(
        ["molecule", "test", "--scenario-name", scenario, "--no-shared-state"],
        EVERGREEN_INVENTORY=str(inventory),
        EVERGREEN_HOSTS="staging",
        NO_COLOR="1",
        ANSIBLE_NOCOLOR="1",
    )
    assert done.returncode == 0, done.stdout
    assert "[elsewhere]" in done.stdout
    assert f"[{OBSERVER}]" not in done.stdout
