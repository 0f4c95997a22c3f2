# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Volumes from images on libvirt's own driver for tests, which resizes and uploads nothing: so each failure is a real one."""

from __future__ import annotations

import typing as t
from pathlib import Path

import libvirt
import pytest

from ansible_collections.evergreen.virt.plugins.module_utils._domain_xml.images import Copy, Image
from ansible_collections.evergreen.virt.plugins.module_utils._errors import NotFoundError, UnsupportedError, VirtError
from ansible_collections.evergreen.virt.plugins.module_utils._libvirt import image_copy
from ansible_collections.evergreen.virt.plugins.module_utils._libvirt.connection import connect

MIB = 2**20
BASE = Image("/default-pool/base", "raw", MIB, 0, "default-pool", "dir", "base")


@pytest.fixture
def pool(host: libvirt.virConnect) -> t.Iterator[libvirt.virStoragePool]:
    with connect("test:///default") as connection:
        found = connection.storagePoolLookupByName("default-pool")
        found.createXML("<volume><name>base</name><capacity>1048576</capacity></volume>")
        yield found


@pytest.mark.parametrize("mode", ["copy", "backing"])
def test_make(pool: libvirt.virStoragePool, mode: str) -> None:
    volume = image_copy.make(pool, Copy("<new>", BASE, mode, MIB, "qcow2"))
    assert (volume.name(), volume.info()[1]) == ("<new>", MIB)
    assert ("<path>/default-pool/base</path>" in volume.XMLDesc(0)) is (mode == "backing")


def test_an_overlay_is_made_in_its_size(pool: libvirt.virStoragePool) -> None:
    assert image_copy.make(pool, Copy("new", BASE, "backing", 2 * MIB, "qcow2")).info()[1] == 2 * MIB


def test_what_is_not_whole_is_removed(pool: libvirt.virStoragePool, tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"x")
    uploaded = Copy("new", Image(str(tmp_path / "a"), "raw", 1), "copy", MIB, "raw")
    with pytest.raises(UnsupportedError, match="The half-made volume 'new' of storage pool 'default-pool' was removed"):
        image_copy.make(pool, uploaded)
    assert pool.listVolumes() == ["base"]


def test_a_volume_that_somebody_else_made_stays(pool: libvirt.virStoragePool) -> None:
    with pytest.raises(VirtError, match="cannot create volume 'base'"):
        image_copy.make(pool, Copy("base", BASE, "copy", MIB, "raw"))
    assert pool.listVolumes() == ["base"]


def test_an_image_that_is_gone(pool: libvirt.virStoragePool) -> None:
    pool.storageVolLookupByName("base").delete()
    for image in (BASE, Image("/none", "raw", MIB)):
        with pytest.raises(NotFoundError):
            image_copy.make(pool, Copy("new", image, "copy", MIB, "raw"))
    assert pool.listVolumes() == []
