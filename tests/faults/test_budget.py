# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A run with a canary, waves of two and a budget of one, in which a host fails its health check and an operator has parked another."""

from __future__ import annotations

import json
import typing as t
from pathlib import Path

import pytest

from ansible_collections.evergreen.virt.tests.faults import run as runs
from ansible_collections.evergreen.virt.tests.faults.story import Story, fresh_cluster
from ansible_collections.evergreen.virt.tests.lab.audit import audit
from ansible_collections.evergreen.virt.tests.lab.cluster import LARGE, ssh
from ansible_collections.evergreen.virt.tests.lab.updates import PACKAGES, SOURCES, Updates

pytestmark = pytest.mark.slow
SICK, PARKED = "h3", "h4"
MARK = "/run/evergreen-lab-sick"
# A unit that fails, on the host that has the mark: what its health check finds, and no package is to blame for.
BREAK = ["sh", "-c", f"! test -e {MARK} || systemd-run --no-block --unit=evergreen-lab-sick false"]
OPTIONS: dict[str, t.Any] = {
    **SOURCES,
    "upgrade_order": "name",
    "upgrade_canary_hosts": 1,
    "upgrade_max_hosts_per_wave": 2,
    "upgrade_max_failures": 1,
    "upgrade_retries": 1,
    "upgrade_health_timeout": 20,
    "upgrade_hooks": {"after_update": [{"name": "break it", "command": BREAK}]},
    # else no two hosts may be empty while a third takes no VM
    "upgrade_policies": [{"where": "name != ''", "policy": {"anti_affinity": []}}],
}


@pytest.fixture
def story(tmp_path: Path) -> t.Iterator[Story]:
    with fresh_cluster(tmp_path, LARGE) as found:
        yield found


def ended(story: Story) -> tuple[int, dict[str, t.Any], str]:
    """Carry a run out, and return its exit code, its report and what it said."""
    process, controller = story.start("-e", json.dumps(OPTIONS))
    code = process.wait(timeout=1800)
    return code, json.loads((controller / "report.json").read_text()), (controller / "output").read_text()


def test_a_run_that_goes_on_within_its_budget_and_is_finished_by_the_next(story: Story) -> None:
    Updates.of(LARGE).publish(PACKAGES["empty"])
    runs.maintenance(PARKED, "enabled")
    ssh(SICK, f"touch {MARK}")
    code, report, said = ended(story)
    hosts = {host["name"]: host for host in report["hosts"]}
    assert (code, report["result"]) == (2, "partial"), said
    assert {name: host["result"] for name, host in hosts.items()} == {
        "h1": "upgraded",
        "h2": "upgraded",
        SICK: "failed",
        PARKED: "skipped",
    }
    assert report["plan"]["waves"] == [["h1"], ["h2", SICK]]
    assert "evergreen-lab-sick" in hosts[SICK]["reason"]
    assert "operator" in hosts[PARKED]["reason"]
    assert hosts[SICK]["attempts"] == [], "its health had its time"
    story.assert_nothing_lost()
    found = audit(LARGE).hosts
    assert [name for name in LARGE.cluster if found[name]["in_maintenance"]] == [SICK, PARKED]

    ssh(SICK, f"rm {MARK}; systemctl reset-failed evergreen-lab-sick")
    runs.maintenance(PARKED, "disabled")
    code, report, said = ended(story)
    assert (code, report["result"]) == (0, "upgraded"), said
    assert sorted(host["name"] for host in report["hosts"]) == [SICK, PARKED]
    story.assert_nothing_lost()
    found = audit(LARGE).hosts
    assert [name for name in LARGE.cluster if found[name]["in_maintenance"]] == []
