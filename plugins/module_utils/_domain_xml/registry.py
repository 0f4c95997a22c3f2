# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""All options of a VM, in the order in which they are written."""

from __future__ import annotations

from . import (
    arguments,
    clock,
    compute,
    console,
    disks,
    features,
    firmware,
    hostdevs,
    interfaces,
    iothreads,
    memory,
    memory_backing,
    memory_devices,
    metadata,
    numa,
    overlay,
    peripherals,
    pinning,
    start,
    tpm,
    tuning,
)
from .option import Option

OPTIONS: tuple[Option, ...] = (
    *memory.OPTIONS,
    *compute.OPTIONS,
    *firmware.OPTIONS,
    *features.OPTIONS,
    *clock.OPTIONS,
    *memory_backing.OPTIONS,
    *numa.OPTIONS,
    *memory.HOTPLUG,
    *memory_devices.OPTIONS,
    *pinning.OPTIONS,
    *tpm.OPTIONS,
    *start.OPTIONS,
    *iothreads.OPTIONS,
    *disks.OPTIONS,
    *interfaces.OPTIONS,
    *hostdevs.OPTIONS,
    *console.OPTIONS,
    *peripherals.OPTIONS,
    *tuning.OPTIONS,
    *metadata.OPTIONS,
    *arguments.OPTIONS,
    *overlay.OPTIONS,
)

PURGEABLE: tuple[str, ...] = ("disks", "cdroms", "interfaces", "hostdevs", "consoles", "inputs", "memory_devices")
"""Lists whose unnamed devices may be removed."""
