# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Plans are carried out on rows in memory by the code that does it on the IDL's, and read back by it."""

from __future__ import annotations

import dataclasses
import typing as t

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.evergreen.virt.plugins.module_utils._errors import ConflictError, InvalidInputError
from ansible_collections.evergreen.virt.plugins.module_utils._ovs import bridge
from ansible_collections.evergreen.virt.plugins.module_utils._ovs.bridge_model import Bridge, wanted_bridge
from ansible_collections.evergreen.virt.plugins.module_utils._ovs.bridge_plan import plan_bridge
from ansible_collections.evergreen.virt.plugins.module_utils._ovs.operations import Plan
from ansible_collections.evergreen.virt.plugins.module_utils._ovs.rows import apply

EMPTY: dict[str, dict[str, t.Any]] = {
    "Open_vSwitch": {"bridges": []},
    "Bridge": {
        "ports": [],
        "controller": [],
        "datapath_type": "",
        "fail_mode": [],
        "stp_enable": False,
        "rstp_enable": False,
        "mcast_snooping_enable": False,
        "protocols": [],
        "external_ids": {},
        "other_config": {},
    },
    "Port": {
        "interfaces": [],
        "tag": [],
        "trunks": [],
        "vlan_mode": [],
        "bond_mode": [],
        "lacp": [],
        "external_ids": {},
        "other_config": {},
    },
    "Interface": {"type": "", "options": {}, "mtu_request": [], "external_ids": {}, "other_config": {}},
    "Controller": {"target": ""},
}


class Row:
    """A row: attributes are columns."""

    name: str
    bridges: list[Row]
    ports: list[Row]
    interfaces: list[Row]

    def __init__(self, table: str) -> None:
        self.__dict__.update(
            {key: value.copy() if hasattr(value, "copy") else value for key, value in EMPTY[table].items()}
        )


class Memory:
    """A database and a writer in one; like the server it drops rows that nobody refers to, and refuses what it refuses."""

    def __init__(self) -> None:
        self.root = Row("Open_vSwitch")
        self.new: list[tuple[str, Row]] = []
        self.then: dict[str, list[Row]] | None = None

    def rows(self, table: str) -> list[Row]:
        """As in the IDL, rows that were there when the transaction began stay in sight until it ends."""
        return (
            self.kept()[table]
            if self.then is None
            else self.then[table] + [row for kind, row in self.new if kind == table]
        )

    def kept(self) -> dict[str, list[Row]]:
        bridges = list(self.root.bridges)
        ports = [port for item in bridges for port in item.ports]
        interfaces = [interface for port in ports for interface in port.interfaces]
        return {"Bridge": bridges, "Port": ports, "Interface": interfaces}

    def insert(self, table: str) -> Row:
        self.new.append((table, Row(table)))
        return self.new[-1][1]

    def put(self, _table: str, row: Row, column: str, value: t.Any) -> None:
        setattr(row, column, value)

    def put_keys(self, _table: str, row: Row, column: str, put: dict[str, str], drop: t.Iterable[str]) -> None:
        gone = set(drop)
        setattr(row, column, {**{k: v for k, v in getattr(row, column).items() if k not in gone}, **put})

    def attach(self, row: Row, column: str, child: Row) -> None:
        setattr(row, column, [*getattr(row, column), child])

    def detach(self, row: Row, column: str, child: Row) -> None:
        setattr(row, column, [item for item in getattr(row, column) if item is not child])

    def read(self) -> dict[str, Bridge]:
        return bridge.read(t.cast("t.Any", self))

    def commit(self, plan: Plan) -> None:
        self.new, self.then = [], self.kept()
        apply(t.cast("t.Any", self), t.cast("t.Any", self), plan.operations)
        self.then = None
        for table in ("Port", "Interface"):
            names = [row.name for row in self.rows(table)]
            assert len(names) == len(set(names)), f"two {table} rows have the same name"
        assert all(port.interfaces for port in self.rows("Port")), "a port has no interface"

    def run(self, **options: t.Any) -> Plan:
        wanted = wanted_bridge(params(**options))
        plan = plan_bridge(wanted, self.read())
        self.commit(plan)
        assert plan_bridge(wanted, self.read()) == Plan()
        return plan


