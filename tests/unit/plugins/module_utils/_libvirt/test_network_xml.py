# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Networks: options <-> XML."""

from __future__ import annotations

import typing as t

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.evergreen.virt.plugins.module_utils._argspec import RUN
from ansible_collections.evergreen.virt.plugins.module_utils._domain_xml.tree import Element, parse, serialize
from ansible_collections.evergreen.virt.plugins.module_utils._errors import ConflictError, InvalidInputError
from ansible_collections.evergreen.virt.plugins.module_utils._libvirt.lifecycle import Definition
from ansible_collections.evergreen.virt.plugins.module_utils._libvirt.network_check import check
from ansible_collections.evergreen.virt.plugins.module_utils._libvirt.network_xml import definition, options, updated
from ansible_collections.evergreen.virt.plugins.modules import network

from .networks import Params, host, ipv4, ipv6, params, sample


def test_options_of_a_real_network() -> None:
    assert options(sample()) == {
        "mode": "nat",
        "nat.port_start": 1024,
        "nat.port_end": 65535,
        "bridge": "virbr7",
        "stp": True,
        "stp_delay": 0,
        "dns.hosts[192.0.2.1].names": ["gw"],
        "addresses[ipv4].address": "192.0.2.1",
        "addresses[ipv4].prefix": 24,
        "addresses[ipv4].dhcp.ranges[192.0.2.100-192.0.2.150]": True,
        "addresses[ipv4].dhcp.hosts[52:54:00:aa:00:01].address": "192.0.2.11",
        "addresses[ipv4].dhcp.hosts[52:54:00:aa:00:01].name": "one",
        "addresses[ipv6].address": "2001:db8::1",
        "addresses[ipv6].prefix": 64,
    }


