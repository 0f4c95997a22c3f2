# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
import types
import typing as t
from pathlib import Path

import pytest

from ansible_collections.evergreen.virt.plugins.module_utils._errors import InvalidInputError, UnavailableError
from ansible_collections.evergreen.virt.plugins.module_utils._facts import Vm
from ansible_collections.evergreen.virt.plugins.module_utils._libvirt import guest, host_facts, vm_facts
from ansible_collections.evergreen.virt.plugins.module_utils._libvirt.connection import connect, is_remote
from ansible_collections.evergreen.virt.plugins.module_utils._libvirt.remote_vms import Addressing, choose, read
from ansible_collections.evergreen.virt.plugins.module_utils._libvirt.storage_identity import Storage

VM = """
<domain type="test">
  <name>{name}</name><memory>65536</memory><os><type>hvm</type></os>
  <metadata><evergreen:vm xmlns:evergreen="urn:evergreen.virt:vm:1">{content}</evergreen:vm></metadata>
  <devices>
    <disk type="volume" device="disk"><source pool="images" volume="v.qcow2"/><target dev="vda"/></disk>
    <disk type="volume" device="disk"><source pool="shared" volume="v.qcow2"/><target dev="vdb"/></disk>
    <disk type="file" device="disk"><source file="/srv/shared/x/v.qcow2"/><target dev="vdc"/></disk>
    <disk type="file" device="cdrom"><source file="/srv/shared/a.iso"/><target dev="sda"/></disk>
    <disk type="file" device="cdrom"><source file="/srv/a.iso"/><target dev="sdb"/></disk>
    <disk type="file" device="cdrom"><target dev="sdc"/></disk>
    <interface type="network"><mac address="52:54:00:00:00:01"/><source network="default"/></interface>
  </devices>
</domain>
"""
NETWORK = """
<network><name>default</name><bridge name="virbr0"/>
  <ip address="192.0.2.1" netmask="255.255.255.0"><dhcp><range start="192.0.2.10" end="192.0.2.20"/></dhcp></ip>
</network>
"""
POOLS = """
<pool type="dir"><name>images</name><target><path>/srv/images</path></target></pool>
<pool type="netfs"><name>shared</name>
  <source><host name="nas"/><dir path="/export"/><format type="nfs"/></source><target><path>/srv/shared</path></target>
</pool>
"""


@pytest.fixture
def uri(tmp_path: Path) -> str:
    content = json.dumps({"labels": {"address": "198.51.100.7"}, "policy": {}})
    vm = VM.format(name="web1", content=content)
    (tmp_path / "host.xml").write_text(f"<node>{vm}{NETWORK}{POOLS}</node>", encoding="utf-8")
    return f"test://{tmp_path}/host.xml"


@pytest.mark.parametrize(
    ("sources", "networks", "address"),
    [
        (("label", "agent", "lease"), (), "198.51.100.7"),
        (("agent", "lease", "label"), (), "192.0.2.11"),
        (("lease", "agent", "label"), (), "192.0.2.11"),
        (("label", "lease", "agent"), ("192.0.2.0/24",), "192.0.2.11"),
        (("label",), ("192.0.2.0/24",), "198.51.100.7"),
        ((), (), None),
    ],
)
def test_addresses_come_from_the_sources_in_their_order(
    uri: str, sources: tuple[str, ...], networks: tuple[str, ...], address: str | None
) -> None:
    (vm,) = read(uri, Addressing(sources=sources, networks=networks))
    assert vm["address"] == address


def test_a_source_is_asked_only_if_those_before_it_were_not_enough(uri: str, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def addresses(_domain: t.Any, sources: t.Iterable[str]) -> list[dict[str, t.Any]]:
        asked.extend(sources)
        return []

    monkeypatch.setattr(guest, "addresses", addresses)
    read(uri, Addressing(sources=("label", "agent")))
    assert asked == []
    assert read(uri, Addressing(sources=("agent", "arp", "label")))[0]["address"] == "198.51.100.7"
    assert asked == ["agent", "arp"]
    read(uri, Addressing(sources=("agent", "arp"), agents_s=0))
    assert asked == ["agent", "arp", "arp"]


def test_pools_tell_the_storage_that_is_not_the_hosts_own(uri: str) -> None:
    vm = Vm.from_dict(read(uri, Addressing())[0]["vm"])
    assert {disk.target: (disk.source, disk.backend, disk.shared) for disk in vm.disks} == {
        "vda": ("/srv/images/v.qcow2", None, False),
        "vdb": ("/srv/shared/v.qcow2", "nfs:nas:/export", True),
        "vdc": ("/srv/shared/x/v.qcow2", "nfs:nas:/export", True),
        "sda": ("/srv/shared/a.iso", "nfs:nas:/export", True),
        "sdb": ("/srv/a.iso", None, True),
        "sdc": (None, None, True),
    }
    assert vm.obstacles[:-1] == ["cdrom sdb holds /srv/a.iso, and only its own host can tell whether others have that."]


def test_an_emulator_is_not_looked_for_among_the_controllers_processes(
    uri: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vm_facts, "is_replaced", lambda _executable: True)
    with connect(uri) as connection:
        (here,) = vm_facts.read_all(connection, Storage(machine_id="m"))
    assert (here.vm.emulator_stale, read(uri, Addressing())[0]["vm"]["emulator_stale"]) == (True, None)


@pytest.mark.parametrize(
    ("name", "remote"),
    [
        ("qemu:///system", False),
        ("test:///default", False),
        ("qemu+ssh://root@192.0.2.1/system?no_tty=1", True),
        ("qemu+tls://[2001:db8::1]/system", True),
        ("esx://vcenter.example.org/", True),
    ],
)
def test_a_uri_with_a_server_is_that_of_another_host(name: str, remote: bool) -> None:
    connection = types.SimpleNamespace(getURI=lambda: name)
    assert is_remote(t.cast("t.Any", connection)) is remote


def test_a_module_that_asks_another_host_says_nothing_of_its_own(uri: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with connect(uri) as connection:
        assert not host_facts.read_storage(connection).afar
        monkeypatch.setattr(host_facts, "is_remote", lambda _connection: True)
        assert host_facts.read_storage(connection).afar
        with pytest.raises(InvalidInputError, match="is libvirt on another host"):
            host_facts.read(connection, uri)


def test_a_host_that_is_not_there() -> None:
    with pytest.raises(UnavailableError, match="cannot connect to libvirt"):
        read("test:///nowhere.xml", Addressing())


@pytest.mark.parametrize(
    ("candidates", "networks", "chosen"),
    [
        (["192.0.2.1", "198.51.100.1"], [], "192.0.2.1"),
        (["192.0.2.1", "198.51.100.1"], ["198.51.100.0/24"], "198.51.100.1"),
        (["192.0.2.1", "2001:db8::1"], ["2001:db8::/64"], "2001:db8::1"),
        (["192.0.2.1"], ["198.51.100.0/24"], "192.0.2.1"),
        (["web1.example.org", "198.51.100.1"], ["198.51.100.0/24"], "web1.example.org"),
        (["127.0.0.1", "::1", "fe80::1", "169.254.0.1", "::", "224.0.0.1", "192.0.2.1"], [], "192.0.2.1"),
        (["", "-oProxyCommand=id", "a b", "$(id)", "{{ x }}", "a\n", "300.1.2.3", "2001:db8::1%$(id)"], [], None),
        ([], ["198.51.100.0/24"], None),
    ],
)
def test_choose(candidates: list[str], networks: list[str], chosen: str | None) -> None:
    assert choose(candidates, networks) == chosen
