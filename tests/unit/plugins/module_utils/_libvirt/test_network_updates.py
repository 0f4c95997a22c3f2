# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is changed in a network while it runs."""

from __future__ import annotations

import pytest

from ansible_collections.evergreen.virt.plugins.module_utils._domain_xml.tree import Element, parse
from ansible_collections.evergreen.virt.plugins.module_utils._libvirt import network_updates
from ansible_collections.evergreen.virt.plugins.module_utils._libvirt.network_updates import Update, is_live
from ansible_collections.evergreen.virt.plugins.module_utils._libvirt.network_xml import updated

from .networks import Params, host, ipv4, params, sample


def updates(running: Element, wanted: Params) -> list[Update]:
    return network_updates.updates(running, updated(running, params(**wanted)))


def told(found: list[Update]) -> list[tuple[str, str, int]]:
    return [(update.command, update.section, update.parent_index) for update in found]


def test_dhcp_and_port_groups() -> None:
    dhcp = {"start": "192.0.2.100", "end": "192.0.2.160"}
    hosts = [host("52:54:00:aa:00:01", "192.0.2.21"), host("52:54:00:aa:00:02", "192.0.2.12")]
    wanted = {"addresses": [ipv4(**dhcp, hosts=hosts)], "portgroups": [{"name": "web", "vlan": 10}]}
    found = updates(sample(), wanted)
    assert told(found) == [
        ("ADD_LAST", "PORTGROUP", -1),
        ("DELETE", "IP_DHCP_RANGE", 0),
        ("ADD_LAST", "IP_DHCP_RANGE", 0),
        ("MODIFY", "IP_DHCP_HOST", 0),
        ("ADD_LAST", "IP_DHCP_HOST", 0),
    ]
    assert parse(found[3].xml).attrib == {"mac": "52:54:00:aa:00:01", "name": "one", "ip": "192.0.2.21"}
    assert 'expiry="1"' in found[2].xml


def test_purge_removes_hosts() -> None:
    found = updates(sample(), {"addresses": [ipv4(hosts=[])], "purge": True})
    assert told(found) == [("DELETE", "IP_DHCP_HOST", 0)]


TWO_OF_ONE_FAMILY = parse(
    "<network><ip address='10.0.0.1' prefix='24'><dhcp><range start='10.0.0.9' end='10.0.0.99'/>"
    "<host mac='52:54:00:00:00:01' ip='10.0.0.5'/></dhcp></ip><ip address='10.0.1.1' prefix='24'/>"
    "<ip family='ipv6' address='fd00::1' prefix='64'/></network>"
)


@pytest.mark.parametrize(("wanted", "found"), [({}, []), ({"portgroups": [{"name": "a"}]}, ["PORTGROUP"])])
def test_each_address_is_compared_with_itself(wanted: Params, found: list[str]) -> None:
    assert [update.section for update in updates(TWO_OF_ONE_FAMILY, wanted)] == found


def test_dns_records_are_deleted_and_added_anew() -> None:
    dns = {
        "hosts": [{"address": "192.0.2.1", "names": ["gw", "router"]}, {"address": "192.0.2.2", "names": ["two"]}],
        "txt": [{"name": "a", "value": "b"}],
        "srv": [{"service": "ldap", "protocol": "tcp"}],
    }
    found = updates(sample(), {"dns": dns})
    assert told(found) == [
        ("DELETE", "DNS_HOST", -1),
        ("ADD_LAST", "DNS_HOST", -1),
        ("ADD_LAST", "DNS_HOST", -1),
        ("ADD_LAST", "DNS_TXT", -1),
        ("ADD_LAST", "DNS_SRV", -1),
    ]
    assert [name.text for name in parse(found[1].xml).findall("hostname")] == ["gw", "router"]


def test_dns_hosts_that_share_a_name_wait() -> None:
    hosts = [{"address": "192.0.2.9", "names": ["gw"]}, {"address": "192.0.2.8", "names": ["eight"]}]
    assert told(updates(sample(), {"dns": {"hosts": hosts}})) == [("ADD_LAST", "DNS_HOST", -1)]


def test_devices_of_macvtap() -> None:
    running = parse(
        "<network><forward mode='private' dev='a'><interface dev='a'/><interface dev='b'/></forward></network>"
    )
    found = updates(running, {"devices": ["b", "c"]})
    assert [(update.command, parse(update.xml).get("dev")) for update in found] == [("DELETE", "a"), ("ADD_LAST", "c")]
    assert updates(running, {}) == []


@pytest.mark.parametrize(
    ("path", "xml", "live"),
    [
        ("devices", "<network><forward mode='vepa'/></network>", True),
        ("device", "<network><forward mode='nat'/></network>", False),
        ("addresses[ipv4].dhcp.hosts[a].address", "<network><ip address='192.0.2.1'/></network>", True),
        ("addresses[ipv6].dhcp.hosts[a].address", "<network><ip address='192.0.2.1'/></network>", False),
        ("addresses[ipv4].dhcp.bootp_file", "<network><ip address='192.0.2.1'/></network>", False),
        ("dns.forwarders", "<network/>", False),
        ("dns.txt[portgroups[].value", "<network/>", True),
        ("mtu", "<network/>", False),
    ],
)
def test_is_live(path: str, xml: str, live: bool) -> None:
    assert is_live(path, parse(xml), parse(xml)) is live
    assert not is_live(path, None, None)
