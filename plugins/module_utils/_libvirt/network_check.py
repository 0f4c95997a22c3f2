# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""Whether what a task asks of a network can be meant, before anything is changed. Pure."""

from __future__ import annotations

import contextlib
import ipaddress
import typing as t

from .._errors import InvalidInputError
from .._names import refuse_twice
from .network_addresses import address_key, host_key, range_key, ranges_of, route_key
from .network_dns import srv_name
from .network_forward import POOLS, SERVED
from .network_values import check_values

Params = t.Mapping[str, t.Any]

_ADDRESSES = ("address", "start", "end", "gateway", "bootp_server")
"""Suboptions that are IP addresses."""

_ONLY_SERVED = ("addresses", "dns", "routes", "domain")
_OF_MODE = {
    "nat": ("nat",),
    **dict.fromkeys(("stp", "stp_delay", "zone"), ("nat", "route", "isolated")),
    "device": ("nat", "route", *POOLS),
    "devices": POOLS,
    "pf": ("hostdev",),
    "managed": ("hostdev",),
}
"""Options that make sense in some modes only."""


def normalised(params: Params) -> dict[str, t.Any]:
    """Return the options with IP addresses as libvirt writes them."""
    return {name: _normalised(name, value) for name, value in params.items()}


def _normalised(name: str, value: t.Any) -> t.Any:
    if isinstance(value, t.Mapping):
        return {key: _normalised(key, part) for key, part in value.items()}
    if isinstance(value, list):
        return [_normalised("", part) for part in value]
    if name in _ADDRESSES and isinstance(value, str):
        with contextlib.suppress(ValueError):  # is told by the checks
            return str(ipaddress.ip_address(value))
    return value


def check(params: Params, *, exists: bool) -> None:
    """Raise InvalidInputError for options that contradict one another.

    :param exists: the network is defined; a new one needs a mode.
    """
    name = params["name"]
    if not exists and params["mode"] is None:
        raise InvalidInputError(f"network '{name}' does not exist.", hint="Set mode to have it created.")
    try:
        check_values({key: value for key, value in params.items() if key != "name"})
        _check_mode(params, exists=exists)
        _check_keys(params)
        for wanted in params["addresses"] or ():
            _check_address(wanted)
        for route in params["routes"] or ():
            _check_route(route)
        _check_dns(params["dns"] or {})
    except InvalidInputError as exc:
        raise exc.within(f"network '{name}': ") from exc


def _check_mode(params: Params, *, exists: bool) -> None:
    mode = params["mode"]
    for option, modes in _OF_MODE.items():
        if params[option] is not None and mode is not None and mode not in modes:
            raise InvalidInputError(f"mode {mode} has no {option}; {' and '.join(modes)} have.")
    served = [option for option in _ONLY_SERVED if params[option] is not None]
    if served and mode is not None and mode not in SERVED:
        raise InvalidInputError(
            f"mode {mode} has no {', '.join(served)}: libvirt serves nothing there.",
            hint="Remove them, or set mode to nat, route, open or isolated.",
        )
    if not exists:
        _check_new(params)


def _check_new(params: Params) -> None:
    mode = params["mode"]
    if mode == "bridge" and not (params["bridge"] or params["device"] or params["devices"]):
        raise InvalidInputError("mode bridge names no bridge.", hint="Set bridge.")
    if mode in POOLS[1:] and not (params["device"] or params["devices"]):
        raise InvalidInputError(f"mode {mode} names no device.", hint="Set devices.")
    if mode == "hostdev" and params["pf"] is None:
        raise InvalidInputError("mode hostdev names no device whose virtual functions VMs get.", hint="Set pf.")
    if mode in ("nat", "route") and not params["addresses"]:
        raise InvalidInputError(f"mode {mode} needs an address.", hint="Set addresses.")


