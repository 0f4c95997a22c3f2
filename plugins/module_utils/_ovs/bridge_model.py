# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""Pure: a bridge as it is, a bridge as the user wants it, and the check of what the user wrote."""

from __future__ import annotations

import collections
import dataclasses
import typing as t

from .._errors import InvalidInputError
from . import columns as c
from .texts import texts

Values = dict[str, t.Any]
"""Option -> value, as `columns.Column.read` returns it."""


@dataclasses.dataclass(frozen=True)
class Interface:
    """An interface as it is. `status` is what ovs-vswitchd reports of it (`columns.STATUS`)."""

    name: str
    values: Values = dataclasses.field(default_factory=lambda: c.nothing(c.INTERFACE))
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
    values: Values = dataclasses.field(default_factory=lambda: c.nothing(c.PORT))
    interfaces: tuple[Interface, ...] = ()

    @property
    def of_libvirt(self) -> bool:
        return any(interface.of_libvirt for interface in self.interfaces)


@dataclasses.dataclass(frozen=True)
class Bridge:
    """A bridge as it is. `controllers` are targets, sorted; `ports` have their names as keys."""

    name: str
    values: Values = dataclasses.field(default_factory=lambda: c.nothing(c.BRIDGE))
    controllers: tuple[str, ...] = ()
    ports: dict[str, Port] = dataclasses.field(default_factory=dict)

    def to_dict(self) -> dict[str, t.Any]:
        """Return plain data: what `ovs_info` and `ovs_bridge` show of a bridge."""
        return {
            "name": self.name,
            **self.values,
            "controllers": list(self.controllers),
            "ports": [_port_dict(port) for _name, port in sorted(self.ports.items())],
        }


def _port_dict(port: Port) -> dict[str, t.Any]:
    interfaces = [{"name": item.name, **item.values, **item.status} for item in port.interfaces]
    return {"name": port.name, **port.values, "libvirt": port.of_libvirt, "interfaces": interfaces}


@dataclasses.dataclass(frozen=True)
class WantedPort:
    """A port or bond as the user names it.

    :param path: how the user finds it in the task: `ports[eth1]`.
    :param values: named options of the port.
    :param interfaces: interface name -> its named options.
    """

    name: str
    path: str
    absent: bool
    bond: bool
    values: Values
    interfaces: dict[str, Values]


@dataclasses.dataclass(frozen=True)
class Wanted:
    """A bridge as the user names it; options that are None in the task are not in `values`."""

    name: str
    absent: bool
    values: Values
    controllers: tuple[str, ...] | None
    ports: tuple[WantedPort, ...]
    purge: bool
    purge_keys: bool
    allow_move: bool
    force: bool


def wanted_bridge(params: t.Mapping[str, t.Any]) -> Wanted:
    """Read and check a task's options.

    :param params: options of the module `ovs_bridge`.
    :raises InvalidInputError: for what cannot be meant, whatever the switch looks like.
    """
    name = params["name"]
    ports = tuple(_wanted_port(item, bond=False) for item in params["ports"] or ())
    bonds = tuple(_wanted_port(item, bond=True) for item in params["bonds"] or ())
    controllers = params["controllers"]
    wanted = Wanted(
        name=name,
        absent=params["state"] == "absent",
        values=_values(c.BRIDGE, params, f"bridge '{name}'"),
        controllers=None if controllers is None else tuple(sorted(set(controllers))),
        ports=ports + bonds,
        **{key: params[key] for key in ("purge", "purge_keys", "allow_move", "force")},
    )
    _check(wanted)
    return wanted


def _wanted_port(item: t.Mapping[str, t.Any], *, bond: bool) -> WantedPort:
    name = item["name"]
    path = f"{'bonds' if bond else 'ports'}[{name}]"
    absent = item["state"] == "absent"
    if bond:
        members = item["interfaces"] or []
        if len(set(members)) != len(members) or (len(members) < 2 and not absent):
            raise InvalidInputError(f"{path}.interfaces must name two or more different interfaces.")
        interfaces: dict[str, Values] = {member: {} for member in members}
    else:
        interfaces = {name: _values(c.INTERFACE, item, path)}
    return WantedPort(name, path, absent, bond, _values(c.PORT, item, path), interfaces)


def _values(columns: t.Iterable[c.Column], options: t.Mapping[str, t.Any], path: str) -> Values:
    found = {}
    for column in columns:
        value = options.get(column.option)
        if value is None:
            continue
        found[column.option] = (
            texts(value, f"{path}: {column.option}") if isinstance(value, dict) else column.normal(value)
        )
    return found


def _check(wanted: Wanted) -> None:
    names = collections.Counter(port.name for port in wanted.ports)
    members = collections.Counter(name for port in wanted.ports if not port.absent for name in port.interfaces)
    for name, count in [*names.items(), *members.items()]:
        if count > 1:
            raise InvalidInputError(f"bridge '{wanted.name}': '{name}' is named twice among its ports and bonds.")
    if wanted.values.get("stp") and wanted.values.get("rstp"):
        raise InvalidInputError(f"bridge '{wanted.name}': stp and rstp exclude each other.")
    for port in wanted.ports:
        _check_port(wanted, port)


def _check_port(wanted: Wanted, port: WantedPort) -> None:
    values = port.values
    for tag in [values.get("tag"), *values.get("trunks", ())]:
        if tag is not None and not 0 <= tag <= 4095:
            raise InvalidInputError(f"{port.path}: {tag} is no VLAN; it must be from 0 to 4095.")
    if values.get("vlan_mode") == "access" and values.get("trunks"):
        raise InvalidInputError(f"{port.path}: an access port has no trunks.", hint="Set trunks to an empty list.")
    if port.name == wanted.name:
        kind = port.interfaces.get(port.name, {}).get("type", "internal")
        if port.absent or port.bond or kind != "internal":
            raise InvalidInputError(
                f"{port.path} is the bridge's own port: it is always there and its type is internal."
            )
