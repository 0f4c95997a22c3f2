# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whose a host is: what a run leaves to a newer one at its end, and which hosts it does not take."""

from __future__ import annotations

import typing as t
from pathlib import Path

import pytest

from ansible_collections.evergreen.virt.tests.unit.roles.made_up import ROOT, said

VARIABLES = {"ansible.builtin.include_vars": str(ROOT / "roles/upgrade/vars/main.yml")}


@pytest.mark.parametrize(
    ("answer", "superseded"),
    [
        ({"changed": False}, False),
        ({"unreachable": True, "msg": "no route"}, False),
        ({"error": {"details": {"known": {"run_id": "20260101T000000Z-1"}}}}, True),
        ({"error": {"details": {"known": {"run_id": "cancelled-8"}}}}, False),
        ({"error": {"details": {"known": {"run_id": "evacuate-8"}}}}, False),
        ({"error": {"details": {}}}, False),
    ],
    ids=["its own", "silent", "a newer run's", "cancelled", "evacuated", "damaged"],
)
def test_only_another_upgrade_supersedes_a_run(tmp_path: Path, answer: dict[str, t.Any], superseded: bool) -> None:
    tell = {"ansible.builtin.debug": {"msg": "superseded: {{ __upgrade_superseded | bool }}."}}
    assert f"superseded: {superseded}." in said(tmp_path, [VARIABLES, tell], __upgrade_lease_now=answer)


@pytest.mark.parametrize(
    ("owner", "leased"), [("", ["localhost"]), ("evergreen.virt", ["localhost"]), ("alice", [])], ids=str
)
def test_a_host_in_the_maintenance_of_another_is_not_taken(tmp_path: Path, owner: str, leased: list[str]) -> None:
    tell = {"ansible.builtin.debug": {"msg": "leased: {{ __upgrade_leased | join(' ') }}."}}
    facts = {"maintenance": {"owner": owner} if owner else None}
    told = said(tmp_path, [VARIABLES, tell], __upgrade_hosts=["localhost"], preflight_facts=facts)
    assert f"leased: {' '.join(leased)}." in told
