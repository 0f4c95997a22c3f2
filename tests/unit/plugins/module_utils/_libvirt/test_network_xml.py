# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Networks: options <-> XML."""

from __future__ import annotations

import typing as t
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.evergreen.virt.plugins.module_utils._domain_xml.tree import Element, parse, serialize
from ansible_collections.evergreen.virt.plugins.module_utils._errors import InvalidInputError
from ansible_collections.evergreen.virt.plugins.module_utils._libvirt.network_check import check
from ansible_collections.evergreen.virt.plugins.module_utils._libvirt.network_xml import (
    definition,
    options,
    updated,
    updates,
)

NOTHING: dict[str, t.Any] = {
    "name": "lab",
    "mode": None,
    "bridge": None,
    "virtualport": None,
    "device": None,
    "domain": None,
    "mtu": None,
    "addresses": None,
    "portgroups": None,
    "purge": False,
}


def sample() -> Element:
    return parse((Path(__file__).parent / "samples" / "network_nat.xml").read_text(encoding="utf-8"))


def host(mac: str, address: str, name: str | None = None) -> dict[str, t.Any]:
    return {"mac": mac, "id": None, "name": name, "address": address}


def ipv4(**dhcp: t.Any) -> dict[str, t.Any]:
    given_dhcp = {"start": None, "end": None, "hosts": None, **dhcp} if dhcp else None
    return {"address": "192.0.2.1", "prefix": 24, "dhcp": given_dhcp}


def portgroup(name: str, **options_: t.Any) -> dict[str, t.Any]:
    return {"name": name, "default": None, "vlan": None, "trunks": None, **options_}


def test_options_of_a_real_network() -> None:
    assert options(sample()) == {
        "mode": "nat",
        "bridge": "virbr7",
        "addresses[ipv4].address": "192.0.2.1",
        "addresses[ipv4].prefix": 24,
        "addresses[ipv4].dhcp.start": "192.0.2.100",
        "addresses[ipv4].dhcp.end": "192.0.2.150",
        "addresses[ipv4].dhcp.hosts[52:54:00:aa:00:01].address": "192.0.2.11",
        "addresses[ipv4].dhcp.hosts[52:54:00:aa:00:01].name": "one",
        "addresses[ipv6].address": "2001:db8::1",
        "addresses[ipv6].prefix": 64,
    }


def test_what_is_not_named_changes_nothing() -> None:
    found = definition(sample(), sample(), NOTHING)
    assert not found.changes
    assert not found.pending
    assert not found.running
    assert updates(sample(), NOTHING) == []


@pytest.mark.parametrize(
    ("wanted", "after", "live"),
    [
        ({"mode": "nat", "bridge": "virbr7"}, {}, False),
        ({"mode": "route"}, {"mode": "route"}, False),
        ({"mode": "isolated"}, {"mode": "isolated"}, False),
        ({"device": "eth0"}, {"device": "eth0"}, False),
        ({"mtu": 1400}, {"mtu": 1400}, False),
        ({"domain": "lab.example"}, {"domain": "lab.example"}, False),
        ({"addresses": [ipv4()]}, {}, False),
        ({"addresses": [{**ipv4(), "prefix": 25}]}, {"addresses[ipv4].prefix": 25}, False),
        ({"addresses": [ipv4(start="192.0.2.100", end="192.0.2.150")]}, {}, False),
        (
            {"addresses": [ipv4(start="192.0.2.100", end="192.0.2.160")]},
            {"addresses[ipv4].dhcp.end": "192.0.2.160"},
            True,
        ),
        ({"addresses": [ipv4(hosts=[host("52:54:00:AA:00:01", "192.0.2.11")])]}, {}, False),
        (
            {"addresses": [ipv4(hosts=[host("52:54:00:aa:00:02", "192.0.2.12")])]},
            {"addresses[ipv4].dhcp.hosts[52:54:00:aa:00:02].address": "192.0.2.12"},
            True,
        ),
        (
            {"portgroups": [portgroup("web", vlan=10)]},
            {"portgroups[web].name": "web", "portgroups[web].default": False, "portgroups[web].vlan": 10},
            True,
        ),
        (
            {"addresses": [ipv4()], "purge": True},
            {"addresses[ipv6].address": None, "addresses[ipv6].prefix": None},
            False,
        ),
    ],
)
def test_change(wanted: dict[str, t.Any], after: dict[str, t.Any], live: bool) -> None:
    found = definition(sample(), sample(), {**NOTHING, **wanted})
    assert found.changes.diff()["after"] == after
    assert (found.running if live else found.pending).diff()["after"] == after
    assert not (found.pending if live else found.running)
    again = definition(parse(found.xml), None, {**NOTHING, **wanted})
    assert not again.changes


