# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""Pure: a bridge as the user wants it, and the check of what the user wrote."""

from __future__ import annotations

import dataclasses
import functools
import re
import typing as t

from .._errors import InvalidInputError
from .._names import refuse_twice
from . import columns as c
from .column import Values
from .texts import TARGET, named_values, storable

_NAME = re.compile(r"[^/\\\x00-\x1f\x7f\ud800-\udfff]+")
_OF_PARENT = ("controllers", "mirrors", *(column.option for column in c.BRIDGE if column.option != "external_ids"))
"""Options that a fake bridge does not have of its own."""


@dataclasses.dataclass(frozen=True)
class WantedQos:
    """QoS of a port.

    :param queues: by number; None for one that shall go. None altogether if the user names no list of them.
    """

    path: str
    absent: bool
    values: Values
    queues: t.Mapping[int, Values | None] | None


@dataclasses.dataclass(frozen=True)
class WantedPort:
    """A port or bond as the user names it.

    :param path: how the user finds it in the task: `ports[eth1]`.
    :param values: named options of the port.
    :param members: names of all its interfaces; None for a bond that keeps those it has.
    :param interfaces: interface name -> its named options.
    """

    name: str
    path: str
    absent: bool
    bond: bool
    values: Values
    members: tuple[str, ...] | None
    interfaces: t.Mapping[str, Values]
    qos: WantedQos | None = None


@dataclasses.dataclass(frozen=True)
class Wanted:
    """A bridge as the user names it; what is None, or not in `values`, is not managed.

    :param name: of a fake bridge its parent's.
    :param fake: name and VLAN of a fake bridge.
    :param fake_ids: its external ids, as its own port has them besides those of the port.
    :param controllers: all, by target.
    :param mirrors: by name; None for one that shall go.
    :param purge_ports: whether the ports that are not named shall go: `purge`, if the user names a list of them.
    """

    name: str
    absent: bool
    values: Values
    controllers: t.Mapping[str, Values] | None
    mirrors: t.Mapping[str, Values | None] | None
    ports: tuple[WantedPort, ...]
    purge: bool
    purge_keys: bool
    allow_move: bool
    force: bool
    fake: tuple[str, int] | None = None
    fake_ids: Values | None = None
    purge_ports: bool = False

    @functools.cached_property
    def taken(self) -> frozenset[str]:
        """Names of all interfaces that the task gives to ports."""
        return frozenset(name for port in self.ports if not port.absent for name in port.members or ())


def wanted_bridge(params: t.Mapping[str, t.Any]) -> Wanted:
    """Read and check a task's options.

    :param params: options of the module `ovs_bridge`.
    :raises InvalidInputError: for what cannot be meant, whatever the switch looks like.
    """
    if params["parent"] is not None:
        return _fake_bridge(params)
    prefix = f"bridge '{params['name']}': "
    wanted = Wanted(
        name=params["name"],
        absent=params["state"] == "absent",
        values=named_values(c.BRIDGE, params, prefix),
        controllers=_controllers(params["controllers"]),
        mirrors=_mirrors(params["mirrors"]),
        ports=_ports(params),
        purge_ports=_purges_ports(params),
        **{key: params[key] for key in ("purge", "purge_keys", "allow_move", "force")},
    )
    _check(wanted)
    return wanted


def _fake_bridge(params: t.Mapping[str, t.Any]) -> Wanted:
    """Return a fake bridge as its parent's ports with its VLAN; one of them is its own, an internal port of its name."""
    name, vlan = params["name"], params["vlan"]
    wrong = [option for option in _OF_PARENT if params[option] is not None]
    if wrong:
        raise InvalidInputError(
            f"bridge '{name}' is to be a fake bridge, which has no {wrong[0]} of its own.",
            hint=f"Set it on bridge '{params['parent']}'.",
        )
    ports = _ports(params)
    if any("tag" in port.values for port in ports):
        raise InvalidInputError(f"bridge '{name}': the ports of a fake bridge have its VLAN, and no tag besides.")
    named = {port.name: port for port in ports}
    own = named.pop(name, _own_port(name))
    own = dataclasses.replace(
        own,
        values={**own.values, "fake_bridge": True},
        interfaces={name: {**own.interfaces[name], "type": "internal"}},
    )
    ids = named_values((c.EXTERNAL_IDS,), params, f"bridge '{name}': ").get("external_ids")
    wanted = Wanted(
        name=params["parent"],
        absent=params["state"] == "absent",
        values={},
        controllers=None,
        mirrors=None,
        ports=tuple(dataclasses.replace(port, values={**port.values, "tag": vlan}) for port in (own, *named.values())),
        purge_ports=_purges_ports(params),
        fake=(name, vlan),
        fake_ids=None if ids is None else {f"{c.FAKE_BRIDGE}{key}": value for key, value in ids.items()},
        **{key: params[key] for key in ("purge", "purge_keys", "allow_move", "force")},
    )
    _check(wanted)
    return wanted


def _own_port(name: str) -> WantedPort:
    return WantedPort(
        name, f"ports[{name}]", absent=False, bond=False, values={}, members=(name,), interfaces={name: {}}
    )


def _purges_ports(params: t.Mapping[str, t.Any]) -> bool:
    return params["purge"] and (params["ports"] is not None or params["bonds"] is not None)


