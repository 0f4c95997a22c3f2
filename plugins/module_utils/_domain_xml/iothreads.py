# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""The threads of QEMU that disks can be given for their input and output.

Source: https://libvirt.org/formatdomain.html#iothreads-allocation, virDomainAddIOThread, virDomainDelIOThread.
"""

from __future__ import annotations

from .option import LiveStep, Option, Scalar, within
from .tree import Element, drop, ensure, integer, set_text, text

_MAX = 2**10


def _iothreads(root: Element) -> int:
    return integer(text(root, "iothreads")) or 0


def _put_iothreads(root: Element, count: int) -> None:
    set_text(root, "iothreads", str(count) if count else "")
    if not count:
        drop(root, "iothreadids")
        return
    for surplus in root.findall("iothreadids/iothread")[count:]:
        ensure(root, "iothreadids").remove(surplus)


def _step(running: Element) -> LiveStep:
    """A thread that a disk uses is not given back."""
    return LiveStep("iothreads", _iothreads(running), uncertain=True)


OPTIONS: tuple[Option, ...] = (
    Scalar("iothreads", {"type": "int"}, _iothreads, _put_iothreads, problem=within(0, _MAX), step=_step),
)
