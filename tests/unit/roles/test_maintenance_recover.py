# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which hosts of a play start VMs that went down with them, and what that costs the others."""

from __future__ import annotations

import dataclasses
import typing as t
from pathlib import Path

import pytest

from ansible_collections.evergreen.virt.plugins.module_utils._facts import Maintenance
from ansible_collections.evergreen.virt.tests.unit.plugins.module_utils._plan.clusters import node
from ansible_collections.evergreen.virt.tests.unit.roles.made_up_hosts import Hosts, noted

pytestmark = pytest.mark.programs

STARTED = {"changed": True, "vms": [{"vm": "web", "result": "started"}]}


def facts(name: str, owner: str = "", *went_down: str) -> dict[str, t.Any]:
    maintenance = Maintenance(owner, "a disk", "2026-01-01T00:00:00+00:00") if owner else None
    return dataclasses.replace(node(name).facts, maintenance=maintenance, went_down=list(went_down)).to_dict()


def said(folder: Path, known: dict[str, dict[str, t.Any]], first: str = "", **more: t.Any) -> str:
    """Return what Ansible says.

    :param known: host -> what it has told before, and tells again until its VMs are started.
    :param first: the host that has dropped out of the play before.
    :param more: variables of the role.
    """
    hosts = Hosts(folder)
    for name, told in known.items():
        looks = [{"changed": False, "host": each} for each in (told, facts(name))]
        hosts.add(name, {"hypervisor_info": looks, "maintenance_vms": [STARTED]}, preflight_facts=told)
    dropped = {"ansible.builtin.meta": "end_host", "when": f"inventory_hostname == '{first}'"}
    recover = {"ansible.builtin.include_role": {"name": "evergreen.virt.maintenance", "tasks_from": "recover"}}
    tell = {"ansible.builtin.debug": {"msg": "{{ inventory_hostname }}: {{ preflight_facts.went_down | length }} down"}}
    given = {"maintenance_cluster": "all", "maintenance_owner": "alice"}
    return hosts.play("all", [dropped, {**recover, "vars": more}, tell], **given)


@pytest.mark.parametrize("first", ["", "h1"])
def test_the_vms_of_this_owner_are_started(tmp_path: Path, first: str) -> None:
    known = {"h1": facts("h1"), "h2": facts("h2", "alice", "web"), "h3": facts("h3", "bob", "db"), "h4": {}}
    found = said(tmp_path, known, first)
    assert found.count("Went down with") == 1
    assert "Went down with h2: web started" in found
    assert "h2: 0 down" in found


def test_where_none_went_down_that_is_found_out_once_for_all_hosts(tmp_path: Path) -> None:
    known = {name: facts(name, "alice") for name in ("h1", "h2", "h3")}
    found = said(tmp_path, known, __maintenance_down=noted(tmp_path / "asked", []), __maintenance_unrecovered=[])
    assert "Ask the hosts what they are" not in found
    assert (tmp_path / "asked").read_text(encoding="utf-8").count("\n") == 1
