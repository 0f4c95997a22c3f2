# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Images on libvirt's own driver for tests, and files; checksums of volumes are tested on the lab."""

from __future__ import annotations

import hashlib
import typing as t
from pathlib import Path

import libvirt
import pytest

from ansible_collections.evergreen.virt.plugins.module_utils._domain_xml.images import Copy, Image, Wanted
from ansible_collections.evergreen.virt.plugins.module_utils._domain_xml.volumes import VolumeStep
from ansible_collections.evergreen.virt.plugins.module_utils._errors import (
    ConflictError,
    InvalidInputError,
    NotFoundError,
)
from ansible_collections.evergreen.virt.plugins.module_utils._libvirt import images
from ansible_collections.evergreen.virt.plugins.module_utils._libvirt.connection import connect
from ansible_collections.evergreen.virt.plugins.module_utils._libvirt.view import View

VOLUME = "<volume><name>{}</name><capacity>1048576</capacity><allocation>4096</allocation>{}</volume>"
BELOW = "<target><format type='qcow2'/></target><backingStore><path>{}</path><format type='qcow2'/></backingStore>"
VM = """
<domain type="test"><name>writer</name><memory>65536</memory><os><type>hvm</type></os><devices><disk type="{}" device="disk">
<source {}/>{}<target dev="vda"/></disk></devices></domain>"""
BASE = {"pool": "default-pool", "volume": "base"}


@pytest.fixture
def connection(host: libvirt.virConnect) -> t.Iterator[libvirt.virConnect]:
    with connect("test:///default") as opened:
        opened.storagePoolLookupByName("default-pool").createXML(VOLUME.format("base", ""))
        yield opened


def read(connection: libvirt.virConnect, **value: t.Any) -> Image:
    return images.read(View(connection), Wanted.of(value))


@pytest.mark.parametrize("value", [BASE, {"path": "/default-pool/base"}, {**BASE, "format": "raw"}])
def test_a_volume_by_either_name(connection: libvirt.virConnect, value: dict[str, t.Any]) -> None:
    assert read(connection, **value) == Image("/default-pool/base", "raw", 2**20, 4096, "default-pool", "dir", "base")


def test_another_format(connection: libvirt.virConnect) -> None:
    with pytest.raises(ConflictError, match="of format raw, not qcow2"):
        read(connection, **BASE, format="qcow2")


@pytest.mark.parametrize(
    "value", [{**BASE, "volume": "none"}, {**BASE, "pool": "none"}, {"path": "/none", "format": "raw"}]
)
def test_an_image_that_is_not_there(connection: libvirt.virConnect, value: dict[str, t.Any]) -> None:
    wanted = Wanted.of(value)
    with pytest.raises(NotFoundError):
        images.read(View(connection), wanted)
    assert images.read(View(connection), wanted, may_come=True).size is None


@pytest.mark.parametrize(("backing", "refused"), [("/default-pool/base", False), ("/etc/shadow", True)])
def test_what_lies_below_an_image(connection: libvirt.virConnect, backing: str, refused: bool) -> None:
    pool = connection.storagePoolLookupByName("default-pool")
    for name, below in (("middle", backing), ("top", "/default-pool/middle")):
        pool.createXML(VOLUME.format(name, BELOW.format(below)))
    if refused:
        with pytest.raises(InvalidInputError, match="below the image /default-pool/top lies /etc/shadow"):
            read(connection, pool="default-pool", volume="top")
    else:
        assert read(connection, pool="default-pool", volume="top").format == "qcow2"


@pytest.mark.parametrize(
    ("mode", "readonly", "runs", "refused"),
    [
        ("backing", False, False, True),
        ("backing", True, True, False),
        ("copy", False, False, False),
        ("copy", False, True, True),
    ],
)
def test_an_image_that_a_vm_has(
    connection: libvirt.virConnect, mode: str, readonly: bool, runs: bool, refused: bool
) -> None:
    source = "pool='default-pool' volume='base'"
    domain = connection.defineXML(VM.format("volume", source, "<readonly/>" if readonly else ""))
    if runs:
        domain.create()
    if refused:
        with pytest.raises(ConflictError, match="VM 'writer' can write"):
            read(connection, **BASE, mode=mode)
    else:
        assert read(connection, **BASE, mode=mode).size


def test_an_image_that_a_vm_has_by_another_path(connection: libvirt.virConnect, tmp_path: Path) -> None:
    (tmp_path / "image").write_bytes(b"x")
    (tmp_path / "link").symlink_to("image")
    connection.defineXML(VM.format("file", f"file='{tmp_path}/link'", ""))
    with pytest.raises(ConflictError, match="VM 'writer' can write"):
        read(connection, path=str(tmp_path / "image"), format="raw", mode="backing")


@pytest.mark.parametrize("algorithm", ["sha256", "sha384", "sha512"])
def test_the_checksum_of_a_file(connection: libvirt.virConnect, tmp_path: Path, algorithm: str) -> None:
    path = tmp_path / "image"
    path.write_bytes(b"x" * 3_000_000)
    digest = hashlib.new(algorithm, path.read_bytes()).hexdigest().upper()
    assert read(connection, path=str(path), format="raw", checksum=f"{algorithm}:{digest}").size == 3_000_000
    path.write_bytes(b"y")
    with pytest.raises(ConflictError, match=f"has the checksum {algorithm}:.*, not {algorithm}:{digest}"):
        read(connection, path=str(path), format="raw", checksum=f"{algorithm}:{digest}")


def test_an_image_is_read_once_for_a_task(connection: libvirt.virConnect, tmp_path: Path) -> None:
    (tmp_path / "image").write_bytes(b"x")
    view, wanted = View(connection), Wanted.of({"path": str(tmp_path / "image"), "format": "raw"})
    first = images.read(view, wanted)
    (tmp_path / "image").unlink()
    assert images.read(view, wanted) is first


def step(occupied: int, mode: str = "copy") -> VolumeStep:
    copy = Copy("v", Image("/a", "raw", 1, occupied), mode, 1, "qcow2")
    return VolumeStep("create", "default-pool", "v", 1, "qcow2", "vda", copy)


def test_space_is_counted_for_all_together(connection: libvirt.virConnect) -> None:
    free = connection.storagePoolLookupByName("default-pool").info()[3]
    view = View(connection)
    images.check_space(view, [step(free - 1), step(1), step(free, "backing")])
    with pytest.raises(
        ConflictError, match=r"disks\[vda\] needs 1 bytes, and the storage pool 'default-pool' has 0 left"
    ):
        images.check_space(view, [step(1)])


@pytest.mark.parametrize(("pool_type", "expected"), [("dir", 5), ("logical", 9), ("rbd", 0)])
def test_needed(pool_type: str, expected: int) -> None:
    assert images.needed(Copy("v", Image("/a", "raw", 7, 5), "copy", 9, None), pool_type) == expected
