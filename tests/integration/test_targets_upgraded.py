# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The same targets on hosts that have been upgraded: every module works with the next release's libvirt, QEMU and Open vSwitch."""

from __future__ import annotations

from concurrent.futures import Future

import pytest

from ansible_collections.evergreen.virt.tests.integration.target_runs import (
    ALONE,
    OF_AN_OLDER_RELEASE,
    TARGETS,
    Done,
    run,
)
from ansible_collections.evergreen.virt.tests.lab.cluster import CLUSTER

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("target", sorted(TARGETS - ALONE - OF_AN_OLDER_RELEASE))
def test_upgraded_target(target: str, runs: dict[str, Future[Done]]) -> None:
    done = runs[target].result()
    assert done.returncode == 0, done.stdout


@pytest.mark.usefixtures("lab")
@pytest.mark.parametrize("target", sorted(ALONE))
def test_upgraded_target_that_wants_the_cluster_for_itself(target: str) -> None:
    done = run(target, CLUSTER[0])
    assert done.returncode == 0, done.stdout
