# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""How a device of the host is called: a PCI function, a USB device, a mediated device.

Source: https://libvirt.org/formatdomain.html#host-device-assignment
"""

from __future__ import annotations

import re

from .tree import Element, drop, ensure

_PCI = re.compile(r"([0-9a-f]{4}):([0-9a-f]{2}):([0-9a-f]{2})\.([0-7])")
_USB_PRODUCT = re.compile(r"([0-9a-f]{4}):([0-9a-f]{4})")
_USB_PLACE = re.compile(r"([0-9]{1,3})\.([0-9]{1,3})")
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_FORMS = {"pci": (_PCI,), "usb": (_USB_PRODUCT, _USB_PLACE), "mdev": (_UUID,)}
KINDS = tuple(_FORMS)


def normal(name: str) -> str:
    """Return the one spelling of a device's name."""
    place = _USB_PLACE.fullmatch(name)
    return f"{int(place[1])}.{int(place[2])}" if place else name.lower()


def kind(name: str) -> str | None:
    """Return what kind of device has such a name: pci, usb or mdev, None if it is no name of a device."""
    return next((kind for kind, forms in _FORMS.items() if any(form.fullmatch(name.lower()) for form in forms)), None)


def _number(text: str | None) -> int:
    return int(text or "0", 0)


def read(source: Element) -> str | None:
    """Return the name of the device that a `<source>` means, None if it is of another kind."""
    vendor, product, address = (source.find(tag) for tag in ("vendor", "product", "address"))
    if vendor is not None and product is not None:
        return f"{_number(vendor.get('id')):04x}:{_number(product.get('id')):04x}"
    if address is None:
        return None
    if address.get("uuid"):
        return str(address.get("uuid")).lower()
    if address.get("device"):
        return f"{address.get('bus')}.{address.get('device')}"
    if address.get("slot") is None:
        return None
    domain, bus, slot, function = (_number(address.get(name)) for name in ("domain", "bus", "slot", "function"))
    return f"{domain:04x}:{bus:02x}:{slot:02x}.{function:x}"


def write(source: Element, name: str) -> None:
    """Let a `<source>` mean the device of that name."""
    for tag in ("vendor", "product", "address"):
        drop(source, tag)
    name = name.lower()
    pci, product, place = _PCI.fullmatch(name), _USB_PRODUCT.fullmatch(name), _USB_PLACE.fullmatch(name)
    if product:
        ensure(source, "vendor").set("id", f"0x{product[1]}")
        ensure(source, "product").set("id", f"0x{product[2]}")
    elif place:
        ensure(source, "address").attrib.update({"bus": str(int(place[1])), "device": str(int(place[2]))})
    elif pci:
        keys = ("domain", "bus", "slot", "function")
        ensure(source, "address").attrib.update({key: f"0x{part}" for key, part in zip(keys, pci.groups())})
    else:
        ensure(source, "address").set("uuid", name)
