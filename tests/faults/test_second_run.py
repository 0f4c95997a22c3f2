# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The same command from another controller while a run is alive, and while it only looks dead."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import typing as t
from pathlib import Path

import pytest

from ansible_collections.evergreen.virt.tests.faults.story import SLOWLY, Story, a_move_from, fresh_cluster, wait_until
from ansible_collections.evergreen.virt.tests.lab.audit import audit
from ansible_collections.evergreen.virt.tests.lab.cluster import CLUSTER, SMALL, ssh
from ansible_collections.evergreen.virt.tests.lab.updates import PACKAGES, SOURCES, Updates

pytestmark = pytest.mark.slow
PACKAGE = PACKAGES["empty"]
WAITS = {"name": "wait", "command": ["sleep", "60"]}
"""While VMs move nobody makes a plan, so that something has to come after the moves for which the host stays out of service."""
OPTIONS: dict[str, t.Any] = {**SOURCES, "upgrade_trial": False, "upgrade_hooks": {"before_update": [WAITS]}}


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> t.Iterator[Story]:
    with fresh_cluster(tmp_path_factory.mktemp("controllers")) as found:
        yield found


@pytest.fixture(scope="module")
def updates(story: Story) -> Updates:
    return Updates.of(SMALL)


@pytest.fixture
def command(updates: Updates) -> tuple[str, ...]:
    """The arguments of a run that has something to do on the host with the most VMs."""
    updates.publish(PACKAGE)
    return ("--limit", fullest(), *SLOWLY, "-e", json.dumps(OPTIONS))


def fullest() -> str:
    found = audit().hosts
    return max(CLUSTER, key=lambda host: (len(found[host]["active"]), host))


def moving(story: Story, command: tuple[str, ...]) -> tuple[subprocess.Popen[bytes], Path]:
    """Start a run, and wait until a VM moves."""
    process, controller = story.start(*command)
    wait_until(lambda: a_move_from(command[1]), "move", process)
    return process, controller


def leases() -> dict[str, t.Any]:
    return {host: json.loads(ssh(host, "cat /var/lib/evergreen.virt/lease.json")) for host in CLUSTER}


def run_of(controller: Path) -> str:
    return str(json.loads((controller / "report.json").read_text())["run_id"])


@contextlib.contextmanager
def asleep(process: subprocess.Popen[bytes]) -> t.Iterator[None]:
    """Stop a run for the length of the body: `ansible-playbook`, and its tasks, which have sessions of their own.

    Not ssh: other runs use its connections as well.
    """
    family = [process.pid]
    for pid in family:
        os.kill(pid, signal.SIGSTOP)
        children = [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
        family += [child for child in children if argv(child) == argv(process.pid)]
    try:
        yield
    finally:
        for pid in family:
            os.kill(pid, signal.SIGCONT)


def argv(pid: int) -> bytes:
    return Path(f"/proc/{pid}/cmdline").read_bytes()


def assert_tidy(story: Story) -> None:
    story.assert_nothing_lost()
    found = audit().hosts
    assert {host: found[host]["in_maintenance"] for host in CLUSTER} == dict.fromkeys(CLUSTER, False)


def test_a_run_that_is_alive_is_left_the_cluster(story: Story, command: tuple[str, ...]) -> None:
    first, controller = moving(story, command)
    second, refused = story.start(*command)
    assert second.wait(timeout=600) == 2, (refused / "output").read_text()
    said = (refused / "output").read_text()
    assert f"because run {run_of(controller)}, controlled from" in said
    assert f"is at work on {command[1]}" in said
    report = json.loads((refused / "report.json").read_text())
    assert (report["result"], report["hosts"]) == ("refused", []), report
    assert f"because run {run_of(controller)}, controlled from" in report["reason"]
    assert first.wait(timeout=900) == 0, (controller / "output").read_text()
    assert {known["run_id"] for known in leases().values()} == {run_of(controller)}
    assert_tidy(story)


def test_a_run_that_looks_dead_changes_nothing_more_when_it_wakes_up(story: Story, command: tuple[str, ...]) -> None:
    first, controller = moving(story, command)
    with asleep(first):
        second, taken = story.start(*command)
        assert second.wait(timeout=900) == 0, (taken / "output").read_text()
        before = leases()
    assert {known["run_id"] for known in before.values()} == {run_of(taken)}
    assert first.wait(timeout=300) == 2, (controller / "output").read_text()
    assert f"may not change this host: run {run_of(taken)} " in (controller / "output").read_text()
    assert leases() == before
    assert_tidy(story)