def _check_keys(params: Params) -> None:
    dns = params["dns"] or {}
    keys = {
        "addresses": [address_key(wanted["address"]) for wanted in params["addresses"] or ()],
        "portgroups": [wanted["name"] for wanted in params["portgroups"] or ()],
        "routes": [route_key(route["address"], route["prefix"]) for route in params["routes"] or ()],
        "devices": params["devices"] or (),
        "dns.hosts": [host["address"] for host in dns.get("hosts") or ()],
        "dns.txt": [record["name"] for record in dns.get("txt") or ()],
        "dns.srv": [srv_name(record) for record in dns.get("srv") or ()],
    }
    for option, names in keys.items():
        refuse_twice(option, list(names))
    for wanted in (params, *(params["portgroups"] or ())):
        if wanted["vlan"] is not None and wanted["vlan"] in (wanted["trunks"] or ()):
            raise InvalidInputError(f"trunks: VLAN {wanted['vlan']} is the untagged one already.")
    nat = params["nat"] or {}
    for low, high in (("port_start", "port_end"), ("start", "end")):
        if nat.get(low) is not None and _order(nat[high]) < _order(nat[low]):
            raise InvalidInputError(f"nat.{high} is less than nat.{low}.")


def _order(value: t.Any) -> int:
    return int(_address("nat", value)) if isinstance(value, str) else int(value)


def _address(option: str, text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    try:
        return ipaddress.ip_address(text)
    except ValueError as exc:
        raise InvalidInputError(f"{option}: {exc}.") from exc


def _check_address(wanted: Params) -> None:
    try:
        subnet = ipaddress.ip_interface(f"{wanted['address']}/{wanted['prefix']}").network
    except ValueError as exc:
        raise InvalidInputError(f"addresses: {exc}.") from exc
    if wanted["dhcp"] is not None:
        _check_dhcp(wanted["dhcp"], subnet)


def _check_dhcp(dhcp: Params, subnet: ipaddress.IPv4Network | ipaddress.IPv6Network) -> None:
    hosts, ranges = dhcp["hosts"] or [], ranges_of(dhcp) or []
    if not all(host["mac"] or host["id"] or host["name"] for host in hosts):
        raise InvalidInputError("a DHCP host says not whom it is for.", hint="Set its mac, id or name.")
    refuse_twice("dhcp.hosts", [host_key(host) for host in hosts])
    refuse_twice("dhcp.ranges", [range_key(one) for one in ranges])
    for one in ranges:
        start, end = (_inside(one[name], subnet) for name in ("start", "end"))
        if end < start:
            raise InvalidInputError(f"dhcp: the range from {one['start']} to {one['end']} ends before it begins.")
    for host in hosts:
        _inside(host["address"], subnet)
    if dhcp["bootp_server"] is not None:
        _address("bootp_server", dhcp["bootp_server"])


def _inside(text: str, subnet: ipaddress.IPv4Network | ipaddress.IPv6Network) -> int:
    """Return the address as a number."""
    address = _address("dhcp", text)
    if address not in subnet:
        raise InvalidInputError(f"DHCP address {text} is not in its subnet {subnet}.")
    return int(address)


def _check_route(route: Params) -> None:
    try:
        ipaddress.ip_network(f"{route['address']}/{route['prefix']}")
    except ValueError as exc:
        raise InvalidInputError(f"routes: {exc}.") from exc
    if address_key(str(_address("routes.gateway", route["gateway"]))) != address_key(route["address"]):
        raise InvalidInputError(f"routes: {route['gateway']} is not of the family of {route['address']}.")


def _check_dns(dns: Params) -> None:
    for host in dns.get("hosts") or ():
        _address("dns.hosts.address", host["address"])
        if not host["names"]:
            raise InvalidInputError(f"dns.hosts: {host['address']} has no name.")
    for forwarder in dns.get("forwarders") or ():
        if forwarder["address"] is not None:
            _address("dns.forwarders.address", forwarder["address"])
