# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From Debian 12 to Debian 13 while VMs run: first one host by --limit, then the rest, then nothing."""

from __future__ import annotations

import json
import re
import typing as t
from pathlib import Path

import pytest

from ansible_collections.evergreen.virt.tests.lab.audit import audit
from ansible_collections.evergreen.virt.tests.lab.cluster import CLUSTER, changed, play, ssh
from ansible_collections.evergreen.virt.tests.lab.sampler import Sampler
from ansible_collections.evergreen.virt.tests.lab.verdict import UNDER_TEST, judge

UPGRADE = "evergreen.virt.rolling_upgrade"

pytestmark = pytest.mark.usefixtures("lab")


def state() -> dict[str, str]:
    """Return what a run would change first on each host, but for the lease that it takes before it begins."""
    script = "virsh list --all; ls -lR --ignore='lease*' /var/lib/evergreen.virt /etc/apt/sources.list.d || true"
    return {host: ssh(host, script) for host in CLUSTER}


def test_check_shows_the_plan_and_touches_nothing() -> None:
    before = state()
    done = play(UPGRADE, "--check", "-e", "upgrade_probe_host=")  # nobody watches, which is the default
    assert done.returncode == 0, done.stdout
    # how many depends on where the tests before have left the VMs
    assert re.search(r"Plan: 3 waves, \d+ moves \(no plan needs fewer than 3 and \d+\)", done.stdout), done.stdout
    assert changed(done.stdout) == 0
    assert state() == before


@pytest.mark.slow
@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (
            {"upgrade_hooks": {"before_evacuate": [{"name": "calendar", "command": ["sh", "-c", "exit 70"]}]}},
            "the hook 'calendar' asked for it",
        ),
        ({"upgrade_window": 10}, "the maintenance window ends"),
    ],
    ids=["hook", "window"],
)
def test_a_host_that_may_not_go_is_left_as_it_is(options: dict[str, t.Any], reason: str, tmp_path: Path) -> None:
    before = state()
    done = play(UPGRADE, "--limit", "h2", "-e", json.dumps({**options, "upgrade_report_directory": str(tmp_path)}))
    assert done.returncode == 2, done.stdout
    (host,) = json.loads((tmp_path / "report.json").read_text())["hosts"]
    assert host["result"] == "skipped"
    assert host["reason"].startswith(reason)
    assert state() == before


def hooks(told: Path) -> dict[str, t.Any]:
    """Return hooks that look at a host while it is empty, and tell the controller when it is back."""
    look = (
        "systemctl start apt-daily; systemctl show --property=Result apt-daily >/root/apt; virsh list --name >/root/vms"
    )
    tell = 'echo "$EVERGREEN_HOST $EVERGREEN_STAGE" >"$0"'
    return {
        "before_update": [{"name": "look", "command": ["sh", "-c", look]}],
        "after_return": [{"name": "tell", "command": ["sh", "-c", tell, str(told)], "runs_on": "controller"}],
    }


def test_limit_upgrades_one_host_and_uses_all(tmp_path: Path) -> None:
    options = {"upgrade_report_directory": str(tmp_path), "upgrade_hooks": hooks(tmp_path / "told")}
    done = play(UPGRADE, "--limit", "h2", "-e", json.dumps(options))
    assert done.returncode == 0, done.stdout
    assert ssh("h2", "cat", "/root/vms").split() == []
    assert "exec-condition" in ssh("h2", "cat", "/root/apt")
    assert (tmp_path / "told").read_text() == "h2 after_return\n"
    report = json.loads((tmp_path / "report.json").read_text())
    assert [(host["name"], host["result"]) for host in report["hosts"]] == [("h2", "upgraded")]
    assert {host: found["os"] for host, found in audit().hosts.items()} == {
        "h1": "12",
        "h2": "13",
        "h3": "12",
        "watch": "12",
    }


def test_a_limit_that_leaves_nothing_to_do_says_so(tmp_path: Path) -> None:
    done = play(UPGRADE, "--limit", "h2", "-e", f"upgrade_report_directory={tmp_path}")
    assert done.returncode == 0, done.stdout
    assert "nothing to do" in done.stdout


def test_the_rest_is_upgraded_and_every_promise_kept(tmp_path: Path) -> None:
    before = audit()
    with Sampler() as sampler:
        done = play(UPGRADE, "-e", f"upgrade_report_directory={tmp_path}")
    assert done.returncode == 0, done.stdout
    claims = judge(json.loads((tmp_path / "report.json").read_text()), before, audit(), sampler, UNDER_TEST)
    assert {claim.text: claim.failures for claim in claims if not claim.kept} == {}
    assert "<svg" in (tmp_path / "report.html").read_text()


@pytest.mark.parametrize("arguments", [["--check"], []], ids=["check", "run"])
def test_a_second_run_has_nothing_to_do(arguments: list[str], tmp_path: Path) -> None:
    done = play(UPGRADE, *arguments, "-e", f"upgrade_report_directory={tmp_path}")
    assert done.returncode == 0, done.stdout
    assert "nothing to do" in done.stdout
    assert changed(done.stdout) == 0
    if not arguments:
        assert json.loads((tmp_path / "report.json").read_text())["result"] == "nothing_to_do"


@pytest.mark.parametrize("arguments", [pytest.param(["--check"], marks=pytest.mark.slow), []], ids=["check", "run"])
def test_site_on_upgraded_hosts_changes_nothing(arguments: list[str]) -> None:
    done = play("evergreen.virt.site", *arguments)
    assert done.returncode == 0, done.stdout
    assert changed(done.stdout) == 0, done.stdout
