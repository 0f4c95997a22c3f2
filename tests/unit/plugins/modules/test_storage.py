# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The modules of storage on libvirt's own driver for tests."""

from __future__ import annotations

import typing as t
from pathlib import Path

import libvirt
import pytest

from ansible_collections.evergreen.virt.plugins.module_utils._errors import (
    ConflictError,
    InvalidInputError,
    NotFoundError,
    UnsupportedError,
)
from ansible_collections.evergreen.virt.plugins.modules import storage_pool, storage_volume, vm

from .tasks import Module, Options

pool = Module(storage_pool)
volume = Module(storage_volume)

POOLS: list[Options] = [
    {"type": "dir", "path": "/q"},
    {"type": "netfs", "path": "/q", "source": {"hosts": ["192.0.2.1"], "dir": "/export"}},
    {"type": "logical", "source": {"name": "vg"}},
    {"type": "rbd", "source": {"hosts": ["192.0.2.1:3300"], "name": "vms", "username": "u", "secret": "6a4e2b1e-5d0c-4b8e-9a3f-0c1d2e3f4a5b"}},
    {"type": "iscsi", "source": {"hosts": ["192.0.2.1"], "devices": ["iqn.2026-01.example:a"]}},
]  # fmt: skip


@pytest.mark.parametrize("wanted", POOLS, ids=lambda wanted: wanted["type"])
def test_the_life_of_a_pool(host: libvirt.virConnect, wanted: Options) -> None:
    pool.once(name="q", **wanted)
    pool.once(name="q", autostart=True)
    for state in ("stopped", "started"):
        pool.once(name="q", state=state)
        assert bool(host.storagePoolLookupByName("q").isActive()) is (state == "started")
    pool.once(name="q", state="absent")


def test_slashes_that_mean_nothing(host: libvirt.virConnect) -> None:
    source = {"hosts": ["192.0.2.1"], "dir": "/export//vms/"}
    made = pool.once(name="q", type="netfs", path="/q//r/", source=source)
    assert (made["diff"]["after"]["path"], made["diff"]["after"]["source.dir"]) == ("/q/r", "/export/vms")
    assert not pool(name="q", path="/q/r", source={"dir": "/export/vms"})["changed"]


def test_an_active_pool_is_not_given_a_definition_that_the_driver_loses(host: libvirt.virConnect) -> None:
    pool(name="q", type="dir", path="/q")
    with pytest.raises(UnsupportedError, match=r"driver TEST .* storage pool 'q': it is active"):
        pool(name="q", path="/r")
    pool.once(name="q", path="/r", allow_restart=True)
    assert "<path>/r</path>" in host.storagePoolLookupByName("q").XMLDesc(0)


def test_the_life_of_a_volume(host: libvirt.virConnect) -> None:
    volume.once(pool="default-pool", name="a", size_gib=1)
    volume.once(pool="default-pool", name="b", format="qcow2", backing={"volume": "a", "format": "raw"})
    with pytest.raises(
        UnsupportedError, match="driver TEST at test:///default cannot do this: cannot resize volume 'a'"
    ):
        volume(pool="default-pool", name="a", size_gib=2)
    with pytest.raises(ConflictError, match="used by volume 'b'"):
        volume(pool="default-pool", name="a", state="absent")
    for name in ("b", "a"):
        volume.once(pool="default-pool", name=name, state="absent")
    assert host.storagePoolLookupByName("default-pool").listVolumes() == []


@pytest.mark.parametrize("wanted", POOLS[2:4], ids=lambda wanted: wanted["type"])
def test_a_volume_that_is_no_file(host: libvirt.virConnect, wanted: Options) -> None:
    pool(name="q", **wanted)
    with pytest.raises(InvalidInputError, match=f"a pool of type {wanted['type']} have no format qcow2"):
        volume(pool="q", name="a", size_gib=1, format="qcow2")
    assert host.storagePoolLookupByName("q").listVolumes() == []
    volume.once(pool="q", name="a", size_gib=1, format="raw")


def test_a_copy_of_a_volume(host: libvirt.virConnect) -> None:
    found = host.storagePoolLookupByName("default-pool")
    volume(pool="default-pool", name="a", size_gib=1)
    made = volume.once(pool="default-pool", name="b", source={"volume": "a"})
    assert made["diff"]["after"]["source"] == "/default-pool/a"
    assert found.storageVolLookupByName("b").info()[1] == 2**30
    with pytest.raises(InvalidInputError, match="a copy is never shrunk"):
        volume(pool="default-pool", name="c", size_gib=0.5, source={"volume": "a"})
    with pytest.raises(InvalidInputError, match="source: checksum: it is not sha256"):
        volume(pool="default-pool", name="c", source={"volume": "a", "checksum": "0"})
    with pytest.raises(InvalidInputError, match="it is the volume itself"):
        volume(pool="default-pool", name="a", source={"volume": "a"})
    with pytest.raises(InvalidInputError, match="preallocated"):
        volume(pool="default-pool", name="c", preallocate=True, source={"volume": "a"})
    with pytest.raises(InvalidInputError, match="source: volume: a volume cannot be named"):
        volume(pool="default-pool", name="c", source={"volume": "../a"})
    assert sorted(found.listVolumes()) == ["a", "b"]


