# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Each option of `ovs_bridge` is set, left out, changed and cleared, on a real ovsdb-server and ovs-vswitchd."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.evergreen.virt.plugins.module_utils._argspec import OVSDB, RUN
from ansible_collections.evergreen.virt.plugins.modules import ovs_bridge

from .open_vswitch import OpenVSwitch
from .tasks import Module, Options, Result

Row = tuple[t.Any, t.Any, t.Any, t.Any]
"""A value, another one, what clears it, and what is shown then."""

MAP: Row = ({"a": "1"}, {"a": "2"}, {"a": None}, {})
TRUTH = (True, False, False, False)
LIMIT = (1000, 2000, 0, 0)
DEFAULTED = (2000, 3000, -1, None)

VLANS: dict[str, Row] = {
    "tag": (0, 4095, -1, None),
    "trunks": ([1, 2], [2, 4095], [], []),
    "cvlans": ([1, 2], [0], [], []),
    "vlan_mode": ("dot1q-tunnel", "native-tagged", "none", None),
    "protected": TRUTH,
    "external_ids": MAP,
    "other_config": MAP,
}
INTERFACE: dict[str, Row] = {
    "options": MAP,
    "mac": ("02:00:00:00:00:01", "02:00:00:00:00:02", "", None),
    "mtu_request": (1400, 9000, 0, None),
    "ofport_request": (100, 200, 0, None),
    "ingress_policing_rate": LIMIT,
    "ingress_policing_burst": LIMIT,
    "ingress_policing_kpkts_rate": LIMIT,
    "ingress_policing_kpkts_burst": LIMIT,
    "bfd": ({"enable": "false"}, {"enable": "true"}, {"enable": None}, {}),
    "cfm_mpid": (1, 2, 0, None),
    "lldp": ({"enable": "true"}, {"enable": "false"}, {"enable": None}, {}),
    "interface_external_ids": MAP,
    "interface_other_config": MAP,
}
TABLE: dict[str, dict[str, Row]] = {
    "bridge": {
        "datapath_type": ("netdev", "system", "", "system"),
        "fail_mode": ("secure", "standalone", "none", None),
        "stp": TRUTH,
        "rstp": TRUTH,
        "mcast_snooping": TRUTH,
        "protocols": (["OpenFlow10", "OpenFlow13"], ["OpenFlow15"], [], []),
        "flood_vlans": ([1, 2], [4095], [], []),
        "external_ids": MAP,
        "other_config": MAP,
    },
    "fake": {"external_ids": MAP},
    "controllers": {
        "type": ("service", "primary", "none", None),
        "connection_mode": ("in-band", "out-of-band", "none", None),
        "inactivity_probe": (0, 5000, -1, None),
        "max_backoff": DEFAULTED,
        "local_ip": ("192.0.2.1", "192.0.2.2", "", None),
        "local_netmask": ("255.255.255.0", "255.255.0.0", "", None),
        "local_gateway": ("192.0.2.3", "192.0.2.4", "", None),
        "enable_async_messages": (False, True, True, None),
        "queue_size": (1, 512, -1, None),
        "rate_limit": DEFAULTED,
        "burst_limit": DEFAULTED,
        "external_ids": MAP,
        "other_config": MAP,
    },
    "ports": {**VLANS, "type": ("internal", "system", "", "system"), **INTERFACE},
    "bonds": {
        **VLANS,
        "mode": ("active-backup", "balance-tcp", "none", None),
        "lacp": ("active", "off", "none", None),
        "updelay": LIMIT,
        "downdelay": LIMIT,
    },
    "interface_settings": {"type": ("internal", "system", "", "system"), **INTERFACE},
    "mirrors": {
        "select_all": TRUTH,
        "select_src_ports": (["p", "q"], ["q"], [], []),
        "select_dst_ports": (["q"], ["p"], [], []),
        "select_vlans": ([1, 2], [4095], [], []),
        "output_port": ("p", "q", "", None),
        "output_vlan": (1, 4095, 0, None),
        "snaplen": (14, 65535, 0, None),
        "external_ids": MAP,
    },
    "qos": {
        "type": ("linux-htb", "linux-hfsc", "linux-noop", "linux-noop"),
        "external_ids": MAP,
        "other_config": MAP,
    },
    "queues": {"dscp": (0, 63, -1, None), "external_ids": MAP, "other_config": MAP},
}
NOT_COLUMNS = {
    *("name", "state", "parent", "vlan", "purge", "purge_keys", "allow_move", "force", "target", "id"),
    *("controllers", "ports", "bonds", "interfaces", "interface_settings", "mirrors", "qos", "queues"),
    *(*OVSDB.options, *RUN.options),
}
"""Options that are no columns, but rows or ways to do it."""

CASES = [(place, option) for place, options in TABLE.items() for option in options]
MAPS = [(place, option) for place, option in CASES if isinstance(TABLE[place][option][0], dict)]

TEXTS = [
    "",
    " ",
    "a=b",
    "a:b",
    "a,b",
    "a;b&c|d",
    '"',
    "'",
    "\\",
    "{a}",
    "[a]",
    "{{ a }}",
    "%s",
    "a\nb\tc",
    "\x01\x7f",
    "ä€😀",
    "e\u0301",
    "true",
    "null",
    "1",
    "00000000-0000-4000-8000-000000000000",
    "x" * 5_000,
]
"""What `openvswitch.openvswitch` and `ovs-vsctl` stumble over; each is a key and a value."""


