# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the role fleet refuses, and what it waits for."""

from __future__ import annotations

from pathlib import Path

import pytest

from ansible_collections.evergreen.virt.tests.unit.plugins.module_utils._plan.clusters import node
from ansible_collections.evergreen.virt.tests.unit.roles.made_up_hosts import Hosts

pytestmark = pytest.mark.programs


def test_hosts_of_several_groups_are_refused(tmp_path: Path) -> None:
    """A VM of the one group may be on a host of the other, which nobody would have asked."""
    hosts = Hosts(tmp_path)
    for name, group in (("h1", "site_a"), ("h2", "site_b")):
        hosts.add(name, {}, fleet_group=group, fleet_vms=[])
    fleet = {"ansible.builtin.include_role": {"name": "evergreen.virt.fleet"}}
    tell = {"ansible.builtin.debug": {"msg": "refused"}}
    said = hosts.play("all", [{"block": [fleet], "rescue": [tell]}])
    assert "several groups (fleet_group): site_a, site_b." in said


def test_a_vm_that_moves_is_not_taken_for_one_that_is_defined_twice(tmp_path: Path) -> None:
    """Both hosts have it until it has arrived."""
    web, hosts = {"name": "web"}, Hosts(tmp_path)
    for name, left in (("h1", []), ("h2", [web])):
        host = node(name).facts.to_dict()
        moving = {"changed": False, "host": {**host, "vms": [web], "moving": ["web"]}}
        arrived = {"changed": False, "host": {**host, "vms": left}}
        hosts.add(
            name,
            {"hypervisor_info": [moving, arrived], "vms": [{"changed": False}]},
            fleet_group="all",
            fleet_vms=[{"name": "web", "host": "h1"}],
        )
    said = hosts.play("all", [{"ansible.builtin.include_role": {"name": "evergreen.virt.fleet"}}])
    assert "ok: [h2]" in said.partition("Converge the VMs")[2]
