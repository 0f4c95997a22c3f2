# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""How a network's traffic reaches the world <-> `<forward>`. Pure.

Source: https://libvirt.org/formatnetwork.html#connectivity
"""

from __future__ import annotations

import typing as t
from xml.etree.ElementTree import SubElement

from .._domain_xml import tree
from .._domain_xml.tree import Element

Entry = t.Mapping[str, t.Any]

MODES = ("nat", "route", "open", "isolated", "bridge", "private", "vepa", "passthrough", "hostdev")
POOLS = ("bridge", "private", "vepa", "passthrough")
"""Modes whose devices VMs are attached to themselves, each to a free one."""

SERVED = ("nat", "route", "open", "isolated")
"""Modes whose bridge libvirt makes, and where it serves addresses and names."""

_NAT = (
    ("start", "address", "start"),
    ("end", "address", "end"),
    ("port_start", "port", "start"),
    ("port_end", "port", "end"),
)
_NUMBERS = ("port_start", "port_end")


def mode_of(root: Element) -> str:
    """Return the mode of a `<network>`."""
    forward = root.find("forward")
    return "isolated" if forward is None else forward.get("mode", "nat")


def devices_of(root: Element) -> list[str]:
    """Return the devices in their order; libvirt tells the first one twice."""
    forward = root.find("forward")
    if forward is None:
        return []
    named = [element.get("dev", "") for element in forward.findall("interface")]
    return named or [device for device in (forward.get("dev"),) if device]


def read_forward(root: Element) -> dict[str, t.Any]:
    """Return the options of `<forward>` by their path."""
    devices = devices_of(root)
    managed = tree.attribute(root, "forward", "managed") == "yes"
    found: dict[str, t.Any] = {
        "mode": mode_of(root),
        "device": devices[0] if len(devices) == 1 else None,
        "devices": devices if len(devices) > 1 else None,
        "pf": tree.attribute(root, "forward/pf", "dev"),
        "managed": managed if mode_of(root) == "hostdev" else None,
        "nat.ipv6": {"yes": True, "no": False}.get(tree.attribute(root, "forward/nat", "ipv6") or ""),
    }
    for option, tag, name in _NAT:
        value = tree.attribute(root, f"forward/nat/{tag}", name)
        found[f"nat.{option}"] = tree.integer(value) if option in _NUMBERS else value
    return found


def write_forward(root: Element, params: Entry) -> None:
    """Write what the options say of `<forward>`."""
    if params["mode"] is not None:
        _write_mode(root, params["mode"])
    devices = [params["device"]] if params["device"] is not None else params["devices"]
    if devices is not None and devices_of(root) != devices:
        forward = tree.ensure(root, "forward")
        tree.drop(forward, "interface")
        tree.set_attribute(forward, "dev", devices[0] if devices else None)
        for device in devices:
            SubElement(forward, "interface", dev=device)
    if params["pf"] is not None:
        tree.ensure(root, "forward/pf").set("dev", params["pf"])
    if params["managed"] is not None:
        tree.ensure(root, "forward").set("managed", "yes" if params["managed"] else "no")
    if params["nat"] is not None:
        _write_nat(root, params["nat"])


def _write_mode(root: Element, mode: str) -> None:
    if mode == "isolated":
        tree.drop(root, "forward")
        return
    forward = tree.ensure(root, "forward")
    forward.set("mode", mode)
    if mode != "nat":
        tree.drop(forward, "nat")
    if mode != "hostdev":
        tree.drop(forward, "pf")
        tree.drop(forward, "address")
        tree.set_attribute(forward, "managed", None)


def _write_nat(root: Element, wanted: Entry) -> None:
    for option, tag, name in _NAT:
        if wanted[option] is not None:
            tree.ensure(root, f"forward/nat/{tag}").set(name, str(wanted[option]))
    if wanted["ipv6"] is not None:
        tree.ensure(root, "forward/nat").set("ipv6", "yes" if wanted["ipv6"] else "no")