def test_the_table_has_every_option() -> None:
    def options(spec: t.Mapping[str, t.Any], place: str) -> set[tuple[str, str]]:
        found = {(place, name) for name in spec if name not in NOT_COLUMNS}
        return found.union(*(options(item["options"], name) for name, item in spec.items() if "options" in item))

    assert options(ovs_bridge.SPEC.options, "bridge") == set(CASES) - {("fake", "external_ids")}
    assert len(CASES) >= 60


PORTS = [{"name": "p"}, {"name": "q"}]


def task(place: str, wanted: Options) -> Options:
    """Options of a task in which this place has these options."""
    qos = {"type": "linux-htb"}
    return {
        "bridge": lambda: {"name": "br0", **wanted},
        "fake": lambda: {"name": "fake", "parent": "br0", "vlan": 5, **wanted},
        "controllers": lambda: {"name": "br0", "controllers": [{"target": "ptcp:0:127.0.0.1", **wanted}]},
        "ports": lambda: {"name": "br0", "ports": [{"name": "p", **wanted}]},
        "bonds": lambda: {"name": "br0", "bonds": [{"name": "b", "interfaces": ["x", "y"], **wanted}]},
        "interface_settings": lambda: {
            "name": "br0",
            "bonds": [{"name": "b", "interfaces": ["x", "y"], "interface_settings": [{"name": "x", **wanted}]}],
        },
        "mirrors": lambda: {"name": "br0", "ports": PORTS, "mirrors": [{"name": "m", **output(wanted), **wanted}]},
        "qos": lambda: {"name": "br0", "ports": [{"name": "p", "qos": {**qos, **wanted}}]},
        "queues": lambda: {"name": "br0", "ports": [{"name": "p", "qos": {**qos, "queues": [{"id": 7, **wanted}]}}]},
    }[place]()


def output(wanted: Options) -> Options:
    """A mirror has one output, and only one."""
    if "output_port" in wanted:
        return {"output_vlan": 0 if wanted["output_port"] else 9}
    if "output_vlan" in wanted:
        return {"output_port": "" if wanted["output_vlan"] else "p"}
    return {"output_vlan": 9}


def shown(place: str, result: Result) -> Options:
    bridge = result["bridge"]
    ports = {port["name"]: port for port in bridge["ports"]}
    found = {
        "bridge": lambda: bridge,
        "fake": lambda: bridge,
        "controllers": lambda: bridge["controllers"][0],
        "ports": lambda: {**ports["p"]["interfaces"][0], **ports["p"]},
        "bonds": lambda: ports["b"],
        "interface_settings": lambda: ports["b"]["interfaces"][0],
        "mirrors": lambda: bridge["mirrors"][0],
        "qos": lambda: ports["p"]["qos"],
        "queues": lambda: ports["p"]["qos"]["queues"][0],
    }[place]()
    return t.cast("Options", found)


@pytest.fixture
def bridge(switch: OpenVSwitch) -> Module:
    module = Module(ovs_bridge, host={"database": switch.remote})
    module(name="br0")
    return module


def left_out(place: str, option: str, value: t.Any) -> Options:
    """What a task names that does not name the option; a QoS, and a mirror's output, cannot be without."""
    if (place, option) == ("qos", "type"):
        return {"type": value}
    if place == "mirrors" and option.startswith("output"):
        return {option: value}
    return {}


@pytest.mark.parametrize(("place", "option"), CASES, ids=[".".join(case) for case in CASES])
def test_set_leave_out_change_and_clear(bridge: Module, place: str, option: str) -> None:
    first, second, clear, empty = TABLE[place][option]
    changes = [(first, first), (second, second), (clear, empty)]
    if second in (clear, empty):
        changes = [(first, first), (clear, empty), (first, first)]
    bridge(**task(place, left_out(place, option, clear)))
    for value, expected in changes:
        result = bridge(**task(place, {option: value}))
        assert result["changed"]
        assert not bridge(**task(place, {option: value}))["changed"]
        assert shown(place, result)[option] == (empty if value is True and clear is True else expected)
        kept = bridge(**task(place, left_out(place, option, value)))
        assert not kept["changed"]
        assert shown(place, kept)[option] == shown(place, result)[option]


@pytest.mark.parametrize(("place", "option"), MAPS, ids=[".".join(case) for case in MAPS])
def test_any_text_is_kept_exactly(bridge: Module, place: str, option: str) -> None:
    bridge(**task(place, {}))
    wanted = {text: text for text in TEXTS}
    result = bridge.once(**task(place, {option: wanted}))
    assert shown(place, result)[option] == wanted
    cleared = bridge.once(**task(place, {option: {}}), purge_keys=True)
    assert shown(place, cleared)[option] == {}


@pytest.mark.parametrize("text", [text for text in TEXTS if text and not set("\n\x01\\").intersection(text)])
def test_any_text_is_a_name(bridge: Module, text: str) -> None:
    ports = [{"name": f"p{text}"}, {"name": text}]
    mirrors = [{"name": text, "select_src_ports": [text], "output_port": f"p{text}"}]
    result = bridge.once(name=f"b{text}", ports=ports, mirrors=mirrors)
    assert result["bridge"]["mirrors"][0]["select_src_ports"] == [text]
    assert {port["name"] for port in result["bridge"]["ports"]} == {text, f"p{text}", f"b{text}"}