def test_unnamed_things_survive() -> None:
    wanted = {**NOTHING, "mtu": 1400, "addresses": [ipv4(hosts=[host("52:54:00:aa:00:02", "192.0.2.12")])]}
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


def test_updates_of_a_running_network() -> None:
    dhcp = {"start": "192.0.2.100", "end": "192.0.2.160"}
    hosts = [host("52:54:00:aa:00:01", "192.0.2.21"), host("52:54:00:aa:00:02", "192.0.2.12")]
    wanted = {**NOTHING, "addresses": [ipv4(**dhcp, hosts=hosts)], "portgroups": [portgroup("web", vlan=10)]}
    found = updates(sample(), wanted)
    assert [(update.command, update.section, update.parent_index) for update in found] == [
        ("ADD_LAST", "PORTGROUP", -1),
        ("DELETE", "IP_DHCP_RANGE", 0),
        ("ADD_LAST", "IP_DHCP_RANGE", 0),
        ("MODIFY", "IP_DHCP_HOST", 0),
        ("ADD_LAST", "IP_DHCP_HOST", 0),
    ]
    assert parse(found[3].xml).attrib == {"mac": "52:54:00:aa:00:01", "name": "one", "ip": "192.0.2.21"}


def test_purge_removes_hosts_from_a_running_network() -> None:
    found = updates(sample(), {**NOTHING, "addresses": [ipv4(hosts=[])], "purge": True})
    assert [(update.command, update.section) for update in found] == [("DELETE", "IP_DHCP_HOST")]


vlans = st.integers(min_value=1, max_value=4094)
portgroups = st.builds(
    portgroup,
    st.sampled_from(["a", "b", "c"]),
    default=st.sampled_from([None, True, False]),
    vlan=st.none() | vlans,
    trunks=st.none() | st.lists(vlans, max_size=3, unique=True),
)


@given(
    st.lists(portgroups, unique_by=lambda item: item["name"]), st.lists(portgroups, unique_by=lambda item: item["name"])
)
def test_port_groups_converge(first: list[dict[str, t.Any]], second: list[dict[str, t.Any]]) -> None:
    before = updated(sample(), {**NOTHING, "portgroups": [{**item, "default": None} for item in first]})
    wanted = {**NOTHING, "portgroups": [dict(item, default=None) for item in second]}
    after = updated(before, wanted)
    assert options(updated(after, wanted)) == options(after)
    for item in second:
        if item["trunks"]:
            tagged = sorted(set(item["trunks"]))
            assert options(after)[f"portgroups[{item['name']}].trunks"] == tagged


def test_one_port_group_is_the_default() -> None:
    first = updated(sample(), {**NOTHING, "portgroups": [portgroup("a", default=True)]})
    second = updated(first, {**NOTHING, "portgroups": [portgroup("b", default=True)]})
    assert [item.get("name") for item in second.findall("portgroup") if item.get("default") == "yes"] == ["b"]


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        ({}, "mode"),
        ({"mode": "bridge"}, "bridge"),
        ({"mode": "nat"}, "address"),
        ({"mode": "bridge", "bridge": "br0", "addresses": [ipv4()]}, "addresses"),
        ({"mode": "nat", "addresses": [ipv4(), ipv4()]}, "more than once"),
        ({"mode": "nat", "addresses": [{"address": "192.0.2.1", "prefix": 33, "dhcp": None}]}, "33"),
        ({"mode": "nat", "addresses": [ipv4(start="198.51.100.1", end="198.51.100.2")]}, "198.51.100.1"),
        ({"mode": "nat", "addresses": [ipv4(hosts=[host("", "192.0.2.11")])]}, "whom"),
        ({"mode": "nat", "addresses": [ipv4(hosts=[host("52:54:00:00:00:01", "nonsense")])]}, "nonsense"),
    ],
)
def test_what_cannot_be_meant(wanted: dict[str, t.Any], said: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        check({**NOTHING, **wanted}, exists=False)
    assert said in str(caught.value)
    assert "lab" in caught.value.message
