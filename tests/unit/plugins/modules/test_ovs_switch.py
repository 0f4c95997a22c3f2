# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a task does to a switch's own settings, on a real ovsdb-server and ovs-vswitchd."""

from __future__ import annotations

from ansible_collections.evergreen.virt.plugins.modules import ovs_bridge, ovs_switch

from .open_vswitch import OpenVSwitch
from .tasks import Module

MANAGER = "ptcp:0:127.0.0.1"


def test_each_setting_is_made_changed_and_removed_once(switch: OpenVSwitch) -> None:
    host = {"database": switch.remote}
    Module(ovs_bridge, host=host)(name="br0")
    settings = Module(ovs_switch, host=host)
    settings.once(
        external_ids={"mine": 1},
        managers=[{"target": MANAGER, "inactivity_probe": 7000, "other_config": {"dscp": 10}}],
        monitors=[
            {
                "bridge": "br0",
                "sflow": {"targets": ["127.0.0.1:1"], "sampling": 64},
                "ipfix": {"targets": ["127.0.0.1:2"], "other_config": {"a": 1}},
            }
        ],
    )
    changed = settings.once(
        managers=[{"target": MANAGER, "inactivity_probe": -1}],
        monitors=[{"bridge": "br0", "sflow": {"targets": ["127.0.0.1:3"], "sampling": -1}}],
    )
    assert len(changed["changes"]) == 3
    settings.once(
        external_ids={"mine": None},
        managers=[{"target": MANAGER, "state": "absent"}],
        monitors=[{"bridge": "br0", "sflow": {"targets": []}, "ipfix": {"targets": []}}],
    )
    assert [switch.count(table) for table in ("Manager", "sFlow", "IPFIX")] == [0, 0, 0]
