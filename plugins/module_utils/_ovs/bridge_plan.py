# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""Pure: from a bridge as it is and as the user wants it to the changes and the row operations of one transaction."""

from __future__ import annotations

import typing as t

from .._errors import ConflictError, InvalidInputError, NotFoundError
from . import columns as c
from .bridge_model import Bridge, Interface, Port, Switch
from .bridge_wanted import Wanted
from .column import Values, nothing
from .mirror_plan import plan_mirrors
from .operations import (
    ROOT,
    Attach,
    Create,
    Delete,
    Detach,
    Place,
    Plan,
    Write,
    merged,
    plan_row,
    plan_values,
    step,
    total,
)
from .port_plan import plan_port, purged, removed_port
from .qos_plan import unused


def plan_bridge(wanted: Wanted, switch: Switch) -> Plan:
    """Compute what is to be done.

    :param switch: all bridges: ports may have to come from another one.
    :raises ConflictError: when a port or a VM stands in the way.
    :raises InvalidInputError: when something lacks what it cannot be without.
    :raises NotFoundError: when the parent of a fake bridge does not exist.
    """
    plan = _plan(wanted, switch)
    return plan + Plan(operations=unused(switch, plan.operations))


def _plan(wanted: Wanted, switch: Switch) -> Plan:
    bridge = switch.bridges.get(wanted.name)
    if wanted.fake:
        _check_fake(wanted, bridge, *wanted.fake)
    if wanted.absent:
        return _remove(wanted, bridge, switch)
    created = Plan()
    if bridge is None:
        created, bridge = _create_bridge(wanted.name, switch)
    if not wanted.fake:
        _check_values(merged(c.BRIDGE, bridge.values, wanted.values, purge_keys=wanted.purge_keys), bridge.name)
    return (
        created
        + plan_values(_ref(bridge), "", c.BRIDGE, bridge.values, wanted.values, purge_keys=wanted.purge_keys)
        + _controllers(wanted, bridge)
        + total(plan_port(wanted, port, bridge, switch) for port in wanted.ports)
        + total(removed_port(bridge, f"ports[{name}]", name) for name in purged(wanted, bridge))
        + plan_mirrors(wanted, bridge)
    )


def _ref(bridge: Bridge) -> tuple[str, str]:
    return ("Bridge", bridge.name)


def _check_values(values: Values, name: str) -> None:
    if values["stp"] and values["rstp"]:
        raise InvalidInputError(f"bridge '{name}': stp and rstp exclude each other.", hint="Set one of them to false.")


def _check_fake(wanted: Wanted, bridge: Bridge | None, name: str, vlan: int) -> None:
    if bridge is None:
        if wanted.absent:
            return
        raise NotFoundError(
            f"bridge '{name}' cannot be created: there is no bridge '{wanted.name}' to be its parent.",
            hint="Create that one first.",
        )
    port = bridge.ports.get(name)
    if port and not port.values["fake_bridge"]:
        raise ConflictError(f"bridge '{name}' cannot be created: bridge '{bridge.name}' has a port of that name.")
    if port and port.values["tag"] != vlan:
        raise ConflictError(
            f"bridge '{name}' has the VLAN {port.values['tag']}, and with it all its ports.",
            hint=f"Remove it first to have it with the VLAN {vlan}.",
        )
    others = [other.name for other in _fakes(bridge) if other.values["tag"] == vlan and other.name != name]
    if others:
        raise ConflictError(
            f"bridge '{name}' cannot be created: bridge '{others[0]}' has the VLAN {vlan} of bridge '{bridge.name}'."
        )


def _fakes(bridge: Bridge) -> list[Port]:
    return [port for port in bridge.ports.values() if port.values["fake_bridge"]]


def _remove(wanted: Wanted, bridge: Bridge | None, switch: Switch) -> Plan:
    name = wanted.fake[0] if wanted.fake else wanted.name
    if bridge is None or (wanted.fake and name not in bridge.ports):
        home = None if wanted.fake else switch.homes.get(name)
        if home and home[1].values["fake_bridge"]:
            raise ConflictError(
                f"bridge '{name}' is a fake bridge on bridge '{home[0].name}'.", hint="Name its parent and its vlan."
            )
        return Plan()
    ports = [port for port in bridge.ports.values() if not wanted.fake or port.values["tag"] == wanted.fake[1]]
    of_vms = sorted(port.name for port in ports if port.of_libvirt)
    if of_vms and not wanted.force:
        raise ConflictError(
            f"bridge '{name}' cannot be removed: VMs are attached to it by {', '.join(of_vms)}.",
            hint="Stop or move these VMs, or set force to cut them off.",
            ports=of_vms,
        )
    if wanted.fake:
        return total(removed_port(bridge, f"ports[{name}]", name) for name in sorted(port.name for port in ports))
    samples = (Delete((c.SAMPLE_SET, uuid)) for uuid in bridge.samples)  # which would keep it alive
    return step("state", "present", "absent", *samples, Detach(ROOT, "bridges", _ref(bridge)))


def _create_bridge(name: str, switch: Switch) -> tuple[Plan, Bridge]:
    home = switch.homes.get(name)
    if home is not None:
        raise ConflictError(f"bridge '{name}' cannot be created: bridge '{home[0].name}' has a port of that name.")
    own = Port(name, interfaces=(Interface(name, {**nothing(c.INTERFACE), "type": "internal"}),))
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


def _controllers(wanted: Wanted, bridge: Bridge) -> Plan:
    """Named ones are all there shall be."""
    if wanted.controllers is None:
        return Plan()
    return total(
        _controller(wanted, bridge, target) for target in dict.fromkeys([*wanted.controllers, *bridge.controllers])
    )


def _controller(wanted: Wanted, bridge: Bridge, target: str) -> Plan:
    current = bridge.controllers.get(target)
    ref = ("Controller", current.uuid if current else target)
    place = Place(ref, f"controllers[{target}]", _ref(bridge), "controller", c.CONTROLLER)
    values = t.cast("t.Mapping[str, Values]", wanted.controllers).get(target)
    return plan_row(place, current.values if current else None, values, purge_keys=wanted.purge_keys)
