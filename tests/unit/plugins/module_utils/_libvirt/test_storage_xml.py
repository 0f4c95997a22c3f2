# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Storage pools and volumes: options <-> XML."""

from __future__ import annotations

import dataclasses
import typing as t
from pathlib import Path

import libvirt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.evergreen.virt.plugins.module_utils._domain_xml.images import Copy, Image
from ansible_collections.evergreen.virt.plugins.module_utils._domain_xml.tree import Element, parse
from ansible_collections.evergreen.virt.plugins.module_utils._errors import (
    ConflictError,
    InvalidInputError,
    NotFoundError,
)
from ansible_collections.evergreen.virt.plugins.module_utils._libvirt import storage_pool_xml as pools
from ansible_collections.evergreen.virt.plugins.module_utils._libvirt import storage_volume_xml as volumes
from ansible_collections.evergreen.virt.plugins.module_utils._libvirt.connection import connect
from ansible_collections.evergreen.virt.plugins.module_utils._libvirt.storage_volume_xml import Volume

SAMPLES = Path(__file__).parent / "samples"
NO_POOL: dict[str, t.Any] = {"name": "shared", "type": None, "path": None, "source": None}
NO_VOLUME: dict[str, t.Any] = {
    "pool": "images",
    "name": "a.qcow2",
    "state": "present",
    "size_gib": None,
    "format": None,
    "backing": None,
    "source": None,
    "wipe_algorithm": "zero",
    "upload": None,
    "preallocate": False,
    "allow_shrink": False,
}
GIB = 2**30


def netfs() -> Element:
    return parse((SAMPLES / "pool_netfs.xml").read_text(encoding="utf-8"))


def test_options_of_a_real_pool() -> None:
    assert pools.options(netfs()) == {
        "type": "netfs",
        "path": "/mnt/shared",
        "source.hosts": ["nfs.example.com"],
        "source.dir": "/export/vms",
        "source.format": "nfs",
    }


@pytest.mark.parametrize(
    ("wanted", "after"),
    [
        ({}, {}),
        ({"type": "netfs", "path": "/mnt/shared", "source": {"hosts": ["nfs.example.com"]}}, {}),
        ({"path": "/mnt//shared/", "source": {"dir": "///export/vms//"}}, {}),
        ({"path": "/mnt/other"}, {"path": "/mnt/other"}),
        ({"path": "/mnt/other/", "source": {"dir": "//export"}}, {"path": "/mnt/other", "source.dir": "//export"}),
        ({"source": {"hosts": ["a:1", "[fd00::1]:2", "fd00::2"]}}, {"source.hosts": ["a:1", "[fd00::1]:2", "fd00::2"]}),
        ({"source": {"protocol_version": "4.2"}}, {"source.protocol_version": "4.2"}),
    ],
)
def test_pool_change(wanted: dict[str, t.Any], after: dict[str, t.Any]) -> None:
    found = pools.definition(netfs(), netfs(), {**NO_POOL, **wanted})
    assert found.changes.diff()["after"] == after
    assert found.pending.diff()["after"] == after
    assert "8c79f996-cb2a-d24d-9822-ac7547ab2d01" in found.xml
    assert not pools.definition(parse(found.xml), None, {**NO_POOL, **wanted}).changes


@pytest.mark.parametrize(
    ("wanted", "path"),
    [
        ({"type": "dir", "path": "/srv"}, "/srv"),
        ({"type": "logical", "source": {"name": "vg0"}}, "/dev/vg0"),
        ({"type": "iscsi", "source": {"hosts": ["san"], "devices": ["iqn.x"]}}, "/dev/disk/by-path"),
        ({"type": "rbd", "source": {"hosts": ["m"], "name": "vms", "username": "u", "secret": "s"}}, None),
    ],
)
def test_new_pool(wanted: dict[str, t.Any], path: str | None) -> None:
    found = pools.definition(None, None, {**NO_POOL, **wanted})
    assert pools.options(parse(found.xml)).get("path") == path
    assert found.changes
    assert not found.pending


def test_ceph_authenticates_as_ceph() -> None:
    source = {"hosts": ["m"], "name": "vms", "username": "u", "secret": "s"}
    auth = parse(pools.definition(None, None, {**NO_POOL, "type": "rbd", "source": source}).xml).find("source/auth")
    assert auth is not None
    assert auth.attrib == {"username": "u", "type": "ceph"}


@pytest.mark.parametrize("wanted", [{}, {"type": "dir"}, {"type": "netfs", "path": "/x"}, {"type": "logical"}])
def test_a_new_pool_that_lacks_something(wanted: dict[str, t.Any]) -> None:
    with pytest.raises(InvalidInputError, match="shared"):
        pools.definition(None, None, {**NO_POOL, **wanted})


