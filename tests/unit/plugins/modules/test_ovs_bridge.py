# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a task does to a bridge as a whole, on a real ovsdb-server and ovs-vswitchd."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.evergreen.virt.plugins.module_utils._errors import (
    ConflictError,
    DeadlineError,
    InvalidInputError,
    NotFoundError,
    UnavailableError,
    UnsupportedError,
    VirtError,
)
from ansible_collections.evergreen.virt.plugins.module_utils._ovs import bridge
from ansible_collections.evergreen.virt.plugins.module_utils._ovs.bridge_options import secrets
from ansible_collections.evergreen.virt.plugins.module_utils._ovs.bridge_plan import plan_bridge
from ansible_collections.evergreen.virt.plugins.module_utils._ovs.operations import Plan
from ansible_collections.evergreen.virt.plugins.modules import ovs_bridge

from .open_vswitch import OpenVSwitch
from .tasks import Module, Options, Result


class Bridges:
    """The module `ovs_bridge` on a switch; the bridge is br0 unless told otherwise."""

    def __init__(self, switch: OpenVSwitch) -> None:
        self.module = Module(ovs_bridge, host={"database": switch.remote, "name": "br0"})

    def __call__(self, **options: t.Any) -> Result:
        return self.module(**options)

    def once(self, **options: t.Any) -> Result:
        return self.module.once(**options)


@pytest.fixture
def bridges(switch: OpenVSwitch) -> Bridges:
    return Bridges(switch)


def named(result: Result, kind: str = "ports") -> dict[str, t.Any]:
    return {found["target" if kind == "controllers" else "name"]: found for found in result["bridge"][kind]}


def test_create_shows_all_that_is_asked(bridges: Bridges, switch: OpenVSwitch) -> None:
    before = len(switch.log())
    result = bridges.once(fail_mode="secure", ports=[{"name": "p", "tag": 5, "type": "internal"}])
    assert result["diff"]["after"] == {
        "state": "present",
        "fail_mode": "secure",
        "ports[p]": "present",
        "ports[p].tag": 5,
        "ports[p].type": "internal",
    }
    assert switch.log()[before:] == ["evergreen.virt.ovs_bridge: bridge br0 present"]


TWO = {"ports": [{"name": "p"}, {"name": "q"}]}
MIRROR = {"mirrors": [{"name": "m", "select_src_ports": ["p"], "output_port": "q"}]}
HTB = {"ports": [{"name": "p", "qos": {"type": "linux-htb", "queues": [{"id": 0}, {"id": 1, "dscp": 3}]}}]}
BOND = {"bonds": [{"name": "b", "interfaces": ["x", "y"]}]}


