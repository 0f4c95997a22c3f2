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
from .disks import disks, target
from .option import Entry
from .tree import Element, attribute

_MIB = 2**20
_FILE_POOLS = ("dir", "fs", "netfs", "gluster")
"""Pools whose volumes are files, and so have formats."""

Place = tuple[str, str]
"""Names of pool and volume."""


@dataclasses.dataclass(frozen=True)
class Volume:
    """What is known of a place: its pool's type, and size in bytes and format if the volume exists."""

    pool_type: str
    size: int | None = None
    format: str | None = None


@dataclasses.dataclass(frozen=True)
class VolumeStep:
    """A volume to make or to grow to a size in bytes.

    :param format: None where the pool's volumes are no files.
    :param target: the disk that it belongs to.
    """

    action: t.Literal["create", "grow"]
    pool: str
    volume: str
    size: int
    format: str | None
    target: str


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
    """Return the entries; those of new disks with the format that their volume has, or will get."""
    existing = {target(disk) for disk in disks(definition)} if definition is not None else set()
    return [
        {**entry, "format": _format(known[entry["target"]])}
        if entry.get("format") is None and entry["target"] in known and entry["target"] not in existing
        else dict(entry)
        for entry in entries
    ]


def _format(volume: Volume) -> str:
    return volume.format or ("qcow2" if volume.pool_type in _FILE_POOLS else "raw")


def wanted_size(entry: Entry) -> int | None:
    """Return the size in bytes that an entry names, None if it names none."""
    if entry.get("size_gib") is not None:
        return int(entry["size_gib"]) * 1024 * _MIB
    return None if entry.get("size_mib") is None else int(entry["size_mib"]) * _MIB


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
        Change(f"disks[{step.target}].size_mib", _mib(known[step.target].size), step.size // _MIB) for step in found
    ]
    return tuple(found), ChangeSet.of(*changes)


def _mib(size: int | None) -> int | None:
    return None if size is None else size // _MIB


def _step(entry: Entry, place: Place | None, known: t.Mapping[str, Volume]) -> VolumeStep | None:
    name, size = entry["target"], wanted_size(entry)
    if place is None:
        if size is not None:
            raise InvalidInputError(
                f"disks[{name}]: a size needs a pool and a volume, other storage is not sized here."
            )
        return None
    volume = known[name]
    if volume.size is None:
        if size is None:
            raise InvalidInputError(
                f"disks[{name}]: volume {place[1]!r} is not in pool {place[0]!r}; to have it made, name a size."
            )
        form = entry.get("format") or _format(volume) if volume.pool_type in _FILE_POOLS else None
        return VolumeStep("create", *place, size, form, name)
    if size is not None and size < volume.size:
        raise InvalidInputError(
            f"disks[{name}]: {size // _MIB} MiB is less than the {volume.size // _MIB} MiB that volume {place[1]!r} has."
            " Storage is never shrunk."
        )
    grow = size is not None and size > volume.size
    return VolumeStep("grow", *place, size, None, name) if grow and size is not None else None
