# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""What keeps a VM from getting out of the way of its host stopped, read from its domain XML. Pure.

Source: the refusals of libvirt's QEMU driver before a save (qemu_migration.c, qemuMigrationSrcIsAllowed: a save is a migration
to a file), and what VIR_MIGRATE_OFFLINE leaves behind: everything but the definition.
"""

from __future__ import annotations

import typing as t
import xml.etree.ElementTree as ET

from .._facts import Disk
from . import vm_obstacles_xml
from .storage_identity import Storage

_SAVING_DRIVERS = ("QEMU", "Xen", "TEST")
_OF_THE_MOMENT = ("hostdev", "interface", "filesystem", "shmem", "smartcard", "tpm")
"""Devices whose state is no part of the VM's memory. Others of the host are simply opened again when it is back."""


def unmovable(driver: str) -> list[str]:
    """Return why a driver (virConnectGetType) moves no VM to another host."""
    return [] if driver == "QEMU" else [f"libvirt's driver {driver} does not move VMs to other hosts."]


def unsavable(root: ET.Element, storage: Storage, driver: str) -> list[str]:
    """Return one sentence for each reason why the VM's memory cannot be saved to disk and restored."""
    if driver not in _SAVING_DRIVERS:
        return [f"libvirt's driver {driver} does not save the memory of VMs."]
    devices = [device for device in root.iterfind("devices/*") if _is_of_the_moment(device)]
    return vm_obstacles_xml.of_devices(devices, storage) + vm_obstacles_xml.of_the_processor(root)


def _is_of_the_moment(device: ET.Element) -> bool:
    if device.tag == "disk":
        return device.find("transient") is not None
    return device.tag in _OF_THE_MOMENT and not (device.tag == "hostdev" and device.get("type") == "usb")


def tied(root: ET.Element, storage: Storage, driver: str, disks: t.Iterable[Disk]) -> list[str]:
    """Return one sentence for each reason why the VM cannot be shut down and started on another host.

    :param disks: its facts.
    """
    devices = [device for device in root.iterfind("devices/*") if device.find("transient") is None]
    return [
        *vm_obstacles_xml.of_devices(devices, storage),
        *(f"disk {disk.target} ({disk.source}) is on this host only." for disk in disks if not disk.shared),
        *(f"its {what} is on this host only." for what in state_files(root)),
        *unmovable(driver),
    ]


def state_files(root: ET.Element) -> list[str]:
    """Return what the VM keeps on its host beside its disks."""
    files = [("NVRAM", root.find("os/nvram")), ("TPM state", root.find("devices/tpm/backend[@type='emulator']"))]
    return [name for name, element in files if element is not None]
