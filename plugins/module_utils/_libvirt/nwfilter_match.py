# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""What a rule of a network filter can match, protocol by protocol, and when two values are the same. Pure.

libvirt drops an attribute that it does not know for a protocol without a word, and spells values in its own way: numbers
as names, masks as lengths. Source: https://libvirt.org/formatnwfilter.html#supported-protocols
"""

from __future__ import annotations

import ipaddress
import re
import typing as t

from .._errors import InvalidInputError

_MACS = ("srcmacaddr", "srcmacmask", "dstmacaddr", "dstmacmask")
_ADDRESSES = ("srcipaddr", "srcipmask", "dstipaddr", "dstipmask")
_PORTS = ("srcportstart", "srcportend", "dstportstart", "dstportend")
_ARP = (
    *_MACS, "hwtype", "protocoltype", "opcode", "gratuitous", "arpsrcmacaddr", "arpdstmacaddr",
    "arpsrcipaddr", "arpsrcipmask", "arpdstipaddr", "arpdstipmask",
)  # fmt: skip
_STP_RANGES = (
    "root-priority", "root-cost", "sender-priority", "port", "age", "max-age", "hello-time", "forward-delay",
)  # fmt: skip
_STP_MACS = ("root-address", "root-address-mask", "sender-address", "sender-address-mask")
_STP = ("srcmacaddr", "srcmacmask", "type", "flags", *_STP_MACS, *_STP_RANGES, *(f"{name}-hi" for name in _STP_RANGES))
_INTERNET = (
    "srcmacaddr", *_ADDRESSES, "srcipfrom", "srcipto", "dstipfrom", "dstipto", "dscp", "connlimit-above", "state",
    "ipset", "ipsetflags",
)  # fmt: skip
_TRANSPORTS: dict[str, tuple[str, ...]] = {
    "tcp": (*_PORTS, "flags", "option"),
    "udp": _PORTS,
    "sctp": _PORTS,
    "udplite": (),
    "esp": (),
    "ah": (),
    "all": (),
}

PROTOCOLS: dict[str, tuple[str, ...]] = {
    "mac": (*_MACS, "protocolid"),
    "vlan": (*_MACS, "vlanid", "encap-protocol"),
    "stp": _STP,
    "arp": _ARP,
    "rarp": _ARP,
    "ip": (*_MACS, *_ADDRESSES, *_PORTS, "protocol", "dscp"),
    "ipv6": (*_MACS, *_ADDRESSES, *_PORTS, "protocol", "type", "typeend", "code", "codeend"),
    **{name: (*_INTERNET, *more) for name, more in _TRANSPORTS.items()},
    **{f"{name}-ipv6": (*_INTERNET, *more) for name, more in _TRANSPORTS.items()},
    "icmp": (*_INTERNET, "type", "code"),
    "icmpv6": (*_INTERNET, "type", "code"),
    "igmp": _INTERNET,
}
"""What each protocol's packets can be told by; each takes a comment, too."""

_VARIABLE = re.compile(r"\$[A-Za-z0-9_]+(\[@?[0-9]+\])?")
_MAC = re.compile(r"([0-9A-Fa-f]{1,2}:){5}[0-9A-Fa-f]{1,2}")
_ETHERNET = {"arp": 0x806, "rarp": 0x8035, "ipv4": 0x800, "ipv6": 0x86DD, "vlan": 0x8100}
_INTERNET_NUMBERS = {
    "tcp": 6, "udp": 17, "udplite": 136, "esp": 50, "ah": 51, "icmp": 1, "igmp": 2, "sctp": 132, "icmpv6": 58,
}  # fmt: skip
_OPCODES = {
    "request": 1, "reply": 2, "request_reverse": 3, "reply_reverse": 4, "drarp_request": 5, "drarp_reply": 6,
    "drarp_error": 7, "inarp_request": 8, "arp_nak": 10,
}  # fmt: skip
_NAMES = {
    "protocolid": _ETHERNET,
    "encap-protocol": _ETHERNET,
    "protocol": _INTERNET_NUMBERS,
    "opcode": _OPCODES,
}
_TRUE_OR_FALSE = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}


def check(where: str, protocol: str, match: t.Mapping[str, t.Any]) -> None:
    """Raise InvalidInputError for what the protocol does not know, and for values that cannot be meant.

    :param where: how messages call the rule.
    """
    known = PROTOCOLS[protocol]
    for name, value in match.items():
        if name != "comment" and name not in known:
            raise InvalidInputError(
                f"{where}.match: {protocol} has no {name!r}.", hint=f"It has {', '.join(known)} and comment."
            )
        try:
            canonical(name, as_text(value))
        except ValueError as exc:
            raise InvalidInputError(f"{where}.match.{name}: {value!r} is not {exc}.") from exc


def as_text(value: t.Any) -> str:
    """Return a value as it is written in XML; a list is what libvirt separates by commas.

    :raises ValueError: when it is none of these.
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (list, tuple)):
        return ",".join(map(as_text, value))
    if isinstance(value, (str, int)):
        return str(value)
    raise ValueError("a text, a number or a list of them")


def canonical(name: str, text: str) -> t.Hashable:
    """Return what is equal for texts that mean the same to libvirt.

    :param name: the attribute.
    :raises ValueError: with what it should have been.
    """
    if _VARIABLE.fullmatch(text) or name in ("comment", "ipset"):
        return text
    if name in _NAMES:
        return _NAMES[name].get(text.lower()) or _number(text)
    for ending, convert in _KINDS:
        if name.endswith(ending):
            return convert(text)
    return _number(text)


def _number(text: str) -> int:
    if not re.fullmatch("0[xX][0-9A-Fa-f]+|[0-9]+", text):
        raise ValueError("a number, decimal or with 0x in front")
    return int(text, 16 if text[1:2] in ("x", "X") else 10)


def _mac(text: str) -> tuple[int, ...]:
    if not _MAC.fullmatch(text):
        raise ValueError("a MAC address like 52:54:00:12:34:56")
    return tuple(int(part, 16) for part in text.split(":"))


def _address(text: str) -> t.Hashable:
    try:
        return ipaddress.ip_address(text)
    except ValueError as exc:
        raise ValueError("an IP address") from exc


def _mask(text: str) -> int:
    """Return the number of ones."""
    if text.isdigit():
        return int(text)
    bits = f"{int(t.cast(t.Any, _address(text))):b}"
    if "01" in bits:
        raise ValueError("a mask")
    return bits.count("1")


def _boolean(text: str) -> bool:
    if text.lower() not in _TRUE_OR_FALSE:
        raise ValueError("true or false")
    return _TRUE_OR_FALSE[text.lower()]


def _set(text: str) -> frozenset[str]:
    return frozenset(text.upper().split(","))


def _flags(text: str) -> t.Hashable:
    """TCP's flags are two sets, STP's are a number."""
    return tuple(map(_set, text.split("/"))) if "/" in text else _number(text)


_KINDS: tuple[tuple[str, t.Callable[[str], t.Hashable]], ...] = (
    ("macaddr", _mac), ("macmask", _mac), ("root-address", _mac), ("root-address-mask", _mac), ("sender-address", _mac),
    ("sender-address-mask", _mac), ("ipaddr", _address), ("ipfrom", _address), ("ipto", _address), ("ipmask", _mask),
    ("gratuitous", _boolean), ("state", _set), ("ipsetflags", str.lower), ("flags", _flags),
)  # fmt: skip
"""Endings of the names of attributes, and what their values are; all others are numbers."""
