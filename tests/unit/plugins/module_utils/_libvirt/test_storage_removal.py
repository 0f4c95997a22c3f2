# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""On libvirt's own driver for tests: its pool `default-pool` is active and empty at first."""

from __future__ import annotations

import typing as t

import libvirt
import pytest

from ansible_collections.evergreen.virt.plugins.module_utils._errors import InvalidInputError, VirtError
from ansible_collections.evergreen.virt.plugins.module_utils._libvirt import vm_job
from ansible_collections.evergreen.virt.plugins.module_utils._libvirt.view import View
from ansible_collections.evergreen.virt.plugins.module_utils._vm_spec import VM

POOL = "default-pool"
DEFAULTS = {name: spec.get("default") for name, spec in VM.options.items()}
ABSENT = {**DEFAULTS, "state": "absent", "remove_storage": True}


@pytest.fixture
def connection() -> t.Iterator[libvirt.virConnect]:
    opened = libvirt.open("test:///default")
    yield opened
    if not opened.storagePoolLookupByName(POOL).isActive():
        opened.storagePoolLookupByName(POOL).create(0)
    for domain in opened.listAllDomains():
        if domain.name() != "test":
            domain.undefine()
    for volume in opened.storagePoolLookupByName(POOL).listAllVolumes():
        volume.delete(0)
    opened.close()


def volume(connection: libvirt.virConnect, name: str, backing: str = "") -> str:
    below = f"<backingStore><path>{backing}</path></backingStore>" if backing else ""
    xml = f"<volume><name>{name}</name><capacity>1048576</capacity>{below}</volume>"
    return str(connection.storagePoolLookupByName(POOL).createXML(xml, 0).path())


def define(connection: libvirt.virConnect, name: str, *disks: str) -> None:
    connection.defineXML(
        f"<domain type='test'><name>{name}</name><memory>1024</memory><os><type>hvm</type></os>"
        f"<devices>{''.join(disks)}</devices></domain>"
    )


def by_path(path: str, target: str = "vda", device: str = "disk") -> str:
    return f"<disk type='file' device='{device}'><source file='{path}'/><target dev='{target}'/></disk>"


def by_name(name: str, target: str = "vda") -> str:
    return f"<disk type='volume'><source pool='{POOL}' volume='{name}'/><target dev='{target}'/></disk>"


def remove(connection: libvirt.virConnect, name: str, *, check_mode: bool = False) -> dict[str, t.Any]:
    job = vm_job.prepare(View(connection), {**ABSENT, "name": name})
    if not check_mode:
        vm_job.carry_out(connection, job)
    return vm_job.result(connection, job, {}, check_mode=check_mode)


def left(connection: libvirt.virConnect) -> list[str]:
    return sorted(connection.storagePoolLookupByName(POOL).listVolumes())


def test_its_volumes_go_with_it_and_are_listed_before(connection: libvirt.virConnect) -> None:
    define(connection, "a", by_path(volume(connection, "a1")), by_name("a2", "vdb"))
    volume(connection, "a2")
    before = remove(connection, "a", check_mode=True)
    assert left(connection) == ["a1", "a2"]
    after = remove(connection, "a")
    assert left(connection) == []
    assert before["removed_storage"] == after["removed_storage"]
    assert [entry["volume"] for entry in after["removed_storage"]] == ["a1", "a2"]
    assert before["diff"] == after["diff"]
    again = remove(connection, "a")
    assert not again["changed"]
    assert again["removed_storage"] == again["kept_storage"] == []


def test_what_somebody_else_needs_stays(connection: libvirt.virConnect) -> None:
    shared, base = volume(connection, "shared"), volume(connection, "base")
    volume(connection, "overlay", backing=base)
    iso = volume(connection, "iso")
    define(connection, "a", by_path(shared), by_path(base, "vdb"), by_path(iso, "sda", "cdrom"), by_path("/x", "vdc"))
    define(connection, "b", by_name("shared"))
    result = remove(connection, "a")
    assert left(connection) == ["base", "iso", "overlay", "shared"]
    assert result["removed_storage"] == []
    reasons = {entry["target"]: entry["reason"] for entry in result["kept_storage"]}
    assert "VM 'b'" in reasons["vda"]
    assert "volume 'overlay'" in reasons["vdb"]
    assert "taken out" in reasons["sda"]
    assert "no volume" in reasons["vdc"]


def test_a_driver_that_knows_no_snapshots_has_none(
    connection: libvirt.virConnect, monkeypatch: pytest.MonkeyPatch
) -> None:
    error = libvirt.libvirtError("this function is not supported by the connection driver")
    error.err = (libvirt.VIR_ERR_NO_SUPPORT, libvirt.VIR_FROM_LXC, "unsupported", 0, "", None, None, 0, 0)

    def unsupported(*_arguments: object) -> t.NoReturn:
        raise error

    for call in ("snapshotNum", "listAllSnapshots"):
        monkeypatch.setattr(libvirt.virDomain, call, unsupported)
    shared = volume(connection, "shared")
    define(connection, "a", by_path(volume(connection, "a1")), by_path(shared, "vdb"))
    define(connection, "b", by_path(shared))
    remove(connection, "a")
    assert left(connection) == ["shared"]


def test_without_being_asked_nothing_goes(connection: libvirt.virConnect) -> None:
    define(connection, "a", by_path(volume(connection, "a1")))
    job = vm_job.prepare(View(connection), {**ABSENT, "name": "a", "remove_storage": False})
    vm_job.carry_out(connection, job)
    assert left(connection) == ["a1"]


def test_what_is_left_by_a_failure_is_named(connection: libvirt.virConnect) -> None:
    define(connection, "a", by_path(volume(connection, "a1")), by_path(volume(connection, "a2"), "vdb"))
    job = vm_job.prepare(View(connection), {**ABSENT, "name": "a"})
    connection.storagePoolLookupByName(POOL).destroy()
    with pytest.raises(VirtError, match="VM 'a' is gone") as caught:
        vm_job.carry_out(connection, job)
    assert "default-pool/a1, default-pool/a2" in caught.value.hint


def test_a_volume_that_is_gone_already_is_no_failure(connection: libvirt.virConnect) -> None:
    define(connection, "a", by_path(volume(connection, "a1")), by_path(volume(connection, "a2"), "vdb"))
    job = vm_job.prepare(View(connection), {**ABSENT, "name": "a"})
    connection.storagePoolLookupByName(POOL).storageVolLookupByName("a1").delete(0)
    vm_job.carry_out(connection, job)
    assert left(connection) == []


def test_it_is_for_state_absent() -> None:
    with pytest.raises(InvalidInputError, match="remove_storage is for state absent"):
        vm_job.check({**DEFAULTS, "name": "a", "remove_storage": True})