def test_a_copy_of_what_is_not_there(host: libvirt.virConnect) -> None:
    options: Options = {"name": "b", "source": {"pool": "default-pool", "volume": "none"}}
    for place in ("default-pool", "none"):
        assert volume(check_mode=True, pool=place, **options)["changed"]
        with pytest.raises(NotFoundError):
            volume(pool=place, **options)
    assert host.storagePoolLookupByName("default-pool").listVolumes() == []


@pytest.mark.parametrize("backing", [{"volume": "none"}, {"path": "/q/none"}])
@pytest.mark.parametrize("size", [{}, {"size_gib": 1}])
def test_an_overlay_of_what_is_not_there(host: libvirt.virConnect, backing: Options, size: Options) -> None:
    options: Options = {"name": "b", "format": "qcow2", "backing": backing, **size}
    for place in ("default-pool", "none"):
        predicted = volume(check_mode=True, pool=place, **options)
        assert predicted["changed"]
        assert predicted["diff"]["after"]["backing"] == backing.get("path", f"{place}/none")
        assert predicted["diff"]["after"].get("size_gib") == size.get("size_gib")
    with pytest.raises(NotFoundError, match=r"backing: .* (does not exist|is in no active storage pool)"):
        volume(pool="default-pool", **options)
    assert host.storagePoolLookupByName("default-pool").listVolumes() == []


def test_an_overlay_goes_without_what_was_below_it(host: libvirt.virConnect) -> None:
    volume(pool="default-pool", name="a", size_gib=1)
    options: Options = {"pool": "default-pool", "name": "b", "format": "qcow2", "backing": {"volume": "a"}}
    volume.once(**options)
    host.storagePoolLookupByName("default-pool").storageVolLookupByName("a").delete()
    assert not volume(check_mode=True, **options)["changed"]
    volume.once(**options, state="absent")


def test_a_disk_that_is_written_is_not_copied(host: libvirt.virConnect) -> None:
    disk = {"target": "vda", "pool": "default-pool", "volume": "a", "size_mib": 1}
    Module(vm)(name="web", memory_mib=64, disks=[disk], state="started")
    with pytest.raises(ConflictError, match="VM 'web' can write"):
        volume(pool="default-pool", name="b", source={"volume": "a"})
    assert host.storagePoolLookupByName("default-pool").listVolumes() == ["a"]


def test_an_upload(host: libvirt.virConnect, tmp_path: Path) -> None:
    found = host.storagePoolLookupByName("default-pool")
    file = tmp_path / "a.iso"
    options: Options = {"pool": "default-pool", "name": "a", "upload": str(file)}
    assert volume(check_mode=True, **options)["changed"]
    with pytest.raises(NotFoundError, match="does not exist on this host"):
        volume(**options)
    file.write_bytes(b"content")
    assert volume(check_mode=True, **options)["diff"]["after"]["upload"] == str(file)
    with pytest.raises(UnsupportedError, match="The half-made volume 'a' of storage pool 'default-pool' was removed"):
        volume(**options)
    with pytest.raises(InvalidInputError, match="is not of format qcow2"):
        volume(**options, format="qcow2")
    with pytest.raises(InvalidInputError, match="preallocated"):
        volume(**options, preallocate=True)
    for path in ("a.iso", ""):
        with pytest.raises(InvalidInputError, match=r"upload: '.*' is not an absolute path"):
            volume(**{**options, "upload": path})
    assert found.listVolumes() == []
    volume(pool="default-pool", name="a", size_gib=1)
    assert not volume(**options)["changed"]


def test_the_disk_of_a_running_vm_is_not_uploaded(host: libvirt.virConnect, tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"content")
    disk = {"target": "vda", "path": str(tmp_path / "a"), "format": "raw"}
    Module(vm)(name="web", memory_mib=64, disks=[disk], state="started")
    with pytest.raises(ConflictError, match="VM 'web' can write"):
        volume(pool="default-pool", name="b", upload=str(tmp_path / "a"))
    assert host.storagePoolLookupByName("default-pool").listVolumes() == []


def test_wiped(host: libvirt.virConnect) -> None:
    options: Options = {"pool": "default-pool", "name": "a", "state": "wiped"}
    for place in ("default-pool", "none"):
        missing = {**options, "pool": place}
        assert volume(check_mode=True, **missing)["changed"]
        with pytest.raises(NotFoundError):
            volume(**missing)
    volume(pool="default-pool", name="a", size_gib=1)
    for _run in range(2):
        assert volume(check_mode=True, **options)["diff"]["after"] == {"content": "wiped"}
    with pytest.raises(UnsupportedError, match="cannot wipe volume 'a'"):
        volume(**options)
    assert host.storagePoolLookupByName("default-pool").listVolumes() == ["a"]


