# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The facts of a host's VMs, read of libvirt's own test driver."""

from __future__ import annotations

import json
import typing as t
from pathlib import Path
from xml.sax.saxutils import escape

import libvirt
import pytest

from ansible_collections.evergreen.virt.plugins.module_utils._errors import UnavailableError
from ansible_collections.evergreen.virt.plugins.module_utils._libvirt import vm_facts
from ansible_collections.evergreen.virt.plugins.module_utils._libvirt.connection import connect
from ansible_collections.evergreen.virt.plugins.module_utils._libvirt.storage_identity import Storage
from ansible_collections.evergreen.virt.plugins.module_utils._libvirt.vm_facts import VmRecord, read_all

HOSTILE = """-rf $(id) <&> "' {{ 7 * 7 }} ü"""
VM = """
<domain type="test">
  <name>{name}</name><memory unit="MiB">64</memory><vcpu>2</vcpu><os><type>hvm</type></os>
  <metadata><evergreen:vm xmlns:evergreen="urn:evergreen.virt:vm:1">{labels}</evergreen:vm></metadata>
  <devices>
    <disk type="file" device="disk"><source file="/srv/disk.qcow2"/><target dev="vda"/></disk>
    <interface type="bridge"><mac address="52:54:00:00:00:01"/><source bridge="br0"/></interface>
  </devices>
</domain>
"""
STORAGE = Storage(machine_id="m")


def vm(name: str) -> str:
    return VM.format(name=escape(name), labels=escape(json.dumps({"labels": {"note": name}})))


@pytest.fixture
def connection(tmp_path: Path) -> t.Iterator[libvirt.virConnect]:
    (tmp_path / "host.xml").write_text(f"<node>{vm('web2')}{vm('web1')}{vm(HOSTILE)}</node>", encoding="utf-8")
    with connect(f"test://{tmp_path}/host.xml") as opened:
        yield opened


def read(connection: libvirt.virConnect, name: str, storage: Storage = STORAGE) -> VmRecord:
    (record,) = read_all(connection, storage, [name])
    return record


def test_the_vms_in_the_order_of_their_names(connection: libvirt.virConnect) -> None:
    assert [record.vm.name for record in read_all(connection, STORAGE)] == [HOSTILE, "web1", "web2"]
    assert [record.vm.name for record in read_all(connection, STORAGE, ["web2", "none"])] == ["web2"]
    assert read_all(connection, STORAGE, []) == []


def test_a_running_vm(connection: libvirt.virConnect) -> None:
    record = read(connection, "web1")
    vm = record.vm
    assert vm.uuid == connection.lookupByName("web1").UUIDString()
    assert (vm.state, vm.active, vm.persistent, vm.autostart) == ("running", True, True, False)
    assert (vm.memory_mib, vm.vcpus, vm.virt_type) == (64, 2, "test")
    assert [(disk.target, disk.source, disk.backend) for disk in vm.disks] == [("vda", "/srv/disk.qcow2", "local:m")]
    assert [(card.mac, card.bridge) for card in vm.interfaces] == [("52:54:00:00:00:01", "br0")]
    assert (vm.emulator_stale, record.managed_save, record.trouble, record.moving) == (False, False, "", False)
    assert record.running is not None
    assert record.to_dict() == {**vm.to_dict(), "managed_save": False, "pending": []}


def test_hostile_text_is_what_it_is(connection: libvirt.virConnect) -> None:
    assert read(connection, HOSTILE).vm.labels == {"note": HOSTILE}


def test_what_libvirt_lists_under_a_flag(connection: libvirt.virConnect) -> None:
    connection.lookupByName("web1").setAutostart(1)
    connection.lookupByName("web1").snapshotCreateXML("<domainsnapshot><name>s</name></domainsnapshot>")
    connection.lookupByName("web2").managedSave()
    one, other = read(connection, "web1"), read(connection, "web2")
    assert (one.vm.autostart, other.vm.autostart) == (True, False)
    assert ["snapshots" in obstacle for obstacle in one.vm.obstacles] == [True, False]
    assert other.vm.obstacles == ["libvirt's driver TEST does not move VMs to other hosts."]
    assert (one.managed_save, other.managed_save, other.vm.state) == (False, True, "shutoff")


