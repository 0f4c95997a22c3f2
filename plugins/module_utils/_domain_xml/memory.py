# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""The memory that a VM starts with, and what may be plugged in.

Source: https://libvirt.org/formatdomain.html#memory-allocation
"""

from __future__ import annotations

from . import memory_sizes, numa
from .option import Entry, Group, LiveStep, Option, Scalar, within
from .tree import Element, attribute, drop, ensure, integer, size_in_bytes

_KIB, _MIB = 2**10, 2**20
_MAX_MIB = 2**32
_SLOTS = 16
_MAX_SLOTS = 255


def _maximum(root: Element) -> int | None:
    size = memory_sizes.own(root)
    return None if size is None else size // _MIB


def _current(root: Element) -> int | None:
    size = memory_sizes.own_now(root)
    return None if size is None else size // _MIB


def _put_current(root: Element, mib: int) -> None:
    maximum = _maximum(root)
    if maximum is None or maximum < mib or maximum == _current(root):
        _write_maximum(root, mib)
    memory_sizes.write_own_now(root, mib * _MIB)


def _put_maximum(root: Element, mib: int) -> None:
    current = _current(root)
    _write_maximum(root, mib)
    memory_sizes.write_own_now(root, (mib if current is None else min(mib, current)) * _MIB)


def _write_maximum(root: Element, mib: int) -> None:
    memory_sizes.write_own(root, mib * _MIB)
    numa.follow(root)


def _step(running: Element) -> LiveStep:
    return LiveStep("memory", (size_in_bytes(running.find("currentMemory")) or 0) // _KIB, uncertain=True)


def _restartable(running: Element, mib: int) -> bool:
    """A guest without balloon driver never gives memory back: starting it again would change nothing."""
    return (_maximum(running) or 0) < mib or _maximum(running) == _current(running)


def _hotplug(root: Element) -> int:
    return (size_in_bytes(root.find("maxMemory")) or 0) // _MIB


def _put_hotplug(root: Element, mib: int) -> None:
    """QEMU plugs memory into NUMA cells only."""
    if not mib:
        drop(root, "maxMemory")
        return
    memory_sizes.write(root, "maxMemory", mib * _MIB)
    ensure(root, "maxMemory").attrib.setdefault("slots", str(_SLOTS))
    numa.ensure_cell(root)


def _put_slots(root: Element, count: int) -> None:
    ensure(root, "maxMemory").set("slots", str(count))


def _hotplug_problem(wanted: Entry) -> str | None:
    return "without max_mib there are no slots" if "slots" in wanted and not wanted.get("max_mib") else None


OPTIONS: tuple[Option, ...] = (
    Scalar(
        "memory_mib", {"type": "int"}, _current, _put_current, problem=within(1, _MAX_MIB, " MiB"), step=_step,
        restartable=_restartable,
    ),
    Scalar("memory_max_mib", {"type": "int"}, _maximum, _put_maximum, problem=within(1, _MAX_MIB, " MiB")),
)  # fmt: skip

HOTPLUG: tuple[Option, ...] = (
    Group(
        "memory_hotplug",
        (
            Scalar("max_mib", {"type": "int"}, _hotplug, _put_hotplug, problem=within(0, _MAX_MIB, " MiB")),
            Scalar(
                "slots", {"type": "int"}, lambda root: integer(attribute(root, "maxMemory", "slots")), _put_slots,
                problem=within(1, _MAX_SLOTS),
            ),
        ),
        problem=_hotplug_problem,
    ),
)  # fmt: skip
"""Written after the NUMA cells."""
