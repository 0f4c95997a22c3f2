# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""What a move is to libvirt: flags and parameters of the start, statistics of the job. Pure.

Source: https://libvirt.org/html/libvirt-libvirt-domain.html (virDomainMigrateToURI3, virDomainGetJobStats).
"""

from __future__ import annotations

import typing as t

from .connection import LIBVIRT
from .ladder import Sample
from .move import UNCOMPRESSED, Order, Progress
from .move_target import bracketed

with LIBVIRT.importing():
    import libvirt

Stats = t.Mapping[str, t.Any]

_MIB = 2**20
_ACTIVE = (1, 2)
"""VIR_DOMAIN_JOB_BOUNDED, VIR_DOMAIN_JOB_UNBOUNDED"""
_MIGRATION_OUT = 5
"""VIR_DOMAIN_JOB_OPERATION_MIGRATION_OUT"""


def flags(order: Order) -> int:
    """Return the flags of a move; none of them can be switched on later.

    A VM that auto-converge slows down by 99 % answers nobody for three seconds at a time (QEMU 7.2, measured from outside). Where
    post-copy may end the move nothing needs that.
    """
    chosen = ["PEER2PEER"]
    if order.persistent:
        chosen += ["PERSIST_DEST", "UNDEFINE_SOURCE"]
    if order.offline:
        chosen.append("OFFLINE")
    else:
        chosen += ["LIVE", "POSTCOPY" if order.post_copy else "AUTO_CONVERGE"]
        chosen += ["TLS"] if order.tls else []
        chosen += ["NON_SHARED_DISK"] if order.copy_disks else []
        chosen += ["PARALLEL"] if order.parallel else []
        chosen += ["COMPRESSED"] if order.compression != UNCOMPRESSED else []
    value = 0
    for name in chosen:
        value |= getattr(libvirt, f"VIR_MIGRATE_{name}")
    return value


def parameters(order: Order) -> dict[str, t.Any]:
    """Return the typed parameters of a move."""
    if order.offline:
        return {}
    chosen: dict[str, t.Any] = {"migrate_uri": f"tcp:{bracketed(order.data_address)}"}
    if order.bandwidth_mib is not None:
        chosen["bandwidth"] = order.bandwidth_mib
        if order.post_copy:  # which knows no limit but its own
            chosen["bandwidth.postcopy"] = order.bandwidth_mib
    if order.copy_disks:
        chosen["migrate_disks"] = list(order.copy_disks)
    if order.parallel:
        chosen["parallel.connections"] = order.parallel_connections
    if order.compression != UNCOMPRESSED:
        chosen["compression"] = order.compression
    return chosen


def is_migration(stats: Stats) -> bool:
    """Return whether the running job takes the VM away from here."""
    return stats.get("type", 0) in _ACTIVE and stats.get("operation") == _MIGRATION_OUT


def sample(stats: Stats, elapsed_s: float) -> Sample:
    """Return what the ladder decides from."""
    return Sample(
        elapsed_s=elapsed_s,
        iteration=stats.get("memory_iteration", 0),
        remaining=stats.get("memory_remaining", 0),
        processed=sent(stats),
        throttle=stats.get("auto_converge_throttle", 0),
    )


def sent(stats: Stats) -> int:
    """Return the bytes of memory and disks that were sent."""
    return int(stats.get("memory_processed", 0)) + int(stats.get("disk_processed", 0))


def progress(stats: Stats, *, post_copy: bool) -> Progress:
    """Return how far the job is."""
    kind = "memory" if stats.get("memory_iteration", 0) > 0 else "disk"
    total, remaining = stats.get(f"{kind}_total", 0), stats.get(f"{kind}_remaining", 0)
    return Progress(
        phase="postcopy" if post_copy else (kind if total else "begin"),
        percent=100 * (total - remaining) // total if total else 0,
        remaining_mib=remaining // _MIB,
        rate_mib=round(stats.get(f"{kind}_bps", 0) / _MIB, 1),
        throttle=stats.get("auto_converge_throttle", 0),
    )
