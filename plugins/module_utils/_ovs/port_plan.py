# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""Pure: the part of a bridge's plan that is about its ports, bonds and their interfaces."""

from __future__ import annotations

from .._errors import ConflictError, InvalidInputError
from . import columns as c
from .bridge_model import Bridge, Interface, Port, Switch
from .bridge_wanted import Wanted, WantedPort
from .column import Values
from .operations import Attach, Create, Detach, Operation, Plan, merged, plan_values, step
from .qos_plan import plan_qos

NEEDED_OPTIONS = {
    "patch": "peer",
    **dict.fromkeys(("vxlan", "geneve", "gre", "erspan", "ip6erspan", "ip6gre", "lisp", "stt", "gtpu"), "remote_ip"),
    "dpdk": "dpdk-devargs",
    "dpdkvhostuserclient": "vhost-server-path",
}
"""Interface type -> the key without which such an interface cannot work."""


def plan_port(wanted: Wanted, port: WantedPort, bridge: Bridge, switch: Switch) -> Plan:
    """Compute what is to be done to one port that the task names.

    :raises ConflictError: when it is somewhere else, or a VM's.
    :raises InvalidInputError: when something lacks what it cannot be without.
    """
    home = (bridge, bridge.ports[port.name]) if port.name in bridge.ports else switch.homes.get(port.name)
    if port.absent:
        return _absent(wanted, port, bridge, home)
    ref = ("Port", port.name)
    placed = Plan()
    current = Port(port.name)
    if home is None:
        placed = step(port.path, "absent", "present", Create(ref))
    else:
        current = home[1]
        placed = _move(wanted, port, bridge, home)
    plan = placed + _interfaces(wanted, port, current, switch)
    plan += _values(wanted, port, current)
    if port.qos:
        plan += plan_qos(port.name, current.qos, port.qos, switch, purge=wanted.purge, purge_keys=wanted.purge_keys)
    if home is None:
        plan += Plan(operations=(Attach(("Bridge", bridge.name), "ports", ref),))
    return plan


def _values(wanted: Wanted, port: WantedPort, current: Port) -> Plan:
    """Plan the port's own columns. Of a fake bridge's port the bridge's external ids are apart: naming these names none of the port's."""
    ref, values = ("Port", port.name), current.values
    if not wanted.fake or port.name != wanted.fake[0]:
        return plan_values(ref, port.path, c.PORT, values, port.values, purge_keys=wanted.purge_keys)
    ids, named = values["external_ids"], port.values.get("external_ids", {})
    of_bridge = {key: ids[key] for key in ids if key.startswith(c.FAKE_BRIDGE) and key not in named}
    of_port = {**values, "external_ids": {key: ids[key] for key in ids if key not in of_bridge}}
    plan = plan_values(ref, port.path, c.PORT, of_port, port.values, purge_keys=wanted.purge_keys)
    if wanted.fake_ids is None:
        return plan
    before, after = {"external_ids": of_bridge}, {"external_ids": wanted.fake_ids}
    return plan + plan_values(ref, port.path, (c.EXTERNAL_IDS,), before, after, purge_keys=wanted.purge_keys)


def _absent(wanted: Wanted, port: WantedPort, bridge: Bridge, home: tuple[Bridge, Port] | None) -> Plan:
    elsewhere = home is None or home[0].name != bridge.name
    if elsewhere or (wanted.fake and home and home[1].values["tag"] != wanted.fake[1]):
        return Plan()
    _refuse_vm(wanted, bridge.ports[port.name], "removed")
    return removed_port(bridge, port.path, port.name)


def removed_port(bridge: Bridge, path: str, name: str) -> Plan:
    """Take a port off its bridge, whoever uses it."""
    return step(path, "present", "absent", Detach(("Bridge", bridge.name), "ports", ("Port", name)))


def _move(wanted: Wanted, port: WantedPort, bridge: Bridge, home: tuple[Bridge, Port]) -> Plan:
    source = home[0].name
    if source == bridge.name:
        return _move_within(wanted, port, home[1])
    if port.name in (source, bridge.name):
        raise ConflictError(f"{port.path} is bridge '{source}'s own port and cannot be moved.")
    _refuse_move(wanted, port, source, home[1])
    ref = ("Port", port.name)
    return step(
        f"{port.path}.bridge",
        source,
        bridge.name,
        Detach(("Bridge", source), "ports", ref),
        Attach(("Bridge", bridge.name), "ports", ref),
    )


def _move_within(wanted: Wanted, port: WantedPort, current: Port) -> Plan:
    """A port comes to a fake bridge by its VLAN, which is among its values."""
    if wanted.fake and current.values["tag"] != wanted.fake[1]:
        _refuse_move(wanted, port, wanted.name, current)
    return Plan()


def _refuse_move(wanted: Wanted, port: WantedPort, source: str, current: Port) -> None:
    target = wanted.fake[0] if wanted.fake else wanted.name
    if not wanted.allow_move:
        raise ConflictError(
            f"{port.path} is on bridge '{source}'.",
            hint=f"Set allow_move to move it to bridge '{target}', or take it off bridge '{source}' first.",
            bridge=source,
        )
    _refuse_vm(wanted, current, "moved")


