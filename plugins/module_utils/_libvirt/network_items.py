# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""The parts of a network that come in numbers: addresses with their DHCP, and port groups <-> their XML. Pure.

Each is found by its key, not by its place: an address by its family, a DHCP host by MAC (or id, or name), a port group
by its name. Source: https://libvirt.org/formatnetwork.html
"""

from __future__ import annotations

import ipaddress
import typing as t
from xml.etree.ElementTree import SubElement

from .._domain_xml import tree
from .._domain_xml.tree import Element


def address_key(address: str) -> str:
    """Return `ipv4` or `ipv6`; the empty text, as libvirt, means IPv4."""
    return "ipv6" if ":" in address else "ipv4"


def host_key(host: t.Mapping[str, t.Any]) -> str:
    """Return what tells a DHCP host from the others."""
    mac = host.get("mac")
    return str(mac).lower() if mac else str(host.get("id") or host.get("name"))


def read_address(element: Element) -> dict[str, t.Any]:
    """Return an `<ip>`'s options by their path."""
    path = f"addresses[{address_key(element.get('address', ''))}]"
    found: dict[str, t.Any] = {f"{path}.address": element.get("address"), f"{path}.prefix": _prefix(element)}
    dhcp_range = element.find("dhcp/range")
    if dhcp_range is not None:
        found[f"{path}.dhcp.start"] = dhcp_range.get("start")
        found[f"{path}.dhcp.end"] = dhcp_range.get("end")
    for host in element.findall("dhcp/host"):
        here = f"{path}.dhcp.hosts[{host_key(host.attrib)}]"
        found.update({f"{here}.address": host.get("ip"), f"{here}.name": host.get("name")})
    return found


def _prefix(element: Element) -> int | None:
    prefix, netmask = tree.integer(element.get("prefix")), element.get("netmask")
    if prefix is not None or netmask is None:
        return prefix
    return ipaddress.ip_network(f"0.0.0.0/{netmask}").prefixlen


def write_address(root: Element, wanted: t.Mapping[str, t.Any], *, purge: bool) -> None:
    """Write one item of `addresses` into the `<network>`."""
    key = address_key(wanted["address"])
    found = [element for element in root.findall("ip") if address_key(element.get("address", "")) == key]
    element = found[0] if found else SubElement(root, "ip")
    element.set("address", wanted["address"])
    element.set("prefix", str(wanted["prefix"]))
    tree.set_attribute(element, "netmask", None)
    if key == "ipv6":
        element.set("family", "ipv6")
    if wanted["dhcp"] is not None:
        _write_dhcp(tree.ensure(element, "dhcp"), wanted["dhcp"], purge=purge)


def _write_dhcp(element: Element, wanted: t.Mapping[str, t.Any], *, purge: bool) -> None:
    if wanted["start"] is not None:
        found = tree.ensure(element, "range")
        found.set("start", wanted["start"])
        found.set("end", wanted["end"])
    hosts = {host_key(host.attrib): host for host in element.findall("host")}
    for host in wanted["hosts"] or ():
        _write_host(hosts.get(host_key(host)), element, host)
    if purge and wanted["hosts"] is not None:
        kept = {host_key(host) for host in wanted["hosts"]}
        for key, found in hosts.items():
            if key not in kept:
                element.remove(found)


def _write_host(found: Element | None, dhcp: Element, wanted: t.Mapping[str, t.Any]) -> None:
    element = SubElement(dhcp, "host") if found is None else found
    for attribute, option in (("mac", "mac"), ("id", "id"), ("name", "name"), ("ip", "address")):
        if wanted[option] is not None:
            element.set(attribute, wanted[option].lower() if option == "mac" else wanted[option])


def read_portgroup(element: Element) -> dict[str, t.Any]:
    """Return a `<portgroup>`'s options by their path."""
    path = f"portgroups[{element.get('name')}]"
    tags = element.findall("vlan/tag")
    trunk = tree.attribute(element, "vlan", "trunk") == "yes" or len(tags) > 1
    native = [tag for tag in tags if tag.get("nativeMode")]
    tagged = [tag for tag in tags if trunk and tag not in native]
    untagged = native if trunk else tags
    return {
        f"{path}.name": element.get("name"),
        f"{path}.default": element.get("default") == "yes",
        f"{path}.vlan": tree.integer(untagged[0].get("id")) if untagged else None,
        f"{path}.trunks": sorted(int(tag.get("id", "0")) for tag in tagged) or None,
    }


def write_portgroup(root: Element, wanted: t.Mapping[str, t.Any]) -> None:
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
    if wanted["vlan"] is not None or wanted["trunks"] is not None:
        _write_vlan(element, wanted["vlan"], wanted["trunks"] or [])


def _write_vlan(element: Element, vlan: int | None, trunks: t.Sequence[int]) -> None:
    before = read_portgroup(element)
    path = f"portgroups[{element.get('name')}]"
    if (before[f"{path}.vlan"], before[f"{path}.trunks"] or []) == (vlan, sorted(trunks)):
        return
    tree.drop(element, "vlan")
    tags = tree.ensure(element, "vlan")
    if trunks:
        tags.set("trunk", "yes")
    if vlan is not None:
        native = SubElement(tags, "tag")
        native.set("id", str(vlan))
        tree.set_attribute(native, "nativeMode", "untagged" if trunks else None)
    for number in sorted(trunks):
        SubElement(tags, "tag").set("id", str(number))
