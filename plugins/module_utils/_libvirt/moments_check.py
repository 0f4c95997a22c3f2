# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""What cannot be done with a VM's snapshots and checkpoints, found before anything is changed. Pure.

Which libvirt can do what was tried with 9.0 and read from the sources of its QEMU driver (qemu_snapshot.c, qemu_checkpoint.c);
that it reverts external snapshots it tells by itself: https://libvirt.org/formatcaps.html (externalSnapshot, since 9.9.0).
"""

from __future__ import annotations

import re
import typing as t

from .._errors import ConflictError, InvalidInputError, NotFoundError, UnsupportedError
from . import moments_xml
from .moments_plan import Disk, Ground
from .moments_xml import CHECKPOINT, EXTERNAL, Moment

Params = t.Mapping[str, t.Any]

_DRIVERS = ("QEMU", "TEST")
_DELETES_EXTERNAL = 9_000_000
_BY_JOBS = 10_010_000
_JOB = re.compile(r"[A-Za-z0-9._-]*")
_NAME_BYTES = 247
"""libvirt first writes the file NAME.xml.new; finding that too long, it leaves the snapshot in the image and forgets it."""


def check_options(params: Params) -> None:
    """Raise InvalidInputError for options that contradict one another, before anything is looked at."""
    problem = _checkpoint_problem(params) if params["kind"] == CHECKPOINT else _snapshot_problem(params)
    if not params["name"] or "/" in params["name"]:
        problem = f"name: {params['name']!r} is empty or holds a slash"
    if len(params["name"].encode()) > _NAME_BYTES:
        problem = f"name: {params['name']!r} is longer than {_NAME_BYTES} bytes"
    if problem:
        raise InvalidInputError(f"{problem}.")


def _checkpoint_problem(params: Params) -> str | None:
    if params["state"] == "reverted":
        return "state: no VM can be reverted to a checkpoint"
    if params["memory"] or params["memory_path"]:
        return "memory: a checkpoint holds no memory"
    if params["location"] == EXTERNAL:
        return "location: a checkpoint is always inside of the images"
    named = [entry["target"] for entry in params["disks"] or () if entry["path"]]
    return f"disks[{named[0]}].path: a checkpoint has no overlay" if named else None


def _snapshot_problem(params: Params) -> str | None:
    if params["location"] == EXTERNAL:
        if bool(params["memory"]) != bool(params["memory_path"]):
            return "memory, memory_path: the memory of an external snapshot needs a file, and the file the memory"
        both = params["memory"] and params["quiesce"]
        return "quiesce: with the memory nothing has to be frozen; name one of both" if both else None
    if params["quiesce"]:
        return (
            "quiesce: an internal snapshot of a running VM holds its memory, in which frozen filesystems would stay frozen;"
            " leave it out, or take an external snapshot"
        )
    if params["memory_path"] or params["disks"]:
        return "memory_path, disks: an internal snapshot holds all disks and the memory inside of the images"
    return None


def check(params: Params, ground: Ground) -> None:
    """Raise for what this VM, this driver or this version of libvirt cannot do."""
    found = ground.find(params["name"])
    if params["state"] == "absent" and found is None:
        return
    if ground.driver not in _DRIVERS:
        raise UnsupportedError(f"{ground.software} has no {params['kind']}s that this module knows.")
    if params["state"] == "reverted":
        _check_revert(params["name"], found, ground)
    elif params["state"] == "absent":
        _check_removal(params, t.cast(Moment, found), ground)
    elif found is None:
        _check_creation(params, ground)


def _check_revert(name: str, found: Moment | None, ground: Ground) -> None:
    if found is None:
        raise NotFoundError(f"there is no snapshot '{name}'.", hint=_names(ground))
    later = [moment.name for moment in moments_xml.descendants(ground.moments, name) if moment.external]
    if found.external and not ground.reverts_external:
        raise UnsupportedError(
            f"{ground.software} cannot revert to the external snapshot '{name}'; 9.9.0 is the first that can.",
            hint="Shut the VM down and let its disks be the files that the snapshot kept, or upgrade libvirt.",
        )
    if later and not ground.reverts_external:
        raise ConflictError(
            f"with {ground.software} to revert to '{name}' would make the external snapshots after it useless:"
            f" {', '.join(later)}.",
            hint="Delete those first.",
            snapshots=later,
        )


def _check_removal(params: Params, found: Moment, ground: Ground) -> None:
    if params["kind"] == CHECKPOINT:
        _check_active(ground)
        return
    for moment in [*(moments_xml.descendants(ground.moments, found.name) if params["children"] else ()), found]:
        if moment.external:
            _check_external_removal(moment, ground)
        else:
            _check_internal_removal(moment, ground)


def _check_external_removal(moment: Moment, ground: Ground) -> None:
    parent = ground.find(moment.parent) if moment.parent is not None else None
    if ground.libvirt < _DELETES_EXTERNAL:
        raise UnsupportedError(
            f"{ground.software} cannot delete the external snapshot '{moment.name}'; 9.0.0 is the first that can."
        )
    if parent is not None and not parent.external:
        raise UnsupportedError(
            f"{ground.software} deletes no external snapshot that comes after an internal one:"
            f" '{moment.name}' after '{parent.name}'.",
            hint=f"Delete '{parent.name}' first, without children, while the VM is off.",
        )


def _check_internal_removal(moment: Moment, ground: Ground) -> None:
    """It is inside of an image that a running QEMU only reads; libvirt 9.0 would forget it and leave its data there."""
    over = [later.name for later in moments_xml.descendants(ground.moments, moment.name) if later.external]
    if over and ground.active:
        raise ConflictError(
            f"while the VM runs, the internal snapshot '{moment.name}' cannot be deleted out of the image below the overlay of"
            f" '{over[-1]}'.",
            hint="Shut the VM down first.",
        )
    _check_job(moment.name, ground)


def _check_job(name: str, ground: Ground) -> None:
    """A running QEMU makes and deletes internal snapshots by jobs, whose ids libvirt makes of the names."""
    if ground.driver == "QEMU" and ground.active and ground.libvirt >= _BY_JOBS and not _JOB.fullmatch(name):
        raise InvalidInputError(
            f"while the VM runs, {ground.software} makes and deletes internal snapshots only if their names have nothing but"
            f" letters, digits and -._, and '{name}' has.",
            hint="Use another name, take an external snapshot, or shut the VM down first.",
        )


def _check_creation(params: Params, ground: Ground) -> None:
    disks = {disk.target: disk for disk in ground.disks}
    for entry in params["disks"] or ():
        if entry["target"] not in disks:
            raise NotFoundError(f"the VM has no disk {entry['target']}.", hint=f"It has {', '.join(disks)}.")
    if params["kind"] == CHECKPOINT:
        _check_active(ground)
        _check_images(params, ground, "a checkpoint")
        return
    if params["memory"] and not ground.active:
        raise ConflictError("memory: the VM does not run, so that there is no memory to hold.")
    if params["location"] == EXTERNAL:
        _check_overlays(params, ground)
        return
    if params["memory"] is False and ground.active:
        raise UnsupportedError(
            f"{ground.software} makes no internal snapshot of a running VM without its memory.",
            hint="Take an external snapshot, shut the VM down, or leave memory out.",
        )
    _check_images(params, ground, "an internal snapshot")
    _check_job(params["name"], ground)


def _check_active(ground: Ground) -> None:
    if not ground.active and ground.driver == "QEMU":
        raise ConflictError(
            f"the VM does not run, and {ground.software} makes and deletes checkpoints only in running ones.",
            hint="Start it first.",
        )


def _included(params: Params, ground: Ground) -> list[Disk]:
    excluded = {entry["target"] for entry in params["disks"] or () if not entry["include"]}
    return [disk for disk in ground.disks if disk.writable and disk.target not in excluded]


def _check_images(params: Params, ground: Ground, what: str) -> None:
    wrong = [f"{disk.target} ({disk.format})" for disk in _included(params, ground) if disk.format != "qcow2"]
    if not wrong or ground.driver != "QEMU":
        return
    raise UnsupportedError(
        f"{ground.software} keeps {what} inside of qcow2 images only; these disks are something else: {', '.join(wrong)}.",
        hint="Leave them out with disks[].include." if params["kind"] == CHECKPOINT else f"Use location: {EXTERNAL}.",
    )


def _check_overlays(params: Params, ground: Ground) -> None:
    paths = {entry["target"] for entry in params["disks"] or () if entry["path"]}
    for disk in _included(params, ground):
        if disk.target not in paths and disk.path is None:
            raise InvalidInputError(
                f"disks[{disk.target}].path: its data is no file, so that the overlay needs a path.",
                hint="Name one, or leave the disk out with include: false.",
            )


def check_quiesce(params: Params, ground: Ground) -> bool:
    """Return whether filesystems are to be frozen, which only a running VM that is snapshotted needs."""
    return bool(
        params["quiesce"] and params["state"] == "present" and not ground.find(params["name"]) and ground.active
    )


def _names(ground: Ground) -> str:
    names = ", ".join(moment.name for moment in ground.moments)
    return f"It has {names}." if names else "It has none."
