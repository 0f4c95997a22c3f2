# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""Pure: how bridges that a change was made to become again what they were."""

from __future__ import annotations

import dataclasses
import typing as t

from .bridge_model import Bridge, Port, Qos, Switch
from .bridge_wanted import Wanted, WantedPort, WantedQos
from .column import Values

_LAST_NUMBER = 65279
"""The last that an interface may ask for (ovs-vswitchd.conf.db(5), ofport_request)."""


def way_back(forward: t.Sequence[Wanted], before: Switch, now: Switch) -> list[Wanted]:
    """Return what is to be made of the bridges, one after another, so that a change is undone.

    What the change has not named stays as it is now, and so do the ports of VMs: libvirt adds and removes them by itself.

    :param forward: the change, of which any part may have been carried out.
    :param before: the switch before it.
    """
    restored = [_restored(before.bridges[name], forward, now) for name in sorted(_touched(forward, before))]
    back = {port.name for wanted in restored for port in wanted.ports}
    return [*restored, *_removed(forward, before, now, back)]


def _touched(forward: t.Sequence[Wanted], before: Switch) -> set[str]:
    """Return the bridges that are named, or lose something that is named."""
    ports = [port for wanted in forward for port in wanted.ports]
    names = {name for port in ports for name in (port.name, *(port.members or ()))}
    homes = [home for name in names for home in (before.homes.get(name), before.owners.get(name)) if home]
    return {bridge.name for bridge, _port in homes} | {item.name for item in forward if item.name in before.bridges}


def _restored(bridge: Bridge, forward: t.Sequence[Wanted], now: Switch) -> Wanted:
    current = now.bridges.get(bridge.name, Bridge(bridge.name))
    ports = [port for port in bridge.ports.values() if not port.of_libvirt or _was_taken(port, bridge, forward, now)]
    there = {port.name for port in ports} | set(current.ports)
    added = {name for item in forward if item.name == bridge.name for name in item.mirrors or ()}
    mirrors = {
        name: _mirror(row.values, there)
        for name, row in bridge.mirrors.items()
        if (name not in current.mirrors or current.mirrors[name].values != row.values)
        and row.values["output_port"] in (None, *there)
    }
    return Wanted(
        name=bridge.name,
        absent=False,
        values=dict(bridge.values),
        controllers={target: row.values for target, row in bridge.controllers.items()},
        mirrors={**dict.fromkeys(added - set(bridge.mirrors)), **mirrors},
        ports=tuple(_port(port, now) for port in ports),
        purge=False,
        purge_keys=True,
        allow_move=True,
        force=True,
    )


def _was_taken(port: Port, bridge: Bridge, forward: t.Sequence[Wanted], now: Switch) -> bool:
    """Tell whether it was the change that removed or moved a VM's port, and not libvirt."""
    for wanted in forward:
        if wanted.absent and wanted.name == bridge.name and wanted.fake in (None, _fake(port, bridge)):
            return True
        if any(item.name == port.name and (item.absent or port.name in now.homes) for item in wanted.ports):
            return True
    return False


def _fake(port: Port, bridge: Bridge) -> tuple[str, int] | None:
    """Return name and VLAN of the fake bridge that the port is on."""
    tag = port.values["tag"]
    fakes = (item for item in bridge.ports.values() if item.values["fake_bridge"] and item.values["tag"] == tag)
    return next(((item.name, tag) for item in fakes), None)


def _mirror(values: Values, ports: set[str]) -> Values:
    """Leave out the ports that are gone."""
    selected = ("select_src_ports", "select_dst_ports")
    return {**values, **{option: [name for name in values[option] if name in ports] for option in selected}}


def _port(port: Port, now: Switch) -> WantedPort:
    current = now.homes[port.name][1] if port.name in now.homes else Port(port.name)
    return WantedPort(
        port.name,
        f"ports[{port.name}]",
        absent=False,
        bond=True,
        values=dict(port.values),
        members=tuple(item.name for item in port.interfaces),
        interfaces={item.name: item.values for item in port.interfaces},
        qos=_qos(f"ports[{port.name}].qos", port.qos, current.qos),
    )


def numbered(wanted: Wanted, before: Bridge) -> Wanted:
    """Return the same with interfaces that ask for the OpenFlow numbers that they had."""
    had = {name: number for name, number in before.numbers.items() if number <= _LAST_NUMBER}

    def ask(name: str, values: Values) -> Values:
        return {**values, "ofport_request": had[name]} if name in had else values

    ports = (
        dataclasses.replace(port, interfaces={name: ask(name, values) for name, values in port.interfaces.items()})
        for port in wanted.ports
    )
    return dataclasses.replace(wanted, ports=tuple(ports))


def _qos(path: str, before: Qos | None, now: Qos | None) -> WantedQos:
    if before is None:
        return WantedQos(path, absent=True, values={}, queues={})
    gone: dict[int, Values | None] = dict.fromkeys(now.queues if now else ())
    queues = {number: queue.values for number, queue in before.queues.items()}
    return WantedQos(path, absent=False, values=before.values, queues={**gone, **queues})


def _removed(forward: t.Sequence[Wanted], before: Switch, now: Switch, back: set[str]) -> t.Iterator[Wanted]:
    """Take away what was not there before; of a new bridge that VMs are on already, all but what they need.

    :param back: the ports that are back where they were.
    """
    for name in dict.fromkeys(wanted.name for wanted in forward if wanted.name in now.bridges):
        new = name not in before.bridges
        used = any(port.of_libvirt and port.name not in back for port in now.bridges[name].ports.values())
        named = dict.fromkeys(port.name for wanted in forward if wanted.name == name for port in wanted.ports)
        gone = [port for port in named if port not in before.homes and port != name]
        yield Wanted(
            name=name,
            absent=new and not used,
            values={},
            controllers=None,
            mirrors=None,
            ports=tuple(_absent(port) for port in gone),
            purge=False,
            purge_keys=False,
            allow_move=False,
            force=False,
        )


def _absent(name: str) -> WantedPort:
    return WantedPort(name, f"ports[{name}]", absent=True, bond=False, values={}, members=(name,), interfaces={})
