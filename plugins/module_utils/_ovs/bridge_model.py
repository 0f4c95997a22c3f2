# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""Pure: bridges as they are."""

from __future__ import annotations

import collections
import dataclasses
import functools
import typing as t

from . import columns as c
from .column import Values, nothing, shown


@dataclasses.dataclass(frozen=True)
class Row:
    """A controller, mirror or queue as it is.

    :param uuid: by which it is told from others of the same name.
    :param status: what ovs-vswitchd reports of it.
    """

    uuid: str
    values: Values
    status: Values = dataclasses.field(default_factory=dict)


@dataclasses.dataclass(frozen=True)
class Qos(Row):
    """QoS as it is; several ports may share one. `queues` are known by their numbers."""

    queues: t.Mapping[int, Row] = dataclasses.field(default_factory=dict)

    def to_dict(self) -> dict[str, t.Any]:
        queues = [{"id": number, **queue.values} for number, queue in sorted(self.queues.items())]
        return {**self.values, "queues": queues}


@dataclasses.dataclass(frozen=True)
class Interface:
    """An interface as it is. `status` is what ovs-vswitchd reports of it (`columns.STATUS`)."""

    name: str
    values: Values = dataclasses.field(default_factory=lambda: nothing(c.INTERFACE))
    status: Values = dataclasses.field(default_factory=dict)

    @property
    def of_libvirt(self) -> bool:
        """libvirt added it for a VM."""
        return not c.LIBVIRT_KEYS.isdisjoint(self.values["interface_external_ids"])

    @property
    def problem(self) -> str:
        """Why it does not work, in ovs-vswitchd's words; empty if it works."""
        if self.status.get("error"):
            return str(self.status["error"])
        if self.status.get("ofport") in (None, -1):
            return "ovs-vswitchd gave it no OpenFlow port and no reason (see its log)"
        return ""


@dataclasses.dataclass(frozen=True)
class Port:
    """A port as it is; one with several interfaces is a bond."""

    name: str
    values: Values = dataclasses.field(default_factory=lambda: nothing(c.PORT))
    interfaces: tuple[Interface, ...] = ()
    qos: Qos | None = None
    status: Values = dataclasses.field(default_factory=dict)

    @property
    def of_libvirt(self) -> bool:
        return any(interface.of_libvirt for interface in self.interfaces)

    @property
    def active_interface(self) -> str | None:
        """Name of the interface by which a bond sends; ovs-vswitchd tells its MAC address."""
        mac = self.status.get("active_mac")
        return next((item.name for item in self.interfaces if mac and item.status.get("mac_in_use") == mac), None)

    def to_dict(self) -> dict[str, t.Any]:
        return {
            "name": self.name,
            **self.values,
            "qos": self.qos and self.qos.to_dict(),
            "libvirt": self.of_libvirt,
            **{option: value for option, value in self.status.items() if option != "active_mac"},
            "active_interface": self.active_interface,
            "interfaces": [
                {"name": item.name, **shown(c.INTERFACE, item.values), **item.status} for item in self.interfaces
            ],
        }


@dataclasses.dataclass(frozen=True)
class Bridge:
    """A bridge as it is. `controllers` have their targets as keys, `mirrors` and `ports` their names.

    :param samples: UUIDs of the rows that let a number stand for collectors of the bridge's flows.
    """

    name: str
    values: Values = dataclasses.field(default_factory=lambda: nothing(c.BRIDGE))
    controllers: t.Mapping[str, Row] = dataclasses.field(default_factory=dict)
    ports: t.Mapping[str, Port] = dataclasses.field(default_factory=dict)
    mirrors: t.Mapping[str, Row] = dataclasses.field(default_factory=dict)
    status: Values = dataclasses.field(default_factory=dict)
    samples: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, t.Any]:
        """Return plain data: what `ovs_info` and `ovs_bridge` show of a bridge."""
        return {
            "name": self.name,
            **self.values,
            **self.status,
            "controllers": [
                {"target": target, **row.values, **row.status} for target, row in sorted(self.controllers.items())
            ],
            "mirrors": [{"name": name, **row.values, **row.status} for name, row in sorted(self.mirrors.items())],
            "ports": [port.to_dict() for _name, port in sorted(self.ports.items())],
        }

    @property
    def numbers(self) -> dict[str, int]:
        """The OpenFlow numbers of its interfaces, without those that have none."""
        found = {item.name: item.status.get("ofport") for port in self.ports.values() for item in port.interfaces}
        return {name: number for name, number in found.items() if number and number > 0}

    def part(self, name: str) -> dict[str, t.Any] | None:
        """Return plain data of a fake bridge on this one; None if there is none of that name."""
        port = self.ports.get(name)
        if port is None or not port.values["fake_bridge"]:
            return None
        vlan, ids = port.values["tag"], port.values["external_ids"].items()
        return {
            "name": name,
            "parent": self.name,
            "vlan": vlan,
            "external_ids": {key[len(c.FAKE_BRIDGE) :]: value for key, value in ids if key.startswith(c.FAKE_BRIDGE)},
            "ports": [port.to_dict() for _name, port in sorted(self.ports.items()) if port.values["tag"] == vlan],
        }


@dataclasses.dataclass(frozen=True)
class Switch:
    """All bridges, by name, and all QoS, those that no port has included."""

    bridges: t.Mapping[str, Bridge]
    qos: tuple[Qos, ...] = ()

    @functools.cached_property
    def homes(self) -> dict[str, tuple[Bridge, Port]]:
        """Where each port is."""
        return {name: (bridge, port) for bridge in self.bridges.values() for name, port in bridge.ports.items()}

    @functools.cached_property
    def owners(self) -> dict[str, tuple[Bridge, Port]]:
        """Which port each interface belongs to."""
        return {item.name: home for home in self.homes.values() for item in home[1].interfaces}

    @functools.cached_property
    def users(self) -> collections.Counter[str]:
        """How many refer to each QoS and to each queue, by UUID."""
        ports = [port.qos.uuid for _bridge, port in self.homes.values() if port.qos]
        return collections.Counter([*ports, *(queue.uuid for qos in self.qos for queue in qos.queues.values())])
