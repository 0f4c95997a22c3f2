# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""Pure: from a bridge as it is and as the user wants it to the changes and the row operations of one transaction."""

from __future__ import annotations

import typing as t

from .._errors import ConflictError, InvalidInputError
from . import columns as c
from .bridge_model import Bridge, Interface, Port, Values, Wanted, WantedPort
from .operations import ROOT, Attach, Create, Detach, Operation, Plan, Write, plan_values, step, total

Switch = t.Mapping[str, Bridge]

NEEDED_OPTIONS = {"patch": "peer", "vxlan": "remote_ip", "geneve": "remote_ip", "gre": "remote_ip"}
"""Interface type -> the key without which such an interface cannot work."""


def plan_bridge(wanted: Wanted, switch: Switch) -> Plan:
    """Compute what is to be done.

    :param switch: all bridges by name: ports may have to come from another one.
    :raises ConflictError: when a port or a VM stands in the way.
    :raises InvalidInputError: when a new interface lacks what its type needs.
    """
    bridge = switch.get(wanted.name)
    if wanted.absent:
        return Plan() if bridge is None else _remove_bridge(wanted, bridge)
    created = Plan()
    if bridge is None:
        created, bridge = _create_bridge(wanted.name, switch)
    ref = ("Bridge", wanted.name)
    return (
        created
        + plan_values(ref, "", c.BRIDGE, bridge.values, wanted.values, purge_keys=wanted.purge_keys)
        + _controllers(bridge, wanted.controllers)
        + total(_port(wanted, port, bridge, switch) for port in wanted.ports)
        + (_purge(wanted, bridge) if wanted.purge else Plan())
    )


def _remove_bridge(wanted: Wanted, bridge: Bridge) -> Plan:
    of_vms = sorted(name for name, port in bridge.ports.items() if port.of_libvirt)
    if of_vms and not wanted.force:
        raise ConflictError(
            f"bridge '{bridge.name}' cannot be removed: VMs are attached to it by {', '.join(of_vms)}.",
            hint="Stop or move these VMs, or set force to cut them off.",
            ports=of_vms,
        )
    return step("state", "present", "absent", Detach(ROOT, "bridges", ("Bridge", bridge.name)))


def _create_bridge(name: str, switch: Switch) -> tuple[Plan, Bridge]:
    home = _home(name, switch)
    if home is not None:
        raise ConflictError(f"bridge '{name}' cannot be created: bridge '{home[0].name}' has a port of that name.")
    own = Port(name, interfaces=(Interface(name, {**c.nothing(c.INTERFACE), "type": "internal"}),))
    operations = (
        Create(("Interface", name)),
        Write(("Interface", name), "type", "internal"),
        Create(("Port", name)),
        Attach(("Port", name), "interfaces", ("Interface", name)),
        Create(("Bridge", name)),
        Attach(("Bridge", name), "ports", ("Port", name)),
        Attach(ROOT, "bridges", ("Bridge", name)),
    )
    return step("state", "absent", "present", *operations), Bridge(name, ports={name: own})


def _controllers(bridge: Bridge, targets: tuple[str, ...] | None) -> Plan:
    if targets is None or targets == bridge.controllers:
        return Plan()
    ref = ("Bridge", bridge.name)
    operations: list[Operation] = []
    for target in targets:
        if target not in bridge.controllers:
            child = ("Controller", target)
            operations += [Create(child), Attach(ref, "controller", child)]
    operations += [
        Detach(ref, "controller", ("Controller", target)) for target in bridge.controllers if target not in targets
    ]
    return step("controllers", list(bridge.controllers), list(targets), *operations)


def _home(port: str, switch: Switch) -> tuple[Bridge, Port] | None:
    """Return where a port is."""
    for bridge in switch.values():
        if port in bridge.ports:
            return bridge, bridge.ports[port]
    return None


def _port(wanted: Wanted, port: WantedPort, bridge: Bridge, switch: Switch) -> Plan:
    home = (bridge, bridge.ports[port.name]) if port.name in bridge.ports else _home(port.name, switch)
    if port.absent:
        if home is None or home[0].name != bridge.name:
            return Plan()
        _refuse_vm(wanted, home[1], "removed")
        return step(port.path, "present", "absent", Detach(("Bridge", bridge.name), "ports", ("Port", port.name)))
    ref = ("Port", port.name)
    placed = Plan()
    current = Port(port.name)
    if home is None:
        placed = step(port.path, "absent", "present", Create(ref))
    else:
        current = home[1]
        if home[0].name != bridge.name:
            placed = _move(wanted, port, bridge, home)
    plan = placed + _interfaces(wanted, port, current, switch)
    plan += plan_values(ref, port.path, c.PORT, current.values, port.values, purge_keys=wanted.purge_keys)
    if home is None:
        plan += Plan(operations=(Attach(("Bridge", bridge.name), "ports", ref),))
    return plan