@pytest.mark.parametrize(
    ("before", "after", "paths"),
    [
        ({"fail_mode": "secure"}, {"fail_mode": "none"}, ["fail_mode"]),
        ({"fail_mode": "secure"}, {}, []),
        ({"datapath_type": "system"}, {"datapath_type": ""}, []),
        ({"protocols": ["OpenFlow13", "OpenFlow10"]}, {"protocols": ["OpenFlow10", "OpenFlow13"]}, []),
        ({"external_ids": {"a": 1, "b": "x=y:z"}}, {"external_ids": {"b": "x=y:z"}}, []),
        ({"external_ids": {"a": 1, "b": True}}, {"external_ids": {"a": None, "b": "true"}}, ["external_ids.a"]),
        ({"external_ids": {"a": 1, "b": 2}}, {"external_ids": {"b": 2}, "purge_keys": True}, ["external_ids.a"]),
        ({"external_ids": {"a": 1}}, {"external_ids": {}, "purge_keys": True}, ["external_ids.a"]),
        ({"external_ids": {"a": 1}}, {"external_ids": {}}, []),
        (
            {"controllers": [{"target": "ptcp:0:127.0.0.1", "max_backoff": 2000}, {"target": "punix:/tmp/b"}]},
            {"controllers": [{"target": "ptcp:0:127.0.0.1"}]},
            ["controllers[punix:/tmp/b]"],
        ),
        ({"controllers": [{"target": "tcp:127.0.0.1:1"}]}, {"controllers": []}, ["controllers[tcp:127.0.0.1:1]"]),
        ({"controllers": [{"target": "tcp:127.0.0.1:1"}]}, {}, []),
        ({"ports": [{"name": "p", "trunks": [2, 1]}]}, {"ports": [{"name": "p", "trunks": [1, 2, 2]}]}, []),
        ({"ports": [{"name": "p", "type": "system"}]}, {"ports": [{"name": "p", "type": ""}]}, []),
        (TWO, {"ports": []}, []),
        (TWO, {"purge": True}, []),
        (TWO, {"purge": True, "ports": []}, ["ports[p]", "ports[q]"]),
        (TWO, {"purge": True, "bonds": []}, ["ports[p]", "ports[q]"]),
        (TWO, {"purge": True, "mirrors": []}, []),
        (TWO, {"ports": [{"name": "p", "state": "absent"}]}, ["ports[p]"]),
        (BOND, {"bonds": [{"name": "b", "interfaces": ["y", "x"]}]}, []),
        (BOND, {"bonds": [{"name": "b", "mode": "balance-slb"}]}, ["bonds[b].mode"]),
        (
            {"bonds": [{"name": "b", "interfaces": ["x", "y"], "lacp": "active"}]},
            {"bonds": [{"name": "b", "interfaces": ["y", "z"], "lacp": "none"}]},
            ["bonds[b].interfaces", "bonds[b].lacp"],
        ),
        (BOND, {"bonds": [{"name": "b", "interfaces": ["z", "w"]}]}, ["bonds[b].interfaces"]),
        ({**TWO, **MIRROR}, {}, []),
        ({**TWO, **MIRROR}, {"purge": True, **TWO}, []),
        ({**TWO, **MIRROR}, {"purge": True, **TWO, "mirrors": []}, ["mirrors[m]"]),
        ({**TWO, **MIRROR}, {"mirrors": [{"name": "m", "state": "absent"}]}, ["mirrors[m]"]),
        ({**TWO, **MIRROR}, {"ports": [{"name": "p", "state": "absent"}]}, ["ports[p]"]),
        (
            {**TWO, **MIRROR},
            {"mirrors": [{"name": "m", "output_port": "", "output_vlan": 7}]},
            ["mirrors[m].output_port", "mirrors[m].output_vlan"],
        ),
        (HTB, {"ports": [{"name": "p", "qos": {"queues": [{"id": 1}]}}]}, []),
        (HTB, {"purge": True, "ports": [{"name": "p", "qos": {"type": "linux-htb"}}]}, []),
        (HTB, {"purge": True, "ports": [{"name": "p", "qos": {"queues": [{"id": 1}]}}]}, ["ports[p].qos.queues[0]"]),
        (
            HTB,
            {"ports": [{"name": "p", "qos": {"queues": [{"id": 1, "state": "absent"}]}}]},
            ["ports[p].qos.queues[1]"],
        ),
        (HTB, {"ports": [{"name": "p", "qos": {"state": "absent"}}]}, ["ports[p].qos"]),
        ({"stp": True}, {"stp": False, "rstp": True}, ["stp", "rstp"]),
        (BOND, {"state": "absent"}, ["state"]),
    ],
)
def test_changes(bridges: Bridges, before: Options, after: Options, paths: list[str]) -> None:
    bridges.once(**before)
    result = bridges.once(**after) if paths else bridges(**after)
    assert result["changes"] == paths


VM = {"name": "vnet0", "interface_external_ids": {"attached-mac": "52:54:00:00:00:01", "vm-id": "x"}}


@pytest.mark.parametrize("flags", [{}, {"force": True}], ids=["kindly", "by force"])
def test_ports_of_vms_are_never_purged(bridges: Bridges, flags: Options) -> None:
    bridges(ports=[VM, {"name": "p"}])
    assert set(named(bridges.once(purge=True, ports=[], **flags))) == {"br0", "vnet0"}


def test_libvirts_keys_are_never_purged(bridges: Bridges) -> None:
    bridges(ports=[VM])
    result = bridges.once(purge_keys=True, ports=[{"name": "vnet0", "interface_external_ids": {"mine": 1}}])
    ids = named(result)["vnet0"]["interfaces"][0]["interface_external_ids"]
    assert set(ids) == {"attached-mac", "vm-id", "mine"}


