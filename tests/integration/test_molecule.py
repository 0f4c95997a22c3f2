# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Each role's Molecule scenario, on the lab that is up."""

from __future__ import annotations

import pytest

from ansible_collections.evergreen.virt.tests.lab.cluster import ROOT, run

pytestmark = [pytest.mark.usefixtures("lab"), pytest.mark.slow]
SCENARIOS = sorted({path.parent.name for path in ROOT.glob("extensions/molecule/*/molecule.yml")} - {"default"})


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_scenario(scenario: str) -> None:
    # Without the shared state, with which Molecule would start a lab of its own.
    done = run(["molecule", "test", "--scenario-name", scenario, "--no-shared-state"])
    assert done.returncode == 0, done.stdout
