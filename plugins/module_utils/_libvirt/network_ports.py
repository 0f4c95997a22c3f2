# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""What the ports of a network get: VLANs, bandwidth, port groups <-> their XML. Pure.

Source: https://libvirt.org/formatnetwork.html#connectivity
"""

from __future__ import annotations

import typing as t
from xml.etree.ElementTree import SubElement

from .._domain_xml import tree, vlans
from .._domain_xml.tree import Element

Entry = t.Mapping[str, t.Any]

DIRECTIONS = ("inbound", "outbound")
RATES = ("average", "peak", "burst")


def read_vlans(element: Element) -> dict[str, t.Any]:
    """Return `vlan` and `trunks` of a `<network>` or `<portgroup>`."""
    return {"vlan": vlans.untagged(element), "trunks": vlans.trunks(element) or None}


def write_vlans(element: Element, wanted: Entry) -> None:
    """Write `vlan` and `trunks` if one of them is named; both are then."""
    vlan, trunks = wanted["vlan"], sorted(set(wanted["trunks"] or ()))
    named = vlan is not None or wanted["trunks"] is not None
    if named and (vlans.untagged(element), vlans.trunks(element)) != (vlan or None, trunks):
        vlans.write(element, vlan, trunks)


def read_bandwidth(element: Element) -> dict[str, t.Any]:
    """Return the options of a `<bandwidth>` below the element by their path."""
    return {
        f"bandwidth.{direction}.{rate}": tree.integer(tree.attribute(element, f"bandwidth/{direction}", rate))
        for direction in DIRECTIONS
        for rate in RATES
    }


def write_bandwidth(element: Element, wanted: Entry | None) -> None:
    """Write what is named of both directions; an average of 0 removes the direction."""
    for direction in DIRECTIONS:
        rates = (wanted or {}).get(direction) or {}
        if rates.get("average") == 0:
            tree.drop(element, f"bandwidth/{direction}")
            continue
        for rate in RATES:
            if rates.get(rate) is not None:
                tree.ensure(element, f"bandwidth/{direction}").set(rate, str(rates[rate]))
    bandwidth = element.find("bandwidth")
    if bandwidth is not None and wanted is not None and len(bandwidth) == 0:
        tree.drop(element, "bandwidth")


def read_portgroup(element: Element) -> dict[str, t.Any]:
    """Return a `<portgroup>`'s options by their path."""
    found = {
        "name": element.get("name"),
        "default": element.get("default") == "yes",
        **read_vlans(element),
        **read_bandwidth(element),
    }
    return {f"portgroups[{element.get('name')}].{name}": value for name, value in found.items()}


def write_portgroup(root: Element, wanted: Entry) -> None:
    """Write one item of `portgroups` into the `<network>`."""
    found = [element for element in root.findall("portgroup") if element.get("name") == wanted["name"]]
    element = found[0] if found else SubElement(root, "portgroup")
    element.set("name", wanted["name"])
    if wanted["default"]:
        for other in root.findall("portgroup"):
            tree.set_attribute(other, "default", None)
        element.set("default", "yes")
    elif wanted["default"] is not None:
        tree.set_attribute(element, "default", None)
    write_vlans(element, wanted)
    write_bandwidth(element, wanted["bandwidth"])
