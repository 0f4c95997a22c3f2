# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""How much memory a VM has: its own, and that of memory devices, which libvirt counts into the VM's.

Source: https://libvirt.org/formatdomain.html#memory-devices
"""

from __future__ import annotations

from .tree import Element, devices, ensure, size_in_bytes

_KIB = 2**10


def own(root: Element) -> int | None:
    """Return the bytes that the VM may have without memory devices, None if its XML does not tell."""
    whole = size_in_bytes(root.find("memory"))
    return None if whole is None else whole - of_devices(root)


def own_now(root: Element) -> int | None:
    """Return how many of them the balloon leaves it."""
    now = size_in_bytes(root.find("currentMemory"))
    return own(root) if now is None else now - _given_by_devices(root)


def of_devices(root: Element) -> int:
    """Return the bytes of all memory devices."""
    return sum(map(_size, devices(root, "memory")))


def _given_by_devices(root: Element) -> int:
    return sum(map(_given, devices(root, "memory")))


def _size(device: Element) -> int:
    return size_in_bytes(device.find("target/size")) or 0


def _given(device: Element) -> int:
    """A running VM has from a device of virtio-mem what the guest took; a definition counts the whole."""
    current = size_in_bytes(device.find("target/current"))
    return _size(device) if current is None else current


def write_own(root: Element, size: int) -> None:
    """Write how many bytes the VM may have without memory devices."""
    write(root, "memory", size + of_devices(root))


def write_own_now(root: Element, size: int) -> None:
    """Write how many of them the balloon leaves it."""
    write(root, "currentMemory", size + _given_by_devices(root))


def add(root: Element, size: int) -> None:
    """Count the bytes of devices that came, or went, into the VM's memory."""
    for tag in ("memory", "currentMemory"):
        before = size_in_bytes(root.find(tag))
        if before is not None:
            write(root, tag, before + size)


def write(parent: Element, tag: str, size: int) -> None:
    """Write a scaled integer."""
    element = ensure(parent, tag)
    element.set("unit", "KiB")
    element.text = str(size // _KIB)