SUBOPTIONS = dict.fromkeys(
    [
        "tag",
        "trunks",
        "vlan_mode",
        "external_ids",
        "other_config",
        "type",
        "options",
        "mtu_request",
        "interface_external_ids",
        "interface_other_config",
        "interfaces",
        "mode",
        "lacp",
    ]
)


def params(**options: t.Any) -> dict[str, t.Any]:
    """Return options as the module gets them."""
    names = (
        "datapath_type fail_mode stp rstp mcast_snooping protocols controllers external_ids other_config ports bonds"
    )
    flags = dict.fromkeys(("purge", "purge_keys", "allow_move", "force"), False)
    found = {"name": "br0", "state": "present", **dict.fromkeys(names.split()), **flags, **options}
    for key in ("ports", "bonds"):
        if found[key] is not None:
            found[key] = [{"state": "present", **SUBOPTIONS, **item} for item in found[key]]
    return found


def ports(memory: Memory, name: str = "br0") -> list[str]:
    return sorted(memory.read()[name].ports)


def test_create_shows_all_that_is_asked() -> None:
    plan = Memory().run(fail_mode="secure", ports=[{"name": "p", "tag": 5, "type": "internal"}])
    assert {change.path: change.after for change in plan.changes} == {
        "state": "present",
        "fail_mode": "secure",
        "ports[p]": "present",
        "ports[p].tag": 5,
        "ports[p].type": "internal",
    }


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
        ({"controllers": ["tcp:1", "tcp:2"]}, {"controllers": ["tcp:2", "tcp:3"]}, ["controllers"]),
        ({"controllers": ["tcp:1"]}, {"controllers": []}, ["controllers"]),
        ({"ports": [{"name": "p", "tag": 5}]}, {"ports": [{"name": "p", "tag": -1}]}, ["ports[p].tag"]),
        ({"ports": [{"name": "p", "trunks": [2, 1]}]}, {"ports": [{"name": "p", "trunks": [1, 2]}]}, []),
        ({"ports": [{"name": "p", "type": "system"}]}, {"ports": [{"name": "p", "type": ""}]}, []),
        (
            {"ports": [{"name": "p", "mtu_request": 9000}]},
            {"ports": [{"name": "p", "mtu_request": 0}]},
            ["ports[p].mtu_request"],
        ),
        ({"ports": [{"name": "p"}]}, {"ports": []}, []),
        ({"ports": [{"name": "p"}]}, {"purge": True}, ["ports[p]"]),
        ({"ports": [{"name": "p"}]}, {"ports": [{"name": "p", "state": "absent"}]}, ["ports[p]"]),
        (
            {"bonds": [{"name": "b", "interfaces": ["x", "y"]}]},
            {"bonds": [{"name": "b", "interfaces": ["y", "x"]}]},
            [],
        ),
        (
            {"bonds": [{"name": "b", "interfaces": ["x", "y"], "lacp": "active"}]},
            {"bonds": [{"name": "b", "interfaces": ["y", "z"], "lacp": "none"}]},
            ["bonds[b].interfaces", "bonds[b].lacp"],
        ),
        ({}, {"state": "absent"}, ["state"]),
    ],
)
def test_changes(before: dict[str, t.Any], after: dict[str, t.Any], paths: list[str]) -> None:
    memory = Memory()
    memory.run(**before)
    assert [change.path for change in memory.run(**after).changes] == paths


VM = {"name": "vnet0", "interface_external_ids": {"attached-mac": "52:54:00:00:00:01", "vm-id": "x"}}


@pytest.mark.parametrize("flags", [{}, {"force": True}], ids=["kindly", "by force"])
def test_ports_of_vms_are_never_purged(flags: dict[str, bool]) -> None:
    memory = Memory()
    memory.run(ports=[VM, {"name": "p"}])
    memory.run(purge=True, **flags)
    assert ports(memory) == ["br0", "vnet0"]