RANGE = "addresses[ipv4].dhcp.ranges[192.0.2.100-192.0.2.150]"
CHANGES: list[tuple[Params, Params, bool]] = [
    ({"mode": "nat", "bridge": "virbr7"}, {}, False),
    ({"mode": "route"}, {"mode": "route", "nat.port_start": None, "nat.port_end": None}, False),
    ({"device": "eth0"}, {"device": "eth0"}, False),
    ({"stp": True, "stp_delay": 0}, {}, False),
    ({"stp": False, "stp_delay": 3, "zone": "public"}, {"stp": False, "stp_delay": 3, "zone": "public"}, False),
    ({"nat": {"port_start": 1024, "port_end": 65535}}, {}, False),
    ({"nat": {"start": "198.51.100.1", "end": "198.51.100.9"}}, {"nat.start": "198.51.100.1", "nat.end": "198.51.100.9"}, False),
    ({"nat": {"ipv6": True}}, {"nat.ipv6": True}, False),
    ({"mtu": 1400}, {"mtu": 1400}, False),
    ({"domain": "lab.example"}, {"domain": "lab.example"}, False),
    ({"domain": "a", "domain_local_only": False}, {"domain": "a", "domain_local_only": False}, False),
    ({"isolated_ports": True}, {"isolated_ports": True}, False),
    ({"vlan": 0}, {}, False),
    ({"vlan": 5, "trunks": [7, 6]}, {"vlan": 5, "trunks": [6, 7]}, False),
    ({"virtualport": "openvswitch"}, {"virtualport": "openvswitch"}, False),
    ({"bandwidth": {"inbound": {"average": 0}}}, {}, False),
    (
        {"bandwidth": {"inbound": {"average": 8, "peak": 9}, "outbound": {"average": 7}}},
        {"bandwidth.inbound.average": 8, "bandwidth.inbound.peak": 9, "bandwidth.outbound.average": 7},
        False,
    ),
    ({"dns": {"enable": False, "forward_plain_names": False}}, {"dns.enable": False, "dns.forward_plain_names": False}, False),
    ({"dns": {"forwarders": []}}, {}, False),
    ({"dns": {"forwarders": [{"address": "FD00::0:1"}]}}, {"dns.forwarders": [{"address": "fd00::1"}]}, False),
    ({"dns": {"hosts": [{"address": "192.0.2.1", "names": ["gw"]}]}}, {}, False),
    ({"dns": {"hosts": [{"address": "192.0.2.1", "names": ["gw", "a"]}]}}, {"dns.hosts[192.0.2.1].names": ["a", "gw"]}, True),
    ({"dns": {"hosts": [{"address": "2001:DB8::9", "names": ["nine"]}]}}, {"dns.hosts[2001:db8::9].names": ["nine"]}, True),
    ({"dns": {"hosts": [{"address": "192.0.2.9", "names": ["gw"]}]}}, {"dns.hosts[192.0.2.9].names": ["gw"]}, False),
    ({"dns": {"hosts": []}, "purge": True}, {"dns.hosts[192.0.2.1].names": None}, True),
    ({"dns": {"txt": [{"name": "a", "value": "b c"}]}}, {"dns.txt[a].value": "b c"}, True),
    (
        {"dns": {"srv": [{"service": "ldap", "protocol": "tcp", "domain": "d", "target": "t", "port": 389, "weight": 0}]}},
        {"dns.srv[_ldap._tcp.d t:389].priority": 0, "dns.srv[_ldap._tcp.d t:389].weight": 0},
        True,
    ),
    ({"addresses": [ipv4()]}, {}, False),
    ({"addresses": [ipv6()]}, {}, False),
    ({"addresses": [{**ipv4(), "prefix": 25}]}, {"addresses[ipv4].prefix": 25}, False),
    ({"addresses": [{**ipv4(), "tftp_root": "/srv"}]}, {"addresses[ipv4].tftp_root": "/srv"}, False),
    (
        {"addresses": [ipv4(bootp_file="a", bootp_server="192.0.2.3")]},
        {"addresses[ipv4].dhcp.bootp_file": "a", "addresses[ipv4].dhcp.bootp_server": "192.0.2.3"},
        False,
    ),
    ({"addresses": [ipv4(start="192.0.2.100", end="192.0.2.150")]}, {}, False),
    (
        {"addresses": [ipv4(start="192.0.2.100", end="192.0.2.160")]},
        {RANGE: None, "addresses[ipv4].dhcp.ranges[192.0.2.100-192.0.2.160]": True},
        True,
    ),
    ({"addresses": [ipv4(ranges=[{"start": "192.0.2.100", "end": "192.0.2.150"}])]}, {}, False),
    (
        {"addresses": [ipv4(ranges=[{"start": "192.0.2.7", "end": "192.0.2.8"}])]},
        {"addresses[ipv4].dhcp.ranges[192.0.2.7-192.0.2.8]": True},
        True,
    ),
    ({"addresses": [ipv4(ranges=[]), ipv6()], "purge": True}, {RANGE: None}, True),
    ({"addresses": [ipv4(hosts=[host("52:54:00:AA:00:01", "192.0.2.11")])]}, {}, False),
    (
        {"addresses": [ipv4(hosts=[host("52:54:00:aa:00:02", "192.0.2.12")])]},
        {"addresses[ipv4].dhcp.hosts[52:54:00:aa:00:02].address": "192.0.2.12"},
        True,
    ),
    (
        {"portgroups": [{"name": "web", "vlan": 10, "bandwidth": {"outbound": {"average": 5}}}]},
        {
            "portgroups[web].name": "web",
            "portgroups[web].default": False,
            "portgroups[web].vlan": 10,
            "portgroups[web].bandwidth.outbound.average": 5,
        },
        True,
    ),
    (
        {"routes": [{"address": "2001:DB9::", "prefix": 64, "gateway": "2001:DB8::9", "metric": 2}]},
        {"routes[2001:db9::/64].gateway": "2001:db8::9", "routes[2001:db9::/64].metric": 2},
        False,
    ),
    ({"dnsmasq_options": ["a=b"]}, {"dnsmasq_options": ["a=b"]}, False),
    ({"dnsmasq_options": []}, {}, False),
    (
        {"addresses": [ipv4()], "purge": True},
        {"addresses[ipv6].address": None, "addresses[ipv6].prefix": None},
        False,
    ),
]  # fmt: skip


def nothing(found: Definition) -> bool:
    return not any((found.changes, found.pending, found.running))


