# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A rolling upgrade that is cancelled, at once and after its wave."""

from __future__ import annotations

import json
import typing as t
from pathlib import Path

import pytest

from ansible_collections.evergreen.virt.tests.faults.story import (
    SLOWLY,
    Story,
    fresh_cluster,
    moving,
    stage,
    wait_until,
)
from ansible_collections.evergreen.virt.tests.lab.audit import audit
from ansible_collections.evergreen.virt.tests.lab.cluster import CLUSTER, play

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> t.Iterator[Story]:
    with fresh_cluster(tmp_path_factory.mktemp("controllers")) as found:
        yield found


def begun(controller: Path) -> bool:
    """Return whether a host of this run has left service, so that a move is no earlier run's."""
    return any(stage(controller, host) for host in CLUSTER)


def test_a_run_is_cancelled_in_the_middle_of_a_move(story: Story) -> None:
    process, controller = story.start(*SLOWLY)
    wait_until(lambda: begun(controller) and moving(), "move", process)
    done = play("evergreen.virt.cancel", "-e", "upgrade_cancel_now=true")
    assert done.returncode == 0, done.stdout
    assert process.wait(timeout=300) == 2, (controller / "output").read_text()
    story.assert_nothing_lost()
    assert moving() is None
    found = audit().hosts
    assert {each: found[each]["in_maintenance"] for each in CLUSTER} == dict.fromkeys(CLUSTER, False)


def test_a_cancelled_run_finishes_the_host_that_is_out_of_service(story: Story) -> None:
    before = {host: found["os"] for host, found in audit().hosts.items()}
    process, controller = story.start(*SLOWLY)
    host = wait_until(lambda: moving() if begun(controller) else None, "move", process)
    done = play("evergreen.virt.cancel")
    assert done.returncode == 0, done.stdout
    assert process.wait(timeout=900) == 2, (controller / "output").read_text()
    hosts = {each["name"]: each for each in json.loads((controller / "report.json").read_text())["hosts"]}
    assert hosts.pop(host)["result"] == "upgraded"
    assert {each["result"] for each in hosts.values()} == {"skipped"}
    assert all("cancelled" in each["reason"] for each in hosts.values())
    story.assert_nothing_lost()
    assert {each: found["os"] for each, found in audit().hosts.items()} == {**before, host: "13"}
