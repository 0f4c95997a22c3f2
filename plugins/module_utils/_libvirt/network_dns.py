# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""What a network's DNS server answers <-> its XML. Pure.

Source: https://libvirt.org/formatnetwork.html#addressing
"""

from __future__ import annotations

import typing as t
from xml.etree.ElementTree import SubElement

from .._domain_xml import tree
from .._domain_xml.tree import Element

Entry = t.Mapping[str, t.Any]
_SWITCHES = (("enable", "enable"), ("forward_plain_names", "forwardPlainNames"))
_SRV = ("service", "protocol", "domain", "target", "port", "priority", "weight")
_SRV_KEY = _SRV[:5]
_SRV_REST = _SRV[5:]


def host_key(element: Element) -> str:
    """Return the address of a `<host>`."""
    return element.get("ip", "")


def txt_key(element: Element) -> str:
    """Return the name of a `<txt>`."""
    return element.get("name", "")


def srv_key(element: Element) -> str:
    """Return what tells a `<srv>` from the others: `_ldap._tcp.example target:389`."""
    return srv_name({name: element.get(name) for name in _SRV_KEY})


def srv_name(record: Entry) -> str:
    """Return the key of an item of `dns.srv`."""
    domain = f".{record['domain']}" if record["domain"] else ""
    port = f":{record['port']}" if record["port"] is not None else ""
    return f"_{record['service']}._{record['protocol']}{domain} {record['target'] or ''}{port}".strip()


def read_dns(root: Element) -> dict[str, t.Any]:
    """Return the options of `dns` by their path."""
    dns = root.find("dns")
    if dns is None:
        return {}
    found: dict[str, t.Any] = {
        f"dns.{option}": dns.get(name) == "yes" if dns.get(name) else None for option, name in _SWITCHES
    }
    found["dns.forwarders"] = [_forwarder(element) for element in dns.findall("forwarder")] or None
    for element in dns.findall("host"):
        found[f"dns.hosts[{host_key(element)}].names"] = names_of(element)
    for element in dns.findall("txt"):
        found[f"dns.txt[{txt_key(element)}].value"] = element.get("value", "")
    for element in dns.findall("srv"):
        for name in _SRV_REST:
            found[f"dns.srv[{srv_key(element)}].{name}"] = tree.integer(element.get(name)) or 0
    return found


def names_of(host: Element) -> list[str]:
    """Return the names of a `<host>`."""
    return sorted((element.text or "").strip() for element in host.findall("hostname"))


def _forwarder(element: Element) -> dict[str, str]:
    found = {"address": element.get("addr"), "domain": element.get("domain")}
    return {name: value for name, value in found.items() if value is not None}


def write_dns(root: Element, wanted: Entry, *, purge: bool) -> None:
    """Write the option `dns` into the `<network>`."""
    dns = tree.ensure(root, "dns")
    for option, name in _SWITCHES:
        if wanted[option] is not None:
            dns.set(name, "yes" if wanted[option] else "no")
    if wanted["forwarders"] is not None:
        _write_forwarders(dns, wanted["forwarders"])
    for kind in _KINDS:
        if wanted[kind.option] is not None:
            _write_records(dns, kind, wanted[kind.option], purge=purge)
    if not dns.attrib and len(dns) == 0:
        root.remove(dns)


def _write_forwarders(dns: Element, wanted: t.Sequence[Entry]) -> None:
    named = [{name: value for name, value in one.items() if value is not None} for one in wanted]
    if [_forwarder(element) for element in dns.findall("forwarder")] == named:
        return
    tree.drop(dns, "forwarder")
    for one in wanted:
        element = SubElement(dns, "forwarder")
        tree.set_attribute(element, "domain", one["domain"])
        tree.set_attribute(element, "addr", one["address"])


def _write_host(element: Element, wanted: Entry) -> None:
    element.set("ip", wanted["address"])
    if names_of(element) != sorted(set(wanted["names"])):
        tree.drop(element, "hostname")
        for name in dict.fromkeys(wanted["names"]):
            SubElement(element, "hostname").text = name


def _write_txt(element: Element, wanted: Entry) -> None:
    element.attrib.update({"name": wanted["name"], "value": wanted["value"]})


def _write_srv(element: Element, wanted: Entry) -> None:
    """libvirt writes no priority and no weight of 0."""
    for name in _SRV_KEY:
        tree.set_attribute(element, name, None if wanted[name] is None else str(wanted[name]))
    for name in _SRV_REST:
        if wanted[name] is not None:
            tree.set_attribute(element, name, str(wanted[name]) if wanted[name] else None)


class _Kind(t.NamedTuple):
    """One list of records: how an element and an entry are known, and how one is written."""

    option: str
    tag: str
    key: t.Callable[[Element], str]
    name: t.Callable[[Entry], str]
    write: t.Callable[[Element, Entry], None]


_KINDS = (
    _Kind("hosts", "host", host_key, lambda host: str(host["address"]), _write_host),
    _Kind("txt", "txt", txt_key, lambda record: str(record["name"]), _write_txt),
    _Kind("srv", "srv", srv_key, srv_name, _write_srv),
)


def _write_records(dns: Element, kind: _Kind, wanted: t.Sequence[Entry], *, purge: bool) -> None:
    found = {kind.key(element): element for element in dns.findall(kind.tag)}
    for one in wanted:
        element = found.get(kind.name(one))
        kind.write(SubElement(dns, kind.tag) if element is None else element, one)
    kept = {kind.name(one) for one in wanted}
    for name, element in found.items():
        if purge and name not in kept:
            dns.remove(element)
