# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""What the kernel has of the host's interfaces, and what it lacks of what is wanted."""

from __future__ import annotations

import ipaddress
import json
import typing as t

from .. import _programs
from .interface import Interface

Link = t.Mapping[str, t.Any]
"""An interface as `ip -json address show` tells it (ip-address(8))."""


def read(name: str) -> Link | None:
    """Return an interface as it is, None if there is none of that name."""
    shown = json.loads(_programs.answer(["ip", "-json", "address", "show", "dev", name]) or "[]")
    return next((link for link in shown if link.get("ifname") == name), None)


def problem(wanted: Interface, link: Link | None) -> str:
    """Return what an interface lacks of what is wanted, empty if nothing. It need not have a carrier, nor what DHCP gives."""
    if link is None:
        return "does not exist"
    if "UP" not in link["flags"]:
        return "is down"
    if wanted.dhcp and "LOWER_UP" not in link["flags"]:
        return ""  # systemd-networkd gives it its other addresses with its first carrier
    usable = {
        ipaddress.ip_interface(f"{entry['local']}/{entry['prefixlen']}")
        for entry in link.get("addr_info", ())
        if not entry.get("dadfailed")
    }
    missing = [address for address in wanted.addresses if ipaddress.ip_interface(address) not in usable]
    return f"lacks the address {', '.join(missing)}" if missing else ""


def problems(wanted: t.Iterable[Interface]) -> list[str]:
    """Return what is not as it is wanted."""
    found = {item.name: problem(item, read(item.name)) for item in wanted if not item.absent}
    return [f"interface '{name}' {text}" for name, text in found.items() if text]
