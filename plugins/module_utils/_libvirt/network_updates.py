# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""What virNetworkUpdate changes in a network while it runs. Pure.

Source: https://libvirt.org/formatnetwork.html and virNetworkDefUpdateSection: ranges and DNS records are added and
deleted, not modified; a DNS host is refused while another one has one of its names.
"""

from __future__ import annotations

import collections
import re
import typing as t

from .._domain_xml import tree
from .._domain_xml.tree import Element
from . import network_dns
from .network_addresses import address_key, host_key, range_key
from .network_forward import POOLS, devices_of, mode_of

_LIVE = re.compile(r"portgroups\[|.*\.dhcp\.(ranges|hosts)\[|dns\.(hosts|txt|srv)\[")
_DEVICES = ("device", "devices")

Key = t.Callable[[Element], str]


class Update(t.NamedTuple):
    """Arguments of one virNetworkUpdate; names as in virNetworkUpdateCommand and virNetworkUpdateSection."""

    command: str
    section: str
    parent_index: int
    xml: str


def is_live(path: str, running: Element | None, after: Element | None) -> bool:
    """Tell whether an option is changed while the network runs.

    :param running: the `<network>` as it runs.
    :param after: the same with the options of the task.
    """
    if running is None or after is None:
        return False
    if path in _DEVICES:
        return mode_of(running) == mode_of(after) and mode_of(running) in POOLS
    if path.startswith("addresses[") and not _served_by_both(path, running, after):
        return False
    if path.startswith("dns.hosts["):
        return path[len("dns.hosts[") :].partition("]")[0] not in _sharing_names(running, after)
    return _LIVE.match(path) is not None


def _served_by_both(path: str, running: Element, after: Element) -> bool:
    """An address that comes or goes takes its DHCP with it."""
    family = path[len("addresses[") :].partition("]")[0]
    return all((family, 0) in _addresses(root) for root in (running, after))


def _addresses(root: Element) -> dict[tuple[str, int], Element]:
    """Return each `<ip>` by its family and its place among those of that family, in their order."""
    places: collections.Counter[str] = collections.Counter()
    found = {}
    for element in root.findall("ip"):
        family = address_key(element.get("address", ""))
        found[family, places[family]] = element
        places[family] += 1
    return found


def _sharing_names(running: Element, after: Element) -> set[str]:
    """Return the addresses of DNS hosts that share a name, now or then."""
    found = set()
    for root in (running, after):
        hosts = root.findall("dns/host")
        for host in hosts:
            others = {name for other in hosts if other is not host for name in network_dns.names_of(other)}
            if others & set(network_dns.names_of(host)):
                found.add(network_dns.host_key(host))
    return found


def updates(running: Element, after: Element) -> list[Update]:
    """Return the calls that bring a running network to `after` in what can be changed while it runs."""
    found = _list_updates("PORTGROUP", -1, running.findall("portgroup"), after.findall("portgroup"), _name)
    found += _dns_updates(running, after)
    if is_live("devices", running, after):
        found += _device_updates(devices_of(running), devices_of(after))
    addresses = _addresses(after)
    for index, (key, element) in enumerate(_addresses(running).items()):
        new = addresses.get(key)
        if new is not None:
            ranges, hosts = "dhcp/range", "dhcp/host"
            found += _list_updates(
                "IP_DHCP_RANGE", index, element.findall(ranges), new.findall(ranges), _range, modifies=False
            )
            found += _list_updates("IP_DHCP_HOST", index, element.findall(hosts), new.findall(hosts), _host)
    return found


def _dns_updates(running: Element, after: Element) -> list[Update]:
    shared = _sharing_names(running, after)

    def hosts(root: Element) -> list[Element]:
        return [host for host in root.findall("dns/host") if network_dns.host_key(host) not in shared]

    found = _list_updates("DNS_HOST", -1, hosts(running), hosts(after), network_dns.host_key, modifies=False)
    for section, tag, key in (("DNS_TXT", "txt", network_dns.txt_key), ("DNS_SRV", "srv", network_dns.srv_key)):
        before, then = running.findall(f"dns/{tag}"), after.findall(f"dns/{tag}")
        found += _list_updates(section, -1, before, then, key, modifies=False)
    return found


def _device_updates(before: list[str], after: list[str]) -> list[Update]:
    def update(command: str, device: str) -> Update:
        return Update(command, "FORWARD_INTERFACE", -1, tree.serialize(Element("interface", {"dev": device})))

    gone = [update("DELETE", device) for device in before if device not in after]
    return gone + [update("ADD_LAST", device) for device in after if device not in before]


def _name(element: Element) -> str:
    return str(element.get("name"))


def _range(element: Element) -> str:
    return range_key(element.attrib)


def _host(element: Element) -> str:
    return host_key(element.attrib)


def _list_updates(
    section: str,
    index: int,
    before: t.Iterable[Element],
    after: t.Iterable[Element],
    key: Key,
    *,
    modifies: bool = True,
) -> list[Update]:
    """Deletions come first, so that what is added finds its place free."""
    old = {key(item): tree.serialize(item).strip() for item in before}
    new = {key(item): tree.serialize(item).strip() for item in after}
    changed = [name for name in new if name in old and new[name] != old[name]]
    replaced = [] if modifies else changed
    return [
        *(Update("DELETE", section, index, old[name]) for name in old if name not in new or name in replaced),
        *(Update("MODIFY", section, index, new[name]) for name in changed if modifies),
        *(Update("ADD_LAST", section, index, new[name]) for name in new if name not in old or name in replaced),
    ]
