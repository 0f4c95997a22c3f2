# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether another run is alive: it is left the cluster, and one that died is not."""

from __future__ import annotations

import dataclasses
import os
import re
import time
import typing as t
from pathlib import Path

import pytest

from ansible_collections.evergreen.virt.plugins.module_utils._facts import Host, Lease, Maintenance
from ansible_collections.evergreen.virt.tests.unit.plugins.module_utils._plan.clusters import node
from ansible_collections.evergreen.virt.tests.unit.roles.made_up import NOWHERE, Tasks, play
from ansible_collections.evergreen.virt.tests.unit.roles.made_up_hosts import Hosts
from ansible_collections.evergreen.virt.tests.unit.roles.role_variables import evaluated

SINCE = "2026-11-01T12:00:00+00:00"
KNOWN = Lease("r1", 6, SINCE, "2026-11-01T12:30:00+00:00", controller="alice@ctl1")
SEEN = dataclasses.replace(KNOWN, seen="2026-11-01T12:30:03+00:00")
CLOCK_PUT_BACK = dataclasses.replace(KNOWN, seen="2026-11-01T11:30:03+00:00")
SUCCEEDED = Lease("r2", 7, SINCE, SINCE)
Answer = dict[str, t.Any]
UNREACHABLE: Answer = {"unreachable": True, "msg": "no route"}


def told(lease: Lease | None) -> Answer:
    """What the module says of the lease that it found."""
    return {"changed": True, "before": lease.to_dict() if lease else None, "lease": SUCCEEDED.to_dict()}


REFUSED: Answer = {"failed": False, "error": {"details": {"known": SUCCEEDED.to_dict()}}}


def facts(name: str, lease: Lease | None, owner: str | None = "evergreen.virt") -> Answer:
    maintenance = Maintenance(owner, "an upgrade", SINCE, run_id="r1") if owner else None
    return dataclasses.replace(node(name).facts, lease=lease, maintenance=maintenance).to_dict()


@pytest.mark.parametrize(
    ("now", "alive"),
    [
        ({"h1": told(KNOWN), "h2": told(KNOWN)}, {}),
        ({"h1": told(KNOWN), "h2": told(SEEN)}, {"h2": SEEN}),
        ({"h1": told(CLOCK_PUT_BACK), "h2": told(KNOWN)}, {"h1": CLOCK_PUT_BACK}),
        ({"h1": REFUSED, "h2": told(KNOWN)}, {"h1": SUCCEEDED}),
        ({"h1": told(KNOWN), "h2": UNREACHABLE}, {}),
        ({}, {}),
    ],
    ids=["dead", "seen again", "by a clock that was put back", "taken over by a third", "silent", "nowhere at work"],
)
def test_a_run_is_alive_that_was_seen_since(now: dict[str, Answer], alive: dict[str, Lease]) -> None:
    hostvars = {name: {"preflight_facts": facts(name, KNOWN)} for name in now}
    signs = [{"item": name, **answer} for name, answer in now.items()]
    given = {"__upgrade_watched": list(now), "hostvars": hostvars, "__upgrade_signs": signs}
    given["__upgrade_known_now"] = evaluated("upgrade", "__upgrade_said_now", **given)
    found = evaluated("upgrade", "__upgrade_alive", **given)
    assert found == {name: lease.to_dict() for name, lease in alive.items()}


def test_facts_and_module_tell_a_lease_alike() -> None:
    assert Host.from_dict(facts("h1", KNOWN)).lease == KNOWN
    assert facts("h1", KNOWN)["lease"] == told(KNOWN)["before"]


@pytest.mark.parametrize(("ago", "due"), [(0.5, 20), (12.5, 8), (19.5, 1), (20.5, 0), (3600, 0)])
def test_only_what_is_left_of_the_time_is_waited_for(ago: float, due: int) -> None:
    found = int(evaluated("upgrade", "__upgrade_sign_due", __upgrade_looked=time.time() - ago))
    assert found in (due, max(due - 1, 0))


