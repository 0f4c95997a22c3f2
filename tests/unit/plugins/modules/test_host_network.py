# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A change of bridges and interfaces, and its way back, on a real ovsdb-server and ovs-vswitchd."""

from __future__ import annotations

import contextlib
import dataclasses
import threading
import time
import typing as t
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from ansible_collections.evergreen.virt.plugins.module_utils import _detach, _host_network
from ansible_collections.evergreen.virt.plugins.module_utils._errors import (
    ConflictError,
    InvalidInputError,
    MissingDependencyError,
    NotFoundError,
    OperationError,
    VirtError,
)
from ansible_collections.evergreen.virt.plugins.module_utils._host_network import HostNetwork
from ansible_collections.evergreen.virt.plugins.module_utils._interfaces import links, managers
from ansible_collections.evergreen.virt.plugins.module_utils._interfaces.interface import Interface
from ansible_collections.evergreen.virt.plugins.module_utils._ovs import bridge, bridges, removed_bridges
from ansible_collections.evergreen.virt.plugins.module_utils._ovs.bridge_model import Switch
from ansible_collections.evergreen.virt.plugins.module_utils._ovs.connection import (
    OVS,
    Database,
    Remote,
    connect,
)
from ansible_collections.evergreen.virt.plugins.module_utils._state.network_change import Change, NetworkChange
from ansible_collections.evergreen.virt.plugins.modules import (
    host_network,
    ovs_bridge,
    ovs_flows,
    ovs_info,
    ovs_switch,
)

from .open_vswitch import OpenVSwitch
from .tasks import Module, Options
from .test_ovs_bridge_random import state, tasks

VM = {"attached-mac": "52:54:00:00:00:01", "iface-id": "1", "vm-id": "2"}


@contextlib.contextmanager
def database(switch: OpenVSwitch) -> t.Iterator[Database]:
    with connect(Remote(switch.remote), needed=bridge.NEEDED, wanted=bridge.wanted_columns()) as found:
        yield found


def make(switch: OpenVSwitch, *wanted: Options) -> None:
    for options in wanted:
        Module(ovs_bridge, host={"database": switch.remote})(**options)


def there_and_back(
    switch: OpenVSwitch, forward: list[Options], meanwhile: t.Callable[[], None] = lambda: None
) -> list[VirtError]:
    """Carry out a change, as far as that goes, and undo it; return what went wrong in undoing it."""
    wanted = [host_network.bridge_options(options) for options in forward]
    with database(switch) as found:
        before = bridge.read(found)
        with contextlib.suppress(VirtError):
            bridges.converge_all(found, wanted, comment="evergreen.virt")
        meanwhile()
    with database(switch) as found:
        return bridges.undo(found, wanted, before, comment="evergreen.virt: undo")


@settings(max_examples=10, suppress_health_check=list(HealthCheck))
@given(st.lists(tasks(), max_size=4), st.lists(tasks(), min_size=1, max_size=3))
def test_whatever_was_changed_is_put_back(
    running_switch: OpenVSwitch, first: list[Options], forward: list[Options]
) -> None:
    running_switch.clear()
    make(running_switch, *first)
    before, queues = state(running_switch), running_switch.count("QoS")
    # a mirror goes on naming a port that has moved to another bridge; if that is removed there, nobody gives it back to the mirror
    assume(not any(strangers(found) for found in before))
    assert there_and_back(running_switch, forward) == []
    assert state(running_switch) == before
    assert running_switch.count("QoS") == queues


def strangers(found: Options) -> set[str]:
    """Return the ports that mirrors of a bridge select and that are not on it."""
    ports = {port["name"] for port in found["ports"]}
    return {
        name for mirror in found["mirrors"] for end in ("src", "dst") for name in mirror[f"select_{end}_ports"]
    } - ports


FAKE = {"name": "v5", "parent": "br0", "vlan": 5, "ports": [{"name": "f"}], "external_ids": {"a": "b"}}
FULL = {
    "name": "br0",
    "fail_mode": "secure",
    "ports": [{"name": "p", "tag": 3}, {"name": "q"}, {"name": "vnet0", "interface_external_ids": VM}],
    "bonds": [{"name": "b", "interfaces": ["x", "y"], "lacp": "active"}],
    "mirrors": [{"name": "m", "select_src_ports": ["p", "vnet0"], "output_port": "q"}],
}


