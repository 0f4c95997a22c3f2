# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a task does to a switch's own settings, on a real ovsdb-server and ovs-vswitchd."""

from __future__ import annotations

from pathlib import Path

import pytest

from ansible_collections.evergreen.virt.plugins.module_utils._errors import UnavailableError
from ansible_collections.evergreen.virt.plugins.modules import ovs_bridge, ovs_info, ovs_switch

from .open_vswitch import OpenVSwitch, free_port, signed_by_itself
from .tasks import Module, Options

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


def test_collectors_of_flows_go_with_their_bridge(switch: OpenVSwitch) -> None:
    host = {"database": switch.remote}
    bridge, settings = Module(ovs_bridge, host=host), Module(ovs_switch, host=host)
    bridge(name="br0")
    for sample in (
        {"id": 7, "targets": ["127.0.0.1:1"], "other_config": {"virtual_obs_id": "a b"}},
        {"id": 7, "targets": ["127.0.0.1:2"], "cache_max_flows": 5},
        {"id": 8, "targets": ["127.0.0.1:2"]},
        {"id": 8, "state": "absent"},
    ):
        settings.once(monitors=[{"bridge": "br0", "flow_samples": [sample]}])
    assert [switch.count(table) for table in ("Flow_Sample_Collector_Set", "IPFIX")] == [1, 1]
    bridge.once(name="br0", state="absent")
    assert [switch.count(table) for table in ("Flow_Sample_Collector_Set", "IPFIX", "Bridge")] == [0, 0, 0]


def test_a_monitor_is_changed_for_one_bridge_only(switch: OpenVSwitch) -> None:
    host = {"database": switch.remote}
    settings = Module(ovs_switch, host=host)
    for name in ("br0", "br1"):
        Module(ovs_bridge, host=host)(name=name)
    settings(monitors=[{"bridge": "br0", "sflow": {"targets": ["127.0.0.1:1"], "sampling": 64}}])
    select = {"op": "select", "table": "Bridge", "where": [["name", "==", "br0"]], "columns": ["sflow"]}
    [found] = switch.transact(["Open_vSwitch", select])[0]["rows"]
    where = [["name", "==", "br1"]]
    switch.transact(["Open_vSwitch", {"op": "update", "table": "Bridge", "where": where, "row": found}])
    settings.once(monitors=[{"bridge": "br1", "sflow": {"sampling": 9}}])
    told = {entry["bridge"]: entry["sflow"] for entry in Module(ovs_info, "read", host)()["switch"]["monitors"]}
    assert {name: (sflow["targets"], sflow["sampling"]) for name, sflow in told.items()} == {
        "br0": (["127.0.0.1:1"], 64),
        "br1": (["127.0.0.1:1"], 9),
    }


def test_the_database_is_reached_by_tls_and_by_those_who_are_trusted(
    switch: OpenVSwitch, keys: Options, tmp_path: Path
) -> None:
    port = free_port()
    Module(ovs_switch, host={"database": switch.remote})(tls=keys, managers=[{"target": f"pssl:{port}:127.0.0.1"}])
    far: Options = {"database": f"ssl:127.0.0.1:{port}", **keys}
    Module(ovs_bridge, host=far).once(name="br0", ports=[{"name": "e1", "tag": 5}])
    assert switch.count("Bridge") == 1
    with pytest.raises(UnavailableError):
        Module(ovs_bridge, host={**far, **signed_by_itself(tmp_path), "timeout": 3.0})(name="br1")
    assert switch.count("Bridge") == 1