@pytest.mark.parametrize(
    ("act", "state", "active"),
    [("suspend", "paused", True), ("destroy", "shutoff", False), ("shutdown", "shutoff", False)],
)
def test_states(connection: libvirt.virConnect, act: str, state: str, active: bool) -> None:
    getattr(connection.lookupByName("web1"), act)()
    record = read(connection, "web1")
    assert (record.vm.state, record.vm.active) == (state, active)
    assert (record.running is not None) == active
    assert (record.trouble, record.moving) == ("", False)


def test_a_transient_vm_has_no_definition_to_differ_from(connection: libvirt.virConnect) -> None:
    connection.createXML(vm("passing"), 0)
    record = read(connection, "passing")
    assert (record.vm.persistent, record.vm.state, record.running) == (False, "running", None)
    assert record.to_dict()["pending"] == []


def test_what_the_next_start_changes(connection: libvirt.virConnect) -> None:
    connection.defineXML(connection.lookupByName("web1").XMLDesc().replace("<vcpu placement='static'>2", "<vcpu>1"))
    record = read(connection, "web1")
    assert record.vm.vcpus == 2
    assert record.definition.findtext("vcpu") == "1"
    assert record.to_dict()["pending"] == ["vcpus", "vcpus_max"]


def test_an_emulator_is_that_of_the_process_behind_the_vm(
    connection: libvirt.virConnect, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for pid, executable in ((1, "qemu (deleted)"), (2, "qemu")):
        (tmp_path / f"{pid}").mkdir()
        (tmp_path / f"{pid}" / "exe").symlink_to(tmp_path / executable)
    (tmp_path / "qemu").touch()
    (tmp_path / "web1.pid").write_text("1\n", encoding="ascii")
    (tmp_path / "web2.pid").write_text("2\n", encoding="ascii")
    monkeypatch.setattr(vm_facts, "_RUN_DIRECTORY", tmp_path)
    monkeypatch.setattr(vm_facts, "_PROC", tmp_path)
    assert {record.vm.name: record.vm.emulator_stale for record in read_all(connection, STORAGE)} == {
        "web1": True,
        "web2": False,
        HOSTILE: False,
    }
    assert read(connection, "web1", Storage(machine_id="", afar=True)).vm.emulator_stale is None
    connection.lookupByName("web1").destroy()
    assert read(connection, "web1").vm.emulator_stale is False


def test_a_vm_that_leaves_while_it_is_read_is_left_out(
    connection: libvirt.virConnect, monkeypatch: pytest.MonkeyPatch
) -> None:
    describe = libvirt.virDomain.XMLDesc

    def leave(domain: libvirt.virDomain, *flags: int) -> str:
        if domain.name() == "web1":
            domain.destroy()
            domain.undefine()
        return str(describe(domain, *flags))

    monkeypatch.setattr(libvirt.virDomain, "XMLDesc", leave)
    assert [record.vm.name for record in read_all(connection, STORAGE)] == [HOSTILE, "web2"]


def refuse(code: int) -> t.Callable[..., t.Any]:
    """A call of libvirt that fails."""

    def call(*_arguments: t.Any) -> t.Any:
        error = libvirt.libvirtError("refused")
        error.err = (code, libvirt.VIR_FROM_RPC, "refused", 2, "", None, None, 0, 0)
        raise error

    return call


def test_a_driver_without_statistics_is_asked_vm_by_vm(
    connection: libvirt.virConnect, monkeypatch: pytest.MonkeyPatch
) -> None:
    connection.lookupByName("web1").suspend()
    with_statistics = [record.vm for record in read_all(connection, STORAGE)]
    monkeypatch.setattr(libvirt.virConnect, "getAllDomainStats", refuse(libvirt.VIR_ERR_NO_SUPPORT))
    assert [record.vm for record in read_all(connection, STORAGE)] == with_statistics


def test_a_lost_connection_is_no_empty_host(connection: libvirt.virConnect, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(libvirt.virConnect, "getAllDomainStats", refuse(libvirt.VIR_ERR_RPC))
    with pytest.raises(UnavailableError, match="read the statistics of the VMs: libvirt says: refused"):
        read_all(connection, STORAGE)


@pytest.mark.parametrize(
    ("stats", "found"),
    [
        ({}, {}),
        ({"block.count": 2, "block.0.name": "vda", "block.0.capacity": 2**30, "block.1.name": "sda"}, {"vda": 2**30, "sda": 0}),
        ({"block.count": 2, "block.1.name": "vdb", "block.1.capacity": 7}, {"vdb": 7}),
        ({"block.count": 1, "block.0.name": "vda", "block.0.capacity": 1, "block.1.name": "vdb"}, {"vda": 1}),
    ],
    ids=["none", "an empty drive", "one without a name", "more than it counts"],
)  # fmt: skip
def test_capacities(stats: dict[str, t.Any], found: dict[str, int]) -> None:
    assert vm_facts.capacities(stats) == found


@pytest.mark.parametrize(
    ("state", "reason", "words"),
    [
        (libvirt.VIR_DOMAIN_RUNNING, libvirt.VIR_DOMAIN_RUNNING_BOOTED, ""),
        (libvirt.VIR_DOMAIN_PAUSED, libvirt.VIR_DOMAIN_PAUSED_USER, ""),
        (libvirt.VIR_DOMAIN_PAUSED, libvirt.VIR_DOMAIN_PAUSED_POSTCOPY, ""),
        (libvirt.VIR_DOMAIN_PAUSED, libvirt.VIR_DOMAIN_PAUSED_IOERROR, "is paused by an I/O error"),
        (libvirt.VIR_DOMAIN_PAUSED, libvirt.VIR_DOMAIN_PAUSED_WATCHDOG, "is paused by its watchdog"),
        (libvirt.VIR_DOMAIN_PAUSED, libvirt.VIR_DOMAIN_PAUSED_CRASHED, "is paused by a crash of the guest"),
        (libvirt.VIR_DOMAIN_PAUSED, libvirt.VIR_DOMAIN_PAUSED_POSTCOPY_FAILED, "is paused by a failed post-copy migration"),
        (libvirt.VIR_DOMAIN_CRASHED, libvirt.VIR_DOMAIN_CRASHED_PANICKED, "crashed"),
        (libvirt.VIR_DOMAIN_SHUTOFF, libvirt.VIR_DOMAIN_SHUTOFF_CRASHED, ""),
    ],
)  # fmt: skip
def test_trouble(state: int, reason: int, words: str) -> None:
    assert vm_facts.trouble(state, reason) == words


@pytest.mark.parametrize(
    ("reason", "moving"),
    [
        (libvirt.VIR_DOMAIN_PAUSED_MIGRATION, True),
        (libvirt.VIR_DOMAIN_PAUSED_STARTING_UP, True),
        (libvirt.VIR_DOMAIN_PAUSED_POSTCOPY, True),
        (libvirt.VIR_DOMAIN_PAUSED_POSTCOPY_FAILED, False),
        (libvirt.VIR_DOMAIN_PAUSED_USER, False),
        (libvirt.VIR_DOMAIN_PAUSED_IOERROR, False),
    ],
)
def test_a_vm_that_is_arriving_or_has_all_but_left(
    connection: libvirt.virConnect, monkeypatch: pytest.MonkeyPatch, reason: int, moving: bool
) -> None:
    answer = {"state.state": libvirt.VIR_DOMAIN_PAUSED, "state.reason": reason}
    monkeypatch.setattr(
        libvirt.virConnect,
        "getAllDomainStats",
        lambda self, *_arguments: [(domain, answer) for domain in self.listAllDomains()],
    )
    record = read(connection, "web1")
    assert (record.vm.state, record.moving) == ("paused", moving)
