# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the role fleet refuses before it asks anybody."""

from __future__ import annotations

from pathlib import Path

import pytest

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
