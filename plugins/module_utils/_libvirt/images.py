# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""Images on a host: found, read, proven to be what was meant, and to be nobody's disk.

Sources: virStorageVolLookupByPath, virStorageVolGetXMLDesc, virStorageVolDownload.
"""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import typing as t

from .._domain_xml import tree
from .._domain_xml.images import FILE_POOLS, Copy, Image, Wanted, expected
from .._domain_xml.option import Entry
from .._domain_xml.volumes import Volume, VolumeStep
from .._errors import ConflictError, InvalidInputError, NotFoundError, VirtError
from . import image_file, storage_volume_xml, volume_content, volume_users
from .connection import LIBVIRT, explaining, is_remote
from .view import View

with LIBVIRT.importing():
    import libvirt

_PIECE = 2**20
_DEEPEST = 32
"""Images below an image; more of them are a circle."""


def of_disks(
    view: View, entries: t.Sequence[Entry], known: t.Mapping[str, Volume], *, may_come: bool = False
) -> dict[str, Volume]:
    """Return what is known of the disks' volumes, with the images of those that do not exist.

    :param may_come: in check mode an earlier task would have made a missing image.
    """
    found = dict(known)
    for entry in entries:
        volume = known.get(entry["target"])
        if entry.get("image") is not None and volume is not None and volume.size is None:
            try:
                image = read(view, Wanted.of(entry["image"]), may_come=may_come)
            except VirtError as exc:
                raise exc.within(f"disks[{entry['target']}].image: ") from exc
            found[entry["target"]] = dataclasses.replace(volume, image=image)
    return found


def read(view: View, wanted: Wanted, *, may_come: bool = False) -> Image:
    """Return what is known of an image, whose checksum is right if one was named; each is read once for a task.

    :param may_come: in check mode an earlier task would have made a missing one.
    :raises NotFoundError: when it does not exist.
    :raises ConflictError: when its checksum or format is another one, or a VM could write it.
    """
    if wanted not in view.images:
        try:
            view.images[wanted] = _read(view, wanted)
        except NotFoundError:
            if not may_come:
                raise
            view.images[wanted] = expected(wanted)
    return view.images[wanted]


def of_file(view: View, path: str, form: str, *, may_come: bool = False) -> Image:
    """Return what is known of a file of this machine whose content is sent to libvirt, wherever that runs.

    :param may_come: in check mode an earlier task would have made a missing one.
    :raises NotFoundError: when it does not exist.
    :raises InvalidInputError: when it is not of that format.
    :raises ConflictError: when a VM could write it.
    """
    wanted = Wanted.of({"path": path, "format": form})
    try:
        image = image_file.read(path, form)
    except NotFoundError:
        if not may_come:
            raise
        return expected(wanted)
    _refuse_if_written(view, wanted, image)
    return image


def _read(view: View, wanted: Wanted) -> Image:
    volume = find(view, wanted)
    if volume is not None:
        image = _of_volume(view, volume)
        if wanted.format not in (None, image.format):
            raise ConflictError(f"{wanted} is of format {image.format}, not {wanted.format}.")
    elif is_remote(view.connection):
        raise NotFoundError(f"{wanted} is in no active storage pool of that libvirt.")
    else:
        image = image_file.read(t.cast(str, wanted.path), wanted.format)
    _refuse_if_written(view, wanted, image)
    _verify(view.connection, wanted, image, volume)
    return image


def find(view: View, wanted: Wanted) -> libvirt.virStorageVol | None:
    """Return an image's volume, None for a path that is in no active pool.

    :raises NotFoundError: when its pool has no such volume.
    """
    if wanted.path is not None:
        return _at(view.connection, wanted.path)
    found = view.pool(t.cast(str, wanted.pool)).volume(t.cast(str, wanted.volume))
    if found is None:
        raise NotFoundError(f"{wanted} does not exist.", hint="Make it with evergreen.virt.storage_volume.")
    return found


def _at(connection: libvirt.virConnect, path: str) -> libvirt.virStorageVol | None:
    try:
        with explaining(f"find the volume at {path}"):
            return connection.storageVolLookupByPath(path)
    except NotFoundError:
        return None


def _of_volume(view: View, volume: libvirt.virStorageVol) -> Image:
    with explaining(f"read the image '{volume.name()}'"):
        root = tree.parse(volume.XMLDesc(0))
        pool = volume.storagePoolLookupByVolume().name()
    found = storage_volume_xml.read(root)
    _refuse_strange_backing(view.connection, found)
    return Image(
        found.path,
        found.format or "raw",
        found.capacity,
        tree.size_in_bytes(root.find("allocation"), unit="bytes") or 0,
        pool,
        view.pool(pool).type,
        volume.name(),
    )


def _refuse_strange_backing(connection: libvirt.virConnect, found: storage_volume_xml.Volume) -> None:
    """An image names what lies below it: from a stranger it may be any file of the host, whose content a guest would get."""
    path = found.path
    for _level in range(_DEEPEST):
        if not found.backing:
            return
        below = _at(connection, found.backing)
        if below is None:
            break
        with explaining(f"read the volume '{below.name()}'"):
            found = storage_volume_xml.read(tree.parse(below.XMLDesc(0)))
    raise InvalidInputError(
        f"below the image {path} lies {found.backing}, which is in no active storage pool.",
        hint="Make the image whole with qemu-img convert, or start the pool.",
    )


def _refuse_if_written(view: View, wanted: Wanted, image: Image) -> None:
    """What changes below an overlay destroys it, and a copy of what changes meanwhile is broken."""
    known = volume_users.keys(image.pool, image.volume, image.path)
    writers = [
        name
        for name, running, roots in view.descriptions
        if (running or wanted.mode == "backing") and any(volume_users.writes(root, known) for root in roots)
    ]
    if writers:
        raise ConflictError(
            f"the image {image.path} is a disk that VM '{writers[0]}' can write.",
            hint="Copy it while that VM is off." if wanted.mode == "copy" else "Make a copy of it, and use that.",
            users=writers,
        )


def _verify(connection: libvirt.virConnect, wanted: Wanted, image: Image, volume: libvirt.virStorageVol | None) -> None:
    if wanted.checksum is None:
        return
    algorithm, _colon, digest = wanted.checksum.partition(":")
    found = hashlib.new(algorithm)
    if volume is None:
        with image_file.opened(image.path) as file:
            for piece in iter(functools.partial(file.read, _PIECE), b""):
                found.update(piece)
    else:
        with explaining(f"read the content of the image {image.path}"):
            volume_content.download(connection, volume, found.update)
    if found.hexdigest() != digest.lower():
        raise ConflictError(
            f"the image {image.path} has the checksum {algorithm}:{found.hexdigest()}, not {wanted.checksum}.",
            hint="It is another image, or damaged: get it again.",
        )


def check_space(view: View, todo: t.Iterable[VolumeStep], *, may_come: bool = False) -> None:
    """Raise ConflictError if a pool has no space for all that its volumes get from images.

    :param may_come: in check mode an earlier task would have made a missing pool.
    """
    for step in todo:
        if step.copy is None or step.copy.is_overlay:
            continue
        try:
            pool = view.pool(step.pool)
        except NotFoundError:
            if may_come:
                continue
            raise
        pool.take(needed(step.copy, pool.type), f"disks[{step.target}]")


def needed(copy: Copy, pool_type: str) -> int:
    """Return the bytes that a copy takes at least: files take what is written, clones nothing, and others all at once."""
    if pool_type == "rbd":
        return 0
    return copy.image.occupied if pool_type in FILE_POOLS else copy.size or 0
