# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Twelve VMs of all kinds on four hosts: each host is taken out of service and put back, and then the loads are evened out.

After each of these every VM is looked for on every host and asked itself, and the outside probe tells how long it was silent.
"""

from __future__ import annotations

import dataclasses
import json
import re
import typing as t
from pathlib import Path

import pytest

from ansible_collections.evergreen.virt.tests.lab.audit import Audit, audit, first_audit, losses
from ansible_collections.evergreen.virt.tests.lab.cluster import LARGE, changed, fresh_lab, play, ssh
from ansible_collections.evergreen.virt.tests.lab.guests import Probe, now, say

FLEET = Path(__file__).with_name("evacuations.yml")
EVACUATE, REBALANCE = "evergreen.virt.evacuate", "evergreen.virt.rebalance"
RESTLESS, SNAPSHOT, PAUSED = "vm1", "vm3", "vm7"
FOUR = ("vm8", "vm9", "vm10", "vm11")
"""No two of them share a host, and there are four hosts: when one is out of service, one of them has to wait."""
WAITING = {
    "upgrade_policies": [{"where": "contains(policy.anti_affinity, 'four')", "policy": {"evacuation": "suspend"}}],
    "maintenance_move_bandwidth_mib": 20,
}
WORST_ABOVE_CONTROL_MS = 150
NBD = "apt-get --quiet update && apt-get --quiet --yes install nbdkit && systemd-run --unit=lab-nbd nbdkit --foreground memory 64M"

pytestmark = pytest.mark.slow


@dataclasses.dataclass(frozen=True)
class Ground:
    """The lab with all VMs as they are at first, watched from outside."""

    before: Audit
    probe: Probe

    def loads(self, *hosts: str) -> dict[str, t.Any]:
        """Return where VMs run, of these hosts or all, and which are in maintenance."""
        found = audit(LARGE).hosts
        return {host: (found[host]["active"], found[host]["in_maintenance"]) for host in hosts or LARGE.cluster}


@pytest.fixture(scope="module")
def ground() -> t.Iterator[Ground]:
    with fresh_lab(LARGE):
        ssh("watch", NBD, timeout=120)
        done = play("evergreen.virt.site", "-e", f"@{FLEET}", lab=LARGE)
        assert done.returncode == 0, done.stdout
        found = first_audit(LARGE)
        ssh(found.places("active", SNAPSHOT)[0], "virsh", "snapshot-create-as", SNAPSHOT, "before", timeout=120)
        say(LARGE.guests[RESTLESS], "d")
        ssh(found.places("active", PAUSED)[0], "virsh", "suspend", PAUSED)
        with Probe("evacuations", LARGE, without(LARGE.guests, PAUSED)) as probe:
            yield Ground(found, probe)


def without(known: t.Mapping[str, t.Any], *names: str) -> dict[str, t.Any]:
    return {name: value for name, value in known.items() if name not in names}


def assert_all_are_well(ground: Ground, since: str, waiting: t.Collection[str] = ()) -> None:
    """Each VM is there exactly once, with its boot and its records; nobody noticed, but for those that wait."""
    found = audit(LARGE)
    awake = dataclasses.replace(ground.before, guests=without(ground.before.guests, PAUSED, *waiting))
    assert losses(awake, found) == []
    assert {vm: found.places("active", vm) for vm in waiting} == {vm: [] for vm in waiting}
    assert {len(found.places("defined", vm)) for vm in (*waiting, PAUSED)} == {1}
    assert len(found.places("active", PAUSED)) == 1
    assert found.places("running", PAUSED) == []
    assert len({host for vm in FOUR if vm not in waiting for host in found.places("active", vm)}) == len(
        [vm for vm in FOUR if vm not in waiting]
    )
    seen = ground.probe.seen(since)
    assert {vm: count for vm, count in seen.lost.items() if count} == {}
    watched = [vm for vm in seen.gap_ms if vm not in waiting]
    assert seen.above_control(watched) <= WORST_ABOVE_CONTROL_MS, seen.gap_ms


def test_a_group_that_has_no_other_host_is_named_and_nothing_is_done(ground: Ground) -> None:
    before = ground.loads()
    done = play(EVACUATE, "--limit", "h1", lab=LARGE)
    assert done.returncode == 2, done.stdout
    assert "anti-affinity group 'four'" in done.stdout
    assert ground.loads() == before


@pytest.mark.parametrize("host", LARGE.cluster)
def test_a_host_is_emptied_and_put_back(host: str, ground: Ground) -> None:
    present, began = audit(LARGE).hosts[host]["active"], now()
    waiting = [vm for vm in present if vm in (*FOUR, SNAPSHOT)]
    options = ("--limit", host, "-e", json.dumps(WAITING))
    done = play(EVACUATE, *options, lab=LARGE)
    assert done.returncode == 0, done.stdout
    assert ground.loads(host) == {host: ([], True)}
    assert_all_are_well(ground, began, waiting)

    again = play(EVACUATE, *options, lab=LARGE)
    assert (again.returncode, changed(again.stdout)) == (0, 0), again.stdout

    since = now()
    back = play(EVACUATE, *options, "-e", "maintenance_state=disabled", lab=LARGE)
    assert back.returncode == 0, back.stdout
    active, in_maintenance = ground.loads(host)[host]
    assert (sorted(active), in_maintenance) == (sorted(waiting), False)
    assert_all_are_well_again(ground, since, waiting)


def assert_all_are_well_again(ground: Ground, since: str, waited: t.Collection[str]) -> None:
    """Those that waited go on as well, with the boot that they had."""
    found = audit(LARGE)
    assert losses(dataclasses.replace(ground.before, guests=without(ground.before.guests, PAUSED)), found) == []
    seen = ground.probe.seen(since)
    assert {vm: count for vm, count in seen.lost.items() if count} == {}
    assert seen.above_control([vm for vm in seen.gap_ms if vm not in waited]) <= WORST_ABOVE_CONTROL_MS, seen.gap_ms


def test_loads_are_evened_out_with_few_moves(ground: Ground) -> None:
    """A tolerance of one VM. The host that was emptied last has only what waited there."""
    threads = int(ssh("h1", "nproc"))
    options = ("-e", json.dumps({"rebalance_by": "vcpus", "rebalance_vcpus_tolerance": 100 / threads + 0.1}))
    before = ground.loads()
    shown = play(REBALANCE, *options, "--check", lab=LARGE)
    assert shown.returncode == 0, shown.stdout
    assert ground.loads() == before
    planned = re.search(r"Rebalance: (\d+) moves? \(no plan needs fewer than (\d+)\)", shown.stdout)
    assert planned, shown.stdout
    assert planned[1] == planned[2]

    since = now()
    done = play(REBALANCE, *options, lab=LARGE)
    assert done.returncode == 0, done.stdout
    counts = [len(active) for active, _in_maintenance in ground.loads().values()]
    assert sum(counts) == 12
    assert (min(counts), max(counts)) in {(2, 3), (2, 4), (3, 3)}
    assert_all_are_well(ground, since)

    again = play(REBALANCE, *options, lab=LARGE)
    assert (again.returncode, changed(again.stdout)) == (0, 0), again.stdout
    assert "Rebalance: nothing to do." in again.stdout


def test_everybody_is_there_in_the_end(ground: Ground) -> None:
    say(LARGE.guests[RESTLESS], "c")
    ssh(audit(LARGE).places("active", PAUSED)[0], "virsh", "resume", PAUSED)
    assert losses(ground.before, first_audit(LARGE)) == []