@pytest.mark.parametrize(("wanted", "after", "live"), CHANGES)
def test_change(wanted: Params, after: Params, live: bool) -> None:
    task = params(**wanted)
    check(task, exists=True)
    found = definition(sample(), sample(), task)
    assert found.changes.diff()["after"] == after
    assert (found.running if live else found.pending).diff()["after"] == after
    assert not (found.pending if live else found.running)
    again = definition(parse(found.xml), parse(found.xml), task)
    assert nothing(again)


def test_what_is_not_named_changes_nothing() -> None:
    found = definition(sample(), sample(), params())
    assert nothing(found)
    assert serialize(parse(found.xml)) == serialize(sample())


@pytest.mark.parametrize("mode", ["isolated", "open", "bridge"])
def test_another_mode(mode: str) -> None:
    assert options(parse(definition(sample(), None, params(mode=mode)).xml))["mode"] == mode


def test_unnamed_things_survive() -> None:
    wanted = params(mtu=1400, addresses=[ipv4(hosts=[host("52:54:00:aa:00:02", "192.0.2.12")])])
    text = serialize(updated(sample(), wanted))
    for kept in (
        "5f1f0b0e-6d56-4c0c-9a4d-1e8f2a2b3c4d",
        "gw",
        "52:54:00:11:22:33",
        'expiry="1"',
        "192.0.2.11",
        "65535",
    ):
        assert kept in text


def test_virtual_functions() -> None:
    found = definition(None, None, params(mode="hostdev", pf="eth4", managed=True, vlan=42))
    root = parse(found.xml)
    forward = root.find("forward")
    assert forward is not None
    assert (forward.get("mode"), forward.get("managed")) == ("hostdev", "yes")
    assert options(root) == {"mode": "hostdev", "pf": "eth4", "managed": True, "vlan": 42}


@pytest.mark.parametrize(
    ("xml", "wanted", "said"),
    [
        ("<network/>", {"device": "eth0"}, "has no way out for device"),
        ("<network/>", {"nat": {"ipv6": True}}, "has no way out"),
        ("<network/>", {"domain_local_only": True}, "needs a domain"),
        ("<network/>", {"addresses": [ipv4(bootp_file="a")]}, "DHCP gives none"),
    ],
)
def test_what_libvirt_would_drop(xml: str, wanted: Params, said: str) -> None:
    with pytest.raises(InvalidInputError, match=said):
        definition(parse(xml), None, params(**wanted))


def test_of_several_addresses_of_one_family_none_is_guessed() -> None:
    two = parse("<network><ip address='10.0.0.1' prefix='24'/><ip address='10.0.1.1' prefix='24'/></network>")
    for defined, running in ((two, None), (sample(), two)):
        with pytest.raises(ConflictError, match=r"10\.0\.0\.1 and 10\.0\.1\.1"):
            definition(defined, running, params(addresses=[ipv4()]))
    assert not definition(two, two, params()).changes


NAME = st.text("abcdefgh01-", min_size=1, max_size=6).map("n{}".format)
V4 = st.integers(2, 254).map("192.0.2.{}".format)
VLAN = st.integers(1, 4094)
VLANS = {"vlan": st.just(0) | VLAN, "trunks": st.lists(VLAN, max_size=3)}
RATES = st.fixed_dictionaries(
    {"average": st.integers(0, 2**32 - 1)}, optional={"peak": st.integers(1, 9), "burst": st.integers(1, 9)}
)
BANDWIDTH = st.fixed_dictionaries({}, optional={"inbound": RATES, "outbound": RATES})
PAIR = st.lists(st.integers(2, 254), min_size=2, max_size=2).map(sorted)
RANGES = PAIR.map(lambda pair: {"start": f"192.0.2.{pair[0]}", "end": f"192.0.2.{pair[1]}"})
HOST = st.fixed_dictionaries(
    {"mac": st.integers(0, 5).map("52:54:00:00:00:{:02X}".format), "address": V4}, optional={"name": NAME}
)


def unique(item: st.SearchStrategy[Params], key: str) -> st.SearchStrategy[list[Params]]:
    return st.lists(item, max_size=3, unique_by=lambda entry: str(entry[key]).lower())


