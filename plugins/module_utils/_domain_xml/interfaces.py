# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""Network interfaces, by their MAC address, or by their order where no address is named.

Source: https://libvirt.org/formatdomain.html#network-interfaces
"""

from __future__ import annotations

import hashlib
import itertools
import re
import typing as t

from .._errors import InvalidInputError
from . import interface_settings, sriov, vlans
from .devices import Devices, always, uncertain_update_step
from .option import Entry, Option, Scalar, not_empty
from .tree import (
    Element,
    add_device,
    attribute,
    copied,
    devices,
    drop,
    ensure,
    serialize,
    set_attribute,
    text,
)

BRIDGE_TYPES = ("linux", "ovs")
_OFFLOADS = {
    "host": ("csum", "gso", "tso4", "tso6", "ecn", "ufo"),
    "guest": ("csum", "tso4", "tso6", "ecn", "ufo"),
}
_VLANS = range(1, 4095)


def _mac(interface: Element) -> str | None:
    return (attribute(interface, "mac", "address") or "").lower() or None


def _interfaces(root: Element) -> list[Element]:
    return devices(root, "interface")


def _match(found: t.Sequence[Element], entries: t.Sequence[Entry]) -> list[Element | None]:
    macs = [entry["mac"].lower() if entry.get("mac") else None for entry in entries]
    others = iter([device for device in found if _mac(device) is None or _mac(device) not in macs])
    return [
        next(others, None) if mac is None else _of_mac(found, mac, entry, alone=macs.count(mac) == 1)
        for mac, entry in zip(macs, entries)
    ]


def _of_mac(found: t.Sequence[Element], mac: str, entry: Entry, *, alone: bool) -> Element | None:
    """Return the interface with that address, of a pair that has it the one that the entry means."""
    same = [device for device in found if _mac(device) == mac]
    if alone and len(same) == 1:
        return same[0]
    return next((device for device in same if sriov.is_transient(device) == sriov.shall_be_transient(entry)), None)


def _called(entry: Entry) -> str | None:
    """Two interfaces that are a pair have one address."""
    mac = entry.get("mac")
    return f"{mac} transient" if mac and sriov.shall_be_transient(entry) else mac


def _create(root: Element, entry: Entry, place: int) -> Element:
    if not any(entry.get(name) for name in ("bridge", "network", "pci")):
        raise InvalidInputError(
            f"interfaces[{entry.get('mac') or place + 1}]: a new one needs a bridge, a network or a PCI address."
        )
    used = {_mac(device) for device in _interfaces(root)}
    interface = add_device(root, "interface")
    interface.set("type", "bridge")
    if not entry.get("mac"):
        ensure(interface, "mac").set("address", _new_mac(text(root, "uuid") or "", place, used))
    return interface


def _new_mac(uuid: str, place: int, used: t.Container[str | None]) -> str:
    """The running VM and its definition must agree on the address, so it is not left to libvirt."""
    digests = (hashlib.sha256(f"{uuid}/{place}/{attempt}".encode()).digest() for attempt in itertools.count())
    macs = ("52:54:00:" + ":".join(f"{byte:02x}" for byte in digest[:3]) for digest in digests)
    return next(mac for mac in macs if mac not in used)


def _network(interface: Element) -> str | None:
    """A running VM's interface has the type that its network made of it, and the network as a second source."""
    return attribute(interface, "source", "network")


def _bridge(interface: Element) -> str | None:
    own = interface.get("type") == "bridge" and _network(interface) is None
    return attribute(interface, "source", "bridge") if own else None


def _described(interface: Element) -> str:
    """libvirt takes a change of such an interface only if it is called by its network again."""
    described = copied(interface)
    if _network(interface) is not None:
        described.set("type", "network")
    return serialize(described)


def _put_source(kind: str) -> t.Callable[[Element, str], None]:
    def put(interface: Element, name: str) -> None:
        if interface.get("type") != kind:
            drop(interface, "source")
            drop(interface, "virtualport")
            interface.set("type", kind)
        ensure(interface, "source").set(kind, name)

    return put


def _bridge_type(interface: Element) -> str | None:
    if _bridge(interface) is None:
        return None
    return "ovs" if attribute(interface, "virtualport", "type") == "openvswitch" else "linux"