@pytest.mark.parametrize(
    "forward",
    [
        [{"name": "br0", "state": "absent", "force": True}],
        [{"name": "br0", "purge": True, "ports": [], "mirrors": []}],
        [{"name": "br0", "ports": [{"name": "vnet0", "state": "absent"}], "force": True}],
        [{"name": "br1", "ports": [{"name": "vnet0"}], "allow_move": True, "force": True}],
        [{"name": "br1", "ports": [{"name": "x"}], "allow_move": True}, {"name": "br0", "ports": [{"name": "new"}]}],
        [{**FAKE, "state": "absent"}],
        [{**FAKE, "name": "v6", "vlan": 6, "ports": [{"name": "p"}], "allow_move": True}],
        [{"name": "br1"}, {"name": "v7", "parent": "br1", "vlan": 7, "ports": [{"name": "f"}], "allow_move": True}],
        [{"name": "br0", "bonds": [{"name": "b", "interfaces": ["x", "z"], "lacp": "none"}], "stp": True}],
        [{"name": "br0", "ports": [{"name": "p", "type": "nonsense"}]}, {"name": "br1"}],
    ],
)
def test_a_change_is_put_back(switch: OpenVSwitch, forward: list[Options]) -> None:
    make(switch, FULL, FAKE)
    before = state(switch)
    assert there_and_back(switch, forward) == []
    assert state(switch) == before


def names(switch: OpenVSwitch) -> dict[str, set[str]]:
    return {found["name"]: {port["name"] for port in found["ports"]} for found in state(switch)}


def test_ports_that_libvirt_adds_meanwhile_stay(switch: OpenVSwitch) -> None:
    make(switch, FULL)
    added = {"ports": [{"name": "vnet7", "interface_external_ids": VM}]}
    gone = {"name": "br0", "ports": [{"name": "vnet0", "state": "absent"}], "force": True}
    forward: list[Options] = [
        {"name": "br0", "ports": [{"name": "new"}]},
        {"name": "br1", "ports": [{"name": "p"}], "allow_move": True},
    ]

    def libvirt() -> None:
        make(
            switch,
            gone,
            {"name": "br0", **added},
            {"name": "br1", "ports": [{"name": "vnet8", "interface_external_ids": VM}]},
        )

    assert there_and_back(switch, forward, libvirt) == []
    assert names(switch) == {"br0": {"br0", "p", "q", "b", "vnet7"}, "br1": {"br1", "vnet8"}}


def test_what_others_add_meanwhile_stays(switch: OpenVSwitch) -> None:
    make(switch, FULL, {"name": "br2"})
    forward = [{"name": "br0", "fail_mode": "none", "ports": [{"name": "new"}]}]
    others = (
        {"name": "br0", "ports": [{"name": "theirs"}]},
        {"name": "br2", "ports": [{"name": "more"}]},
        {"name": "br3"},
    )
    assert there_and_back(switch, forward, lambda: make(switch, *others)) == []
    assert names(switch) == {"br0": {*names(switch)["br0"]}, "br2": {"br2", "more"}, "br3": {"br3"}}
    assert {"theirs", "p"} <= names(switch)["br0"]
    assert "new" not in names(switch)["br0"]


class Host:
    """A host whose interfaces are brought up by a script that does nothing, or fails."""

    def __init__(self, switch: OpenVSwitch, folder: Path) -> None:
        (folder / "units").mkdir()
        self.record = NetworkChange(folder / "state", folder / "units")
        self.switch = switch
        self.manager = dataclasses.replace(managers.NETWORKD, folder=folder / "network", up=("true",))
        self.manager.folder.mkdir()

    def network(self, *wanted: Options, interface: str = "m0", up: str = "true") -> HostNetwork:
        """Return what the host's network shall be.

        :param up: a script that brings interfaces up, in the folder of their files.
        """
        options = [host_network.bridge_options(entry) for entry in wanted]
        manager = dataclasses.replace(self.manager, up=("sh", "-c", f"cd {self.manager.folder} && {up}"))
        return HostNetwork(
            Remote(self.switch.remote), options, [Interface(interface, dhcp=True)], manager, record=self.record
        )

    @property
    def now(self) -> tuple[list[Options], list[str]]:
        return state(self.switch), sorted(path.name for path in self.manager.folder.iterdir())

    @property
    def last(self) -> tuple[str, str]:
        change = self.record.read()
        assert change
        return change.state, change.problem


