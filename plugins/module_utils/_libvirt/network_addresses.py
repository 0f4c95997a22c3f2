# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""A network's addresses with what is served from them <-> their XML. Pure.

Each is found by its key, not by its place: an address by its family, a DHCP host by MAC (or id, or name), a range by its
ends, a route by where it leads. Source: https://libvirt.org/formatnetwork.html#addressing
"""

from __future__ import annotations

import ipaddress
import typing as t
from xml.etree.ElementTree import SubElement

from .._domain_xml import tree
from .._domain_xml.tree import Element

Entry = t.Mapping[str, t.Any]


def address_key(address: str) -> str:
    """Return `ipv4` or `ipv6`; the empty text, as libvirt, means IPv4."""
    return "ipv6" if ":" in address else "ipv4"


def host_key(host: Entry) -> str:
    """Return what tells a DHCP host from the others."""
    mac = host.get("mac")
    return str(mac).lower() if mac else str(host.get("id") or host.get("name"))


def range_key(found: Entry) -> str:
    """Return what tells a DHCP range from the others."""
    return f"{found.get('start')}-{found.get('end')}"


def ranges_of(dhcp: Entry) -> list[Entry] | None:
    """Return the ranges that `dhcp` names, whether as a list or as the only one; None if it names none."""
    if dhcp["start"] is not None:
        return [{"start": dhcp["start"], "end": dhcp["end"]}]
    return t.cast("list[Entry] | None", dhcp["ranges"])


def read_address(element: Element) -> dict[str, t.Any]:
    """Return an `<ip>`'s options by their path."""
    path = f"addresses[{address_key(element.get('address', ''))}]"
    found: dict[str, t.Any] = {
        f"{path}.address": element.get("address"),
        f"{path}.prefix": _prefix(element),
        f"{path}.tftp_root": tree.attribute(element, "tftp", "root"),
        f"{path}.dhcp.bootp_file": tree.attribute(element, "dhcp/bootp", "file"),
        f"{path}.dhcp.bootp_server": tree.attribute(element, "dhcp/bootp", "server"),
    }
    for one in element.findall("dhcp/range"):
        found[f"{path}.dhcp.ranges[{range_key(one.attrib)}]"] = True
    for host in element.findall("dhcp/host"):
        here = f"{path}.dhcp.hosts[{host_key(host.attrib)}]"
        found.update({f"{here}.address": host.get("ip"), f"{here}.name": host.get("name")})
    return found


def _prefix(element: Element) -> int | None:
    prefix, netmask = tree.integer(element.get("prefix")), element.get("netmask")
    if prefix is not None or netmask is None:
        return prefix
    return ipaddress.ip_network(f"0.0.0.0/{netmask}").prefixlen


def write_address(root: Element, wanted: Entry, *, purge: bool) -> None:
    """Write one item of `addresses` into the `<network>`."""
    key = address_key(wanted["address"])
    found = [element for element in root.findall("ip") if address_key(element.get("address", "")) == key]
    element = found[0] if found else SubElement(root, "ip")
    element.set("address", wanted["address"])
    element.set("prefix", str(wanted["prefix"]))
    tree.set_attribute(element, "netmask", None)
    if key == "ipv6":
        element.set("family", "ipv6")
    if wanted["tftp_root"] is not None:
        tree.ensure(element, "tftp").set("root", wanted["tftp_root"])
    if wanted["dhcp"] is not None:
        _write_dhcp(tree.ensure(element, "dhcp"), wanted["dhcp"], purge=purge)


def _write_dhcp(element: Element, wanted: Entry, *, purge: bool) -> None:
    _write_ranges(element, wanted, purge=purge)
    for option, name in (("bootp_file", "file"), ("bootp_server", "server")):
        if wanted[option] is not None:
            tree.ensure(element, "bootp").set(name, wanted[option])
    hosts = {host_key(host.attrib): host for host in element.findall("host")}
    for host in wanted["hosts"] or ():
        _write_host(hosts.get(host_key(host)), element, host)
    if purge and wanted["hosts"] is not None:
        kept = {host_key(host) for host in wanted["hosts"]}
        for key, found in hosts.items():
            if key not in kept:
                element.remove(found)


def _write_ranges(element: Element, dhcp: Entry, *, purge: bool) -> None:
    """The one range of `start` and `end` takes the place of what was there; of `ranges` each is one among others."""
    wanted = ranges_of(dhcp)
    if wanted is None:
        return
    found = {range_key(one.attrib): one for one in element.findall("range")}
    keys = [range_key(one) for one in wanted]
    if dhcp["start"] is not None and found and keys[0] not in found:
        replaced = next(iter(found))
        found[keys[0]] = found.pop(replaced)
        found[keys[0]].attrib.update(wanted[0])
    for key, one in zip(keys, wanted):
        if key not in found:
            SubElement(element, "range", dict(one))
    for key, gone in found.items():
        if purge and key not in keys:
            element.remove(gone)


def _write_host(found: Element | None, dhcp: Element, wanted: Entry) -> None:
    element = SubElement(dhcp, "host") if found is None else found
    for attribute, option in (("mac", "mac"), ("id", "id"), ("name", "name"), ("ip", "address")):
        if wanted[option] is not None:
            element.set(attribute, wanted[option].lower() if option == "mac" else wanted[option])


def route_key(address: str, prefix: int | None) -> str:
    """Return where a route leads: `192.0.2.0/24`."""
    return f"{address}/{prefix}"


def read_route(element: Element) -> dict[str, t.Any]:
    """Return a `<route>`'s options by their path."""
    path = f"routes[{_route_key(element)}]"
    return {f"{path}.gateway": element.get("gateway"), f"{path}.metric": tree.integer(element.get("metric"))}


def _route_key(element: Element) -> str:
    address, prefix = element.get("address", ""), _prefix(element)
    full = 128 if address_key(address) == "ipv6" else 32
    return route_key(address, full if prefix is None else prefix)


def write_routes(root: Element, wanted: t.Sequence[Entry], *, purge: bool) -> None:
    """Write the option `routes` into the `<network>`."""
    found = {_route_key(element): element for element in root.findall("route")}
    for route in wanted:
        element = found.get(route_key(route["address"], route["prefix"]))
        if element is None:
            element = SubElement(root, "route")
            if address_key(route["address"]) == "ipv6":
                element.set("family", "ipv6")
            element.attrib.update({"address": route["address"], "prefix": str(route["prefix"])})
        element.set("gateway", route["gateway"])
        if route["metric"] is not None:
            element.set("metric", str(route["metric"]))
    kept = {route_key(route["address"], route["prefix"]) for route in wanted}
    for key, element in found.items():
        if purge and key not in kept:
            root.remove(element)