def _ports(params: t.Mapping[str, t.Any]) -> tuple[WantedPort, ...]:
    ports = [_port(item) for item in params["ports"] or ()]
    ports += [_bond(item) for item in params["bonds"] or ()]
    refuse_twice(params["name"], [port.name for port in ports])
    refuse_twice(params["name"], [name for port in ports if not port.absent for name in port.members or ()])
    own = next((port for port in ports if port.name == params["name"]), None)
    if own and (own.absent or own.bond or own.interfaces[own.name].get("type", "internal") != "internal"):
        raise InvalidInputError(f"{own.path} is the bridge's own port: it is always there and its type is internal.")
    return tuple(ports)


def _port(item: t.Mapping[str, t.Any]) -> WantedPort:
    name = item["name"]
    interfaces = {name: named_values(c.INTERFACE, item, f"ports[{name}].")}
    return _wanted_port(item, f"ports[{name}]", bond=False, members=(name,), interfaces=interfaces)


def _bond(item: t.Mapping[str, t.Any]) -> WantedPort:
    path, absent, names = f"bonds[{item['name']}]", item["state"] == "absent", item["interfaces"]
    if names is not None and (len(set(names)) != len(names) or (len(names) < 2 and not absent)):
        raise InvalidInputError(f"{path}.interfaces must name two or more different interfaces.")
    settings = item["interface_settings"] or []
    refuse_twice(path, [entry["name"] for entry in settings])
    interfaces = {
        entry["name"]: named_values(c.INTERFACE, entry, f"{path}.interface_settings[{entry['name']}].")
        for entry in settings
    }
    strangers = sorted(set(interfaces).difference(interfaces if names is None else names))
    if strangers:
        raise InvalidInputError(f"{path}.interface_settings names '{strangers[0]}', which is not among its interfaces.")
    return _wanted_port(item, path, bond=True, members=None if names is None else tuple(names), interfaces=interfaces)


def _wanted_port(
    item: t.Mapping[str, t.Any],
    path: str,
    *,
    bond: bool,
    members: tuple[str, ...] | None,
    interfaces: t.Mapping[str, Values],
) -> WantedPort:
    values = named_values(c.PORT, item, f"{path}.")
    found = WantedPort(
        item["name"],
        path,
        item["state"] == "absent",
        bond,
        values,
        members,
        interfaces,
        _qos(item["qos"], f"{path}.qos"),
    )
    _check_port(found)
    return found


def _check_port(port: WantedPort) -> None:
    for name in (port.name, *(port.members or ()), *port.interfaces):
        if not _NAME.fullmatch(name):
            raise InvalidInputError(
                f"{port.path}: '{name}' is no name of a port; it is empty, or has a slash, a backslash or a control character."
            )
    values = port.values
    for option in ("tag", "trunks", "cvlans"):
        for tag in _list(values.get(option)):
            _check_vlan(f"{port.path}.{option}", tag)
    if values.get("vlan_mode") == "access" and values.get("trunks"):
        raise InvalidInputError(f"{port.path}: an access port has no trunks.", hint="Set trunks to an empty list.")


def _list(value: t.Any) -> list[t.Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _check_vlan(path: str, tag: int) -> None:
    if not 0 <= tag <= 4095:
        raise InvalidInputError(f"{path}: {tag} is no VLAN; it must be from 0 to 4095.")


def _qos(options: t.Mapping[str, t.Any] | None, path: str) -> WantedQos | None:
    if options is None:
        return None
    return WantedQos(
        path,
        options["state"] == "absent",
        named_values(c.QOS, options, f"{path}."),
        None if options["queues"] is None else _queues(options["queues"], path),
    )


def _queues(entries: t.Sequence[t.Mapping[str, t.Any]], path: str) -> dict[int, Values | None]:
    refuse_twice(path, [str(entry["id"]) for entry in entries])
    for entry in entries:
        if not 0 <= entry["id"] < 2**32:
            raise InvalidInputError(f"{path}.queues: {entry['id']} is no number of a queue.")
    return {
        entry["id"]: None
        if entry["state"] == "absent"
        else named_values(c.QUEUE, entry, f"{path}.queues[{entry['id']}].")
        for entry in entries
    }


def _controllers(entries: list[t.Mapping[str, t.Any]] | None) -> dict[str, Values] | None:
    if entries is None:
        return None
    refuse_twice("controllers", [storable(entry["target"], "controllers") for entry in entries])
    for entry in entries:
        if not TARGET.fullmatch(entry["target"]):
            raise InvalidInputError(
                f"controllers: '{entry['target']}' is no target of a controller.",
                hint="Write ssl:ADDRESS:PORT, tcp:ADDRESS:PORT or unix:PATH to connect to, pssl:, ptcp: or punix: to listen.",
            )
    return {entry["target"]: named_values(c.CONTROLLER, entry, f"controllers[{entry['target']}].") for entry in entries}


def _mirrors(entries: list[t.Mapping[str, t.Any]] | None) -> dict[str, Values | None] | None:
    if entries is None:
        return None
    refuse_twice("mirrors", [storable(entry["name"], "mirrors") for entry in entries])
    return {
        entry["name"]: None
        if entry["state"] == "absent"
        else named_values(c.MIRROR, entry, f"mirrors[{entry['name']}].")
        for entry in entries
    }


def _check(wanted: Wanted) -> None:
    for name in (wanted.name, *(wanted.fake or ())[:1]):
        if not _NAME.fullmatch(name):
            raise InvalidInputError(
                f"'{name}' is no name of a bridge; it is empty, or has a slash, a backslash or a control character."
            )
    if wanted.fake:
        _check_vlan("vlan", wanted.fake[1])
    for name, values in (wanted.mirrors or {}).items():
        for tag in _list((values or {}).get("select_vlans")):
            _check_vlan(f"mirrors[{name}].select_vlans", tag)