def test_libvirts_keys_are_never_purged() -> None:
    memory = Memory()
    memory.run(ports=[VM])
    memory.run(purge_keys=True, ports=[{"name": "vnet0", "interface_external_ids": {"mine": 1}}])
    assert set(memory.read()["br0"].ports["vnet0"].interfaces[0].values["interface_external_ids"]) == {
        "attached-mac",
        "vm-id",
        "mine",
    }


@pytest.mark.parametrize(
    "options",
    [
        {"state": "absent"},
        {"ports": [{"name": "vnet0", "state": "absent"}]},
        {"name": "br1", "ports": [{"name": "vnet0"}], "allow_move": True},
        {"name": "br1", "bonds": [{"name": "b", "interfaces": ["vnet0", "x"]}], "allow_move": True},
    ],
)
def test_what_cuts_a_vm_off_needs_force(options: dict[str, t.Any]) -> None:
    memory = Memory()
    memory.run(ports=[VM])
    with pytest.raises(ConflictError, match=r"VM|libvirt"):
        memory.run(**options)
    assert memory.run(**options, force=True).changes


@pytest.mark.parametrize(
    "options",
    [
        {"name": "br1", "ports": [{"name": "p"}]},
        {"name": "br1", "bonds": [{"name": "b", "interfaces": ["p", "x"]}]},
        {"bonds": [{"name": "b2", "interfaces": ["x", "p"]}]},
        {"ports": [{"name": "m1"}]},
        {"bonds": [{"name": "b2", "interfaces": ["m1", "m2"]}]},
        {"bonds": [{"name": "b2", "interfaces": ["m1", "m2"]}], "purge": True},
        {"bonds": [{"name": "b2", "interfaces": ["m1", "x"]}], "purge": True},
        {"bonds": [{"name": "b", "interfaces": ["m1", "x"]}, {"name": "b2", "interfaces": ["m2", "y"]}]},
        {"ports": [{"name": "p", "state": "absent"}], "bonds": [{"name": "b2", "interfaces": ["p", "x"]}]},
    ],
)
def test_taking_from_elsewhere_needs_allow_move(options: dict[str, t.Any]) -> None:
    memory = Memory()
    memory.run(ports=[{"name": "p", "tag": 3}], bonds=[{"name": "b", "interfaces": ["m1", "m2"]}])
    with pytest.raises(ConflictError, match=r"is on bridge 'br0'|belongs to port"):
        memory.run(**options)
    assert memory.run(**options, allow_move=True).changes


def test_a_moved_port_keeps_its_settings() -> None:
    memory = Memory()
    memory.run(ports=[{"name": "p", "tag": 3}])
    memory.run(name="br1", allow_move=True, ports=[{"name": "p"}])
    assert ports(memory) == ["br0"]
    assert memory.read()["br1"].ports["p"].values["tag"] == 3


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"name": "br1", "ports": [{"name": "br0"}], "allow_move": True}, ConflictError),
        ({"name": "p"}, ConflictError),
        ({"ports": [{"name": "b"}]}, ConflictError),
        ({"ports": [{"name": "v", "type": "vxlan"}]}, InvalidInputError),
        ({"ports": [{"name": "v", "type": "patch", "options": {"remote_ip": "x"}}]}, InvalidInputError),
        ({"ports": [{"name": "v"}, {"name": "v"}]}, InvalidInputError),
        ({"ports": [{"name": "v"}], "bonds": [{"name": "c", "interfaces": ["v", "w"]}]}, InvalidInputError),
        ({"ports": [{"name": "v", "tag": 4096}]}, InvalidInputError),
        ({"ports": [{"name": "v", "trunks": [-1]}]}, InvalidInputError),
        ({"ports": [{"name": "v", "vlan_mode": "access", "trunks": [1]}]}, InvalidInputError),
        ({"ports": [{"name": "br0", "state": "absent"}]}, InvalidInputError),
        ({"ports": [{"name": "br0", "type": "system"}]}, InvalidInputError),
        ({"bonds": [{"name": "c", "interfaces": ["v"]}]}, InvalidInputError),
        ({"bonds": [{"name": "c"}]}, InvalidInputError),
        ({"stp": True, "rstp": True}, InvalidInputError),
        ({"external_ids": {"a": ["b"]}}, InvalidInputError),
    ],
)
def test_refused(options: dict[str, t.Any], error: type[Exception]) -> None:
    memory = Memory()
    memory.run(ports=[{"name": "p"}], bonds=[{"name": "b", "interfaces": ["m1", "m2"]}])
    with pytest.raises(error):
        memory.run(**options)