@pytest.mark.parametrize("state", ["wiped", "absent"])
def test_what_lies_below_a_volume_of_another_pool_stays(host: libvirt.virConnect, state: str) -> None:
    made = volume(pool="default-pool", name="a", size_gib=1)
    pool(name="q", type="dir", path="/q")
    volume(pool="q", name="b", format="qcow2", backing={"path": made["path"], "format": "raw"})
    with pytest.raises(ConflictError, match="used by volume 'b'"):
        volume(pool="default-pool", name="a", state=state)
    assert host.storagePoolLookupByName("default-pool").listVolumes() == ["a"]


@pytest.mark.parametrize("state", ["wiped", "absent"])
def test_what_is_used_by_another_path_stays(host: libvirt.virConnect, tmp_path: Path, state: str) -> None:
    (tmp_path / "images").mkdir()
    (tmp_path / "link").symlink_to("images")
    pool(name="q", type="dir", path=str(tmp_path / "link"))
    for name in ("a", "b"):
        volume(pool="q", name=name, size_gib=1)
    Module(vm)(name="web", memory_mib=64, disks=[{"target": "vda", "path": f"{tmp_path}/images/a", "format": "raw"}])
    below = f"<backingStore><path>{tmp_path}/images/b</path></backingStore>"
    host.storagePoolLookupByName("default-pool").createXML(
        f"<volume><name>over</name><capacity>1048576</capacity>{below}</volume>"
    )
    for name, user in (("a", "VM 'web'"), ("b", "volume 'over'")):
        with pytest.raises(ConflictError, match=f"used by {user}"):
            volume(pool="q", name=name, state=state)
    assert sorted(host.storagePoolLookupByName("q").listVolumes()) == ["a", "b"]


@pytest.mark.parametrize("check_mode", [True, False])
def test_what_is_used_is_not_wiped(host: libvirt.virConnect, check_mode: bool) -> None:
    volume(pool="default-pool", name="a", size_gib=1)
    volume(pool="default-pool", name="b", format="qcow2", backing={"volume": "a", "format": "raw"})
    with pytest.raises(ConflictError, match="used by volume 'b'"):
        volume(pool="default-pool", name="a", state="wiped", check_mode=check_mode)
    disk = {"target": "vda", "pool": "default-pool", "volume": "b", "format": "qcow2"}
    Module(vm)(name="web", memory_mib=64, disks=[disk])
    with pytest.raises(ConflictError, match="used by VM 'web'"):
        volume(pool="default-pool", name="b", state="wiped", check_mode=check_mode)


NO_NAMES = ["", " ", ".", "..", "/", "../x", "a/b", "a\nb", "a\x7fb", "x" * 256]


@pytest.mark.parametrize("name", NO_NAMES)
@pytest.mark.parametrize("state", ["present", "absent"])
def test_a_name_of_no_volume(host: libvirt.virConnect, name: str, state: str) -> None:
    with pytest.raises(InvalidInputError, match="a volume cannot be named"):
        volume(pool="none", name=name, state=state, size_gib=1)
    with pytest.raises(InvalidInputError, match=r"backing.volume: a volume cannot be named"):
        volume(pool="none", name="a", state=state, backing={"volume": name})


@pytest.mark.parametrize("name", NO_NAMES)
@pytest.mark.parametrize(
    ("option", "entry"), [("disks", {"target": "vda", "size_mib": 1}), ("cdroms", {"target": "sda"})]
)
def test_a_vm_names_no_such_volume(host: libvirt.virConnect, name: str, option: str, entry: dict[str, t.Any]) -> None:
    options: Options = {"name": "web", "memory_mib": 64}
    options[option] = [{"pool": "default-pool", "volume": name, **entry}]
    with pytest.raises(InvalidInputError, match=r"a volume cannot be named|it holds a line break"):
        Module(vm)(**options)
    assert host.listDefinedDomains() == []


@pytest.mark.parametrize("name", NO_NAMES)
def test_an_image_has_no_such_name(host: libvirt.virConnect, name: str) -> None:
    disk = {"target": "vda", "pool": "default-pool", "volume": "a", "image": {"pool": "default-pool", "volume": name}}
    with pytest.raises(InvalidInputError, match=r"a volume cannot be named|it holds a line break"):
        Module(vm)(name="web", memory_mib=64, disks=[disk])
    assert host.listDefinedDomains() == []


def test_a_volume_of_a_vm(host: libvirt.virConnect) -> None:
    disk = {"target": "vda", "pool": "default-pool", "volume": "a", "size_mib": 1}
    Module(vm)(name="web", memory_mib=64, disks=[disk])
    with pytest.raises(ConflictError, match="used by VM 'web'"):
        volume(pool="default-pool", name="a", state="absent")
