# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""What a new VM begins with; everything else is its options, or libvirt's own choice on the host."""

from __future__ import annotations

import dataclasses
import typing as t

from .tree import Element, ensure, set_text

_SPARE_PCIE_PORTS = 8
"""Devices that a running VM of machine q35 can take; each needs a port of its own."""

_X86 = ("x86_64", "i686")


@dataclasses.dataclass(frozen=True)
class Emulation:
    """What the host can run: its architecture and libvirt's types for it (kvm, qemu)."""

    arch: str
    virt_types: tuple[str, ...]


def defaults(host: Emulation) -> dict[str, t.Any]:
    """Return the options of a new VM that depend on the host. The versioned machine is chosen by libvirt."""
    found = {"virt_type": "kvm" if "kvm" in host.virt_types else "qemu"}
    return {**found, "machine": "q35"} if host.arch in _X86 else found


def skeleton(name: str, uuid: str, host: Emulation, machine: str | None) -> Element:
    """Return the tree of a VM without any device."""
    root = Element("domain")
    set_text(root, "name", name)
    set_text(root, "uuid", uuid)
    kind = ensure(root, "os/type")
    kind.text = "hvm"
    kind.set("arch", host.arch)
    ensure(root, "features/acpi")
    if host.arch in _X86:
        ensure(root, "features/apic")
    devices = ensure(root, "devices")
    if machine is not None and "q35" in machine:
        for model in ["pcie-root", *["pcie-root-port"] * _SPARE_PCIE_PORTS]:
            devices.append(Element("controller", {"type": "pci", "model": model}))
    return root