TEXTS = st.none() | st.dictionaries(
    st.sampled_from("abc"), st.none() | st.booleans() | st.integers(0, 3) | st.sampled_from(["", "x=y", "1:2"])
)
VLANS = {
    "tag": st.none() | st.integers(-1, 4095),
    "trunks": st.none() | st.lists(st.integers(0, 4095), max_size=3),
    "vlan_mode": st.sampled_from([None, "none", "trunk", "native-tagged"]),
    "external_ids": TEXTS,
    "other_config": TEXTS,
}
STATE = st.sampled_from(["present", "present", "absent"])
ONE = st.fixed_dictionaries(
    {
        "state": STATE,
        **VLANS,
        "type": st.sampled_from([None, "", "system", "internal"]),
        "options": TEXTS,
        "mtu_request": st.sampled_from([None, 0, 1400]),
        "interface_external_ids": TEXTS,
        "interface_other_config": TEXTS,
    }
)
BOND = st.fixed_dictionaries(
    {
        "state": STATE,
        **VLANS,
        "mode": st.sampled_from([None, "none", "active-backup"]),
        "lacp": st.sampled_from([None, "none", "off"]),
    }
)


@st.composite
def tasks(draw: st.DrawFn) -> dict[str, t.Any]:
    """Options of one task; interfaces change between being ports and members of bonds."""
    cards = draw(st.permutations(["e1", "e2", "e3", "e4", "e5"]))
    single = draw(st.integers(0, 3))
    bonds = []
    if draw(st.booleans()):
        count = draw(st.integers(2, 5 - single))
        bonds = [
            {
                "name": draw(st.sampled_from(["bond0", "bond1"])),
                "interfaces": cards[single : single + count],
                **draw(BOND),
            }
        ]
    return {
        "name": draw(st.sampled_from(["br0", "br1"])),
        "state": draw(st.sampled_from(["present"] * 5 + ["absent"])),
        "fail_mode": draw(st.sampled_from([None, "none", "secure"])),
        "stp": draw(st.sampled_from([None, True, False])),
        "protocols": draw(st.sampled_from([None, [], ["OpenFlow13"], ["OpenFlow10", "OpenFlow13"]])),
        "controllers": draw(st.none() | st.lists(st.sampled_from(["tcp:1", "tcp:2", "tcp:3"]))),
        "external_ids": draw(TEXTS),
        "ports": [{"name": name, **draw(ONE)} for name in cards[:single]],
        "bonds": bonds,
        "purge": draw(st.booleans()),
        "purge_keys": draw(st.booleans()),
        "allow_move": True,
    }


@given(st.lists(tasks(), min_size=1, max_size=6))
def test_whatever_is_asked_holds_after_one_transaction(wanted: list[dict[str, t.Any]]) -> None:
    memory = Memory()
    for options in wanted:
        before = memory.read()
        plan = memory.run(**options)
        assert bool(plan.changes) == bool(plan.operations)
        assert bool(plan.changes) == (memory.read() != before)


@given(tasks(), tasks())
def test_what_is_not_named_stays(first: dict[str, t.Any], second: dict[str, t.Any]) -> None:
    memory = Memory()
    memory.run(**{**first, "state": "present", "name": "br0"})
    before = memory.read()["br0"]
    memory.run(name="br0", external_ids=second["external_ids"])
    after = memory.read()["br0"]
    values = {**before.values, "external_ids": after.values["external_ids"]}
    assert dataclasses.replace(before, values=values) == after
    kept = {
        key: value for key, value in before.values["external_ids"].items() if key not in (second["external_ids"] or {})
    }
    assert kept.items() <= after.values["external_ids"].items()