def _refuse_vm(wanted: Wanted, port: Port, what: str) -> None:
    if port.of_libvirt and not wanted.force:
        raise ConflictError(
            f"port '{port.name}' cannot be {what}: libvirt added it for a VM.",
            hint="Change the VM's interface instead, or set force.",
        )


def _interfaces(wanted: Wanted, port: WantedPort, current: Port, switch: Switch) -> Plan:
    there = {interface.name: interface for interface in current.interfaces}
    members = _members(port, there)
    plan = Plan()
    if port.bond and set(there) != set(members):
        plan += step(f"{port.path}.interfaces", sorted(there) or None, sorted(members))
    for name in members:
        plan += _interface(wanted, port, there.get(name), name=name, switch=switch)
    gone = sorted(set(there).difference(members))
    return plan + Plan(
        operations=tuple(Detach(("Port", port.name), "interfaces", ("Interface", name)) for name in gone)
    )


def _members(port: WantedPort, there: dict[str, Interface]) -> tuple[str, ...]:
    """Return the names of the interfaces that the port is to have."""
    if not port.bond and there and set(there) != {port.name}:
        raise ConflictError(
            f"{port.path} is a bond of {', '.join(sorted(there))}.", hint="Name it under bonds instead of ports."
        )
    if port.members is not None:
        return port.members
    if not there:
        raise InvalidInputError(f"{port.path} does not exist yet, and needs interfaces, two or more.")
    strangers = sorted(set(port.interfaces).difference(there))
    if strangers:
        raise InvalidInputError(f"{port.path}.interface_settings: the bond has no interface '{strangers[0]}'.")
    return tuple(sorted(there))


def _interface(wanted: Wanted, port: WantedPort, current: Interface | None, *, name: str, switch: Switch) -> Plan:
    ref = ("Interface", name)
    values = port.interfaces.get(name, {})
    path = f"{port.path}.interface_settings[{name}]" if port.bond else port.path
    attach = Plan(operations=(Attach(("Port", port.name), "interfaces", ref),))
    placed = Plan()
    if current is None:
        found = switch.owners.get(name)
        if found is None:
            current = Interface(name)
            placed = Plan(operations=(Create(ref),)) + attach
        else:
            placed = _take(wanted, port, name, *found) + attach
            current = next(item for item in found[1].interfaces if item.name == name)
    _check(path, values, merged(c.INTERFACE, current.values, values, purge_keys=wanted.purge_keys))
    return placed + plan_values(ref, path, c.INTERFACE, current.values, values, purge_keys=wanted.purge_keys)


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
    """Return how `owner` loses an interface: by its own entry if that names its interfaces, else with or without its row."""
    here = bridge.name == wanted.name
    for item in wanted.ports:
        if item.name == owner.name and (here if item.absent else item.members is not None):
            return ()
    taken = sorted(wanted.taken.intersection(item.name for item in owner.interfaces))
    if len(taken) < len(owner.interfaces):
        return (Detach(("Port", owner.name), "interfaces", ("Interface", name)),)
    return (Detach(("Bridge", bridge.name), "ports", ("Port", owner.name)),) if name == taken[0] else ()


def _check(path: str, named: Values, after: Values) -> None:
    key = NEEDED_OPTIONS.get(after["type"])
    if key and not after["options"].get(key) and not named.keys().isdisjoint({"type", "options"}):
        raise InvalidInputError(f"{path}: an interface of type {after['type']} needs options.{key}.")


def purged(wanted: Wanted, bridge: Bridge) -> list[str]:
    """Return the ports to remove as the task does not name them: of a bridge those that are not of its fake bridges, of a
    fake bridge its own. Those of VMs stay, and those that `_take` removes are left out.
    """
    if not wanted.purge_ports:
        return []
    left = {port.name for port in wanted.ports} | {bridge.name} | _lost(wanted, bridge)
    vlans = {port.values["tag"] for port in bridge.ports.values() if port.values["fake_bridge"]}
    return [
        name
        for name, port in sorted(bridge.ports.items())
        if name not in left
        and not port.of_libvirt
        and not port.values["fake_bridge"]
        and (port.values["tag"] == wanted.fake[1] if wanted.fake else port.values["tag"] not in vlans)
    ]


def _lost(wanted: Wanted, bridge: Bridge) -> set[str]:
    """Return the names of the ports that keep no interface."""
    return {
        name for name, port in bridge.ports.items() if wanted.taken.issuperset(item.name for item in port.interfaces)
    }


def names_after(wanted: Wanted, bridge: Bridge) -> set[str]:
    """Return the names of the ports that the bridge will have."""
    gone = {port.name for port in wanted.ports if port.absent} | set(purged(wanted, bridge))
    return (set(bridge.ports) - gone - _lost(wanted, bridge)) | {port.name for port in wanted.ports if not port.absent}
