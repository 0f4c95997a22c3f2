# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whatever a switch looks like, one transaction makes it what a task asks for, and the same task again makes none.

The transactions are counted in the log of a real ovsdb-server, and an ovs-vswitchd applies them.
"""

from __future__ import annotations

import typing as t

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ansible_collections.evergreen.virt.plugins.modules import ovs_bridge, ovs_info

from .open_vswitch import OpenVSwitch
from .tasks import Module, Options

TEXTS = st.none() | st.dictionaries(
    st.sampled_from("abc"), st.none() | st.booleans() | st.integers(0, 3) | st.sampled_from(["", "x=y", "1:2"])
)
STATE = st.sampled_from(["present", "present", "absent"])
NAMES = st.sampled_from(["e1", "e2", "e3", "e4", "e5"])
TAGS = st.integers(0, 4095)
QUEUES = st.lists(
    st.fixed_dictionaries(
        {"id": st.integers(0, 3), "state": STATE, "dscp": st.sampled_from([None, -1, 0, 9]), "other_config": TEXTS}
    ),
    max_size=3,
    unique_by=lambda queue: queue["id"],
)
QOS = st.none() | st.fixed_dictionaries(
    {
        "state": STATE,
        "type": st.sampled_from(["linux-htb", "linux-hfsc"]),
        "other_config": TEXTS,
        "queues": st.none() | QUEUES,
    }
)
VLANS = {
    "tag": st.none() | st.integers(-1, 4095),
    "trunks": st.none() | st.lists(TAGS, max_size=3),
    "cvlans": st.none() | st.lists(TAGS, max_size=3),
    "vlan_mode": st.sampled_from([None, "none", "trunk", "native-tagged", "dot1q-tunnel"]),
    "qos": QOS,
    "external_ids": TEXTS,
    "other_config": TEXTS,
}
ONE = st.fixed_dictionaries(
    {
        "state": STATE,
        **VLANS,
        "type": st.sampled_from([None, "", "system", "internal"]),
        "options": TEXTS,
        "mtu_request": st.sampled_from([None, 0, 1400]),
        "ofport_request": st.sampled_from([None, 0, 7]),
        "interface_external_ids": TEXTS,
    }
)
BOND = st.fixed_dictionaries(
    {
        "state": STATE,
        **VLANS,
        "mode": st.sampled_from([None, "none", "active-backup"]),
        "lacp": st.sampled_from([None, "none", "off"]),
        "updelay": st.sampled_from([None, 0, 100]),
    }
)
MIRROR: st.SearchStrategy[Options] = st.fixed_dictionaries(
    {
        "name": st.sampled_from(["m1", "m2"]),
        "state": STATE,
        "select_all": st.sampled_from([None, True, False]),
        "select_vlans": st.none() | st.lists(TAGS, max_size=2),
        "output_port": st.just(""),
        "output_vlan": st.integers(1, 4095),
        "external_ids": TEXTS,
    }
)
CONTROLLERS = st.lists(
    st.fixed_dictionaries(
        {
            "target": st.sampled_from(["ptcp:0:127.0.0.1", "tcp:127.0.0.1:1", "tcp:127.0.0.1:2"]),
            "inactivity_probe": st.sampled_from([None, -1, 0]),
            "other_config": TEXTS,
        }
    ),
    max_size=2,
    unique_by=lambda controller: str(controller["target"]),
)


REPORTED = frozenset(
    {
        "active_interface",
        "admin_state",
        "connected",
        "datapath_id",
        "datapath_version",
        "duplex",
        "error",
        "ifindex",
        "link_resets",
        "link_speed",
        "link_state",
        "mac_in_use",
        "mtu",
        "ofport",
        "role",
        "rstp_status",
        "statistics",
        "status",
    }
)
"""What ovs-vswitchd reports, which changes by itself."""


@st.composite
def tasks(draw: st.DrawFn) -> Options:
    """Options of one task; interfaces change between being ports and members of bonds."""
    cards = draw(st.permutations(["e1", "e2", "e3", "e4", "e5"]))
    single = draw(st.integers(0, 3))
    ports = [{"name": name, **draw(ONE)} for name in cards[:single]]
    bonds = []
    if draw(st.booleans()):
        members = cards[single : single + draw(st.integers(2, 5 - single))]
        bonds = [{"name": draw(st.sampled_from(["bond0", "bond1"])), "interfaces": members, **draw(BOND)}]
    there = [port["name"] for port in ports if port["state"] == "present"]
    mirrors = draw(st.none() | st.lists(MIRROR, max_size=2, unique_by=lambda mirror: str(mirror["name"])))
    for mirror in mirrors or ():
        mirror["select_src_ports"] = draw(st.none() | st.lists(st.sampled_from(there))) if there else None
    found = {
        "name": draw(st.sampled_from(["br0", "br1"])),
        "state": draw(st.sampled_from(["present"] * 5 + ["absent"])),
        "fail_mode": draw(st.sampled_from([None, "none", "secure"])),
        "stp": draw(st.sampled_from([None, True, False])),
        "protocols": draw(st.sampled_from([None, [], ["OpenFlow13"], ["OpenFlow10", "OpenFlow13"]])),
        "controllers": draw(st.none() | CONTROLLERS),
        "external_ids": draw(TEXTS),
        "ports": ports,
        "bonds": bonds,
        "mirrors": mirrors,
        "purge": draw(st.booleans()),
        "purge_keys": draw(st.booleans()),
        "allow_move": True,
    }
    return t.cast("Options", named(found))


def named(value: t.Any) -> t.Any:
    """The same without what is not named."""
    if isinstance(value, list):
        return [named(item) for item in value]
    if isinstance(value, dict) and not set(value) <= set("abc"):
        return {key: named(item) for key, item in value.items() if item is not None}
    return value


def state(switch: OpenVSwitch) -> list[Options]:
    """What is configured, without what changes by itself."""
    bridges = Module(ovs_info, function="read", host={"database": switch.remote})()["bridges"]

    def plain(value: t.Any) -> t.Any:
        if isinstance(value, list):
            return [plain(item) for item in value]
        if isinstance(value, dict):
            return {key: plain(item) for key, item in value.items() if key not in REPORTED}
        return value

    return t.cast("list[Options]", plain(bridges))


@settings(max_examples=15, suppress_health_check=list(HealthCheck))
@given(st.lists(tasks(), min_size=1, max_size=5))
def test_whatever_is_asked_holds_after_one_transaction(running_switch: OpenVSwitch, wanted: list[Options]) -> None:
    switch = running_switch
    switch.clear()
    module = Module(ovs_bridge, host={"database": switch.remote})
    for options in wanted:
        before, log = state(switch), len(switch.log())
        predicted = module(check_mode=True, **options)
        assert len(switch.log()) == log
        result = module(**options)
        assert (predicted["changed"], predicted["diff"]) == (result["changed"], result["diff"])
        assert result["changed"] == (state(switch) != before)
        assert len(switch.log()) == log + result["changed"]
        assert not module(**options)["changed"]
        assert len(switch.log()) == log + result["changed"]
        used = {port["name"] for bridge in state(switch) for port in bridge["ports"] if port["qos"]}
        assert switch.count("QoS") == len(used)


@settings(max_examples=10, suppress_health_check=list(HealthCheck))
@given(tasks(), tasks())
def test_what_is_not_named_stays(running_switch: OpenVSwitch, first: Options, second: Options) -> None:
    switch = running_switch
    switch.clear()
    module = Module(ovs_bridge, host={"database": switch.remote})
    module(**{**first, "state": "present", "name": "br0"})
    [before] = state(switch)
    module(name="br0", external_ids=second.get("external_ids", {}))
    [after] = state(switch)
    assert {**before, "external_ids": after["external_ids"]} == after
    kept = {key: value for key, value in before["external_ids"].items() if key not in second.get("external_ids", {})}
    assert kept.items() <= after["external_ids"].items()
