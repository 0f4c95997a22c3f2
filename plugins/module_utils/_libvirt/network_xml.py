# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""A network's options <-> its XML. Pure.

Source: https://libvirt.org/formatnetwork.html
"""

from __future__ import annotations

import typing as t
from xml.etree import ElementTree as ET

from .._changes import ChangeSet
from .._domain_xml import tree
from .._domain_xml.tree import Element
from .._errors import ConflictError, InvalidInputError
from . import lifecycle
from .network_addresses import address_key, read_address, read_route, write_address, write_routes
from .network_dns import read_dns, write_dns
from .network_forward import mode_of, read_forward, write_forward
from .network_ports import read_bandwidth, read_portgroup, read_vlans, write_bandwidth, write_portgroup, write_vlans
from .network_updates import is_live

_DNSMASQ = "http://libvirt.org/schemas/network/dnsmasq/1.0"
_OPTIONS, _OPTION = f"{{{_DNSMASQ}}}options", f"{{{_DNSMASQ}}}option"

ET.register_namespace("dnsmasq", _DNSMASQ)

_ATTRIBUTES = (
    ("bridge", "bridge", "name"),
    ("zone", "bridge", "zone"),
    ("virtualport", "virtualport", "type"),
    ("domain", "domain", "name"),
)
_NUMBERS = (("mtu", "mtu", "size"), ("stp_delay", "bridge", "delay"))
_SWITCHES = (
    ("stp", "bridge", "stp", ("on", "off")),
    ("domain_local_only", "domain", "localOnly", ("yes", "no")),
    ("isolated_ports", "port", "isolated", ("yes", "no")),
)


def options(root: Element) -> dict[str, t.Any]:
    """Return the network's options by their dotted path, as the user writes them; what is not set is missing."""
    found = {**read_forward(root), **read_vlans(root), **read_bandwidth(root), **read_dns(root)}
    for option, path, name in _ATTRIBUTES:
        found[option] = tree.attribute(root, path, name)
    for option, path, name in _NUMBERS:
        found[option] = tree.integer(tree.attribute(root, path, name))
    for option, path, name, (yes, no) in _SWITCHES:
        found[option] = {yes: True, no: False}.get(tree.attribute(root, path, name) or "")
    found["dnsmasq_options"] = _dnsmasq_options(root) or None
    for tag, read in (("ip", read_address), ("route", read_route), ("portgroup", read_portgroup)):
        for element in root.findall(tag):
            found.update(read(element))
    return {path: value for path, value in found.items() if value is not None}


def _dnsmasq_options(root: Element) -> list[str]:
    return [element.get("value", "") for element in root.findall(f"{_OPTIONS}/{_OPTION}")]


def updated(root: Element, params: t.Mapping[str, t.Any]) -> Element:
    """Return a copy of the `<network>` with the options of a task written into it; what is None stays as it is."""
    copy = tree.copied(root)
    tree.set_text(copy, "name", params["name"])
    write_forward(copy, params)
    for option, path, name in (*_ATTRIBUTES, *_NUMBERS):
        if params[option] is not None:
            tree.ensure(copy, path).set(name, str(params[option]))
    for option, path, name, (yes, no) in _SWITCHES:
        if params[option] is not None:
            tree.ensure(copy, path).set(name, yes if params[option] else no)
    write_vlans(copy, params)
    write_bandwidth(copy, params["bandwidth"])
    _write_lists(copy, params, purge=params["purge"])
    return copy


def _write_lists(root: Element, params: t.Mapping[str, t.Any], *, purge: bool) -> None:
    if params["dns"] is not None:
        write_dns(root, params["dns"], purge=purge)
    for wanted in params["addresses"] or ():
        write_address(root, wanted, purge=purge)
    write_routes(root, params["routes"] or (), purge=purge and params["routes"] is not None)
    for wanted in params["portgroups"] or ():
        write_portgroup(root, wanted)
    if params["dnsmasq_options"] is not None and _dnsmasq_options(root) != params["dnsmasq_options"]:
        _write_dnsmasq_options(root, params["dnsmasq_options"])
    if purge:
        _purge(root, params)


def _write_dnsmasq_options(root: Element, values: t.Sequence[str]) -> None:
    for element in root.findall(_OPTIONS):
        root.remove(element)
    if values:
        ET.SubElement(root, _OPTIONS).extend(Element(_OPTION, {"value": value}) for value in values)


def _purge(root: Element, params: t.Mapping[str, t.Any]) -> None:
    if params["addresses"] is not None:
        kept = {address_key(wanted["address"]) for wanted in params["addresses"]}
        for element in root.findall("ip"):
            if address_key(element.get("address", "")) not in kept:
                root.remove(element)
    if params["portgroups"] is not None:
        names = {wanted["name"] for wanted in params["portgroups"]}
        for element in root.findall("portgroup"):
            if element.get("name") not in names:
                root.remove(element)


def definition(defined: Element | None, running: Element | None, params: t.Mapping[str, t.Any]) -> lifecycle.Definition:
    """Return what the options make of the network.

    :param defined: the `<network>` as it is defined, None if there is none.
    :param running: the `<network>` as it runs, None if it does not.
    :raises InvalidInputError: when libvirt would drop a part of it without a word.
    :raises ConflictError: when it is not clear which of the network's addresses the options mean.
    """
    for root in (defined, running):
        if root is not None and params["addresses"] is not None:
            _check_single(root, params["name"])
    before = Element("network") if defined is None else defined
    after = updated(before, params)
    _check_kept(before, after, params)
    live, then = ChangeSet(), running
    if running is not None:
        then = updated(running, params)
        live = lifecycle.difference(options(running), options(then))
    return lifecycle.Definition(
        xml=tree.serialize(after),
        changes=lifecycle.difference({} if defined is None else options(before), options(after)),
        pending=ChangeSet(tuple(change for change in live if not is_live(change.path, running, then))),
        running=ChangeSet(tuple(change for change in live if is_live(change.path, running, then))),
    )


def _check_single(root: Element, name: str) -> None:
    """The options know one address of each family; of several they would change one and compare another."""
    addresses = [element.get("address", "") for element in root.findall("ip")]
    for family in dict.fromkeys(map(address_key, addresses)):
        several = [address for address in addresses if address_key(address) == family]
        if len(several) > 1:
            raise ConflictError(
                f"network '{name}' has several addresses of one family, {' and '.join(several)}, and addresses describes one of each.",
                hint="Leave addresses out, or take the others out of its definition first (virsh net-edit).",
            )


def _check_kept(before: Element, after: Element, params: t.Mapping[str, t.Any]) -> None:
    name = params["name"]
    if params["mode"] is None and mode_of(before) != mode_of(after):
        raise InvalidInputError(
            f"network '{name}' of mode {mode_of(before)} has no way out for device, devices, pf, managed or nat.",
            hint="Set mode as well.",
        )
    if tree.attribute(after, "domain", "localOnly") and not tree.attribute(after, "domain", "name"):
        raise InvalidInputError(f"network '{name}': domain_local_only needs a domain.", hint="Set domain.")
    for dhcp in after.iterfind("ip/dhcp"):
        if dhcp.find("bootp") is not None and dhcp.find("range") is None and dhcp.find("host") is None:
            raise InvalidInputError(
                f"network '{name}': bootp_file is told to hosts that get an address, and DHCP gives none.",
                hint="Set a range or hosts.",
            )