@pytest.mark.parametrize(
    "options",
    [
        {"state": "absent"},
        {"ports": [{"name": "vnet0", "state": "absent"}]},
        {"name": "br1", "ports": [{"name": "vnet0"}], "allow_move": True},
        {"name": "br1", "bonds": [{"name": "b", "interfaces": ["vnet0", "x"]}], "allow_move": True},
        {"name": "f", "parent": "br0", "vlan": 7, "ports": [{"name": "vnet0"}], "allow_move": True},
    ],
)
def test_what_cuts_a_vm_off_needs_force(bridges: Bridges, options: Options) -> None:
    bridges(ports=[VM])
    with pytest.raises(ConflictError, match=r"VM|libvirt"):
        bridges(**options)
    bridges.once(**options, force=True)


@pytest.mark.parametrize(
    "options",
    [
        {"name": "br1", "ports": [{"name": "p"}]},
        {"name": "br1", "bonds": [{"name": "c", "interfaces": ["p", "z"]}]},
        {"bonds": [{"name": "c", "interfaces": ["z", "p"]}]},
        {"ports": [{"name": "x"}]},
        {"bonds": [{"name": "c", "interfaces": ["x", "y"]}]},
        {"bonds": [{"name": "c", "interfaces": ["x", "y"]}], "purge": True},
        {"bonds": [{"name": "c", "interfaces": ["x", "z"]}], "purge": True},
        {"bonds": [{"name": "b", "interfaces": ["x", "z"]}, {"name": "c", "interfaces": ["y", "w"]}]},
        {"ports": [{"name": "p", "state": "absent"}], "bonds": [{"name": "c", "interfaces": ["p", "z"]}]},
        {"name": "f", "parent": "br0", "vlan": 7, "ports": [{"name": "p"}]},
    ],
)
def test_taking_from_elsewhere_needs_allow_move(bridges: Bridges, options: Options) -> None:
    bridges(ports=[{"name": "p", "tag": 3}], **BOND)
    with pytest.raises(ConflictError, match=r"is on bridge 'br0'|belongs to port"):
        bridges(**options)
    bridges.once(**options, allow_move=True)


