# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""The `<vlan>` of a card, and of a network or a group of its ports, where it is the same.

Source: https://libvirt.org/formatdomain.html#setting-vlan-tag-on-supported-network-types-only
"""

from __future__ import annotations

import typing as t

from .tree import Element, attribute, drop, ensure, integer


def untagged(parent: Element) -> int | None:
    """Return the VLAN of frames without a tag, None if there is none."""
    found = [tag for tag in parent.findall("vlan/tag") if tag.get("nativeMode") or not _is_trunk(parent)]
    return integer(found[0].get("id")) if found else None


def trunks(parent: Element) -> list[int]:
    """Return the VLANs of frames with a tag, in ascending order."""
    if not _is_trunk(parent):
        return []
    return sorted(integer(tag.get("id")) or 0 for tag in parent.findall("vlan/tag") if not tag.get("nativeMode"))


def write(parent: Element, vlan: int | None, tagged: t.Collection[int]) -> None:
    """Write both; without any, or with 0 for the one, the element is removed."""
    drop(parent, "vlan")
    if not vlan and not tagged:
        return
    element = ensure(parent, "vlan")
    if tagged:
        element.set("trunk", "yes")
    if vlan:
        native = {"nativeMode": "untagged"} if tagged else {}
        element.append(Element("tag", {"id": str(vlan), **native}))
    for number in sorted(set(tagged) - {vlan}):
        element.append(Element("tag", {"id": str(number)}))


def _is_trunk(parent: Element) -> bool:
    return attribute(parent, "vlan", "trunk") == "yes" or len(parent.findall("vlan/tag")) > 1