DHCP = st.fixed_dictionaries(
    {"hosts": unique(HOST, "mac")},
    optional={"ranges": st.lists(RANGES, max_size=2, unique_by=lambda one: (one["start"], one["end"]))},
)
SRV = st.fixed_dictionaries(
    {"service": NAME, "protocol": st.sampled_from(["tcp", "udp"]), "target": NAME, "port": st.integers(1, 65535)},
    optional={"domain": NAME, "priority": st.integers(0, 9), "weight": st.integers(0, 65535)},
)
OPTION_VALUES: dict[str, st.SearchStrategy[t.Any]] = {
    "mode": st.just("nat"),
    "bridge": NAME,
    "stp": st.booleans(),
    "stp_delay": st.integers(0, 30),
    "zone": NAME,
    "virtualport": st.sampled_from(["openvswitch", "midonet"]),
    "device": NAME,
    "nat": st.fixed_dictionaries(
        {},
        optional={"ipv6": st.booleans()},
    )
    | PAIR.map(lambda pair: {"port_start": pair[0], "port_end": pair[1]})
    | RANGES,
    **VLANS,
    "bandwidth": BANDWIDTH,
    "isolated_ports": st.booleans(),
    "domain": NAME,
    "mtu": st.integers(68, 65535),
    "dns": st.fixed_dictionaries(
        {},
        optional={
            "enable": st.booleans(),
            "forward_plain_names": st.booleans(),
            "forwarders": st.lists(st.fixed_dictionaries({"address": V4}, optional={"domain": NAME}), max_size=2),
            "hosts": unique(
                st.fixed_dictionaries({"address": V4, "names": st.lists(NAME, min_size=1, max_size=3)}), "address"
            ),
            "txt": unique(st.fixed_dictionaries({"name": NAME, "value": st.text("ab '<&>]=,", max_size=8)}), "name"),
            "srv": unique(SRV, "service"),
        },
    ),
    "addresses": st.lists(
        st.just(ipv6()) | DHCP.map(lambda dhcp: {**ipv4(**dhcp), "tftp_root": "/srv/tftp"}),
        max_size=2,
        unique_by=lambda entry: str(entry["address"]),
    ),
    "routes": unique(
        st.fixed_dictionaries(
            {"address": st.integers(0, 9).map("10.{}.0.0".format), "prefix": st.just(16), "gateway": V4},
            optional={"metric": st.integers(1, 9)},
        ),
        "address",
    ),
    "portgroups": unique(
        st.fixed_dictionaries({"name": NAME}, optional={"default": st.booleans(), "bandwidth": BANDWIDTH, **VLANS}),
        "name",
    ),
    "dnsmasq_options": st.lists(NAME, max_size=2),
    "purge": st.booleans(),
}
ELSEWHERE = {
    "uri", "name", "state", "autostart", "allow_restart",  # not in the XML
    "devices", "pf", "managed", "domain_local_only",  # of other modes, or with others: tests above
}  # fmt: skip


def consistent(wanted: Params) -> bool:
    groups = [wanted, *wanted.get("portgroups", ())]
    one_default = sum(bool(group.get("default")) for group in groups) < 2  # the last one would win
    return one_default and all(group.get("vlan") not in group.get("trunks", ()) for group in groups)


WANTED = st.fixed_dictionaries({}, optional=OPTION_VALUES).filter(consistent)


def test_every_option_takes_part_in_the_round_trip() -> None:
    assert set(OPTION_VALUES) | ELSEWHERE == set(network.SPEC.options) - set(RUN.options)


@settings(max_examples=150)
@given(WANTED, WANTED)
def test_any_network_converges_in_one_step(first: Params, second: Params) -> None:
    root: Element = sample()
    for wanted in (first, second):
        task = params(**wanted)
        check(task, exists=True)
        root = parse(definition(root, None, task).xml)
        again = definition(root, root, task)
        assert nothing(again)


def test_one_port_group_is_the_default() -> None:
    first = updated(sample(), params(portgroups=[{"name": "a", "default": True}]))
    second = updated(first, params(portgroups=[{"name": "b", "default": True}]))
    assert [item.get("name") for item in second.findall("portgroup") if item.get("default") == "yes"] == ["b"]
