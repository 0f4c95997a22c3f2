# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""Whether what a task asks of a network can be meant, before anything is changed. Pure."""

from __future__ import annotations

import ipaddress
import typing as t

from .._errors import InvalidInputError
from .network_items import address_key, host_key


def check(params: t.Mapping[str, t.Any], *, exists: bool) -> None:
    """Raise InvalidInputError for options that contradict one another.

    :param exists: the network is defined; a new one needs a mode.
    """
    name, mode, addresses = params["name"], params["mode"], params["addresses"] or []
    if not exists and mode is None:
        raise InvalidInputError(f"network '{name}' does not exist.", hint="Set mode to have it created.")
    if not exists and mode == "bridge" and not (params["bridge"] or params["device"]):
        raise InvalidInputError(f"network '{name}' of mode bridge names no bridge.", hint="Set bridge.")
    if mode == "bridge" and addresses:
        raise InvalidInputError(
            f"network '{name}' has mode bridge, where libvirt serves no addresses.",
            hint="Remove addresses, or set mode to nat, route, open or isolated.",
        )
    if not exists and mode in ("nat", "route") and not addresses:
        raise InvalidInputError(f"network '{name}' of mode {mode} needs an address.", hint="Set addresses.")
    _check_unique(name, "addresses", [address_key(wanted["address"]) for wanted in addresses])
    _check_unique(name, "portgroups", [wanted["name"] for wanted in params["portgroups"] or []])
    for wanted in addresses:
        _check_address(name, wanted)


def _check_unique(name: str, option: str, keys: list[str]) -> None:
    twice = sorted({key for key in keys if keys.count(key) > 1})
    if twice:
        raise InvalidInputError(f"network '{name}': {option} names {', '.join(twice)} more than once.")


def _check_address(name: str, wanted: t.Mapping[str, t.Any]) -> None:
    try:
        subnet = ipaddress.ip_interface(f"{wanted['address']}/{wanted['prefix']}").network
    except ValueError as exc:
        raise InvalidInputError(f"network '{name}': {exc}.") from exc
    dhcp = wanted["dhcp"]
    if dhcp is None:
        return
    hosts = dhcp["hosts"] or []
    if not all(host["mac"] or host["id"] or host["name"] for host in hosts):
        raise InvalidInputError(
            f"network '{name}': a DHCP host says not whom it is for.", hint="Set its mac, id or name."
        )
    _check_unique(name, "dhcp.hosts", [host_key(host) for host in hosts])
    served = [dhcp["start"], dhcp["end"], *(host["address"] for host in hosts)]
    for address in (address for address in served if address is not None):
        _check_inside(name, address, subnet)


def _check_inside(name: str, address: str, subnet: ipaddress.IPv4Network | ipaddress.IPv6Network) -> None:
    try:
        inside = ipaddress.ip_address(address) in subnet
    except ValueError as exc:
        raise InvalidInputError(f"network '{name}': {exc}.") from exc
    if not inside:
        raise InvalidInputError(f"network '{name}': DHCP address {address} is not in its subnet {subnet}.")
