# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is told of a real ovsdb-server and ovs-vswitchd."""

from __future__ import annotations

import socket

from ansible_collections.evergreen.virt.plugins.module_utils._wait import Deadline, wait_for
from ansible_collections.evergreen.virt.plugins.modules import ovs_bridge, ovs_info, ovs_switch

from .open_vswitch import OpenVSwitch
from .tasks import Module, Options


def info(switch: OpenVSwitch) -> Options:
    return Module(ovs_info, function="read", host={"database": switch.remote})()


def test_a_bond_tells_which_card_it_sends_by_and_a_mirror_what_it_copied(switch: OpenVSwitch) -> None:
    Module(ovs_bridge, host={"database": switch.remote})(
        name="br0",
        bonds=[{"name": "bond0", "interfaces": ["e1", "e2"], "mode": "active-backup"}],
        ports=[{"name": "e3"}, {"name": "e4"}],
        mirrors=[{"name": "m", "select_src_ports": ["e3"], "output_port": "e4"}],
    )

    def active() -> Options | None:
        [bridge] = info(switch)["bridges"]
        return bridge if bridge["ports"][0]["active_interface"] else None

    bridge = wait_for(active, "an active card", Deadline(10))
    bond = bridge["ports"][0]
    assert (bond["name"], bond["active_interface"] in ("e1", "e2")) == ("bond0", True)
    assert bond["interfaces"][0]["statistics"]["rx_packets"] == 0
    assert bond["interfaces"][0]["link_state"] == "up"
    assert bridge["datapath_id"]
    assert bridge["mirrors"][0]["output_port"] == "e4"


def test_managers_tell_whether_they_are_connected(switch: OpenVSwitch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as manager:
        target = f"tcp:127.0.0.1:{manager.getsockname()[1]}"
        settings = Module(ovs_switch, host={"database": switch.remote})
        settings(managers=[{"target": target, "inactivity_probe": 0}, {"target": "tcp:127.0.0.1:1"}])

        def connected() -> Options | None:
            found = {entry["target"]: entry for entry in info(switch)["switch"]["managers"]}
            return found if found[target]["connected"] else None

        found = wait_for(connected, "the manager", Deadline(10))
        assert (found[target]["inactivity_probe"], found[target]["status"]["state"]) == (0, "ACTIVE")
        assert not found["tcp:127.0.0.1:1"]["connected"]


def test_what_a_switch_reports_to_whom_is_told_as_it_was_asked_for(switch: OpenVSwitch) -> None:
    host = {"database": switch.remote}
    Module(ovs_bridge, host=host)(name="br0")
    Module(ovs_bridge, host=host)(name="br1")
    asked = {"sflow": {"targets": ["127.0.0.1:1"], "sampling": 64}, "flow_samples": [{"id": 7, "targets": ["[::1]:2"]}]}
    Module(ovs_switch, host=host)(monitors=[{"bridge": "br0", **asked}])
    first, second = info(switch)["switch"]["monitors"]
    assert (first["bridge"], first["sflow"]["sampling"], first["ipfix"]) == ("br0", 64, None)
    assert [(entry["id"], entry["targets"]) for entry in first["flow_samples"]] == [(7, ["[::1]:2"])]
    assert second == {"bridge": "br1", "sflow": None, "netflow": None, "ipfix": None, "flow_samples": []}