def test_a_moved_port_keeps_its_settings(bridges: Bridges, switch: OpenVSwitch) -> None:
    bridges(ports=[{"name": "p", "tag": 3, "qos": {"type": "linux-htb"}}])
    result = bridges.once(name="br1", allow_move=True, ports=[{"name": "p"}])
    assert set(named(bridges())) == {"br0"}
    assert named(result)["p"]["tag"] == 3
    assert named(result)["p"]["qos"]["type"] == "linux-htb"
    assert switch.count("QoS") == 1


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"name": "br1", "ports": [{"name": "br0"}], "allow_move": True}, ConflictError),
        ({"name": "p"}, ConflictError),
        ({"name": "fake", "state": "absent"}, ConflictError),
        ({"name": "fake", "parent": "br0", "vlan": 6}, ConflictError),
        ({"name": "fake2", "parent": "br0", "vlan": 5}, ConflictError),
        ({"name": "p", "parent": "br0", "vlan": 6}, ConflictError),
        ({"name": "fake", "parent": "br9", "vlan": 5}, NotFoundError),
        ({"name": "fake", "parent": "br0", "vlan": 5, "stp": True}, InvalidInputError),
        ({"name": "fake", "parent": "br0", "vlan": 5, "ports": [{"name": "z", "tag": 5}]}, InvalidInputError),
        ({"name": "fake", "parent": "br0", "vlan": 4096}, InvalidInputError),
        ({"ports": [{"name": "b"}]}, ConflictError),
        ({"ports": [{"name": "v", "type": "vxlan"}]}, InvalidInputError),
        ({"ports": [{"name": "v", "type": "erspan", "options": {"erspan_ver": 1}}]}, InvalidInputError),
        ({"ports": [{"name": "v", "type": "patch", "options": {"remote_ip": "x"}}]}, InvalidInputError),
        ({"ports": [{"name": "p", "type": "patch"}]}, InvalidInputError),
        ({"ports": [{"name": "v", "type": "no such"}]}, UnsupportedError),
        ({"datapath_type": "no such"}, UnsupportedError),
        ({"ports": [{"name": "v"}, {"name": "v"}]}, InvalidInputError),
        ({"ports": [{"name": "v"}], "bonds": [{"name": "c", "interfaces": ["v", "w"]}]}, InvalidInputError),
        ({"ports": [{"name": "v", "tag": 4096}]}, InvalidInputError),
        ({"ports": [{"name": "v", "trunks": [-1]}]}, InvalidInputError),
        ({"ports": [{"name": "v", "cvlans": [4096]}]}, InvalidInputError),
        ({"ports": [{"name": "v", "vlan_mode": "access", "trunks": [1]}]}, InvalidInputError),
        ({"ports": [{"name": "v", "ofport_request": 70000}]}, InvalidInputError),
        ({"ports": [{"name": "v", "ingress_policing_rate": -1}]}, InvalidInputError),
        ({"ports": [{"name": "br0", "state": "absent"}]}, InvalidInputError),
        ({"ports": [{"name": "br0", "type": "system"}]}, InvalidInputError),
        ({"ports": [{"name": "a/b"}]}, InvalidInputError),
        ({"ports": [{"name": ""}]}, InvalidInputError),
        ({"name": "a\\b"}, InvalidInputError),
        ({"name": "a\x00b"}, InvalidInputError),
        ({"ports": [{"name": "\ud800"}]}, InvalidInputError),
        ({"bonds": [{"name": "c", "interfaces": ["v"]}]}, InvalidInputError),
        ({"bonds": [{"name": "c"}]}, InvalidInputError),
        ({"bonds": [{"name": "b", "interface_settings": [{"name": "z"}]}]}, InvalidInputError),
        (
            {"bonds": [{"name": "b", "interfaces": ["x", "y"], "interface_settings": [{"name": "z"}]}]},
            InvalidInputError,
        ),
        ({"stp": True, "rstp": True}, InvalidInputError),
        ({"rstp": True}, InvalidInputError),
        ({"external_ids": {"a": ["b"]}}, InvalidInputError),
        ({"external_ids": {"a": "\x00"}}, InvalidInputError),
        ({"external_ids": {"\ud800": "b"}}, InvalidInputError),
        ({"controllers": [{"target": "127.0.0.1"}]}, InvalidInputError),
        ({"controllers": [{"target": "tcp:1.1.1.1:1"}, {"target": "tcp:1.1.1.1:1"}]}, InvalidInputError),
        ({"controllers": [{"target": "tcp:1.1.1.1:1", "max_backoff": 5}]}, InvalidInputError),
        ({"mirrors": [{"name": "m"}]}, InvalidInputError),
        ({"mirrors": [{"name": "m", "output_port": "p", "output_vlan": 3}]}, InvalidInputError),
        ({"mirrors": [{"name": "m", "output_port": "none"}]}, InvalidInputError),
        ({"mirrors": [{"name": "m", "output_vlan": 3, "select_src_ports": ["none"]}]}, InvalidInputError),
        ({"mirrors": [{"name": "m", "output_vlan": 3, "select_vlans": [4096]}]}, InvalidInputError),
        ({"mirrors": [{"name": "m", "output_vlan": 3, "snaplen": 5}]}, InvalidInputError),
        (
            {"ports": [{"name": "p", "state": "absent"}], "mirrors": [{"name": "m", "output_port": "p"}]},
            InvalidInputError,
        ),
        ({"mirrors": [{"name": "m", "output_port": "p"}], "ports": [], "purge": True}, InvalidInputError),
        ({"ports": [{"name": "p", "qos": {}}]}, InvalidInputError),
        ({"ports": [{"name": "p", "qos": {"type": "linux-htb", "queues": [{"id": -1}]}}]}, InvalidInputError),
        ({"ports": [{"name": "p", "qos": {"type": "linux-htb", "queues": [{"id": 1}, {"id": 1}]}}]}, InvalidInputError),
        ({"ports": [{"name": "p", "qos": {"type": "x", "queues": [{"id": 1, "dscp": 64}]}}]}, InvalidInputError),
    ],
)
def test_refused_before_anything_is_changed(
    bridges: Bridges, switch: OpenVSwitch, options: Options, error: type[VirtError]
) -> None:
    bridges(stp=True, ports=[{"name": "p"}], **BOND)
    bridges(name="fake", parent="br0", vlan=5)
    before = switch.log()
    for check_mode in (True, False):
        with pytest.raises(error):
            bridges(check_mode=check_mode, **options)
    assert switch.log() == before