def said(folder: Path, known: dict[str, Answer], signs: dict[str, Answer], *arguments: str) -> str:
    """Return what Ansible says when a run is about to begin.

    :param known: host -> its facts when the plan was made.
    :param signs: host -> what it says of its lease now.
    :param arguments: of `ansible-playbook`.
    """
    hosts = Hosts(folder)
    for name, told_before in known.items():
        silent = signs.get(name) == UNREACHABLE
        answers = {"upgrade_lease": [signs.get(name, told(SEEN))]}
        hosts.add(name, answers, preflight_facts=told_before, **(NOWHERE if silent else {}))
    look = {"ansible.builtin.include_role": {"name": "evergreen.virt.upgrade", "tasks_from": "alive", "public": True}}
    begin = {"ansible.builtin.debug": {"msg": "it begins from {{ __upgrade_controller }}"}}
    refused = {"ansible.builtin.debug": {"msg": "refused: {{ ansible_failed_result.msg }}"}, "run_once": True}
    given = {"__upgrade_run": {"id": "r2", "epoch": 7}, "__upgrade_looked": time.time() - 60}
    tasks = [{"block": [{**look, "vars": given}, begin], "rescue": [refused]}]
    return hosts.play("all", tasks, *arguments, upgrade_cluster="all")


@pytest.mark.programs
def test_a_run_that_was_seen_since_is_left_the_cluster(tmp_path: Path) -> None:
    known = {"h1": facts("h1", KNOWN, None), "h2": facts("h2", KNOWN), "h3": facts("h3", KNOWN)}
    found = said(tmp_path, known, {"h2": told(KNOWN), "h3": told(SEEN)})
    assert (
        "refused: Nothing was changed, because run r1, controlled from alice@ctl1, is at work on h3: it has the cluster since"
        f" {SINCE}, and was seen last at {SEEN.seen}. Let it end, or end it with evergreen.virt.cancel; or take the cluster from it"
        " with -e upgrade_take_over=true."
    ) in found
    assert "it begins" not in found


@pytest.mark.programs
def test_the_cluster_of_a_run_that_died_is_taken(tmp_path: Path) -> None:
    """Nobody is asked but the hosts that a run has out of service: there it would have been seen."""
    known = {"h1": facts("h1", KNOWN, None), "h2": facts("h2", KNOWN, "bob"), "h3": facts("h3", KNOWN), "h4": {}}
    found = said(tmp_path, known, {"h3": told(KNOWN)})
    assert len(re.findall(rf"it begins from \S+@{re.escape(os.uname().nodename)}\"", found)) == 4
    assert re.findall(r"^ok: \[\S+\] => \(item=(\S+)\)", found, flags=re.MULTILINE) == ["h3"]
    assert re.search(r"sign of life\] \*+\nskipping", found), "a sign was waited for that had been due for long"


@pytest.mark.programs
def test_a_host_that_has_fallen_silent_tells_of_nobody(tmp_path: Path) -> None:
    known = {name: facts(name, KNOWN) for name in ("h1", "h2")}
    found = said(tmp_path, known, {"h1": told(KNOWN), "h2": UNREACHABLE})
    assert "refused: Nothing was changed, because hosts do not say any more which run has them: h2" in found
    assert "it begins" not in found


@pytest.mark.programs
@pytest.mark.parametrize(
    ("options", "refused"), [({}, True), ({"upgrade_take_over": "true"}, False), ({"upgrade_take_over": "no"}, True)]
)
def test_the_cluster_is_taken_from_a_run_that_is_alive_if_it_is_asked_for(
    tmp_path: Path, options: dict[str, str], refused: bool
) -> None:
    """An option given with `-e` is text."""
    plan = {"ansible.builtin.include_role": {"name": "evergreen.virt.upgrade", "tasks_from": "plan"}}
    given = {
        "__upgrade_planned": {"plan": {"epoch": 7, "hosts": [], "waves": [["h1"]]}},
        "upgrade_report_directory": str(tmp_path / "report"),
    }
    plays = [{"hosts": "cluster", "gather_facts": False, "tasks": [{**plan, "vars": given}]}]
    others: dict[str, Tasks] = {
        "upgrade/tasks/decide.yml": [],
        "upgrade/tasks/alive.yml": [{"ansible.builtin.fail": {"msg": "a run is alive"}}],
        "upgrade/tasks/begin.yml": [{"ansible.builtin.debug": {"msg": "taken"}}],
    }
    found = play(tmp_path, plays, [node("h1")], others, **options)
    assert ("a run is alive" in found, '"msg": "taken"' in found) == (refused, not refused), found


@pytest.mark.programs
def test_check_mode_refuses_nothing_and_tells(tmp_path: Path) -> None:
    found = said(tmp_path, {"h1": facts("h1", KNOWN)}, {"h1": told(SEEN)}, "--check")
    assert "because run r1, controlled from alice@ctl1, is at work on h1" in found
    assert "it begins" in found
