# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""When the role upgrade believes that a host has got what was planned for it."""

from __future__ import annotations

import typing as t
from pathlib import Path

import pytest
import yaml

from ansible_collections.evergreen.virt.tests.lab.cluster import ROOT
from ansible_collections.evergreen.virt.tests.unit.roles.made_up_hosts import Hosts
from ansible_collections.evergreen.virt.tests.unit.roles.role_variables import arguments, evaluated

PLANNED: dict[str, t.Any] = {"manifest": {"libvirt0": "9.0-4", "vim": "2"}, "removed": ["nano"]}
DAEMON = "libvirtd was replaced on disk and the old one still runs: restart"
BEHIND = "vim is at 1, and 2 was planned"
HELD = "vim stays at 1 though 2 is there: it is on hold."
LOCKED = "vim stays at 1-1 though 2-1 is there: it is excluded or locked to a version."
NO_ROOM = "the update needs 256 MiB in /usr, where 1 MiB are free."


@pytest.mark.parametrize(
    ("known", "unknown"),
    [
        ({"updates": {"manifest": {**PLANNED["manifest"], "curl": "8"}}}, []),
        ({"updates": {"manifest": {"libvirt0": "9.0-5", "vim": "2"}}}, ["libvirt0"]),
        ({"failed": True, "msg": "no metadata"}, ["libvirt0", "vim"]),
    ],
    ids=["all", "not this version", "nothing"],
)
def test_what_a_host_cannot_tell_of_the_plan(known: dict[str, t.Any], unknown: list[str]) -> None:
    assert evaluated("upgrade", "__upgrade_unknown", __upgrade_known=known, preflight_updates=PLANNED) == unknown


@pytest.mark.programs
@pytest.mark.parametrize("knows", [True, False], ids=["what was downloaded", "another thing"])
def test_repositories_are_asked_only_of_what_a_host_does_not_know(tmp_path: Path, knows: bool) -> None:
    hosts = Hosts(tmp_path)
    known = {"changed": False, "updates": PLANNED if knows else {"manifest": {}}}
    answers: dict[str, list[dict[str, t.Any]]] = {
        "hypervisor_updates_info": [known],
        "command": [{"changed": False, "rc": 0}],
    }
    hosts.add("h1", answers, preflight_updates=PLANNED, preflight_manager="dnf")
    prepare = {"ansible.builtin.include_role": {"name": "evergreen.virt.upgrade", "tasks_from": "sources"}}
    told = hosts.play("h1", [prepare])
    assert ("Lists | Ask what the sources hold" in told) is not knows, told


@pytest.mark.parametrize(
    ("differences", "problems", "in_the_middle", "amiss"),
    [
        ([], [], False, []),
        ([BEHIND], [], False, [BEHIND]),
        ([BEHIND], [NO_ROOM, HELD], False, [BEHIND, HELD]),
        ([], [HELD], False, []),
        ([], [HELD], True, [HELD]),
        ([], [LOCKED, NO_ROOM], True, [LOCKED]),
    ],
    ids=["all is there", "one is not", "and why", "held all the time", "held since it began", "locked since it began"],
)
def test_what_is_not_as_it_was_planned(
    differences: list[str], problems: list[str], in_the_middle: bool, amiss: list[str]
) -> None:
    compared = {"differences": differences, "problems": problems}
    facts = {"maintenance": {"stage": "updating" if in_the_middle else "evacuated"}}
    assert evaluated("upgrade", "__upgrade_amiss", __upgrade_compared=compared, preflight_facts=facts) == amiss


@pytest.mark.programs
@pytest.mark.parametrize("differences", [[], [BEHIND]])
def test_a_host_that_was_not_brought_to_the_plan_fails(tmp_path: Path, differences: list[str]) -> None:
    hosts = Hosts(tmp_path)
    answer = {"changed": False, "differences": differences, "problems": []}
    brought = {"__upgrade_brought": PLANNED} if differences else {}
    hosts.add("h1", {"hypervisor_updates_info": [answer]}, preflight_facts={}, **brought)
    compare = {"ansible.builtin.include_role": {"name": "evergreen.virt.upgrade", "tasks_from": "as_planned"}}
    fail = {"ansible.builtin.debug": {"msg": "failed: {{ ansible_failed_result.msg }}"}}
    told = hosts.play("h1", [{"block": [compare], "rescue": [fail]}])
    assert ("failed: the update did not bring everything" in told) is bool(differences), told
    assert (BEHIND in told) is bool(differences)


@pytest.mark.parametrize(
    ("brought", "asked"),
    [({"__upgrade_brought": PLANNED}, PLANNED), ({}, {"manifest": {}, "removed": []})],
    ids=["by this update", "by none"],
)
def test_what_it_is_compared_with(brought: dict[str, t.Any], asked: dict[str, t.Any]) -> None:
    given = arguments("upgrade", "as_planned", "evergreen.virt.hypervisor_updates_info", **brought)
    assert {"manifest": given["manifest"], "removed": given["removed"]} == asked


@pytest.mark.parametrize(("step", "stage"), [("packages", "its update"), ("verify", "its end")])
def test_it_is_asked_after_its_packages_and_at_its_end(step: str, stage: str) -> None:
    tasks = yaml.safe_load((ROOT / f"roles/upgrade/tasks/{step}.yml").read_text())
    assert "as_planned.yml" in [task.get("ansible.builtin.include_tasks") for task in tasks], stage


@pytest.mark.parametrize(
    ("updates", "behind"),
    [
        ({"manifest": {}, "reasons": [], "unfinished": []}, []),
        ({"manifest": {"libvirt0": "9.0-5"}, "reasons": ["libvirt0 9.0-4 -> 9.0-5: restart"], "unfinished": []}, []),
        ({"manifest": {}, "reasons": [DAEMON], "unfinished": [DAEMON]}, [DAEMON]),
        ({"manifest": {}, "reasons": [], "unfinished": ["a newer kernel is installed: reboot"]}, []),
    ],
    ids=["all is done", "published meanwhile", "not restarted", "a boot that nobody wishes"],
)
def test_at_its_end(updates: dict[str, t.Any], behind: list[str]) -> None:
    assert evaluated("upgrade", "__upgrade_behind", preflight_updates=updates) == behind


@pytest.mark.parametrize(
    ("passed_over", "said"),
    [("6.1.0-38", "kernel 6.1.0-38 is installed, and the boot loader chose 6.1.0-37"), (None, "")],
)
def test_a_kernel_that_was_not_booted_is_told(passed_over: str | None, said: str) -> None:
    verified = {"host": {"versions": {"kernel": "6.1.0-37"}}}
    updates = {"passed_over": passed_over}
    found = evaluated("upgrade", "__upgrade_passed_over", preflight_updates=updates, __upgrade_verified=verified)
    assert found == said
    assert not evaluated("upgrade", "__upgrade_passed_over", preflight_updates={}, __upgrade_verified=verified)


@pytest.mark.parametrize("given", ["a, b", ["a", "b"]])
def test_a_list_of_packages_may_come_as_text(given: t.Any) -> None:
    assert evaluated("upgrade", "__upgrade_packages", upgrade_packages=given) == ["a", "b"]
    assert evaluated("upgrade", "__upgrade_obsolete", upgrade_obsolete_repositories=given) == ["a", "b"]


def test_no_package_is_none() -> None:
    assert evaluated("upgrade", "__upgrade_packages", upgrade_packages="") == []
