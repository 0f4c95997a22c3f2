# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""Whether a host has room for an update. Package managers notice too late: when they have unpacked half of it."""

from __future__ import annotations

import dataclasses
import fnmatch
import os
import pathlib
import typing as t

from .impact import KERNELS
from .protocol import Pending

_SPARE_MIB = 256
"""dpkg(1) and rpm(8) unpack a package beside the old one before they replace it, and packages make files of their own."""
_KERNEL_MIB = 200
"""A kernel with its initramfs, which is made when it is installed."""


@dataclasses.dataclass(frozen=True)
class Room:
    """The file system that a folder is on.

    :param device: tells file systems apart: st_dev of stat(2).
    :param free_mib: for everybody, without what is kept for root.
    """

    device: int
    free_mib: int


def needed(pending: Pending, keep_in: str | None = None) -> dict[str, int]:
    """Return folder -> MiB that the update takes there.

    :param keep_in: where the packages that it replaces are going to be kept; None: nowhere.
    """
    new = [package.name for package in pending.packages if package.installed is None]
    return {
        pending.archives: pending.download_mib,
        "/usr": max(pending.growth_mib, 0) + _SPARE_MIB if pending.packages else 0,
        "/boot": _KERNEL_MIB if any(fnmatch.filter(new, kernel) for kernel in KERNELS) else 0,
        **({keep_in: pending.keep_mib} if keep_in else {}),
    }


def room(folder: str) -> Room:
    """Return the file system of a folder, or of the nearest one above it that exists: stat(2), statvfs(3)."""
    path = pathlib.Path(folder)
    there = next(each for each in (path, *path.parents) if each.is_dir())
    state = os.statvfs(there)
    return Room(there.stat().st_dev, state.f_bavail * state.f_frsize // 2**20)


def problems(needs: t.Mapping[str, int], rooms: t.Mapping[str, Room]) -> list[str]:
    """Return one sentence for each file system that is too small for what comes to its folders. Pure."""
    folders: dict[int, list[str]] = {}
    for folder in sorted(folder for folder, need in needs.items() if need):
        folders.setdefault(rooms[folder].device, []).append(folder)
    found = []
    for together in folders.values():
        need, free = sum(needs[folder] for folder in together), rooms[together[0]].free_mib
        if need > free:
            found.append(f"the update needs {need} MiB in {' and '.join(together)}, where {free} MiB are free.")
    return found
