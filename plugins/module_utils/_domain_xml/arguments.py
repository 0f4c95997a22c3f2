# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""What is handed to QEMU as it is, past libvirt.

Source: https://libvirt.org/drvqemu.html#pass-through-of-arbitrary-qemu-commands
"""

from __future__ import annotations

from xml.etree import ElementTree as ET

from .option import Option, Scalar
from .tree import Element

_QEMU = "http://libvirt.org/schemas/domain/qemu/1.0"
_COMMANDLINE = f"{{{_QEMU}}}commandline"
_ARGUMENT = f"{{{_QEMU}}}arg"

ET.register_namespace("qemu", _QEMU)


def read(root: Element) -> list[str]:
    """Return the arguments, one word each."""
    return [element.get("value", "") for element in root.findall(f"{_COMMANDLINE}/{_ARGUMENT}")]


def _put_arguments(root: Element, values: list[str]) -> None:
    found = root.find(_COMMANDLINE)
    commandline = ET.SubElement(root, _COMMANDLINE) if found is None else found
    for element in commandline.findall(_ARGUMENT):
        commandline.remove(element)
    commandline.extend(Element(_ARGUMENT, {"value": value}) for value in values)
    if len(commandline) == 0:
        root.remove(commandline)


OPTIONS: tuple[Option, ...] = (Scalar("qemu_arguments", {"type": "list", "elements": "str"}, read, _put_arguments),)
