# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every module's own integration target, against a real host; as many at a time as the cluster has hosts."""

from __future__ import annotations

import queue
import subprocess
import typing as t
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest

from ansible_collections.evergreen.virt.tests.lab.cluster import CLUSTER, play

HERE = Path(__file__).parent
TARGETS = {path.name for path in (HERE / "targets").iterdir()}
ALONE = {"hypervisor_maintenance", "maintenance_hook", "upgrade_plan", "vm_migrate"}
"""Those that concern other hosts than their own, or look at what a task on another host would disturb."""
SLOW = {"ovs_bridge_killed", "ovs_bridge_many", "ovs_daemons"}

Done = subprocess.CompletedProcess[str]

pytestmark = pytest.mark.usefixtures("lab")


def run(target: str, host: str) -> Done:
    return play(
        str(HERE / "target.yml"), "-e", f"target={target}", "-e", f"target_hosts={host}", roles=str(HERE / "targets")
    )


@pytest.fixture(scope="module")
def runs(request: pytest.FixtureRequest, lab: None) -> t.Iterator[dict[str, Future[Done]]]:
    """The chosen targets, each on the first host that is free."""
    free: queue.Queue[str] = queue.Queue()
    for host in CLUSTER:
        free.put(host)

    def on_a_free_host(target: str) -> Done:
        host = free.get()
        try:
            return run(target, host)
        finally:
            free.put(host)

    items = [item for item in request.session.items if isinstance(item, pytest.Function)]
    asked = [str(item.callspec.params["target"]) for item in items if item.originalname == test_target.__name__]
    with ThreadPoolExecutor(len(CLUSTER)) as pool:
        yield {target: pool.submit(on_a_free_host, target) for target in asked}


def chosen(targets: set[str]) -> list[t.Any]:
    return [pytest.param(target, marks=pytest.mark.slow if target in SLOW else ()) for target in sorted(targets)]


@pytest.mark.parametrize("target", chosen(TARGETS - ALONE))
def test_target(target: str, runs: dict[str, Future[Done]]) -> None:
    done = runs[target].result()
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("target", chosen(ALONE))
def test_target_that_wants_the_cluster_for_itself(target: str) -> None:
    done = run(target, CLUSTER[0])
    assert done.returncode == 0, done.stdout
