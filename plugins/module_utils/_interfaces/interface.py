# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""Pure: an interface of the host as the user wants it to come up, and the check of what the user wrote."""

from __future__ import annotations

import dataclasses
import ipaddress
import re
import typing as t

from .._errors import InvalidInputError
from .._names import refuse_twice

MARK = "# Written by the Ansible collection evergreen.virt (module host_network); changes here will be lost."
"""Begins each file."""

_NAME = re.compile(r"[^\s/:]{1,15}")
"""What the kernel takes (dev_valid_name in net/core/dev.c); a colon would be an alias to ifupdown."""


@dataclasses.dataclass(frozen=True)
class Route:
    to: str
    via: str


@dataclasses.dataclass(frozen=True)
class Interface:
    """An interface; without addresses it is only brought up.

    :param absent: nothing is to be said about it any more.
    """

    name: str
    absent: bool = False
    addresses: tuple[str, ...] = ()
    dhcp: bool = False
    mtu: int | None = None
    routes: tuple[Route, ...] = ()
    dns: tuple[str, ...] = ()


def wanted_interfaces(entries: t.Sequence[t.Mapping[str, t.Any]]) -> list[Interface]:
    """Read and check the option `interfaces` of the module `host_network`.

    :raises InvalidInputError: for what cannot be meant.
    """
    refuse_twice("interfaces", [entry["name"] for entry in entries])
    return [_interface(entry) for entry in entries]


def _interface(entry: t.Mapping[str, t.Any]) -> Interface:
    path = f"interfaces[{entry['name']}]"
    if not _NAME.fullmatch(entry["name"]) or entry["name"] in (".", ".."):
        raise InvalidInputError(f"{path}: this is no name of a network interface.")
    addresses = entry["addresses"] or ()
    routes = [Route(route["to"], route["via"]) for route in entry["routes"] or ()]
    for address in addresses:
        _check(f"{path}.addresses", address, ipaddress.ip_interface, "an address with its prefix length", slash=True)
    for address in [*(route.via for route in routes), *(entry["dns"] or ())]:
        _check(path, address, ipaddress.ip_address, "an address")
    for route in routes:
        _check(f"{path}.routes", route.to, ipaddress.ip_network, "a network with its prefix length", slash=True)
    return Interface(
        entry["name"],
        entry["state"] == "absent",
        tuple(addresses),
        bool(entry["dhcp"]),
        entry["mtu"],
        tuple(routes),
        tuple(entry["dns"] or ()),
    )


def _check(path: str, text: str, read: t.Callable[[str], t.Any], what: str, *, slash: bool = False) -> None:
    try:
        read(text)
    except ValueError as exc:
        raise InvalidInputError(f"{path}: '{text}' is not {what}: {exc}.") from exc
    if slash and "/" not in text:
        raise InvalidInputError(f"{path}: '{text}' is not {what}.", hint="For example 192.0.2.10/24.")