def test_a_pool_keeps_its_type() -> None:
    with pytest.raises(ConflictError, match="of type netfs, not dir"):
        pools.definition(netfs(), None, {**NO_POOL, "type": "dir"})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a", ("a", None)),
        ("a:1", ("a", "1")),
        ("192.0.2.1:3260", ("192.0.2.1", "3260")),
        ("fd00::1", ("fd00::1", None)),
        ("[fd00::1]", ("[fd00::1]", None)),
        ("[fd00::1]:2", ("[fd00::1]", "2")),
    ],
)
def test_split_host(text: str, expected: tuple[str, str | None]) -> None:
    assert pools.split_host(text) == expected


@pytest.mark.parametrize(
    "path", ["/", "//", "///", "/q", "/q/", "/q//r///", "//q//r", "///q", "q/", "/q/../r/.", "nfs://h//q/", "/h://q/"]
)
def test_a_path_is_sanitized_as_libvirt_does_it(path: str) -> None:
    xml = f"<pool type='netfs'><name>q</name><source><host name='h'/><dir path='{path}'/></source><target><path>{path}</path></target></pool>"
    with connect("test:///default") as connection:
        kept = pools.options(parse(connection.storagePoolDefineXML(xml).XMLDesc()))
    assert kept["path"] == kept["source.dir"] == pools.sanitized(path)


def test_volume_as_libvirt_writes_it() -> None:
    root = parse(
        "<volume type='file'><name>a</name><capacity unit='bytes'>1073741824</capacity><target><path>/p/a</path>"
        "<format type='qcow2'/></target><backingStore><path>/p/b</path></backingStore></volume>"
    )
    assert volumes.read(root) == Volume("/p/a", GIB, "qcow2", "/p/b")


def test_an_iso_image_is_raw() -> None:
    root = parse("<volume><name>a</name><target><path>/p/a</path><format type='iso'/></target></volume>")
    assert volumes.read(root).format == "raw"


EXISTING = Volume("/p/a", 2 * GIB, "qcow2", "/p/base")


@pytest.mark.parametrize(
    ("wanted", "pool_type", "resize", "shrink"),
    [
        ({}, "dir", None, False),
        ({"size_gib": 2.0, "format": "qcow2"}, "dir", None, False),
        ({"size_gib": 3.0}, "dir", 3 * GIB, False),
        ({"size_gib": 1.0, "allow_shrink": True}, "dir", GIB, True),
        ({"size_gib": 1.99}, "logical", None, False),
        ({"size_gib": 2.001}, "logical", 2050 * 2**20, False),
    ],
)
def test_resize(wanted: dict[str, t.Any], pool_type: str, resize: int | None, shrink: bool) -> None:
    found = volumes.plan({**NO_VOLUME, **wanted}, EXISTING, pool_type=pool_type)
    assert (found.resize, found.shrink) == (resize, shrink)
    assert bool(found.changes) == (resize is not None)
    assert found.create is None


@pytest.mark.parametrize("wanted", [{"size_gib": 1.0}, {"format": "raw"}])
def test_what_a_volume_refuses(wanted: dict[str, t.Any]) -> None:
    with pytest.raises(ConflictError, match=r"'a.qcow2' of storage pool 'images'"):
        volumes.plan({**NO_VOLUME, **wanted}, EXISTING, pool_type="dir")


def test_another_backing_is_refused() -> None:
    with pytest.raises(ConflictError, match="backing"):
        volumes.plan(NO_VOLUME, EXISTING, pool_type="dir", backing=Image("/p/other", "raw", GIB))


def test_a_new_volume_needs_a_size() -> None:
    with pytest.raises(InvalidInputError):
        volumes.plan(NO_VOLUME, None, pool_type="dir")


NO_FILES = ["logical", "rbd", "iscsi", "disk"]


@pytest.mark.parametrize("pool_type", NO_FILES)
@pytest.mark.parametrize("form", [None, "raw"])
def test_a_volume_that_is_no_file_is_raw(pool_type: str, form: str | None) -> None:
    wanted = {**NO_VOLUME, "size_gib": 2.0, "format": form}
    created = volumes.plan(wanted, None, pool_type=pool_type).create
    assert created is not None
    assert volumes.read(parse(created)).format is None
    for found in (None, "raw", "linux"):
        assert not volumes.plan(wanted, Volume("/dev/vg0/a", 2 * GIB, found), pool_type=pool_type).changes


@pytest.mark.parametrize("pool_type", NO_FILES)
@pytest.mark.parametrize("current", [None, Volume("/dev/vg0/a", 2 * GIB)])
def test_a_volume_that_is_no_file_has_no_format(pool_type: str, current: Volume | None) -> None:
    wanted = {**NO_VOLUME, "size_gib": 2.0, "format": "qcow2"}
    with pytest.raises(
        InvalidInputError, match=f"'a.qcow2' .* a pool of type {pool_type} have no format qcow2"
    ) as caught:
        volumes.plan(wanted, current, pool_type=pool_type)
    assert "leave the format out" in caught.value.hint
    assert volumes.plan({**wanted, "state": "absent"}, current, pool_type=pool_type).delete is (current is not None)