def test_a_shared_key_is_compared_and_never_shown(bridges: Bridges, switch: OpenVSwitch) -> None:
    def tunnel(psk: str | None) -> Options:
        return {"ports": [{"name": "g", "type": "gre", "options": {"remote_ip": "192.0.2.7", "psk": psk}}]}

    def kept() -> str:
        select = {"op": "select", "table": "Interface", "where": [["name", "==", "g"]], "columns": ["options"]}
        return str(switch.transact(["Open_vSwitch", select])[0]["rows"])

    path = "ports[g].options.psk"
    results = [bridges.once(**tunnel(psk)) for psk in ("swordfish", "open sesame", None)]
    assert [(result["diff"]["before"][path], result["diff"]["after"][path]) for result in results] == [
        (None, "(hidden, another one)"),
        ("(hidden)", "(hidden, another one)"),
        ("(hidden)", None),
    ]
    assert not any(psk in str(results) for psk in ("swordfish", "open sesame"))
    assert named(results[0])["g"]["interfaces"][0]["options"] == {"remote_ip": "192.0.2.7", "psk": "(hidden)"}
    bridges(**tunnel("swordfish"))
    assert "swordfish" in kept()
    assert list(
        secrets({"bridges": [{**tunnel("a"), "bonds": [{"interface_settings": [{"options": {"psk": 7}}]}]}]})
    ) == [
        "a",
        "7",
    ]
    assert list(secrets(tunnel(""))) == []


def test_a_fake_bridge_is_a_vlan_of_its_parent(bridges: Bridges) -> None:
    bridges(ports=[{"name": "p", "tag": 8}])
    fake = {"name": "fake", "parent": "br0", "vlan": 7}
    made = bridges.once(**fake, external_ids={"a": 1}, ports=[{"name": "q"}, {"name": "fake", "mtu_request": 1400}])
    assert {key: made["bridge"][key] for key in ("name", "parent", "vlan", "external_ids")} == {
        **fake,
        "external_ids": {"a": "1"},
    }
    assert {name: port["tag"] for name, port in named(made).items()} == {"fake": 7, "q": 7}
    assert named(made)["fake"]["interfaces"][0]["mtu_request"] == 1400
    assert set(named(bridges.once(ports=[], purge=True))) == {"br0", "fake", "q"}
    assert set(named(bridges.once(**fake, purge=True, ports=[]))) == {"fake"}
    bridges(**fake, ports=[{"name": "q"}])
    assert bridges.once(**fake, state="absent")["bridge"] is None
    assert set(named(bridges())) == {"br0"}


@pytest.mark.parametrize(
    ("named", "of_bridge", "of_port"),
    [
        ({}, {"a": "1"}, {"mine": "2"}),
        ({"external_ids": {"b": 3}}, {"b": "3"}, {"mine": "2"}),
        ({"ports": [{"name": "fake", "external_ids": {"c": 4}}]}, {"a": "1"}, {"c": "4"}),
        ({"external_ids": {}, "ports": [{"name": "fake", "external_ids": {}}]}, {}, {}),
    ],
)
def test_external_ids_of_a_fake_bridge_are_not_those_of_its_port(
    bridges: Bridges, named: Options, of_bridge: dict[str, str], of_port: dict[str, str]
) -> None:
    bridges()
    fake = {"name": "fake", "parent": "br0", "vlan": 7}
    bridges.once(**fake, external_ids={"a": 1}, ports=[{"name": "fake", "external_ids": {"mine": 2}}])
    bridges(**fake, **named, purge_keys=True)
    after = bridges(check_mode=True, **fake, **named, purge_keys=True)
    assert not after["changed"]
    assert after["bridge"]["external_ids"] == of_bridge
    [port] = after["bridge"]["ports"]
    prefixed = {f"fake-bridge-{key}": value for key, value in of_bridge.items()}
    assert port["external_ids"] == {**of_port, **prefixed}


def qos(bridges: Bridges, port: str, **options: t.Any) -> Result:
    return bridges.once(ports=[{"name": port, "qos": options}])


def share(switch: OpenVSwitch) -> None:
    """Let port q have port p's QoS, as ovs-vsctl can."""
    select = {"op": "select", "table": "Port", "where": [["name", "==", "p"]], "columns": ["qos"]}
    [found] = switch.transact(["Open_vSwitch", select])[0]["rows"]
    where = [["name", "==", "q"]]
    switch.transact(["Open_vSwitch", {"op": "update", "table": "Port", "where": where, "row": {"qos": found["qos"]}}])


def test_qos_and_queues_go_with_their_port(bridges: Bridges, switch: OpenVSwitch) -> None:
    for gone in ({"ports": [{"name": "p", "state": "absent"}]}, {"purge": True, "ports": []}, {"state": "absent"}):
        bridges(**HTB)
        assert (switch.count("QoS"), switch.count("Queue")) == (1, 2)
        bridges.once(**gone)
        assert (switch.count("QoS"), switch.count("Queue")) == (0, 0)


