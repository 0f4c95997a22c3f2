# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""The volumes behind a VM's disks: which must be made or grown. They are never shrunk, never removed."""

from __future__ import annotations

import dataclasses
import typing as t

from .._changes import Change, ChangeSet
from .._errors import InvalidInputError
from . import images
from .disks import disks, first_format, target
from .images import FILE_POOLS, FORMATS, Copy, Image
from .option import Entry, naming
from .sources import is_elsewhere
from .tree import Element, attribute

_MIB = 2**20
_ROUNDING = {"logical": 32 * _MIB}
"""Bytes by which a volume may be larger than what was asked because its pool deals in larger pieces (LVM extents)."""
Place = tuple[str, str]
"""Names of pool and volume."""


@dataclasses.dataclass(frozen=True)
class Volume:
    """What is known of a place: its pool's type, and size in bytes and format if the volume exists.

    :param image: what one that does not exist is made from.
    """

    pool_type: str
    size: int | None = None
    format: str | None = None
    image: Image | None = None


@dataclasses.dataclass(frozen=True)
class VolumeStep:
    """A volume to make or to grow to a size in bytes.

    :param size: None for that of an image that is not there yet, in check mode.
    :param format: None where the pool's volumes are no files.
    :param target: the disk that it belongs to.
    :param copy: how it is made, if it is made from an image.
    """

    action: t.Literal["create", "grow"]
    pool: str
    volume: str
    size: int | None
    format: str | None
    target: str
    copy: Copy | None = None

    @property
    def calls(self) -> tuple[str, ...]:
        """What libvirt's driver must be able to do for it: create, upload, grow."""
        return (self.action,) if self.copy is None else self.copy.calls


def places(definition: Element | None, entries: t.Sequence[Entry]) -> dict[str, Place]:
    """Return where the named disks are, by target; disks that are not in pools are left out."""
    found = {entry["target"]: (entry["pool"], entry["volume"]) for entry in entries if entry.get("pool")}
    for disk in disks(definition) if definition is not None else ():
        pool, volume, name = attribute(disk, "source", "pool"), attribute(disk, "source", "volume"), target(disk)
        if pool and volume and name and any(entry["target"] == name for entry in entries):
            found.setdefault(name, (pool, volume))
    return {
        name: place
        for name, place in found.items()
        if not any(entry["target"] == name and (entry.get("path") or entry.get("network")) for entry in entries)
    }


def completed(
    definition: Element | None, entries: t.Sequence[Entry], known: t.Mapping[str, Volume]
) -> list[dict[str, t.Any]]:
    """Return the entries; those of disks that are new, or whose data is to be elsewhere, with the format that it has there.

    :raises InvalidInputError: for a disk whose data is to be in a file of a format that nobody tells.
    """
    existing = {target(disk): disk for disk in disks(definition)} if definition is not None else {}
    return [_completed(existing.get(entry["target"]), entry, known) for entry in entries]


def _completed(disk: Element | None, entry: Entry, known: t.Mapping[str, Volume]) -> dict[str, t.Any]:
    if entry.get("format") is not None or (disk is not None and not is_elsewhere(disk, entry)):
        return dict(entry)
    if entry["target"] in known:
        return {**entry, "format": _format(known[entry["target"]], entry)}
    return dict(entry) if disk is None else {**entry, "format": first_format(entry)}


def _format(volume: Volume, entry: Entry) -> str:
    if volume.pool_type not in FILE_POOLS:  # that of a partition is its type, such as linux
        return volume.format if volume.format in FORMATS else "raw"
    new = "qcow2" if volume.image is None else images.default_format(volume.image, entry["image"]["mode"])
    return volume.format or new


def wanted_size(entry: Entry) -> int | None:
    """Return the size in bytes that an entry names, None if it names none."""
    if entry.get("size_gib") is not None:
        return int(entry["size_gib"]) * 1024 * _MIB
    return None if entry.get("size_mib") is None else int(entry["size_mib"]) * _MIB


def is_as_asked(size: int, asked: int, pool_type: str) -> bool:
    """Return whether a volume has the size that was asked, or what a pool of that type makes of it; all in bytes."""
    return asked <= size <= asked + _ROUNDING.get(pool_type, 0)


def steps(
    entries: t.Sequence[Entry], where: t.Mapping[str, Place], known: t.Mapping[str, Volume]
) -> tuple[tuple[VolumeStep, ...], ChangeSet]:
    """Return what must be done to the volumes, and how that is told.

    :param where: result of `places`.
    :param known: what is at these places, by target.
    :raises InvalidInputError: for a size without pool, a missing volume without size, and a size that is too small.
    """
    found = [step for entry in entries if (step := _step(entry, where.get(entry["target"]), known)) is not None]
    changes = [
        Change(f"disks[{step.target}].size_mib", _mib(known[step.target].size), _mib(step.size)) for step in found
    ]
    return tuple(found), ChangeSet.of(*changes)


def image_changes(todo: t.Iterable[VolumeStep]) -> ChangeSet:
    """Return what volumes will be made from which images, as it is told."""
    return ChangeSet.of(
        *(Change(f"disks[{step.target}].image", None, _made(step, step.copy)) for step in todo if step.copy is not None)
    )


def _made(step: VolumeStep, copy: Copy) -> dict[str, t.Any]:
    return {
        "from": copy.image.path,
        "mode": copy.mode,
        "pool": step.pool,
        "volume": step.volume,
        "format": copy.format or "raw",
        "size_mib": _mib(copy.size),
    }


def _mib(size: int | None) -> int | None:
    return None if size is None else size // _MIB


def _step(entry: Entry, place: Place | None, known: t.Mapping[str, Volume]) -> VolumeStep | None:
    name, size = entry["target"], wanted_size(entry)
    if place is None:
        if size is not None or entry.get("image") is not None:
            raise InvalidInputError(
                f"disks[{name}]: a size and an image need a pool and a volume, other storage is not made here."
            )
        return None
    volume = known[name]
    if volume.size is None:
        return _creation(entry, place, volume, size)
    if size is None or is_as_asked(volume.size, size, volume.pool_type):
        return None
    if size < volume.size:
        raise InvalidInputError(
            f"disks[{name}]: {size // _MIB} MiB is less than the {volume.size // _MIB} MiB that volume {place[1]!r} has."
            " Storage is never shrunk."
        )
    return VolumeStep("grow", *place, size, None, name)


def _creation(entry: Entry, place: Place, volume: Volume, size: int | None) -> VolumeStep:
    name = entry["target"]
    if volume.image is not None:
        wanted = Copy(place[1], volume.image, entry["image"]["mode"], size, entry.get("format"))
        with naming(f"disks[{name}].image: "):
            copy = images.plan(wanted, place[0], volume.pool_type)
        return VolumeStep("create", *place, copy.size, copy.format, name, copy)
    if size is None:
        raise InvalidInputError(
            f"disks[{name}]: volume {place[1]!r} is not in pool {place[0]!r}; to have it made, name a size or an image."
        )
    form = entry.get("format") or _format(volume, entry) if volume.pool_type in FILE_POOLS else None
    return VolumeStep("create", *place, size, form, name)
