# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The modules' integration targets, run against hosts of the lab; as many at a time as the cluster has hosts."""

from __future__ import annotations

import contextlib
import queue
import subprocess
import typing as t
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

from ansible_collections.evergreen.virt.tests.lab.cluster import CLUSTER, play

HERE = Path(__file__).parent
TARGETS = {path.name for path in (HERE / "targets").iterdir()}
ALONE = {
    "hypervisor_maintenance",
    "maintenance_hook",
    "maintenance_vms",
    "upgrade_plan",
    "vm_migrate",
    "vm_migrate_off",
}
"""Those that concern other hosts than their own, or look at what a task on another host would disturb."""
SLOW = {
    "maintenance_vms",
    "network",
    "nwfilter",
    "ovs_bridge_killed",
    "ovs_bridge_many",
    "ovs_daemons",
    "ovs_flows",
    "secret",
    "storage_volume",
    "vm_machine",
    "vm_migrate_off",
}
OF_AN_OLDER_RELEASE = {"hypervisor_updates_info", "hypervisor_updates_kept"}
"""Those for which upgraded hosts have nothing: no newer release, no package that is in no channel of the lab."""

Done = subprocess.CompletedProcess[str]


def run(target: str, host: str) -> Done:
    return play(
        str(HERE / "target.yml"), "-e", f"target={target}", "-e", f"target_hosts={host}", roles=str(HERE / "targets")
    )


@contextlib.contextmanager
def beside_each_other(targets: t.Sequence[str]) -> t.Iterator[dict[str, Future[Done]]]:
    """Run the targets, each on the first host that is free; those of VMs, which take longest, before the others."""
    free: queue.Queue[str] = queue.Queue()
    for host in CLUSTER:
        free.put(host)

    def on_a_free_host(target: str) -> Done:
        host = free.get()
        try:
            return run(target, host)
        finally:
            free.put(host)

    with ThreadPoolExecutor(len(CLUSTER)) as pool:
        first = sorted(targets, key=lambda target: not target.startswith("vm"))
        yield {target: pool.submit(on_a_free_host, target) for target in first}
