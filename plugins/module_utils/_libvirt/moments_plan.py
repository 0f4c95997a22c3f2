# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""What has to happen to a VM's snapshots or checkpoints: computed from what is and what is wanted. Pure."""

from __future__ import annotations

import dataclasses
import typing as t

from .._changes import Change, ChangeSet
from . import moments_xml
from .host_facts import version_text
from .moments_xml import CHECKPOINT, EXTERNAL, Moment, MomentDisk

STATES = ("present", "absent", "reverted")
POWER = ("saved", "running", "paused")


@dataclasses.dataclass(frozen=True)
class Disk:
    """A disk of the VM.

    :param kind: the type of its source: file, block, volume, network, ...
    :param path: the file with its data, None if that is no file of the host.
    :param format: of its data.
    :param writable: it has a medium that the guest writes to.
    """

    target: str
    kind: str
    path: str | None = None
    format: str | None = None
    writable: bool = True


@dataclasses.dataclass(frozen=True)
class Ground:
    """What a plan is made of: the VM and what the host's libvirt can do.

    :param driver: libvirt's name of it: QEMU, TEST, ...
    :param libvirt: the daemon's version as a number (virConnectGetLibVersion).
    :param reverts_external: libvirt tells that it reverts external snapshots (capability externalSnapshot).
    :param moments: of the kind that is asked for.
    """

    driver: str
    libvirt: int
    reverts_external: bool
    active: bool
    disks: tuple[Disk, ...]
    moments: tuple[Moment, ...] = ()

    def find(self, name: str) -> Moment | None:
        """Return the moment of that name."""
        return next((moment for moment in self.moments if moment.name == name), None)

    @property
    def software(self) -> str:
        """What an error names: the version and the driver."""
        return f"libvirt {version_text(self.libvirt)} with the driver {self.driver}"


@dataclasses.dataclass(frozen=True)
class Plan:
    """The calls, of which one field's are made.

    :param create: the XML of a new moment.
    :param redefine: the XML of the existing one with another description.
    :param delete: names, in their order.
    :param revert: the name of the snapshot to go back to.
    :param left: files that stay when a snapshot is deleted, because libvirt does not remove them.
    """

    changes: ChangeSet = dataclasses.field(default_factory=ChangeSet)
    create: str | None = None
    redefine: str | None = None
    delete: tuple[str, ...] = ()
    revert: str | None = None
    left: tuple[str, ...] = ()


def plan(params: t.Mapping[str, t.Any], ground: Ground) -> Plan:
    """Return what to do; moments_check.check has found it possible.

    :param params: the options of the module `vm_snapshot`.
    """
    found = ground.find(params["name"])
    if params["state"] == "absent":
        return Plan() if found is None else _removal(found, params, ground)
    if params["state"] == "reverted":
        current = next((moment.name for moment in ground.moments if moment.current), None)
        return Plan(ChangeSet.of(Change("current", current, params["name"])), revert=params["name"])
    return _creation(params, ground) if found is None else _description(found, params)


def _removal(found: Moment, params: t.Mapping[str, t.Any], ground: Ground) -> Plan:
    gone = [*(moments_xml.descendants(ground.moments, found.name) if params["children"] else ()), found]
    changes = [Change(f"{params['kind']}s[{moment.name}]", _shown(moment), None) for moment in gone]
    left = tuple(moment.memory_path for moment in gone if moment.memory_path is not None)
    return Plan(ChangeSet.of(*changes), delete=tuple(moment.name for moment in gone), left=left)


def _creation(params: t.Mapping[str, t.Any], ground: Ground) -> Plan:
    moment = wanted(params, ground)
    change = Change(f"{params['kind']}s[{moment.name}]", None, _shown(moment))
    return Plan(ChangeSet.of(change), create=moments_xml.new(moment, params["kind"]))


def _description(found: Moment, params: t.Mapping[str, t.Any]) -> Plan:
    text = params["description"]
    if text is None or text == (found.description or ""):
        return Plan()
    change = Change(f"{params['kind']}s[{found.name}].description", found.description, text)
    return Plan(ChangeSet.of(change), redefine=moments_xml.described(found, text))


def _shown(moment: Moment) -> dict[str, t.Any]:
    return {"description": moment.description, "location": moment.location, "memory": moment.memory is not None}


def wanted(params: t.Mapping[str, t.Any], ground: Ground) -> Moment:
    """Return the moment that the options ask for.

    An internal snapshot always holds all writable disks, and libvirt takes none of their names for it.
    """
    disk_params = {entry["target"]: entry for entry in params["disks"] or ()}
    external, memory = params["location"] == EXTERNAL, None
    if external and params["memory"]:
        memory = EXTERNAL
    elif params["kind"] != CHECKPOINT and not external and ground.active:
        memory = moments_xml.INTERNAL
    disks = [_disk(disk, disk_params.get(disk.target, {}), params) for disk in ground.disks]
    named = external or params["kind"] == CHECKPOINT
    return Moment(
        name=params["name"],
        description=params["description"] or None,
        memory=memory,
        memory_path=params["memory_path"] if memory == EXTERNAL else None,
        disks=tuple(disks) if named else (),
    )


def _disk(disk: Disk, entry: t.Mapping[str, t.Any], params: t.Mapping[str, t.Any]) -> MomentDisk:
    if not entry.get("include", True) or not disk.writable:
        return MomentDisk(disk.target, "no")
    if params["kind"] == CHECKPOINT:
        return MomentDisk(disk.target, "bitmap")
    path = entry.get("path")
    if path is None and disk.kind == "volume" and disk.path is not None:
        path = overlay(disk.path, params["name"])
    return MomentDisk(disk.target, EXTERNAL, path)


def overlay(path: str, name: str) -> str:
    """Return the overlay's path as libvirt chooses it for a file; for a volume of a pool it chooses none."""
    folder, _slash, file = path.rpartition("/")
    stem, dot, _suffix = file.rpartition(".")
    return f"{folder}/{stem if dot and stem else file}.{name}"
