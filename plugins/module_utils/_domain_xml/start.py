# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""What a VM starts with, and how it is described: boot order, direct kernel start, description.

Source: https://libvirt.org/formatdomain.html#operating-system-booting
"""

from __future__ import annotations

import typing as t

from .option import LiveStep, Option, Scalar, unset_is
from .tree import Element, devices, drop, ensure, exact_text, integer, set_text

_CLASSES = {"disk": "hd", "cdrom": "cdrom", "network": "network"}
_NAMES = {value: key for key, value in _CLASSES.items()}


def _boot(root: Element) -> list[str] | None:
    """Return the order by device classes, whether it stands there or at the single devices."""
    names = [_NAMES.get(element.get("dev", ""), "") for element in root.findall("os/boot")]
    if not names:
        ordered = sorted(_ordered(root), key=lambda pair: pair[0])
        names = list(dict.fromkeys(name for _order, name in ordered))
    return names or None


def _ordered(root: Element) -> t.Iterator[tuple[int, str]]:
    for tag in ("disk", "interface"):
        for device in devices(root, tag):
            boot = device.find("boot")
            order = integer(boot.get("order")) if boot is not None else None
            if order is not None:
                yield order, "network" if tag == "interface" else device.get("device", "disk")


def _put_boot(root: Element, names: list[str]) -> None:
    for device in ensure(root, "devices"):
        drop(device, "boot")  # libvirt refuses both ways at once
    drop(root, "os/boot")
    for name in names:
        boot = Element("boot", {"dev": _CLASSES[name]})
        ensure(root, "os").append(boot)


def _twice(names: list[str]) -> str | None:
    return "names a class of devices twice" if len(set(names)) < len(names) else None


def _text(name: str, path: str, kind: str, **more: t.Any) -> Scalar:
    """Declare an option that is an element's text; the empty text removes it."""
    return Scalar(
        name,
        {"type": kind},
        lambda root: exact_text(root, path),
        lambda root, value: set_text(root, path, value),
        same=unset_is(""),
        **more,
    )


OPTIONS: tuple[Option, ...] = (
    _text(
        "description", "description", "str",
        step=lambda running: LiveStep("description", exact_text(running, "description") or ""),
    ),
    Scalar(
        "boot", {"type": "list", "elements": "str", "choices": list(_CLASSES)}, _boot, _put_boot,
        same=unset_is([]), problem=_twice,
    ),
    _text("kernel", "os/kernel", "str"),
    _text("initrd", "os/initrd", "str"),
    _text("cmdline", "os/cmdline", "str"),
)  # fmt: skip
