# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Each host of the cluster is taken out of service, empty, and put back, while the VMs run."""

from __future__ import annotations

import json
import typing as t

import pytest

from ansible_collections.evergreen.virt.tests.lab.audit import Audit, audit, losses
from ansible_collections.evergreen.virt.tests.lab.cluster import CLUSTER, changed, play, ssh

EVACUATE = "evergreen.virt.evacuate"

pytestmark = [pytest.mark.usefixtures("lab"), pytest.mark.slow]


def places(found: Audit) -> dict[str, t.Any]:
    """Return what evacuating changes: where VMs run, and which host is in maintenance."""
    return {host: (seen["active"], seen["in_maintenance"]) for host, seen in found.hosts.items()}


@pytest.mark.parametrize("host", CLUSTER)
def test_a_host_is_emptied_and_put_back(host: str) -> None:
    before = audit()
    shown = play(EVACUATE, "--limit", host, "--check")
    assert shown.returncode == 0, shown.stdout
    assert "Plan: 1 wave" in shown.stdout
    assert places(audit()) == places(before)

    done = play(EVACUATE, "--limit", host)
    assert done.returncode == 0, done.stdout
    emptied = audit()
    assert emptied.hosts[host]["active"] == []
    assert emptied.hosts[host]["in_maintenance"]
    assert losses(before, emptied) == []
    again = play(EVACUATE, "--limit", host)
    assert again.returncode == 0, again.stdout
    assert changed(again.stdout) == 0, again.stdout

    back = play(EVACUATE, "--limit", host, "-e", "maintenance_state=disabled")
    assert back.returncode == 0, back.stdout
    assert not audit().hosts[host]["in_maintenance"]


def test_a_vm_of_another_host_makes_room_first() -> None:
    """One VM may go to one other host only, where another one is that it must not meet."""
    before = audit()
    free = {host: [vm for vm in before.hosts[host]["active"] if vm not in ("vm1", "vm2")] for host in CLUSTER}
    left, taking, *_others = sorted(CLUSTER, key=lambda host: -len(free[host]))
    vm, rival = free[left][0], free[taking][0]
    policies = [
        {"where": f"name == '{vm}'", "policy": {"hosts": [left, taking], "anti_affinity": ["pair"]}},
        {"where": f"name == '{rival}'", "policy": {"anti_affinity": ["pair"]}},
    ]
    options = ("--limit", left, "-e", json.dumps({"upgrade_policies": policies}))
    shown = play(EVACUATE, *options, "--check")
    assert shown.returncode == 0, shown.stdout
    assert f"to make room: {rival}, {taking} ->" in shown.stdout
    assert places(audit()) == places(before)

    done = play(EVACUATE, *options)
    assert done.returncode == 0, done.stdout
    after = audit()
    assert after.hosts[left]["active"] == []
    assert after.places("active", vm) == [taking] != after.places("active", rival)
    assert losses(before, after) == []
    again = play(EVACUATE, *options)
    assert (again.returncode, changed(again.stdout)) == (0, 0), again.stdout
    back = play(EVACUATE, "--limit", left, "-e", "maintenance_state=disabled")
    assert back.returncode == 0, back.stdout


def test_loads_are_evened_out_afterwards() -> None:
    """The host that was emptied last has no VM."""
    before, threads = audit(), int(ssh(CLUSTER[0], "nproc"))
    options = ("-e", json.dumps({"rebalance_by": "vcpus", "rebalance_vcpus_tolerance": 100 / threads + 0.1}))
    done = play("evergreen.virt.rebalance", *options)
    assert done.returncode == 0, done.stdout
    after = audit()
    assert all(1 <= len(after.hosts[host]["active"]) <= 3 for host in CLUSTER), places(after)
    assert losses(before, after) == []
    again = play("evergreen.virt.rebalance", *options)
    assert (again.returncode, changed(again.stdout)) == (0, 0), again.stdout


def test_all_hosts_at_once_are_refused_untouched() -> None:
    before = audit()
    done = play(EVACUATE)
    assert done.returncode == 2, done.stdout
    assert places(audit()) == places(before)


@pytest.mark.parametrize("playbook", ["health", "preflight"])
def test_the_cluster_is_well_afterwards(playbook: str) -> None:
    done = play(f"evergreen.virt.{playbook}")
    assert done.returncode == 0, done.stdout
    assert changed(done.stdout) == 0
