# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""What libvirt is doing with a VM that keeps it from being moved or saved: a backup, a snapshot, a block job.

Sources: virDomainGetJobStats, virDomainGetBlockJobInfo.
"""

from __future__ import annotations

import time
import typing as t

from .._domain_xml import tree
from .._errors import ConflictError, UnsupportedError
from .._wait import Deadline
from .connection import LIBVIRT, explaining

with LIBVIRT.importing():
    import libvirt

_INTERVAL_S = 0.5
_SAVE = 2
_JOBS = {
    _SAVE: "a save",
    6: "a snapshot",
    7: "a revert to a snapshot",
    8: "a dump",
    9: "a backup",
    10: "the removal of a snapshot",
}
"""virDomainJobOperation"""
_BLOCK_JOBS = {1: "a block pull", 2: "a block copy", 3: "a block commit", 4: "an active block commit", 5: "a backup"}
"""virDomainBlockJobType"""


def job(domain: libvirt.virDomain) -> str:
    """Return what keeps a running VM busy, empty if nothing does: "a block copy of vda (37 %)"."""
    try:
        with explaining(f"look for jobs of VM '{domain.name()}'"):
            stats = domain.jobStats()
            if stats.get("type") and stats.get("operation") in _JOBS:
                return _JOBS[stats["operation"]]
            disks = tree.parse(domain.XMLDesc(0)).iterfind("devices/disk/target")
            return next((found for target in disks if (found := _block_job(domain, target.get("dev", "")))), "")
    except UnsupportedError:
        return ""


def saves(domain: libvirt.virDomain) -> bool:
    """Return whether the memory of a running VM is being saved."""
    try:
        with explaining(f"look for jobs of VM '{domain.name()}'"):
            stats = domain.jobStats()
            return bool(stats.get("type")) and stats.get("operation") == _SAVE
    except UnsupportedError:
        return False


def _block_job(domain: libvirt.virDomain, target: str) -> str:
    found: dict[str, t.Any] = domain.blockJobInfo(target, 0) or {}
    if found.get("type") not in _BLOCK_JOBS:
        return ""
    percent = 100 * found.get("cur", 0) // max(1, found.get("end", 0))
    return f"{_BLOCK_JOBS[found['type']]} of {target} ({percent} %)"


def wait(domain: libvirt.virDomain, seconds: float, told: t.Callable[[str], bool] = lambda _job: True) -> None:
    """Return as soon as nothing keeps the VM busy.

    :param told: hears what it is waited for, and says whether to go on waiting.
    :raises ConflictError: when the VM is still busy after that time, or waiting was given up.
    """
    deadline = Deadline(seconds)
    while found := job(domain):
        if not told(found) or deadline.expired:
            raise ConflictError(
                f"VM '{domain.name()}' cannot be moved or saved meanwhile: {found} is under way, and it was waited for"
                f" {seconds - deadline.remaining:.0f} s.",
                hint="Wait for its end or cancel it, then try again; a block copy that is ready waits for somebody to end it.",
            )
        time.sleep(min(_INTERVAL_S, deadline.remaining))
