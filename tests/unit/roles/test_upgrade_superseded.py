# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whose a host is: what a run leaves to a newer one at its end, and which hosts it does not take."""

from __future__ import annotations

import re
import typing as t
from pathlib import Path

import pytest

from ansible_collections.evergreen.virt.tests.unit.roles.made_up_hosts import Hosts, noted
from ansible_collections.evergreen.virt.tests.unit.roles.role_variables import evaluated

ANSWERS: dict[str, tuple[dict[str, t.Any], bool]] = {
    "its own": ({"changed": False}, False),
    "silent": ({"unreachable": True, "msg": "no route"}, False),
    "of a newer run": ({"error": {"details": {"known": {"run_id": "20260101T000000Z-1"}}}}, True),
    "cancelled": ({"error": {"details": {"known": {"run_id": "cancelled-8"}}}}, False),
    "evacuated": ({"error": {"details": {"known": {"run_id": "evacuate-8"}}}}, False),
    "rolled back": ({"error": {"details": {"known": {"run_id": "rollback-20260101T000000Z-1"}}}}, False),
    "rebalanced": ({"error": {"details": {"known": {"run_id": "rebalance-8-1"}}}}, False),
    "damaged": ({"error": {"details": {}}}, False),
}
"""What is called so -> what the host says at the end of a run, and whether the run was superseded there."""
OWNERS = {"h1": "alice", "h2": None, "h3": "evergreen.virt"}
"""Host -> the owner of its maintenance."""


@pytest.mark.parametrize(("answer", "superseded"), ANSWERS.values(), ids=ANSWERS)
def test_only_another_upgrade_supersedes_a_run(answer: dict[str, t.Any], superseded: bool) -> None:
    assert evaluated("upgrade", "__upgrade_superseded", __upgrade_lease_now=answer) is superseded


def leased(folder: Path, **more: t.Any) -> list[str]:
    """Return the hosts that a run takes, in its order.

    :param more: variables of the role.
    """
    hosts = Hosts(folder)
    for name, owner in OWNERS.items():
        facts = {"maintenance": {"owner": owner} if owner else None}
        hosts.add(name, {"upgrade_lease": [{"changed": True}]}, preflight_facts=facts)
    take = {"ansible.builtin.include_role": {"name": "evergreen.virt.upgrade", "tasks_from": "lease"}}
    run = {"__upgrade_run": {"id": "r1", "epoch": 1}}
    said = hosts.play("all", [{**take, "vars": {**run, **more}}], upgrade_cluster="all")
    return re.findall(r"^changed: \[(?:h\d -> )?(h\d)\]", said, flags=re.MULTILINE)


@pytest.mark.programs
def test_a_host_in_the_maintenance_of_another_is_not_taken(tmp_path: Path) -> None:
    assert set(leased(tmp_path)) == {"h2", "h3"}


@pytest.mark.programs
def test_the_first_host_that_is_taken_is_the_same_for_all_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONHASHSEED", "1")  # with which a set of the two has h3 first
    assert leased(tmp_path)[0] == "h2"


@pytest.mark.programs
def test_who_is_not_taken_is_found_out_once_for_all_hosts(tmp_path: Path) -> None:
    others = noted(tmp_path / "asked", ["h1", "h2"])
    assert leased(tmp_path, __upgrade_of_others=others) == ["h3"]
    assert (tmp_path / "asked").read_text(encoding="utf-8").count("\n") == 1


@pytest.mark.parametrize(("facts", "decides"), [([{"a": 1}, {"a": 1}], "h1"), ([{}, {"a": 1}], "h2"), ([{}, {}], "h1")])
def test_a_silent_host_does_not_decide_between_runs(facts: list[dict[str, t.Any]], decides: str) -> None:
    """Asked all the same, it would end a rollback without a word."""
    names = ["h1", "h2"]
    hostvars = {name: {"preflight_facts": known} for name, known in zip(names, facts)}
    given = {"__upgrade_hosts": names, "__upgrade_leased": names, "hostvars": hostvars}
    assert evaluated("upgrade", "__upgrade_deciding", **given) == decides
