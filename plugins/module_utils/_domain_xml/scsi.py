# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""The controller that SCSI disks need. Without one libvirt adds an emulated lsilogic, which many guests have no driver for.

Source: https://libvirt.org/formatdomain.html#controllers
"""

from __future__ import annotations

from .tree import Element, add_device, attribute, devices

MODEL = "virtio-scsi"


def controller() -> Element:
    """Return a new controller."""
    return Element("controller", {"type": "scsi", "index": "0", "model": MODEL})


def lacks_controller(root: Element, disk: Element) -> bool:
    """Tell whether the disk needs a controller and the VM has none."""
    has = any(found.get("type") == "scsi" for found in devices(root, "controller"))
    return not has and attribute(disk, "target", "bus") == "scsi"


def complete(root: Element) -> None:
    """Give the VM a controller if its disks need one and it has none."""
    if any(lacks_controller(root, disk) for disk in devices(root, "disk")):
        add_device(root, "controller").attrib.update(controller().attrib)
