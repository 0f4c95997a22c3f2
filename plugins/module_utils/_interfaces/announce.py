# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""Telling neighbours that an address has moved to another interface, with another MAC address.

They would send to the old one until they doubt it, which takes a minute and more; whoever is to confirm a change by a new
connection has less time. Source: RFC 5227, 3; RFC 4861, 4.4 and 7.2.6.
"""

from __future__ import annotations

import contextlib
import ipaddress
import re
import socket
import typing as t

from . import links

_ARP = 0x0806
_MAC = re.compile("([0-9a-f]{2}:){5}[0-9a-f]{2}")
_BROADCAST = bytes.fromhex("ffffffffffff")
_ALL_NODES = "ff02::1"
_IPV6_MULTICAST_HOPS = 255


def announce(names: t.Iterable[str]) -> None:
    """Announce all addresses of these interfaces; one that is not there, not up, or no Ethernet has nothing to announce."""
    for name in names:
        with contextlib.suppress(OSError):
            _announce(name)


def _announce(name: str) -> None:
    link = links.read(name)
    mac = mac_of(link) if link else None
    if link is None or mac is None:
        return
    for entry in link.get("addr_info", ()):
        address = ipaddress.ip_address(entry["local"])
        if address.version == 4:
            _send_arp(name, arp_announcement(mac, address.packed))
        else:
            _send_advertisement(name, neighbour_advertisement(mac, address.packed))


def mac_of(link: links.Link) -> bytes | None:
    """Return the MAC address; None for what has another kind of address, as a tunnel has."""
    address = str(link.get("address", ""))
    return bytes.fromhex(address.replace(":", "")) if _MAC.fullmatch(address) else None


def arp_announcement(mac: bytes, address: bytes) -> bytes:
    """Return the frame of an ARP request for one's own address, which makes neighbours correct what they know of it."""
    ethernet = _BROADCAST + mac + _ARP.to_bytes(2, "big")
    request_for_ipv4 = bytes.fromhex("0001080006040001")
    return ethernet + request_for_ipv4 + mac + address + bytes(6) + address


def neighbour_advertisement(mac: bytes, address: bytes) -> bytes:
    """Return an ICMPv6 message that nobody asked for; the kernel adds its checksum."""
    kind, override = bytes.fromhex("88000000"), bytes.fromhex("20000000")
    link_layer_address = bytes((2, 1)) + mac
    return kind + override + address + link_layer_address


def _send_arp(name: str, frame: bytes) -> None:
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as link:
        link.bind((name, _ARP))
        link.send(frame)


def _send_advertisement(name: str, message: bytes) -> None:
    with socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_ICMPV6) as link:
        link.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_HOPS, _IPV6_MULTICAST_HOPS)
        link.sendto(message, (_ALL_NODES, 0, 0, socket.if_nametoindex(name)))
