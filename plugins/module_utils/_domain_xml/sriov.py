# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""An interface that is a function of the host's network card, and its partner for the time of a move.

Source: https://libvirt.org/formatdomain.html#pci-passthrough, #teaming-a-virtio-hostdev-nic-pair.
"""

from __future__ import annotations

import re

from . import host_addresses
from .option import Entry, Group, Option, Scalar, unset_is
from .tree import Element, attribute, drop, ensure, set_attribute

TEAMING = ("none", "persistent", "transient")


def is_transient(interface: Element) -> bool:
    """Tell whether it is taken away for a move."""
    return attribute(interface, "teaming", "type") == "transient"


def shall_be_transient(entry: Entry) -> bool:
    """Tell the same of an entry of the user, or of what was read of an interface."""
    return (entry.get("teaming") or {}).get("type") == "transient"


def _pci(interface: Element) -> str | None:
    source = interface.find("source")
    return None if interface.get("type") != "hostdev" or source is None else host_addresses.read(source)


def _put_pci(interface: Element, name: str) -> None:
    if interface.get("type") != "hostdev":
        for tag in ("source", "virtualport", "model"):
            drop(interface, tag)
        interface.attrib.update({"type": "hostdev", "managed": "yes"})
    source = ensure(interface, "source")
    host_addresses.write(source, name)
    ensure(source, "address").set("type", "pci")


def _pci_problem(name: str) -> str | None:
    return None if host_addresses.kind(name) == "pci" else f"{name!r} is not a PCI address like 0000:65:00.1"


def _alias_problem(name: str) -> str | None:
    return None if re.fullmatch("ua-[A-Za-z0-9_-]+", name) else f"{name!r} does not begin with ua-, or has other signs"


def _put_teaming_type(interface: Element, kind: str) -> None:
    if kind == "none":
        drop(interface, "teaming")
        return
    teaming = ensure(interface, "teaming")
    teaming.set("type", kind)
    if kind == "persistent":
        set_attribute(teaming, "persistent", None)


def _teaming_problem(teaming: Entry) -> str | None:
    transient = teaming["type"] == "transient"
    if transient != ("persistent" in teaming):
        return "the transient one, and only that, names the alias of its persistent partner"
    return None


_TEAMING = (
    Scalar(
        "type", {"type": "str", "choices": list(TEAMING), "required": True},
        lambda interface: attribute(interface, "teaming", "type"), _put_teaming_type,
        same=unset_is("none"),
    ),
    Scalar(
        "persistent", {"type": "str"}, lambda interface: attribute(interface, "teaming", "persistent"),
        lambda interface, alias: ensure(interface, "teaming").set("persistent", alias), problem=_alias_problem,
    ),
)  # fmt: skip

SOURCE = Scalar(
    "pci", {"type": "str"}, _pci, _put_pci, same=lambda current, wanted: current == host_addresses.normal(wanted),
    problem=_pci_problem,
)  # fmt: skip

ITEMS: tuple[Option, ...] = (
    Scalar(
        "alias", {"type": "str"}, lambda interface: attribute(interface, "alias", "name"),
        lambda interface, name: ensure(interface, "alias").set("name", name), problem=_alias_problem,
    ),
    Group("teaming", _TEAMING, problem=_teaming_problem),
)  # fmt: skip