def test_qos_that_others_use_is_left_as_it_is(bridges: Bridges, switch: OpenVSwitch) -> None:
    bridges(**TWO)
    bridges(**HTB)
    share(switch)
    changed = named(qos(bridges, "p", queues=[{"id": 1, "dscp": 9}], other_config={"max-rate": 5}))
    assert [queue["dscp"] for queue in changed["p"]["qos"]["queues"]] == [None, 9]
    assert [queue["dscp"] for queue in changed["q"]["qos"]["queues"]] == [None, 3]
    assert (changed["p"]["qos"]["other_config"], changed["q"]["qos"]["other_config"]) == ({"max-rate": "5"}, {})
    assert (switch.count("QoS"), switch.count("Queue")) == (2, 3)
    again = named(qos(bridges, "p", queues=[{"id": 0, "dscp": 1}]))
    assert [queue["dscp"] for queue in again["p"]["qos"]["queues"]] == [1, 9]
    assert [queue["dscp"] for queue in again["q"]["qos"]["queues"]] == [None, 3]
    bridges.once(ports=[{"name": "p", "state": "absent"}])
    assert (switch.count("QoS"), switch.count("Queue")) == (1, 2)


def test_shared_qos_goes_with_its_last_port(bridges: Bridges, switch: OpenVSwitch) -> None:
    bridges(**TWO)
    bridges(**HTB)
    share(switch)
    bridges.once(ports=[{"name": "p", "qos": {"state": "absent"}}])
    assert (switch.count("QoS"), switch.count("Queue")) == (1, 2)
    bridges.once(state="absent")
    assert (switch.count("QoS"), switch.count("Queue")) == (0, 0)


def test_qos_that_no_port_has_is_not_ours(bridges: Bridges, switch: OpenVSwitch) -> None:
    bridges(**HTB)
    queue = {"op": "insert", "table": "Queue", "row": {}, "uuid-name": "a"}
    queues = ["map", [[0, ["named-uuid", "a"]]]]
    switch.transact(["Open_vSwitch", queue, {"op": "insert", "table": "QoS", "row": {"type": "x", "queues": queues}}])
    bridges.once(state="absent")
    assert (switch.count("QoS"), switch.count("Queue")) == (1, 1)


def test_what_is_not_applied_is_not_unchanged(bridges: Bridges, switch: OpenVSwitch) -> None:
    bridges()
    behind = {"op": "update", "table": "Open_vSwitch", "where": [], "row": {"next_cfg": 10**9}}
    ahead = {"op": "update", "table": "Open_vSwitch", "where": [], "row": {"next_cfg": 1}}
    with switch.paused():
        switch.transact(["Open_vSwitch", behind])
        with pytest.raises(DeadlineError):
            bridges(timeout=0.3)
        switch.transact(["Open_vSwitch", ahead])


def meanwhile(monkeypatch: pytest.MonkeyPatch, happens: t.Callable[[], None]) -> list[Plan]:
    """Let something happen once, when the database was read and before it is written; return the plans that are made."""
    plans: list[Plan] = []

    def planned(*arguments: t.Any) -> Plan:
        plans.append(plan_bridge(*arguments))
        if len(plans) == 1:
            happens()
        return plans[-1]

    monkeypatch.setattr(bridge, "plan_bridge", planned)
    return plans


def test_a_database_that_comes_back_in_time_is_written(
    bridges: Bridges, switch: OpenVSwitch, monkeypatch: pytest.MonkeyPatch
) -> None:
    plans = meanwhile(monkeypatch, lambda: switch.restart("ovsdb-server"))
    assert named(bridges(**TWO)).keys() == {"br0", "p", "q"}
    assert len(plans) == 2
    assert not bridges(**TWO)["changed"]


def test_a_database_that_stays_away_is_told_and_has_nothing_of_it(
    bridges: Bridges, switch: OpenVSwitch, monkeypatch: pytest.MonkeyPatch
) -> None:
    with switch.stopped("ovsdb-server") as stop:
        meanwhile(monkeypatch, stop)
        with pytest.raises(UnavailableError, match="did not answer"):
            bridges(**TWO, timeout=1.0)
    assert switch.count("Bridge") == 0
    assert bridges(**TWO)["changed"]
