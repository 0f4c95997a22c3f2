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
    for address in [*(route["via"] for route in entry["routes"] or ()), *(entry["dns"] or ())]:
        _read(path, address, ipaddress.ip_address, "an address")
    return Interface(
        entry["name"],
        entry["state"] == "absent",
        tuple(_with_prefix(f"{path}.addresses", text, ipaddress.ip_interface) for text in entry["addresses"] or ()),
        bool(entry["dhcp"]),
        entry["mtu"],
        tuple(
            Route(_with_prefix(f"{path}.routes", route["to"], ipaddress.ip_network), route["via"])
            for route in entry["routes"] or ()
        ),
        tuple(entry["dns"] or ()),
    )


def _with_prefix(path: str, text: str, read: t.Callable[[str], t.Any]) -> str:
    """Return an address or a network with the length of its prefix, also where the user writes a netmask."""
    what = "an address or a network with its prefix length"
    if "/" not in text:
        raise InvalidInputError(f"{path}: '{text}' is not {what}.", hint="For example 192.0.2.10/24.")
    return str(_read(path, text, read, what).with_prefixlen)


def _read(path: str, text: str, read: t.Callable[[str], t.Any], what: str) -> t.Any:
    try:
        return read(text)
    except ValueError as exc:
        raise InvalidInputError(f"{path}: '{text}' is not {what}: {exc}.") from exc
