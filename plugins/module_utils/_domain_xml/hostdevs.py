# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""Devices of the host that the VM has for itself.

Source: https://libvirt.org/formatdomain.html#host-device-assignment
"""

from __future__ import annotations

import typing as t

from . import host_addresses
from .devices import Devices, always
from .option import Entry, Option, Scalar
from .tree import Element, add_device, devices, ensure

_MDEV_MODEL = "vfio-pci"


def name_of(hostdev: Element) -> str | None:
    """Return the name of the host's device, None if it is of a kind that is not modelled."""
    source = hostdev.find("source")
    return None if source is None else host_addresses.read(source)


def _hostdevs(root: Element) -> list[Element]:
    return [device for device in devices(root, "hostdev") if device.get("type") in host_addresses.KINDS]


def _match(found: t.Sequence[Element], entries: t.Sequence[Entry]) -> list[Element | None]:
    known = {name_of(device): device for device in found}
    return [known.get(host_addresses.normal(entry["device"])) for entry in entries]


def _create(root: Element, entry: Entry, _place: int) -> Element:
    hostdev = add_device(root, "hostdev")
    kind = str(host_addresses.kind(entry["device"]))
    hostdev.attrib.update({"mode": "subsystem", "type": kind})
    if kind == "mdev":
        hostdev.set("model", _MDEV_MODEL)
    return hostdev


def _device_problem(name: str) -> str | None:
    if host_addresses.kind(name) is not None:
        return None
    return f"{name!r} is neither a PCI address (0000:65:00.0), nor a USB device (046d:c52b or 1.4), nor a UUID"


def _first_managed(entry: Entry) -> bool | None:
    return True if host_addresses.kind(entry["device"]) == "pci" else None


def _problem(entry: Entry) -> str | None:
    kind = host_addresses.kind(entry["device"])
    return f"only a PCI device can be managed, and this is {kind}" if entry.get("managed") and kind != "pci" else None


_ITEMS = (
    Scalar(
        "device", {"type": "str", "required": True}, name_of,
        lambda hostdev, value: host_addresses.write(ensure(hostdev, "source"), value),
        same=lambda current, wanted: current == host_addresses.normal(wanted), problem=_device_problem,
    ),
    Scalar(
        "managed", {"type": "bool"}, lambda hostdev: hostdev.get("managed") == "yes",
        lambda hostdev, value: hostdev.set("managed", "yes" if value else "no"), initial=_first_managed,
    ),
)  # fmt: skip

OPTIONS: tuple[Option, ...] = (
    Devices("hostdevs", "device", _ITEMS, _hostdevs, _match, _create, hotplug=always, problem=_problem),
)
