# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What cannot be meant of a network."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.evergreen.virt.plugins.module_utils._errors import InvalidInputError
from ansible_collections.evergreen.virt.plugins.module_utils._libvirt.network_check import check, normalised

from .networks import Params, host, ipv4, ipv6, params


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        ({}, "mode"),
        ({"mode": "bridge"}, "bridge"),
        ({"mode": "vepa"}, "Set devices"),
        ({"mode": "hostdev"}, "Set pf"),
        ({"mode": "nat"}, "address"),
        ({"mode": "bridge", "bridge": "br0", "addresses": [ipv4()]}, "addresses"),
        ({"mode": "bridge", "bridge": "br0", "dns": {"enable": True}}, "dns"),
        ({"mode": "bridge", "bridge": "br0", "stp": True}, "has no stp"),
        ({"mode": "isolated", "device": "eth0"}, "has no device"),
        ({"mode": "isolated", "nat": {"ipv6": True}}, "has no nat"),
        ({"mode": "nat", "addresses": [ipv4()], "pf": "eth0"}, "has no pf"),
        ({"mode": "nat", "addresses": [ipv4(), ipv4()]}, "is named twice"),
        ({"mode": "nat", "addresses": [{"address": "192.0.2.1", "prefix": 33}]}, "33"),
        ({"mode": "nat", "addresses": [{"address": "192.0.2.1", "prefix": -1}]}, "-1"),
        ({"mode": "nat", "addresses": [ipv4(start="198.51.100.1", end="198.51.100.2")]}, "198.51.100.1"),
        ({"mode": "nat", "addresses": [ipv4(start="192.0.2.9", end="192.0.2.8")]}, "ends before it begins"),
        ({"mode": "nat", "addresses": [ipv4(ranges=[{"start": "192.0.2.9", "end": "x"}])]}, "'x'"),
        ({"mode": "nat", "addresses": [ipv4(ranges=[{"start": "192.0.2.9", "end": "192.0.2.9"}] * 2)]}, "is named twice"),
        ({"mode": "nat", "addresses": [ipv4(hosts=[{"address": "192.0.2.11"}])]}, "whom"),
        ({"mode": "nat", "addresses": [ipv4(hosts=[host("52:54:00:00:00:01", "nonsense")])]}, "nonsense"),
        ({"mode": "nat", "addresses": [ipv4(hosts=[host("1", "192.0.2.9")])]}, "not a MAC address"),
        ({"mode": "nat", "addresses": [ipv6(hosts=[{"id": "\u00fc", "address": "2001:db8::2"}])]}, "hexadecimal"),
        ({"mode": "nat", "addresses": [ipv4(bootp_file="a,b")]}, "holds ,"),
        ({"mode": "nat", "addresses": [ipv4(bootp_file="a", bootp_server="x")]}, "bootp_server"),
        ({"mode": "nat", "addresses": [{**ipv4(), "tftp_root": "srv"}]}, "absolute path"),
        ({"mode": "isolated", "routes": [{"address": "10.0.0.1", "prefix": 8, "gateway": "10.1.1.1"}]}, "host bits"),
        ({"mode": "isolated", "routes": [{"address": "10.0.0.0", "prefix": 8, "gateway": "fd00::1"}]}, "family"),
        ({"mode": "isolated", "routes": [{"address": "10.0.0.0", "prefix": 8, "gateway": "x"}]}, "gateway"),
        ({"mode": "isolated", "mtu": 4294967296}, "mtu: 4294967296 is not between"),
        ({"mode": "isolated", "mtu": -1}, "mtu"),
        ({"mode": "isolated", "stp_delay": -1}, "stp_delay"),
        ({"mode": "isolated", "vlan": 4095}, "vlan"),
        ({"mode": "isolated", "trunks": [0]}, "trunks"),
        ({"mode": "isolated", "vlan": 5, "trunks": [5]}, "untagged one"),
        ({"mode": "isolated", "portgroups": [{"name": "a", "vlan": 5, "trunks": [5]}]}, "untagged one"),
        ({"mode": "isolated", "portgroups": [{"name": "a", "vlan": 4095}]}, "portgroups.vlan"),
        ({"mode": "isolated", "bandwidth": {"inbound": {"average": -1}}}, "bandwidth.inbound.average"),
        ({"mode": "isolated", "bandwidth": {"outbound": {"average": 1, "peak": 0}}}, "bandwidth.outbound.peak"),
        ({"mode": "nat", "addresses": [ipv4()], "nat": {"port_start": 0, "port_end": 1}}, "nat.port_start"),
        ({"mode": "nat", "addresses": [ipv4()], "nat": {"port_start": 2, "port_end": 1}}, "less than"),
        ({"mode": "nat", "addresses": [ipv4()], "nat": {"start": "192.0.2.9", "end": "192.0.2.8"}}, "less than"),
        ({"mode": "isolated", "dns": {"hosts": [{"address": "x", "names": ["a"]}]}}, "dns.hosts.address"),
        ({"mode": "isolated", "dns": {"hosts": [{"address": "192.0.2.1", "names": []}]}}, "no name"),
        ({"mode": "isolated", "dns": {"forwarders": [{"address": "x"}]}}, "dns.forwarders.address"),
        ({"mode": "isolated", "dns": {"txt": [{"name": "a", "value": "b"}] * 2}}, "is named twice"),
        ({"mode": "isolated", "dns": {"txt": [{"name": "a", "value": 'b",evil'}]}}, 'holds "'),
        ({"mode": "isolated", "dns": {"txt": [{"name": "a", "value": "b\ndhcp-script=/evil"}]}}, "line break"),
        ({"mode": "isolated", "dns": {"srv": [{"service": "a b", "protocol": "tcp"}]}}, "dns.srv.service"),
        ({"mode": "isolated", "dnsmasq_options": ["a\nb"]}, "line break"),
    ],
)  # fmt: skip
def test_what_cannot_be_meant(wanted: Params, said: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        check(params(**wanted), exists=False)
    assert said in str(caught.value)
    assert "lab" in caught.value.message


NAMED = ("domain", "bridge", "device", "zone")


@pytest.mark.parametrize("option", NAMED)
@pytest.mark.parametrize(
    "value", ["a b", "a'b", 'a"', "a<b", "a&b", "]]>", "../x", "a\nb", "a,b", "\u00fc b", "x" * 300, ""]
)
def test_texts_that_would_break_what_libvirt_writes(option: str, value: str) -> None:
    wanted = params(**{"mode": "route", "addresses": [ipv4()], option: value})
    if option in ("bridge", "device") and value in ("a'b", 'a"', "a<b", "a&b", "]]>", "a,b"):
        check(wanted, exists=False)  # the kernel takes it, and libvirt escapes it
        return
    with pytest.raises(InvalidInputError, match=option):
        check(wanted, exists=False)


@pytest.mark.parametrize("name", ["a'", "<a", "a>", "a&b", "a\nb", "a\tb"])
def test_port_groups_that_libvirt_would_write_without_escaping(name: str) -> None:
    with pytest.raises(InvalidInputError, match=r"portgroups\.name"):
        check(params(mode="isolated", portgroups=[{"name": name}]), exists=False)


@given(st.ip_addresses(v=6))
def test_addresses_are_as_libvirt_writes_them(address: object) -> None:
    long = getattr(address, "exploded").upper()  # noqa: B009 of both kinds of address
    wanted = normalised({"addresses": [{"address": long, "dhcp": {"start": long}}], "name": long})
    assert wanted["addresses"][0] == {"address": str(address), "dhcp": {"start": str(address)}}
    assert wanted["name"] == long
