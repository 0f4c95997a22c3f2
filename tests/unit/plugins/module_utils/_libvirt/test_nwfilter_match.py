# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a rule of a network filter matches, and when two values are the same."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.evergreen.virt.plugins.module_utils._errors import InvalidInputError
from ansible_collections.evergreen.virt.plugins.module_utils._libvirt.nwfilter_match import (
    PROTOCOLS,
    as_text,
    canonical,
    check,
)


@pytest.mark.parametrize(
    ("name", "given", "written"),
    [
        ("srcmacaddr", "1:2:3:4:5:A", "01:02:03:04:05:0a"),
        ("root-address-mask", "FF:ff:0:0:0:0", "ff:ff:00:00:00:00"),
        ("srcipaddr", "FE80:0::1", "fe80::1"),
        ("srcipfrom", "FE80::1", "fe80::1"),
        ("srcipmask", "255.255.0.0", "16"),
        ("srcipmask", "ffff::", "16"),
        ("arpsrcipmask", "128.0.0.0", "1"),
        ("protocolid", "0x806", "arp"),
        ("encap-protocol", "2054", "arp"),
        ("protocol", "0x11", "udp"),
        ("opcode", "1", "Request"),
        ("opcode", "request_reverse", "Request_Reverse"),
        ("gratuitous", "1", "true"),
        ("gratuitous", "no", "false"),
        ("state", "ESTABLISHED,NEW", "NEW,ESTABLISHED"),
        ("flags", "ack,syn/syn", "SYN,ACK/SYN"),
        ("dstportstart", "0x16", "22"),
        ("dscp", "0x10", "16"),
        ("ipsetflags", "SRC,dst", "src,dst"),
    ],
)
def test_what_libvirt_spells_in_another_way(name: str, given: str, written: str) -> None:
    assert canonical(name, given) == canonical(name, written)


@pytest.mark.parametrize(
    ("name", "one", "other"),
    [
        ("srcipaddr", "10.0.0.1", "10.0.0.2"),
        ("srcipaddr", "$IP", "$IP[0]"),
        ("srcipmask", "24", "255.255.0.0"),
        ("protocolid", "arp", "rarp"),
        ("state", "NEW", "NEW,ESTABLISHED"),
        ("flags", "SYN/ACK", "ACK/SYN"),
        ("comment", "a", "A"),
        ("ipset", "a", "A"),
        ("ipsetflags", "src,dst", "dst,src"),
        ("dstportstart", "22", "$PORT"),
    ],
)
def test_what_differs(name: str, one: str, other: str) -> None:
    assert canonical(name, one) != canonical(name, other)


@pytest.mark.parametrize(
    ("value", "text"), [("a", "a"), (22, "22"), (True, "true"), (False, "false"), (["NEW", "RELATED"], "NEW,RELATED")]
)
def test_as_text(value: t.Any, text: str) -> None:
    assert as_text(value) == text


@pytest.mark.parametrize(
    ("protocol", "match", "said"),
    [
        ("tcp", {"dstport": 22}, "tcp has no 'dstport'"),
        ("arp", {"srcipaddr": "10.0.0.1"}, "arp has no 'srcipaddr'"),
        ("udp", {"flags": "SYN/SYN"}, "udp has no 'flags'"),
        ("tcp", {"dstportstart": -1}, "dstportstart: -1 is not a number"),
        ("tcp", {"dstportstart": True}, "dstportstart: True is not a number"),
        ("tcp", {"dstportstart": None}, "None is not a text, a number or a list"),
        ("tcp", {"dstportstart": {"a": 1}}, "is not a text, a number or a list"),
        ("tcp", {"srcmacaddr": "nonsense"}, "not a MAC address"),
        ("tcp", {"srcipaddr": "10.0.0.1/24"}, "not an IP address"),
        ("tcp", {"srcipmask": "255.0.255.0"}, "not a mask"),
        ("arp", {"gratuitous": "maybe"}, "not true or false"),
        ("mac", {"protocolid": "nonsense"}, "not a number"),
        ("tcp", {"srcipaddr": "$IP'/><rule"}, "not an IP address"),
    ],
)
def test_what_cannot_be_meant(protocol: str, match: dict[str, t.Any], said: str) -> None:
    with pytest.raises(InvalidInputError, match=said) as caught:
        check("rules[1]", protocol, match)
    assert caught.value.message.startswith("rules[1].match")


@pytest.mark.parametrize("protocol", sorted(PROTOCOLS))
def test_every_attribute_takes_a_variable(protocol: str) -> None:
    check("rules[0]", protocol, dict.fromkeys((*PROTOCOLS[protocol], "comment"), "$A[@1]"))
