# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""A volume made from an image: copied, cloned or uploaded, then grown; or laid over it. Nothing half-made stays.

Sources: virStorageVolCreateXMLFrom, which takes the size of its source whatever is asked where QEMU's tool converts,
virStorageVolCreateXML, virStorageVolUpload, virStorageVolResize.
"""

from __future__ import annotations

import contextlib
import os
import typing as t

from .._domain_xml.images import Copy
from .._errors import VirtError
from . import image_file, volume_content
from .connection import LIBVIRT, explaining
from .storage_volume_xml import Below, to_xml

with LIBVIRT.importing():
    import libvirt


def make(pool: libvirt.virStoragePool, copy: Copy) -> libvirt.virStorageVol:
    """Make a volume.

    :raises VirtError: when it cannot be made; it says what became of a volume that is not whole.
    """
    what = f"volume '{copy.volume}' of storage pool '{pool.name()}'"
    if copy.is_overlay:
        with explaining(f"create {what} over {copy.image.path}"):
            below = Below(copy.image.path, copy.image.format)
            return pool.createXML(to_xml(copy.volume, copy.size or 0, copy.format, sparse=True, below=below), 0)
    if copy.image.is_uploaded:
        return _uploaded(pool, copy, what)
    with explaining(f"create {what} from {copy.image.path}"):
        source = pool.connect().storagePoolLookupByName(copy.image.pool).storageVolLookupByName(copy.image.volume)
        volume = pool.createXMLFrom(empty_xml(copy.volume, copy.size or 0, copy.format), source, 0)
    with _removing(volume, what):
        return _grown(pool, copy, what)


def _uploaded(pool: libvirt.virStoragePool, copy: Copy, what: str) -> libvirt.virStorageVol:
    with image_file.opened(copy.image.path) as file:
        length = os.fstat(file.fileno()).st_size
        size = length if copy.format == "qcow2" else copy.size or 0
        empty = None if copy.format is None else "raw"  # nothing of a new qcow2 stays behind the end of the content
        with explaining(f"create {what}"):
            volume = pool.createXML(empty_xml(copy.volume, size, empty), 0)
        with _removing(volume, what):
            with explaining(f"upload {copy.image.path} into {what}"):
                volume_content.upload(pool.connect(), volume, file, length)
            return _grown(pool, copy, what)


def _grown(pool: libvirt.virStoragePool, copy: Copy, what: str) -> libvirt.virStorageVol:
    with explaining(f"resize {what}"):
        volume = pool.storageVolLookupByName(copy.volume)
        if copy.size is not None and volume.info()[1] < copy.size:
            volume.resize(copy.size)
    return volume


@contextlib.contextmanager
def _removing(volume: libvirt.virStorageVol, what: str) -> t.Iterator[None]:
    """Remove the volume that this task has created when the body does not complete it."""
    try:
        yield
    except VirtError as exc:
        try:
            with explaining("remove it"):
                volume.delete(0)
            told = f"The half-made {what} was removed again."
        except VirtError as left:
            told = f"The half-made {what} is left ({left.message}): remove it with evergreen.virt.storage_volume."
        raise type(exc)(f"{exc.message} {told}", hint=exc.hint, **exc.details) from exc


def empty_xml(name: str, size: int, form: str | None) -> str:
    """Return what libvirt makes a volume of a disk from; only files can be sparse."""
    return to_xml(name, size, form, sparse=form is not None)
