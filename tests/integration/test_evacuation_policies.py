# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A host with a VM of each policy is taken out of service and put back, and the guests say themselves what they noticed."""

from __future__ import annotations

import json
import time
import typing as t
from pathlib import Path

import pytest

from ansible_collections.evergreen.virt.tests.lab.audit import REMOTE, audit
from ansible_collections.evergreen.virt.tests.lab.cluster import OBSERVER, changed, play, ssh

HOST = "h2"
EVACUATE = "evergreen.virt.evacuate"
VMS = str(Path(__file__).parent / "vms_of_each_policy.yml")
LIVE, OFFLINE, SUSPEND, SHUTDOWN = (f"it-ep-{way}" for way in ("live", "offline", "suspend", "shutdown"))
GUESTS = {LIVE: "10.213.10.61", OFFLINE: "10.213.10.62", SUSPEND: "10.213.10.63", SHUTDOWN: "10.213.10.64"}

pytestmark = [pytest.mark.usefixtures("lab"), pytest.mark.slow]


def boots(*names: str) -> dict[str, str]:
    """Return the boot ids of guests as soon as all of them answer."""
    ask = (REMOTE / "ask_guests.py").read_text()
    end = time.monotonic() + 120
    while True:
        answers = json.loads(ssh(OBSERVER, "python3", "-", *(f"{name}={GUESTS[name]}" for name in names), stdin=ask))
        silent = {name: answer for name, answer in answers.items() if "error" in answer}
        if not silent:
            return {name: answer["boot_id"] for name, answer in answers.items()}
        assert time.monotonic() < end, silent
        time.sleep(1)


def places() -> dict[str, tuple[list[str], list[str]]]:
    """Return for each VM where it runs and where it is defined."""
    found = audit()
    return {name: (found.places("running", name), found.places("defined", name)) for name in GUESTS}


@pytest.fixture(scope="module")
def before() -> t.Iterator[dict[str, str]]:
    made = play(VMS, "--limit", HOST, "-e", "each_state=started")
    assert made.returncode == 0, made.stdout
    yield boots(*GUESTS)
    play(EVACUATE, "--limit", HOST, "-e", "maintenance_state=disabled")
    removed = play(VMS, "-e", "each_state=absent")
    assert removed.returncode == 0, removed.stdout


def test_each_vm_gets_out_of_the_way_as_its_policy_says(before: dict[str, str]) -> None:
    shown = play(EVACUATE, "--limit", HOST, "--check")
    assert shown.returncode == 0, shown.stdout
    for line in (
        f"{SUSPEND} is saved to disk and restored when the host is back",
        f"{SHUTDOWN} is shut down and started again when the host is back",
        f"{OFFLINE} is shut down and started on",
    ):
        assert line in shown.stdout
    assert places() == dict.fromkeys(GUESTS, ([HOST], [HOST]))

    done = play(EVACUATE, "--limit", HOST)
    assert done.returncode == 0, done.stdout
    found = places()
    assert [found[name] for name in (SUSPEND, SHUTDOWN)] == [([], [HOST])] * 2
    for name in (LIVE, OFFLINE):
        running, defined = found[name]
        assert running == defined
        assert len(running) == 1
        assert running != [HOST]
    now = boots(LIVE, OFFLINE)
    assert now[LIVE] == before[LIVE]
    assert now[OFFLINE] != before[OFFLINE]


def test_again_changes_nothing(before: dict[str, str]) -> None:
    again = play(EVACUATE, "--limit", HOST)
    assert again.returncode == 0, again.stdout
    assert changed(again.stdout) == 0, again.stdout


def test_exactly_those_that_waited_are_back_with_the_host(before: dict[str, str]) -> None:
    back = play(EVACUATE, "--limit", HOST, "-e", "maintenance_state=disabled")
    assert back.returncode == 0, back.stdout
    now = boots(*GUESTS)
    assert {name for name in GUESTS if now[name] == before[name]} == {LIVE, SUSPEND}
    found = places()
    assert [found[name] for name in (SUSPEND, SHUTDOWN)] == [([HOST], [HOST])] * 2
    assert all(len(running) == 1 and running == defined for running, defined in found.values())
    assert not audit().hosts[HOST]["in_maintenance"]


def test_a_vm_that_stays_keeps_its_host_in_service(before: dict[str, str]) -> None:
    policies = [{"where": f"name == '{SUSPEND}'", "policy": {"evacuation": "stay"}}]
    refused = play(EVACUATE, "--limit", HOST, "-e", json.dumps({"upgrade_policies": policies}))
    assert refused.returncode == 2, refused.stdout
    assert f"VM '{SUSPEND}' must not be touched" in refused.stdout
    assert not audit().hosts[HOST]["in_maintenance"]
