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

from .._changes import ChangeSet
from .._domain_xml import tree
from .._domain_xml.tree import Element
from . import lifecycle
from .network_items import address_key, host_key, read_address, read_portgroup, write_address, write_portgroup

_LIVE = ("portgroups[", ".dhcp.")
"""Options that virNetworkUpdate changes while the network runs have one of these in their path."""


def options(root: Element) -> dict[str, t.Any]:
    """Return the network's options by their dotted path, as the user writes them; what is not set is missing."""
    forward = root.find("forward")
    found = {
        "mode": "isolated" if forward is None else forward.get("mode", "nat"),
        "device": _device(forward),
        "bridge": tree.attribute(root, "bridge", "name"),
        "virtualport": tree.attribute(root, "virtualport", "type"),
        "domain": tree.attribute(root, "domain", "name"),
        "mtu": tree.integer(tree.attribute(root, "mtu", "size")),
    }
    for element in root.findall("ip"):
        found.update(read_address(element))
    for element in root.findall("portgroup"):
        found.update(read_portgroup(element))
    return {path: value for path, value in found.items() if value is not None}


def _device(forward: Element | None) -> str | None:
    if forward is None:
        return None
    return forward.get("dev") or tree.attribute(forward, "interface", "dev")


def updated(root: Element, params: t.Mapping[str, t.Any]) -> Element:
    """Return a copy of the `<network>` with the options of a task written into it; what is None stays as it is."""
    copy = tree.copied(root)
    tree.set_text(copy, "name", params["name"])
    if params["mode"] is not None:
        _write_mode(copy, params["mode"])
    if params["device"] is not None:
        _write_device(copy, params["device"])
    for path, name, option in _ATTRIBUTES:
        if params[option] is not None:
            tree.ensure(copy, path).set(name, str(params[option]))
    for wanted in params["addresses"] or ():
        write_address(copy, wanted, purge=params["purge"])
    for wanted in params["portgroups"] or ():
        write_portgroup(copy, wanted)
    if params["purge"]:
        _purge(copy, params)
    return copy


_ATTRIBUTES = (
    ("bridge", "name", "bridge"),
    ("virtualport", "type", "virtualport"),
    ("domain", "name", "domain"),
    ("mtu", "size", "mtu"),
)


def _write_mode(root: Element, mode: str) -> None:
    if mode == "isolated":
        tree.drop(root, "forward")
        return
    forward = tree.ensure(root, "forward")
    forward.set("mode", mode)
    if mode != "nat":
        tree.drop(forward, "nat")


def _write_device(root: Element, device: str) -> None:
    forward = tree.ensure(root, "forward")
    if _device(forward) != device:
        tree.drop(forward, "interface")
        forward.set("dev", device)


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
    """
    before = Element("network") if defined is None else defined
    after = updated(before, params)
    live = ChangeSet()
    if running is not None:
        live = lifecycle.difference(options(running), options(updated(running, params)))
    return lifecycle.Definition(
        xml=tree.serialize(after),
        changes=lifecycle.difference({} if defined is None else options(before), options(after)),
        pending=ChangeSet(tuple(change for change in live if not _is_live(change.path))),
        running=ChangeSet(tuple(change for change in live if _is_live(change.path))),
    )


def _is_live(path: str) -> bool:
    return any(part in path for part in _LIVE)


class Update(t.NamedTuple):
    """Arguments of one virNetworkUpdate; names as in virNetworkUpdateCommand and virNetworkUpdateSection."""

    command: str
    section: str
    parent_index: int
    xml: str


def updates(running: Element, params: t.Mapping[str, t.Any]) -> list[Update]:
    """Return the calls that bring a running network to the options that can be changed while it runs."""
    after = updated(running, params)
    found = _item_updates("PORTGROUP", -1, running, after, _portgroup_key)
    elements = {address_key(element.get("address", "")): element for element in after.findall("ip")}
    for index, element in enumerate(running.findall("ip")):
        new = elements.get(address_key(element.get("address", "")))
        if new is not None:
            before, then = tree.ensure(tree.copied(element), "dhcp"), tree.ensure(new, "dhcp")
            found += _range_updates(index, before, then)
            found += _item_updates("IP_DHCP_HOST", index, before, then, host_key)
    return found


def _portgroup_key(element: t.Mapping[str, t.Any]) -> str:
    return str(element.get("name"))


def _range_updates(index: int, before: Element, after: Element) -> list[Update]:
    old, new = _ranges(before), _ranges(after)
    return [
        *(Update("DELETE", "IP_DHCP_RANGE", index, old[key]) for key in old if key not in new),
        *(Update("ADD_LAST", "IP_DHCP_RANGE", index, new[key]) for key in new if key not in old),
    ]


def _ranges(dhcp: Element) -> dict[tuple[str, str], str]:
    return {(item.get("start", ""), item.get("end", "")): tree.serialize(item) for item in dhcp.findall("range")}


def _item_updates(
    section: str, index: int, before: Element, after: Element, key: t.Callable[[t.Mapping[str, t.Any]], str]
) -> list[Update]:
    tag = section.rpartition("_")[2].lower()
    old = {key(item.attrib): tree.serialize(item).strip() for item in before.findall(tag)}
    new = {key(item.attrib): tree.serialize(item).strip() for item in after.findall(tag)}
    return [
        *(Update("DELETE", section, index, old[name]) for name in old if name not in new),
        *(Update("MODIFY", section, index, new[name]) for name in new if name in old and new[name] != old[name]),
        *(Update("ADD_LAST", section, index, new[name]) for name in new if name not in old),
    ]
