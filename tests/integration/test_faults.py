# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A rolling upgrade that is broken three times, each time in another way, and goes on from an empty folder.

Its update is a small one that asks for a boot: what an upgrade to another release does besides is tried elsewhere (test_rolling_upgrade.py).
"""

from __future__ import annotations

import json
import os
import signal

import pytest

from ansible_collections.evergreen.virt.tests.faults.story import (
    SLOWLY,
    Story,
    a_move_from,
    stage,
    wait_until,
)
from ansible_collections.evergreen.virt.tests.lab.audit import audit, first_audit
from ansible_collections.evergreen.virt.tests.lab.cluster import CLUSTER, SMALL, host_py, ssh
from ansible_collections.evergreen.virt.tests.lab.updates import PACKAGES, SOURCES, Updates

PACKAGE = PACKAGES["reboot"]
UPDATE = ("-e", json.dumps(SOURCES))
UNTRIED = (*UPDATE, "-e", "upgrade_trial=false")
"""Without the small VM, whose moves are not what is to be broken."""


@pytest.fixture(scope="module")
def story(lab: None, tmp_path_factory: pytest.TempPathFactory) -> Story:
    return Story(tmp_path_factory.mktemp("controllers"), first_audit())


@pytest.fixture(scope="module")
def update(story: Story) -> str:
    """The version of the package that the hosts lack."""
    return Updates.of(SMALL).publish(PACKAGE)


def installed(host: str) -> str:
    return ssh(host, f"dpkg-query --show --showformat='${{Version}}' {PACKAGE}")


def first_in_service(update: str) -> str:
    """Return the host without the update that has the fewest VMs: the next in the plan."""
    found = audit().hosts
    left = [host for host in CLUSTER if installed(host) != update]
    maintained = [host for host in left if found[host]["in_maintenance"]]
    return min(maintained or left, key=lambda host: (len(found[host]["active"]), host))


def test_the_controller_is_killed_in_the_middle_of_a_move(story: Story, update: str) -> None:
    host = first_in_service(update)
    process, _controller = story.start(*UNTRIED, *SLOWLY)
    wait_until(lambda: a_move_from(host), f"move from {host}", process)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    story.assert_nothing_lost()


def test_another_controller_goes_on_until_a_host_is_lost(story: Story, update: str) -> None:
    first = first_in_service(update)
    process, controller = story.start(*UNTRIED)
    wait_until(lambda: stage(controller, first) == "verify", f"end of {first}", process)
    wait_until(lambda: {stage(controller, host) for host in CLUSTER if host != first} != {None}, "second wave", process)
    (lost,) = [host for host in CLUSTER if host != first and stage(controller, host)]
    host_py("unplug", lost)
    try:
        assert process.wait(timeout=600) != 0
    finally:
        host_py("plug", lost)
    report = json.loads((controller / "report.json").read_text())
    assert report["result"] == "partial"
    assert {host["name"]: host["result"] for host in report["hosts"]}[lost] == "failed"
    assert (controller / "report.html").exists()
    story.assert_nothing_lost()


def test_libvirtd_restarts_on_a_host_in_maintenance_with_vms_on_it(story: Story, update: str) -> None:
    process, _controller = story.start(*UNTRIED)
    wait_until(lambda: in_maintenance_with_vms() is not None, "host in maintenance with VMs", process)
    ssh(str(in_maintenance_with_vms()), "systemctl", "restart", "libvirtd")
    story.assert_nothing_lost()
    process.wait(timeout=900)
    story.assert_nothing_lost()


def in_maintenance_with_vms() -> str | None:
    """Return a host in maintenance that still has running VMs."""
    script = "test -e /var/lib/evergreen.virt/maintenance.json && virsh list --name || true"
    return next((host for host in CLUSTER if ssh(host, script).split()), None)


def test_the_same_command_from_one_more_folder_finishes(story: Story, update: str) -> None:
    process, controller = story.start(*UPDATE)
    assert process.wait(timeout=1200) == 0, (controller / "output").read_text()
    after = audit()
    assert {host: installed(host) for host in CLUSTER} == dict.fromkeys(CLUSTER, update)
    assert {host: after.hosts[host]["in_maintenance"] for host in CLUSTER} == dict.fromkeys(CLUSTER, False)
    story.assert_nothing_lost()