def _put_bridge_type(interface: Element, kind: str) -> None:
    drop(interface, "virtualport")
    if kind == "ovs":
        ensure(interface, "virtualport").set("type", "openvswitch")


def _vlan(interface: Element) -> int:
    return vlans.untagged(interface) or 0


def _put_vlan(interface: Element, vlan: int) -> None:
    vlans.write(interface, vlan, vlans.trunks(interface))


def _put_trunks(interface: Element, trunks: list[int]) -> None:
    vlan = _vlan(interface)
    if vlan in trunks:
        raise InvalidInputError(
            f"interfaces[{_mac(interface)}].trunks: {vlan} is the VLAN of its untagged frames, which are not tagged as well.",
            hint="Take it out of trunks, or name another vlan.",
        )
    vlans.write(interface, vlan, trunks)


def _same_trunks(current: list[int], wanted: list[int]) -> bool:
    return current == sorted(set(wanted))


def _offloads(interface: Element) -> bool | None:
    """Return None if some are off and some are not."""
    off = [attribute(interface, f"driver/{side}", name) == "off" for side, names in _OFFLOADS.items() for name in names]
    return False if all(off) else None if any(off) else True


def _put_offloads(interface: Element, wanted: bool) -> None:
    driver = ensure(interface, "driver")
    if interface.find("model") is None or attribute(interface, "model", "type") == "virtio":
        driver.attrib.setdefault("name", "vhost" if driver.get("name") == "vhost" else "qemu")
    for side, names in _OFFLOADS.items():
        element = ensure(driver, side)
        for name in names:
            set_attribute(element, name, None if wanted else "off")


def _mac_problem(value: str) -> str | None:
    if not re.fullmatch("([0-9A-Fa-f]{2}:){5}[0-9A-Fa-f]{2}", value):
        return f"{value!r} is not a MAC address like 52:54:00:12:34:56"
    return f"{value!r} is a multicast address" if int(value[:2], 16) & 1 else None


def _vlan_problem(value: int) -> str | None:
    return None if value in _VLANS or value == 0 else f"{value} is not between 1 and 4094, or 0 for none"


def _trunks_problem(value: list[int]) -> str | None:
    wrong = [tag for tag in value if tag not in _VLANS]
    return f"{wrong[0]} is not between 1 and 4094" if wrong else None


def _first_model(entry: Entry) -> str | None:
    return None if entry.get("pci") else "virtio"


_ITEMS = (
    Scalar(
        "mac", {"type": "str"}, _mac, lambda interface, value: ensure(interface, "mac").set("address", value.lower()),
        same=lambda current, wanted: current == wanted.lower(), problem=_mac_problem,
    ),
    Scalar(
        "bridge", {"type": "str"}, _bridge, _put_source("bridge"), step=uncertain_update_step,
    ),
    Scalar(
        "network", {"type": "str"}, _network, _put_source("network"), step=uncertain_update_step,
    ),
    sriov.SOURCE,
    Scalar(
        "type", {"type": "str", "choices": list(BRIDGE_TYPES)}, _bridge_type, _put_bridge_type,
        step=uncertain_update_step,
    ),
    Scalar(
        "vlan", {"type": "int"}, _vlan, _put_vlan, problem=_vlan_problem, step=uncertain_update_step,
    ),
    Scalar(
        "trunks", {"type": "list", "elements": "int"}, vlans.trunks, _put_trunks, same=_same_trunks,
        problem=_trunks_problem, step=uncertain_update_step,
    ),
    Scalar(
        "model", {"type": "str"}, lambda interface: attribute(interface, "model", "type"),
        lambda interface, value: ensure(interface, "model").set("type", value), initial=_first_model,
        problem=not_empty,
    ),
    Scalar("offloads", {"type": "bool"}, _offloads, _put_offloads),
    *sriov.ITEMS,
    *interface_settings.ITEMS,
)  # fmt: skip

OPTIONS: tuple[Option, ...] = (
    Devices(
        "interfaces", "mac", _ITEMS, _interfaces, _match, _create, hotplug=always,
        rules={
            "mutually_exclusive": [
                ["bridge", "network", "pci"],
                ["bridge", "portgroup"],
                ["network", "type"],
                ["pci", "type"],
            ]
        },
        called=_called, described=_described,
    ),
)  # fmt: skip
