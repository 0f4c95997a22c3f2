# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""Images that new volumes are made from: what is asked, what is known of them, and what can be made of them.

Source: virStorageVolCreateXMLFrom, https://libvirt.org/formatstorage.html#storage-volume-xml
"""

from __future__ import annotations

import dataclasses
import re
import typing as t

from .._errors import InvalidInputError
from .identity import volume_name_problem
from .option import Entry

MODES = ("copy", "backing")
FORMATS = ("raw", "qcow2")
FILE_POOLS = ("dir", "fs", "netfs", "gluster")
"""Pools whose volumes are files, and so have formats."""

_DIGEST_SIZES = {"sha256": 64, "sha384": 96, "sha512": 128}
SPEC: dict[str, t.Any] = {
    "type": "dict",
    "options": {
        "pool": {"type": "str"},
        "volume": {"type": "str"},
        "path": {"type": "str"},
        "format": {"type": "str", "choices": list(FORMATS)},
        "checksum": {"type": "str"},
        "mode": {"type": "str", "choices": list(MODES), "default": "copy"},
    },
    "mutually_exclusive": [["path", "pool"], ["path", "volume"]],
    "required_together": [["pool", "volume"]],
    "required_one_of": [["path", "pool"]],
}


@dataclasses.dataclass(frozen=True)
class Wanted:
    """An image as the user names it, by pool and volume or by path."""

    pool: str | None
    volume: str | None
    path: str | None
    format: str | None
    checksum: str | None
    mode: str

    @classmethod
    def of(cls, value: Entry) -> Wanted:
        """Return what a dictionary of SPEC, or of a part of it, says."""
        names = ("pool", "volume", "path", "format", "checksum")
        return cls(**{name: value.get(name) for name in names}, mode=value.get("mode") or "copy")

    def __str__(self) -> str:
        return self.path or f"volume '{self.volume}' of storage pool '{self.pool}'"


@dataclasses.dataclass(frozen=True)
class Image:
    """An image as it is.

    :param path: as libvirt names it.
    :param size: bytes that a guest sees; None if it is not there yet, in check mode.
    :param occupied: bytes that it takes on its storage.
    :param pool: its pool with that pool's type, and its volume; None for a file that lies in no active pool.
    """

    path: str
    format: str
    size: int | None = None
    occupied: int = 0
    pool: str | None = None
    pool_type: str | None = None
    volume: str | None = None

    @property
    def is_uploaded(self) -> bool:
        """Whether a copy is made by sending its content: libvirt copies volumes only."""
        return self.volume is None


def expected(wanted: Wanted) -> Image:
    """Return all that can be said of an image that is not there yet; its format is a guess."""
    path = wanted.path or f"{wanted.pool}/{wanted.volume}"
    return Image(path, wanted.format or "qcow2", pool=wanted.pool, volume=wanted.volume)


@dataclasses.dataclass(frozen=True)
class Copy:
    """A volume that is made from an image.

    :param size: bytes; None for those of an image that is not there yet.
    :param format: None where the pool's volumes are no files.
    """

    volume: str
    image: Image
    mode: str
    size: int | None
    format: str | None

    @property
    def is_overlay(self) -> bool:
        """Whether it lies over its image as a file; a clone of rbd is made like a copy."""
        return self.mode == "backing" and self.format is not None

    @property
    def calls(self) -> tuple[str, ...]:
        """What libvirt's driver must be able to do: create, upload, grow."""
        if self.is_overlay:
            return ("create",)
        grows = ("grow",) if self.size != self.image.size else ()
        return ("create", *(("upload",) if self.image.is_uploaded else ()), *grows)


def problem(value: Entry) -> str | None:
    """Return what is wrong with a dictionary of SPEC, or of a part of it, None if nothing is."""
    path, checksum = value.get("path"), value.get("checksum")
    if path is not None and not path.startswith("/"):
        return f"path: {path!r} is not an absolute path"
    if value.get("volume") is not None and volume_name_problem(value["volume"]):
        return f"volume: {volume_name_problem(value['volume'])}"
    if checksum is not None:
        algorithm, _colon, digest = checksum.partition(":")
        if not re.fullmatch("[0-9a-fA-F]*", digest) or len(digest) != _DIGEST_SIZES.get(algorithm):
            return "checksum: it is not sha256:, sha384: or sha512: and a digest of that kind"
    return None


def default_format(image: Image, mode: str) -> str:
    """Return the format of the file that is made of an image: an overlay is qcow2, a copy stays what it was."""
    return image.format if mode == "copy" and image.format in FORMATS else "qcow2"


def plan(wanted: Copy, pool: str, pool_type: str) -> Copy:
    """Return a copy with the size and the format that it will have.

    :param wanted: with what was asked for, None where nothing was.
    :raises InvalidInputError: when libvirt cannot make it.
    """
    image, mode, size = wanted.image, wanted.mode, wanted.size
    form = (wanted.format or default_format(image, mode)) if pool_type in FILE_POOLS else None
    if image.size is None:
        return dataclasses.replace(wanted, format=form)
    if size is not None and size < image.size:
        raise InvalidInputError(
            f"{size} bytes are less than the {image.size} that the image {image.path} has; a copy is never shrunk."
        )
    reason = _clone_problem(image, pool) if "rbd" in (pool_type, image.pool_type) else None
    if reason is None and pool_type != "rbd":
        reason = _backing_problem(image, pool_type, form) if mode == "backing" else _copy_problem(image, form)
    if reason is not None:
        raise InvalidInputError(f"the image {image.path} {reason}.")
    return dataclasses.replace(wanted, size=image.size if size is None else size, format=form)


def _clone_problem(image: Image, pool: str) -> str | None:
    """libvirt takes the name of a clone's image for one of the clone's pool, whatever pool was named."""
    return (
        None if image.pool == pool else "can be cloned only within its pool of type rbd: import it there by other means"
    )


def _backing_problem(image: Image, pool_type: str, form: str | None) -> str | None:
    if pool_type not in FILE_POOLS:
        return f"can lie below files and below clones of rbd, not in a pool of type {pool_type}: take mode copy"
    if form != "qcow2":
        return f"cannot lie below a volume of format {form}, only below qcow2"
    return None if image.path.startswith("/") else "has no path on this host: take mode copy"


def _copy_problem(image: Image, form: str | None) -> str | None:
    if image.is_uploaded and image.format != (form or "raw"):
        return f"lies in no active storage pool, and so is not converted from {image.format} to {form or 'raw'}"
    return None if image.is_uploaded or image.path.startswith("/") else "has no path on this host, and is not copied"