@pytest.mark.parametrize(
    ("pool_type", "preallocate", "grows"),
    [("dir", False, True), ("dir", True, False), ("logical", False, False), ("rbd", False, True)],
)
def test_whether_a_new_volume_grows(pool_type: str, preallocate: bool, grows: bool) -> None:
    wanted = {**NO_VOLUME, "size_gib": 2.0, "preallocate": preallocate}
    created = volumes.plan(wanted, None, pool_type=pool_type).create
    assert created is not None
    assert (parse(created).findtext("allocation") == "0") is grows


def test_an_overlay_is_as_large_as_what_is_below() -> None:
    wanted = {**NO_VOLUME, "format": "qcow2", "backing": {"format": "raw"}}
    created = volumes.plan(wanted, None, pool_type="dir", backing=Image("/p/base", "raw", 5 * GIB)).create
    assert created is not None
    assert volumes.read(parse(created)) == Volume("", 5 * GIB, "qcow2", "/p/base")
    assert parse(created).find("backingStore/format[@type='raw']") is not None


def test_an_overlay_of_what_is_not_there_yet() -> None:
    wanted = {**NO_VOLUME, "format": "qcow2", "backing": {"format": "qcow2"}}
    coming = Image("images/base", "qcow2")
    for size in (None, 6.0):
        made = volumes.plan({**wanted, "size_gib": size}, None, pool_type="dir", backing=coming).changes
        after = {"state": "present", "size_gib": size, "format": "qcow2", "backing": "images/base"}
        assert made.diff()["after"] == after
    assert volumes.plan(wanted, EXISTING, pool_type="dir", backing=coming) == volumes.Plan()


SOURCE = Image("/p/base", "qcow2", 5 * GIB, 0, "images", "dir", "base")


@pytest.mark.parametrize(
    ("wanted", "pool_type", "size", "form"),
    [
        ({}, "dir", 5, "qcow2"),
        ({"size_gib": 6.0}, "dir", 6, "qcow2"),
        ({"format": "raw"}, "dir", 5, "raw"),
        ({}, "logical", 5, None),
    ],
)
def test_a_copy(wanted: dict[str, t.Any], pool_type: str, size: int, form: str | None) -> None:
    found = volumes.plan({**NO_VOLUME, **wanted}, None, pool_type=pool_type, image=SOURCE)
    assert found.create is None
    assert found.copy == Copy("a.qcow2", SOURCE, "copy", size * GIB, form)
    after = {"state": "present", "size_gib": size, "format": form or "raw", "source": "/p/base"}
    assert found.changes.diff()["after"] == after


@pytest.mark.parametrize(
    ("wanted", "pool_type", "message"),
    [
        ({"size_gib": 4.0}, "dir", "a copy is never shrunk"),
        ({"format": "qcow2"}, "logical", "pool of type logical have no format qcow2"),
        ({}, "rbd", "can be cloned only within its pool"),
    ],
)
def test_no_copy(wanted: dict[str, t.Any], pool_type: str, message: str) -> None:
    image = dataclasses.replace(SOURCE, pool="other")
    with pytest.raises(InvalidInputError, match=f"'a.qcow2' of storage pool 'images': .*{message}"):
        volumes.plan({**NO_VOLUME, **wanted}, None, pool_type=pool_type, image=image)


def test_an_upload() -> None:
    image = Image("/srv/a.iso", "raw", 1000, 4096)
    found = volumes.plan({**NO_VOLUME, "upload": "/srv/a.iso"}, None, pool_type="dir", image=image)
    assert found.copy == Copy("a.qcow2", image, "copy", 1000, "raw")
    assert found.changes.diff()["after"]["upload"] == "/srv/a.iso"


def test_what_exists_is_not_copied_again() -> None:
    assert volumes.plan(NO_VOLUME, EXISTING, pool_type="dir") == volumes.Plan()


def test_absent() -> None:
    gone = {**NO_VOLUME, "state": "absent"}
    assert volumes.plan(gone, EXISTING, pool_type="dir").delete
    assert not volumes.plan(gone, None, pool_type="dir").changes


def test_wiped() -> None:
    wiped = {**NO_VOLUME, "state": "wiped"}
    assert volumes.plan(wiped, EXISTING, pool_type="dir") == volumes.Plan(volumes.WIPING, wipe=True)
    with pytest.raises(NotFoundError, match="does not exist, so it cannot be wiped"):
        volumes.plan(wiped, None, pool_type="dir")


def test_wipe_algorithms_are_those_of_libvirt() -> None:
    for number, name in enumerate(volumes.WIPE_ALGORITHMS):
        assert getattr(libvirt, f"VIR_STORAGE_VOL_WIPE_ALG_{name.upper()}") == number


@given(st.floats(min_value=0.001, max_value=70000))
def test_a_size_converges(size: float) -> None:
    wanted = {**NO_VOLUME, "size_gib": size}
    created = volumes.plan(wanted, None, pool_type="dir").create
    assert created is not None
    volume = volumes.read(parse(created))
    assert volume.capacity >= size * GIB
    assert not volumes.plan(wanted, volume, pool_type="dir").changes