@pytest.fixture
def host(switch: OpenVSwitch, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Host:
    monkeypatch.setattr(_host_network, "HEAD_START_S", 0.0)
    monkeypatch.setattr(_host_network, "SETTLE_S", 0.0)

    def thread(function: t.Callable[[], None], **_where: t.Any) -> None:
        running = threading.Thread(target=function)
        running.start()
        running.join(2.0 if t.cast("t.Any", function).args[2] < 1 else 0.0)

    monkeypatch.setattr(_detach, "start", thread)
    monkeypatch.setattr(_host_network, "COME_UP_S", 0.0)
    monkeypatch.setattr(links, "read", lambda name: None if name == "nowhere" else {"ifname": name, "flags": ["UP"]})
    return Host(switch, tmp_path)


BR0 = {"name": "br0", "ports": [{"name": "p"}]}
MADE = ["05-evergreen-virt-m0.network"]


def test_what_nobody_confirms_is_undone(host: Host) -> None:
    assert host.network(BR0).foresee()
    host.network(BR0).begin(0.3)
    assert host.now == ([], [])
    assert host.last == ("undone", "nobody reached this host by a new connection within 0.3 s")


def test_what_is_confirmed_stays(host: Host) -> None:
    change = host.network(BR0).begin(5)
    ends = time.monotonic() + 5
    while (known := _host_network.confirm(change.id, host.record)).state != "kept":
        assert time.monotonic() < ends
        time.sleep(0.05)
    assert known.problem == ""
    assert host.now[1] == MADE
    assert names(host.switch) == {"br0": {"br0", "p"}}
    assert not host.network(BR0).foresee()


@pytest.mark.parametrize(
    ("wanted", "up", "says"),
    [
        ([BR0, {"name": "br1", "ports": [{"name": "v", "type": "patch", "options": {"peer": "v"}}]}], "true", "'v'"),
        ([BR0], "test ! -e 05-evergreen-virt-m0.network", "does not bring up m0"),
    ],
)
def test_what_does_not_work_is_undone_at_once(host: Host, wanted: list[Options], up: str, says: str) -> None:
    host.network(*wanted, up=up).begin(0.5)
    assert host.now == ([], [])
    assert host.last[0] == "undone"
    assert says in host.last[1]


def test_an_interface_that_does_not_come_up_is_undone_at_once(host: Host) -> None:
    host.network(BR0, interface="nowhere").begin(0.5)
    assert host.now == ([], [])
    assert host.last[0] == "undone"
    assert "interface 'nowhere' does not exist" in host.last[1]


def test_interfaces_have_to_be_there_though_nothing_changes(host: Host) -> None:
    host.manager.path("nowhere").write_text(host.manager.text(Interface("nowhere", dhcp=True)))
    network = host.network(interface="nowhere")
    assert not network.foresee()
    with pytest.raises(OperationError, match="'nowhere' does not exist"):
        network.converge()


def test_an_interface_whose_file_cannot_be_written_is_brought_up_again(host: Host) -> None:
    host.manager.path("m0").mkdir()
    host.network(up="echo up >> told").begin(0.5)
    assert host.last[0] == "undone"
    assert "cannot write" in host.last[1]
    assert (host.manager.folder / "told").read_text() == "up\n"


def test_interfaces_alone_need_no_switch(host: Host, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_host_network, "_DATABASES", (tmp_path / "conf.db",))
    (tmp_path / "conf.db").write_text("")
    HostNetwork(Remote(), [], [Interface("m0")], host.manager, record=host.record).begin(0.3)
    assert host.last == ("undone", "nobody reached this host by a new connection within 0.3 s")


def test_only_bridges_need_the_library_of_open_vswitch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(OVS, "error", ImportError("there is none"))
    assert not Module(host_network, host={})()["changed"]
    with pytest.raises(MissingDependencyError):
        Module(host_network, host={})(bridges=[BR0])


def test_what_cannot_be_announced_leaves_no_change_open(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_names: t.Iterable[str]) -> None:
        raise ValueError("no MAC address")

    monkeypatch.setattr(_host_network, "announce", broken)
    host.record.directory.mkdir(parents=True)
    change = host.record.begin(Change("one", "", "applying", {}), "")
    with pytest.raises(ValueError, match="no MAC address"):
        host.network(BR0).guard(change, _host_network.Before(Switch({}), {host.manager.path("m0"): None}), 1)
    assert host.last[0] == "undone"
    assert host.now == ([], [])


def test_what_cannot_be_undone_is_told(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(HostNetwork, "_restore", lambda *_arguments: [OperationError("the database is full.")])
    host.network(BR0).begin(0.3)
    assert host.now[1] == []
    assert host.last[0] == "broken"
    assert host.last[1].endswith("; and in undoing it: the database is full.")


def test_bridges_are_put_back_though_a_file_cannot_be(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    refused = OperationError("the file system is read-only.")
    monkeypatch.setattr(managers, "write_back", lambda _files: [refused])
    host.network(BR0).begin(0.3)
    assert host.now[0] == []
    assert host.last[0] == "broken"
    assert host.last[1].endswith("; and in undoing it: the file system is read-only.")


def test_files_that_do_not_change_are_not_written(host: Host, tmp_path: Path) -> None:
    others = tmp_path / "others"
    others.write_text("iface m1 inet static\n  wpa-psk secret\n")
    others.chmod(0o600)
    before = others.stat()
    host.manager = dataclasses.replace(host.manager, shared=lambda: [others])
    host.network().converge()
    assert (others.stat().st_ino, others.stat().st_mode) == (before.st_ino, before.st_mode)


def test_ifupdown_is_told_though_only_a_file_of_others_changes(host: Host, tmp_path: Path) -> None:
    others = tmp_path / "interfaces"
    others.write_text("iface m0 inet dhcp\n")
    host.manager = dataclasses.replace(host.manager, shared=lambda: [others])
    host.manager.path("m0").write_text(host.manager.text(Interface("m0", dhcp=True)))
    host.network().converge()
    assert others.read_text() == ""
    assert not host.network().foresee()


@pytest.mark.parametrize("seconds", [-1, 1, 9])
def test_a_timeout_leaves_time_for_a_connection(seconds: int) -> None:
    with pytest.raises(InvalidInputError, match="at least 10"):
        Module(host_network, host={})(confirm_timeout=seconds)


def test_a_guard_that_breaks_off_undoes_first(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    network = host.network(BR0)
    host.record.directory.mkdir(parents=True)
    monkeypatch.setattr(network, "_attempt", lambda *_arguments: 1 // 0)
    change = host.record.begin(Change("one", "", "applying", {}), "")
    path = host.manager.path("m0")
    path.write_text("changed")
    with pytest.raises(ZeroDivisionError):
        network.guard(change, _host_network.Before(Switch({}), {path: None}), 1)
    assert host.last[0] == "undone"


def test_one_change_at_a_time(host: Host) -> None:
    assert host.record.claim() is not None
    with pytest.raises(ConflictError, match="by another task"):
        host.network(BR0).begin(5)


def test_a_change_whose_guard_was_killed_is_in_the_way(host: Host) -> None:
    host.record.directory.mkdir(parents=True)
    host.record.begin(Change("one", "2026", "waiting", {}), "")
    with pytest.raises(ConflictError, match="killed"):
        host.network(BR0).begin(5)


def test_without_a_guard_the_change_is_made_at_once(host: Host) -> None:
    host.network(BR0).converge()
    assert host.now[1] == MADE
    with pytest.raises(NotFoundError):
        _host_network.confirm("one", host.record)


def test_an_unchanged_switch_has_to_work(host: Host) -> None:
    broken = {"name": "br0", "ports": [{"name": "v", "type": "patch", "options": {"peer": "v"}}]}
    with pytest.raises(OperationError):
        make(host.switch, broken)
    host.manager.path("m0").write_text(host.manager.text(Interface("m0", dhcp=True)))
    assert not host.network(broken).foresee()
    with pytest.raises(OperationError, match="'v'"):
        host.network(broken).converge()


def test_check_mode_leaves_out_what_an_earlier_bridge_brings(host: Host) -> None:
    make(host.switch, FULL)
    fake = {"name": "v", "parent": "br1", "vlan": 4}
    moved = {"name": "br2", "ports": [{"name": "p"}]}
    paths = [change.path for change in host.network({"name": "br1"}, fake, moved).foresee()]
    assert paths == ["bridges[br1].state", f"files[{host.manager.path('m0')}]"]
    with pytest.raises(ConflictError, match="allow_move"):
        host.network(moved).foresee()


@pytest.mark.parametrize(
    ("entry", "says"),
    [
        ({}, "name"),
        ({"name": "br0", "database": "unix:x"}, "database"),
        ({"name": "br0", "vlan": 3}, "parent"),
        ({"name": "br0", "ports": [{"name": "p", "tag": "ten"}]}, "tag"),
    ],
)
def test_a_bridge_takes_what_ovs_bridge_takes(entry: Options, says: str) -> None:
    with pytest.raises(InvalidInputError, match=says):
        host_network.bridge_options(entry)


FLOWS = ["priority=5,in_port=q actions=output:p", "priority=4,ip actions=drop"]
MONITORS = [
    {
        "bridge": "br0",
        "sflow": {"targets": ["127.0.0.1:1"], "sampling": 64},
        "flow_samples": [{"id": 7, "targets": ["127.0.0.1:2"], "cache_max_flows": 5}],
    }
]
GONE: Options = {"name": "br0", "state": "absent"}


def filled(switch: OpenVSwitch, **more: t.Any) -> dict[str, t.Any]:
    """Make a bridge with flows and monitors, whose interfaces have other numbers than new ones would get."""
    ports = [{"name": "r"}, {"name": "q"}, {"name": "p"}, {"name": "a"}]
    make(switch, {"name": "br0", "ports": [ports[0]]}, {"name": "br0", "ports": [ports[1]]})
    make(switch, {"name": "br0", "ports": [{"name": "r", "state": "absent"}, *ports[2:]], **more})
    Module(ovs_switch, host={"database": switch.remote})(monitors=MONITORS)
    Module(ovs_flows, host={"run_dir": str(switch.folder)})(bridge="br0", flows=FLOWS)
    return around(switch)


def around(switch: OpenVSwitch) -> dict[str, t.Any]:
    """Return what a bridge has besides its ports."""
    found = Module(ovs_info, "read", {"database": switch.remote})()
    numbers = {item["name"]: item["ofport"] for port in found["bridges"][0]["ports"] for item in port["interfaces"]}
    flows = switch.ofctl("--no-names", "--no-stats", "dump-flows", f"unix:{switch.folder}/br0.mgmt").splitlines()
    return {"monitors": found["switch"]["monitors"], "numbers": numbers, "flows": sorted(flows)}


def test_a_removed_bridge_comes_back_with_its_flows_and_monitors(host: Host) -> None:
    before = filled(host.switch)
    assert len(before["flows"]) == 2
    host.network(GONE).begin(0.3)
    assert host.last == ("undone", "nobody reached this host by a new connection within 0.3 s")
    assert around(host.switch) == before


def test_flows_that_do_not_come_back_are_told(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    before = filled(host.switch)
    monkeypatch.setattr(bridges, "numbered", lambda wanted, _before: wanted)
    host.network(GONE).begin(0.3)
    assert host.last[0] == "broken"
    assert "bridge 'br0' is back without its flows, because its ports have other numbers now" in host.last[1]
    assert around(host.switch)["monitors"] == before["monitors"]


def test_controllers_give_a_bridge_its_flows(host: Host) -> None:
    filled(host.switch, controllers=[{"target": "ptcp:0:127.0.0.1"}])
    host.network(GONE).begin(0.3)
    assert host.last[0] == "undone"


def test_flows_that_could_not_be_read_are_told(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    filled(host.switch)
    monkeypatch.setattr(removed_bridges, "_run_dir", lambda _remote: Path("/nowhere"))
    host.network(GONE).begin(0.3)
    assert host.last[0] == "broken"
    assert "without its flows, which could not be read: there is no bridge 'br0' in /nowhere" in host.last[1]


def test_a_shared_key_is_put_back(switch: OpenVSwitch) -> None:
    tunnel: Options = {"name": "g", "type": "gre", "options": {"remote_ip": "192.0.2.7", "psk": "swordfish"}}
    make(switch, {"name": "br0", "ports": [tunnel]})
    changed: Options = {"name": "g", "options": {"psk": "another"}}
    assert there_and_back(switch, [{"name": "br0", "ports": [changed]}]) == []
    with database(switch) as found:
        [interface] = bridge.read(found).homes["g"][1].interfaces
    assert interface.values["options"]["psk"] == "swordfish"


def test_a_card_that_another_bridge_had_taken_comes_back_with_its_settings(switch: OpenVSwitch) -> None:
    make(
        switch,
        {"name": "br0", "bonds": [{"name": "b", "interfaces": ["x", "y"]}]},
        {"name": "br1", "ports": [{"name": "e", "mtu_request": 1400}]},
    )
    before = state(switch)
    taken: Options = {"name": "br0", "bonds": [{"name": "b", "interfaces": ["e", "y"]}], "allow_move": True}
    assert there_and_back(switch, [taken]) == []
    assert state(switch) == before