def _move(wanted: Wanted, port: WantedPort, bridge: Bridge, home: tuple[Bridge, Port]) -> Plan:
    source = home[0].name
    if port.name in (source, bridge.name):
        raise ConflictError(f"{port.path} is bridge '{source}'s own port and cannot be moved.")
    if not wanted.allow_move:
        raise ConflictError(
            f"{port.path} is on bridge '{source}'.",
            hint=f"Set allow_move to move it to bridge '{bridge.name}', or take it off bridge '{source}' first.",
            bridge=source,
        )
    _refuse_vm(wanted, home[1], "moved")
    ref = ("Port", port.name)
    return step(
        f"{port.path}.bridge",
        source,
        bridge.name,
        Detach(("Bridge", source), "ports", ref),
        Attach(("Bridge", bridge.name), "ports", ref),
    )


def _refuse_vm(wanted: Wanted, port: Port, what: str) -> None:
    if port.of_libvirt and not wanted.force:
        raise ConflictError(
            f"port '{port.name}' cannot be {what}: libvirt added it for a VM.",
            hint="Change the VM's interface instead, or set force.",
        )


def _interfaces(wanted: Wanted, port: WantedPort, current: Port, switch: Switch) -> Plan:
    there = {interface.name: interface for interface in current.interfaces}
    ref = ("Port", port.name)
    plan = Plan()
    if there and not port.bond and set(there) != set(port.interfaces):
        raise ConflictError(
            f"{port.path} is a bond of {', '.join(sorted(there))}.", hint="Name it under bonds instead of ports."
        )
    if port.bond and set(there) != set(port.interfaces):
        plan += step(f"{port.path}.interfaces", sorted(there) or None, sorted(port.interfaces))
    for name, values in port.interfaces.items():
        plan += _interface(wanted, port, there.get(name), name=name, values=values, switch=switch)
    for name in sorted(set(there) - set(port.interfaces)):
        plan += Plan(operations=(Detach(ref, "interfaces", ("Interface", name)),))
    return plan


def _interface(
    wanted: Wanted, port: WantedPort, current: Interface | None, *, name: str, values: Values, switch: Switch
) -> Plan:
    ref = ("Interface", name)
    attach = Plan(operations=(Attach(("Port", port.name), "interfaces", ref),))
    placed = Plan()
    if current is None:
        found = _owner(name, switch)
        if found is None:
            current = Interface(name)
            _check_new(port, values)
            placed = Plan(operations=(Create(ref),)) + attach
        else:
            placed = _take(wanted, port, name, *found) + attach
            current = next(item for item in found[1].interfaces if item.name == name)
    path = port.path if not port.bond else f"{port.path}.interfaces[{name}]"
    return placed + plan_values(ref, path, c.INTERFACE, current.values, values, purge_keys=wanted.purge_keys)


def _owner(interface: str, switch: Switch) -> tuple[Bridge, Port] | None:
    for bridge in switch.values():
        for port in bridge.ports.values():
            if any(item.name == interface for item in port.interfaces):
                return bridge, port
    return None


def _take(wanted: Wanted, port: WantedPort, name: str, bridge: Bridge, owner: Port) -> Plan:
    """Take an interface away from the port that has it; a port with no interface left goes."""
    if name == bridge.name:
        raise ConflictError(f"{port.path}: '{name}' is bridge '{bridge.name}'s own port.")
    if not wanted.allow_move:
        raise ConflictError(
            f"{port.path}: interface '{name}' belongs to port '{owner.name}' of bridge '{bridge.name}'.",
            hint="Set allow_move to take it from there, or remove it there first.",
        )
    _refuse_vm(wanted, owner, "taken")
    path = f"{port.path}.interfaces[{name}].port"
    return step(path, owner.name, port.name, *_loss(wanted, name, bridge, owner))


def _loss(wanted: Wanted, name: str, bridge: Bridge, owner: Port) -> tuple[Operation, ...]:
    """Return how `owner` loses an interface: by its own entry if the task names it, else with or without its row."""
    here = bridge.name == wanted.name
    if any(item.name == owner.name and (here or not item.absent) for item in wanted.ports):
        return ()
    taken = sorted(_members(wanted).intersection(item.name for item in owner.interfaces))
    if len(taken) < len(owner.interfaces):
        return (Detach(("Port", owner.name), "interfaces", ("Interface", name)),)
    return (Detach(("Bridge", bridge.name), "ports", ("Port", owner.name)),) if name == taken[0] else ()


def _members(wanted: Wanted) -> set[str]:
    """Return the names of all interfaces that the ports of the bridge are to have."""
    return {name for port in wanted.ports if not port.absent for name in port.interfaces}


def _check_new(port: WantedPort, values: Values) -> None:
    kind = values.get("type", "system")
    key = NEEDED_OPTIONS.get(kind)
    if key and not values.get("options", {}).get(key):
        raise InvalidInputError(f"{port.path}: an interface of type {kind} needs options.{key}.")


def _purge(wanted: Wanted, bridge: Bridge) -> Plan:
    """Remove unnamed ports, except those that `_take` has removed and those of VMs."""
    named = {port.name for port in wanted.ports} | {bridge.name}
    members = _members(wanted)
    ref = ("Bridge", bridge.name)
    return total(
        step(f"ports[{name}]", "present", "absent", Detach(ref, "ports", ("Port", name)))
        for name, port in sorted(bridge.ports.items())
        if name not in named and not port.of_libvirt and not members.issuperset(item.name for item in port.interfaces)
    )
