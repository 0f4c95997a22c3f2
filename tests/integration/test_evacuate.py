# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Each host of the cluster is taken out of service, empty, and put back, while the VMs run."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.evergreen.virt.tests.lab.audit import Audit, audit, losses
from ansible_collections.evergreen.virt.tests.lab.cluster import CLUSTER, changed, play

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
