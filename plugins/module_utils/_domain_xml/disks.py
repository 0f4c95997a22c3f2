# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""Disks and CD-ROM drives, by their target.

Source: https://libvirt.org/formatdomain.html#hard-drives-floppy-disks-cdroms
"""

from __future__ import annotations

import re
import typing as t

from .._errors import InvalidInputError
from . import disk_tuning, images, scsi, sources
from .devices import Devices, by_key, uncertain_update_step
from .identity import volume_name_problem
from .option import Entry, LiveStep, Option, Scalar, unset_is
from .tree import Element, add_device, attribute, devices, drop, ensure, exact_text, set_text

BUSES = ("virtio", "sata", "scsi", "ide", "usb", "fdc", "sd")
CACHES = ("default", "none", "writethrough", "writeback", "directsync", "unsafe")
FORMATS = ("raw", "qcow2")
_HOTPLUG_BUSES = ("virtio", "scsi", "usb")
_BUS_OF_PREFIX = {"vd": "virtio", "sd": "sata", "hd": "ide", "xvd": "xen"}
_SOURCE_RULES = {
    "mutually_exclusive": [["path", "pool"], ["path", "network"], ["pool", "network"]],
    "required_together": [["pool", "volume"]],
}


def disks(root: Element) -> list[Element]:
    """Return the VM's disks, not its drives of removable media."""
    return [disk for disk in devices(root, "disk") if disk.get("device", "disk") in ("disk", "lun")]


def _cdroms(root: Element) -> list[Element]:
    return [disk for disk in devices(root, "disk") if disk.get("device") == "cdrom"]


def target(disk: Element) -> str | None:
    """Return the name of the disk in the VM."""
    return attribute(disk, "target", "dev")


def _bus_by_target(entry: Entry) -> str:
    target = entry["target"]
    return next((bus for prefix, bus in _BUS_OF_PREFIX.items() if target.startswith(prefix)), "virtio")


def _put_bus(disk: Element, bus: str) -> None:
    ensure(disk, "target").set("bus", bus)
    drop(disk, "address")  # of the other bus


def _target_problem(value: str) -> str | None:
    return None if re.fullmatch("[a-z]{2,3}[a-z]+", value) else f"{value!r} is not a device name like vda or sdb"


def _path_problem(value: str) -> str | None:
    return None if not value or value.startswith("/") else f"{value!r} is not an absolute path"


def _create(device: str) -> t.Callable[[Element, Entry, int], Element]:
    def create(root: Element, entry: Entry, _place: int) -> Element:
        if device == "disk" and not any(entry.get(name) for name in ("path", "pool", "network")):
            raise InvalidInputError(
                f"disks[{entry['target']}]: a new disk needs pool and volume, a path, or a network source."
            )
        disk = add_device(root, "disk")
        disk.attrib.update({"type": "file", "device": device})
        return disk

    return create


def _pluggable(disk: Element) -> bool:
    return attribute(disk, "target", "bus") in _HOTPLUG_BUSES


def first_format(entry: Entry) -> str:
    """Return the format of data that is in no pool.

    :raises InvalidInputError: for a file, whose format nobody tells.
    """
    if entry.get("network") or (entry.get("path") or "").startswith("/dev/"):
        return "raw"
    raise InvalidInputError(f"disks[{entry['target']}]: name the format of the file, raw or qcow2.")


def _not_in_xml(_disk: Element, _value: t.Any) -> None:
    """A disk's size is its volume's, and so is what it was made from; volumes.py sees to both."""


def _size(name: str, top: int) -> Scalar:
    return Scalar(
        name,
        {"type": "int"},
        lambda _disk: None,
        _not_in_xml,
        same=lambda _current, _wanted: True,
        problem=lambda value: None if 0 < value <= top else f"{value} is not between 1 and {top}",
    )


def _source_items(step: t.Callable[[Element], LiveStep] | None) -> tuple[Option, ...]:
    return (
        Scalar(
            "target", {"type": "str", "required": True}, target,
            lambda disk, value: ensure(disk, "target").set("dev", value), problem=_target_problem,
        ),
        Scalar(
            "pool", {"type": "str"}, lambda disk: attribute(disk, "source", "pool"), sources.put_pool, step=step
        ),
        Scalar(
            "volume", {"type": "str"}, lambda disk: attribute(disk, "source", "volume"), sources.put_volume, step=step,
            problem=volume_name_problem,
        ),
        Scalar("path", {"type": "str"}, sources.path, sources.put_path, step=step, problem=_path_problem),
        Scalar(
            "network", sources.NETWORK_SPEC, sources.network, sources.put_network, same=sources.same_network, step=step
        ),
    )  # fmt: skip


_CACHE = Scalar(
    "cache", {"type": "str", "choices": list(CACHES)}, lambda disk: attribute(disk, "driver", "cache") or "default",
    disk_tuning.put_driver("cache"),
)  # fmt: skip

_DISKS = (
    *_source_items(None),
    _size("size_gib", 2**30),
    _size("size_mib", 2**40),
    Scalar(
        "image", images.SPEC, lambda _disk: None, _not_in_xml, same=lambda _current, _wanted: True, problem=images.problem
    ),
    Scalar(
        "format", {"type": "str", "choices": list(FORMATS)}, lambda disk: attribute(disk, "driver", "type"),
        disk_tuning.put_driver("type"), initial=first_format,
    ),
    Scalar(
        "bus", {"type": "str", "choices": list(BUSES)}, lambda disk: attribute(disk, "target", "bus"), _put_bus,
        initial=_bus_by_target,
    ),
    _CACHE,
    disk_tuning.flag("readonly"),
    Scalar(
        "serial", {"type": "str"}, lambda disk: exact_text(disk, "serial"),
        lambda disk, value: set_text(disk, "serial", value),
        same=unset_is(""),
    ),
    *disk_tuning.ITEMS,
)  # fmt: skip

_CDROMS = (
    *_source_items(uncertain_update_step),
    Scalar(
        "bus", {"type": "str", "choices": list(BUSES)}, lambda disk: attribute(disk, "target", "bus"), _put_bus,
        initial=_bus_by_target,
    ),
)  # fmt: skip


def _no_medium(entry: Entry) -> str | None:
    return "an empty path takes the medium out of a CD-ROM drive, a disk needs one" if entry.get("path") == "" else None


OPTIONS: tuple[Option, ...] = (
    Devices(
        "disks", "target", _DISKS, disks, by_key(target, "target"), _create("disk"), hotplug=_pluggable,
        rules={
            **_SOURCE_RULES,
            "mutually_exclusive": [*_SOURCE_RULES["mutually_exclusive"], ["size_gib", "size_mib"]],
        },
        problem=_no_medium, written=scsi.complete,
    ),
    Devices(
        "cdroms", "target", _CDROMS, _cdroms, by_key(target, "target"), _create("cdrom"), hotplug=_pluggable,
        rules=_SOURCE_RULES, written=scsi.complete,
    ),
)  # fmt: skip
