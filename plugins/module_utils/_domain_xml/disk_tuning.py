# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""How a disk is driven, and how much of the host's input and output it may take.

Source: https://libvirt.org/formatdomain.html#hard-drives-floppy-disks-cdroms, virDomainSetBlockIoTune.
"""

from __future__ import annotations

import typing as t

from .option import Entry, Group, LiveStep, Option, Scalar, unset_is, within
from .tree import Element, attribute, drop, ensure, integer, set_attribute, set_text, text

_UNITS = ("bytes_sec", "iops_sec")
_SIDES = ("total", "read", "write")
LIMITS = tuple(f"{side}_{unit}" for unit in _UNITS for side in _SIDES)
_QEMU_MAX = 10**15

IO = ("native", "threads", "io_uring")
DISCARD = ("ignore", "unmap")
DETECT_ZEROES = ("off", "on", "unmap")


def _limit(disk: Element, name: str) -> int | None:
    return integer(text(disk, f"iotune/{name}"))


def _write_limit(disk: Element, name: str, value: int) -> None:
    ensure(disk, "iotune")
    set_text(disk, f"iotune/{name}", str(value) if value else "")
    if not value:
        for burst in ("max", "max_length"):
            drop(disk, f"iotune/{name}_{burst}")


def _rivals(name: str) -> list[str]:
    """QEMU takes either one limit for both directions, or one for each."""
    side, _dash, unit = name.partition("_")
    return [f"{other}_{unit}" for other in (("read", "write") if side == "total" else ("total",))]


def _put_limit(name: str) -> t.Callable[[Element, int], None]:
    def put(disk: Element, value: int) -> None:
        for rival in _rivals(name) if value else ():
            _write_limit(disk, rival, 0)
        _write_limit(disk, name, value)
        if len(ensure(disk, "iotune")) == 0:
            drop(disk, "iotune")

    return put


def _limits_problem(limits: Entry) -> str | None:
    for name in LIMITS:
        rival = next((rival for rival in _rivals(name) if limits.get(name) and limits.get(rival)), None)
        if rival is not None:
            return f"{name} and {rival} exclude each other"
    return None


def _limits_step(disk: Element) -> LiveStep:
    """A limit that the call does not name is taken off if another one of its unit is named: it names them all."""
    names = [*LIMITS, *(f"{name}_max" for name in LIMITS)]
    return LiveStep(
        "block_limits", (attribute(disk, "target", "dev"), tuple((name, _limit(disk, name) or 0) for name in names))
    )


def _limit_item(name: str) -> Scalar:
    return Scalar(
        name,
        {"type": "int"},
        lambda disk: _limit(disk, name),
        _put_limit(name),
        same=unset_is(0),
        problem=within(0, _QEMU_MAX),
    )


def put_driver(name: str) -> t.Callable[[Element, t.Any], None]:
    """Return what writes an attribute of the disk's `<driver>`; nothing, or 0, removes it."""

    def put(disk: Element, value: t.Any) -> None:
        driver = ensure(disk, "driver")
        driver.attrib.setdefault("name", "qemu")
        set_attribute(driver, name, str(value) if value else None)

    return put


def _choice(name: str, choices: tuple[str, ...], default: str | None = None) -> Scalar:
    """Declare an attribute of the driver; without it QEMU does what `default` says."""
    return Scalar(
        name,
        {"type": "str", "choices": list(choices)},
        lambda disk: attribute(disk, "driver", name),
        put_driver(name),
        same=unset_is(default),
    )


def flag(name: str) -> Scalar:
    """Declare a truth that an element without content says by being there."""

    def put(disk: Element, value: bool) -> None:
        drop(disk, name)
        if value:
            ensure(disk, name)

    return Scalar(name, {"type": "bool"}, lambda disk: disk.find(name) is not None, put)


ITEMS: tuple[Option, ...] = (
    _choice("io", IO),
    _choice("discard", DISCARD, "ignore"),
    _choice("detect_zeroes", DETECT_ZEROES, "off"),
    flag("shareable"),
    Scalar(
        "iothread", {"type": "int"}, lambda disk: integer(attribute(disk, "driver", "iothread")),
        put_driver("iothread"), same=unset_is(0), problem=within(0, 2**16),
    ),
    Group("iotune", tuple(_limit_item(name) for name in LIMITS), problem=_limits_problem, step=_limits_step),
)  # fmt: skip
