# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A rolling upgrade that is broken three times, each time in another way, and goes on from an empty folder."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
import typing as t
from pathlib import Path

import pytest

from ansible_collections.evergreen.virt.tests.lab.audit import Audit, audit, first_audit, losses
from ansible_collections.evergreen.virt.tests.lab.cluster import CLUSTER, fresh_lab, host_py, play, playbook_argv, ssh

SLOWLY = ("-e", "upgrade_move_bandwidth_mib=8")
"""So that there is a middle of a move to break something in."""


class Story:
    """One upgrade of the lab; each fault is followed by an audit and a new controller."""

    def __init__(self, folder: Path, before: Audit) -> None:
        self.folder = folder
        self.before = before
        self.runs = 0

    def start(self) -> tuple[subprocess.Popen[bytes], Path]:
        """Start the upgrade on a controller that knows nothing: an empty folder of its own."""
        self.runs += 1
        controller = self.folder / f"controller{self.runs}"
        controller.mkdir()
        process = subprocess.Popen(
            playbook_argv("evergreen.virt.rolling_upgrade", *SLOWLY, "-e", f"upgrade_report_directory={controller}"),
            cwd=controller,
            stdout=(controller / "output").open("wb"),
            stderr=subprocess.STDOUT,
            start_new_session=True,
            env=os.environ | {"ANSIBLE_NOCOLOR": "1"},
        )
        return process, controller

    def assert_nothing_lost(self) -> None:
        """Every VM runs exactly once, is defined exactly once, with its boot and its records.

        A move that goes on without its controller is given the time to end.
        """
        end = time.monotonic() + 90
        while found := losses(self.before, audit()):
            assert time.monotonic() < end, found


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> t.Iterator[Story]:
    with fresh_lab():
        done = play("evergreen.virt.site")
        assert done.returncode == 0, done.stdout
        yield Story(tmp_path_factory.mktemp("controllers"), first_audit())


def wait_until(
    happened: t.Callable[[], t.Any], what: str, process: subprocess.Popen[bytes], seconds: float = 600
) -> None:
    """Wait for something in the middle of a run; fail if the run ends first."""
    end = time.monotonic() + seconds
    while not happened():
        assert process.poll() is None, f"the run ended before {what}"
        assert time.monotonic() < end, f"no {what} within {seconds} s"
        time.sleep(0.2)


def a_move_from(host: str) -> bool:
    """Return whether libvirt on a host is sending a VM away at this moment."""
    script = 'for vm in $(virsh list --name); do virsh domjobinfo "$vm"; done'
    return "Outgoing migration" in ssh(host, script)


def stage(controller: Path, host: str) -> str | None:
    """Return the stage that the journal saw a host enter last."""
    journal = controller / "journal.ndjson"
    events = [json.loads(line) for line in journal.read_text().splitlines()] if journal.exists() else []
    return next((event["stage"] for event in reversed(events) if event.get("host") == host and "stage" in event), None)


def first_in_service() -> str:
    """Return the host that still runs Debian 12 and has the fewest VMs: the next in the plan."""
    found = audit((*CLUSTER, "watch")).hosts
    left = [host for host in CLUSTER if found[host]["os"] == "12"]
    maintained = [host for host in left if found[host]["in_maintenance"]]
    return min(maintained or left, key=lambda host: (len(found[host]["active"]), host))


def test_the_controller_is_killed_in_the_middle_of_a_move(story: Story) -> None:
    host = first_in_service()
    process, _controller = story.start()
    wait_until(lambda: a_move_from(host), f"move from {host}", process)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    story.assert_nothing_lost()


@pytest.mark.slow
def test_a_run_is_cancelled_in_the_middle_of_a_move(story: Story) -> None:
    host = first_in_service()
    process, controller = story.start()
    wait_until(lambda: a_move_from(host), f"move from {host}", process)
    done = play("evergreen.virt.cancel", "-e", "upgrade_cancel_now=true")
    assert done.returncode == 0, done.stdout
    assert process.wait(timeout=300) == 2, (controller / "output").read_text()
    story.assert_nothing_lost()
    assert not a_move_from(host)
    found = audit().hosts
    assert {each: found[each]["in_maintenance"] for each in CLUSTER} == dict.fromkeys(CLUSTER, False)


@pytest.mark.slow
def test_a_cancelled_run_finishes_the_host_that_is_out_of_service(story: Story) -> None:
    before = {host: found["os"] for host, found in audit().hosts.items()}
    host = first_in_service()
    process, controller = story.start()
    wait_until(lambda: a_move_from(host), f"move from {host}", process)
    done = play("evergreen.virt.cancel")
    assert done.returncode == 0, done.stdout
    assert process.wait(timeout=900) == 2, (controller / "output").read_text()
    hosts = {each["name"]: each for each in json.loads((controller / "report.json").read_text())["hosts"]}
    assert hosts.pop(host)["result"] == "upgraded"
    assert {each["result"] for each in hosts.values()} == {"skipped"}
    assert all("cancelled" in each["reason"] for each in hosts.values())
    story.assert_nothing_lost()
    assert {each: found["os"] for each, found in audit().hosts.items()} == {**before, host: "13"}


def test_another_controller_goes_on_until_a_host_is_lost(story: Story) -> None:
    process, controller = story.start()
    first = first_in_service()
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


def test_libvirtd_restarts_on_a_host_in_maintenance_with_vms_on_it(story: Story) -> None:
    process, _controller = story.start()
    wait_until(lambda: in_maintenance_with_vms() is not None, "host in maintenance with VMs", process)
    ssh(str(in_maintenance_with_vms()), "systemctl", "restart", "libvirtd")
    story.assert_nothing_lost()
    process.wait(timeout=900)
    story.assert_nothing_lost()


def in_maintenance_with_vms() -> str | None:
    """Return a host in maintenance that still has running VMs."""
    script = "test -e /var/lib/evergreen.virt/maintenance.json && virsh list --name || true"
    return next((host for host in CLUSTER if ssh(host, script).split()), None)


def test_the_same_command_from_one_more_folder_finishes(story: Story) -> None:
    process, controller = story.start()
    assert process.wait(timeout=1200) == 0, (controller / "output").read_text()
    after = audit()
    assert {host: after.hosts[host]["os"] for host in CLUSTER} == dict.fromkeys(CLUSTER, "13")
    assert {host: after.hosts[host]["in_maintenance"] for host in CLUSTER} == dict.fromkeys(CLUSTER, False)
    story.assert_nothing_lost()
