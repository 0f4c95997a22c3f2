# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""Several connections and compression for a move, where both its ends can do that; else it is sent plainly. Pure.

Sources: https://libvirt.org/html/libvirt-libvirt-domain.html (VIR_MIGRATE_PARALLEL, VIR_MIGRATE_PARAM_COMPRESSION and its levels,
each with the version that brought it); QEMU has TLS on several connections since 5.2.
"""

from __future__ import annotations

import dataclasses
import typing as t

from .host_facts import version_text
from .move import UNCOMPRESSED, XBZRLE, Order

_PARALLEL = {"libvirt": 5_002_000, "QEMU": 5_002_000}
_PARALLEL_COMPRESSION = {"libvirt": 9_004_000, "QEMU": 5_002_000}


@dataclasses.dataclass(frozen=True)
class End:
    """A host at one end of a move.

    :param versions: of `libvirt` and `QEMU`, as libvirt counts them: 7.2.22 is 7002022.
    """

    name: str
    versions: t.Mapping[str, int]


def or_plain(order: Order, ends: t.Iterable[End]) -> Order:
    """Return the order as it can be carried out: as it is wished, or over one connection and uncompressed, with the reason."""
    reason = "" if order.offline else _hindrance(order, ends)
    if reason is None:
        return order
    return dataclasses.replace(order, parallel_connections=1, compression=UNCOMPRESSED, plain=reason)


def _hindrance(order: Order, ends: t.Iterable[End]) -> str | None:
    if order.parallel and order.compression == XBZRLE:
        return "xbzrle goes over one connection only"
    if not order.parallel and order.compression == UNCOMPRESSED:
        return None
    if order.post_copy:  # several connections and post-copy fail from QEMU 7.2 to 10.0
        return "the move may end by post-copy"
    if not order.parallel:
        return None
    if order.copy_disks:  # libvirt 9.0 then fails with TLS: "Certificate does not match the hostname"
        return "disks are copied with the VM"
    needed = _PARALLEL if order.compression == UNCOMPRESSED else _PARALLEL_COMPRESSION
    return next((reason for end in ends for reason in _too_old(end, needed)), None)


def _too_old(end: End, needed: t.Mapping[str, int]) -> t.Iterator[str]:
    for what, least in needed.items():
        if end.versions[what] < least:
            yield f"{what} of '{end.name}' is {version_text(end.versions[what])}, and {version_text(least)} is needed"
