# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""What becomes of a VM's disks when it is removed with its storage: each goes, or stays for a reason."""

from __future__ import annotations

import dataclasses
import typing as t

from .._changes import Change, ChangeSet
from .disks import target
from .seed import is_seed
from .tree import Element, devices


@dataclasses.dataclass(frozen=True)
class Place:
    """A volume of an active storage pool."""

    pool: str
    volume: str
    path: str


@dataclasses.dataclass(frozen=True)
class Fate:
    """What becomes of a disk.

    :param place: its volume, None if it is none.
    :param reason: why it stays; empty for one that goes.
    """

    target: str
    place: Place | None
    reason: str = ""


def fates(
    definition: Element, places: t.Mapping[str, Place], users: t.Mapping[Place, t.Sequence[str]]
) -> tuple[Fate, ...]:
    """Return one fate for each disk and drive of the VM that has something in it.

    :param places: by target; disks that are no volumes are left out.
    :param users: who else needs a volume: "VM 'web'", "volume 'base.qcow2'".
    """
    filled = [disk for disk in devices(definition, "disk") if disk.find("source") is not None]
    named = [(target(disk) or "", disk) for disk in filled]
    vm = definition.findtext("name", "")
    return tuple(Fate(name, places.get(name), _reason(vm, disk, places.get(name), users)) for name, disk in named)


def _reason(vm: str, disk: Element, place: Place | None, users: t.Mapping[Place, t.Sequence[str]]) -> str:
    if place is None:
        return "it is no volume of an active storage pool"
    others = users.get(place, ())
    if others:
        return f"{', '.join(sorted(set(others)))} needs it"
    return "" if is_seed(vm, place.volume) else _kind(disk)


def _kind(disk: Element) -> str:
    """Return why a disk of its kind stays, empty if it does not."""
    if disk.get("device", "disk") not in ("disk", "lun"):
        return "it is a medium that can be taken out"
    if disk.find("readonly") is not None:
        return "the VM can only read it"
    return "it is meant to be shared" if disk.find("shareable") is not None else ""


def going(found: t.Sequence[Fate]) -> list[tuple[str, Place]]:
    """Return targets and volumes of those that go, each volume once; one that stays as any disk stays."""
    placed = [(fate.place, fate) for fate in found if fate.place is not None]
    stays = {place for place, fate in placed if fate.reason}
    by_place = {place: fate.target for place, fate in reversed(placed) if place not in stays}
    return [(name, place) for place, name in reversed(by_place.items())]


def changes(found: t.Sequence[Fate]) -> ChangeSet:
    """Return how the removal is told."""
    return ChangeSet.of(
        *(Change(f"disks[{name}]", f"{place.pool}/{place.volume}", None) for name, place in going(found))
    )


def told(found: t.Sequence[Fate]) -> dict[str, list[dict[str, str | None]]]:
    """Return `removed_storage` and `kept_storage` of the result."""
    gone = [{"target": name, "pool": place.pool, "volume": place.volume} for name, place in going(found)]
    kept = [
        {
            "target": fate.target,
            "pool": fate.place.pool if fate.place else None,
            "volume": fate.place.volume if fate.place else None,
            "reason": fate.reason,
        }
        for fate in found
        if fate.reason
    ]
    return {"removed_storage": [{**entry} for entry in gone], "kept_storage": kept}
