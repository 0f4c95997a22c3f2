# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""What goes through an interface: whether its cable is plugged in, how much, how large, and what a filter lets through.

Source: https://libvirt.org/formatdomain.html#network-interfaces, virDomainUpdateDeviceFlags.
"""

from __future__ import annotations

import typing as t

from . import filters
from .devices import update_step
from .option import Entry, Group, Option, Scalar, unset_is, within
from .tree import Element, attribute, drop, ensure, integer, set_attribute

LINKS = ("up", "down")
_MTU_MAX = 2**16
_LIMIT_MAX = 2**32 - 1


def _put_mtu(interface: Element, size: int) -> None:
    drop(interface, "mtu")
    if size:
        ensure(interface, "mtu").set("size", str(size))


def _put_queues(interface: Element, count: int) -> None:
    ensure(interface, "driver").set("queues", str(count))


def _put_portgroup(interface: Element, name: str) -> None:
    set_attribute(ensure(interface, "source"), "portgroup", name or None)


def _limit(path: str, name: str) -> t.Callable[[Element], t.Optional[int]]:
    return lambda interface: integer(attribute(interface, path, name))


def _put_limit(path: str, name: str) -> t.Callable[[Element, int], None]:
    def put(interface: Element, value: int) -> None:
        if value:
            ensure(interface, path).set(name, str(value))
            return
        side = ensure(interface, path)
        set_attribute(side, name, None)
        if name == "average":
            drop(interface, path)
        if len(ensure(interface, "bandwidth")) == 0:
            drop(interface, "bandwidth")

    return put


def _limits_problem(limits: Entry) -> str | None:
    more = any(limits.get(name) for name in ("peak_kib", "burst_kib"))
    return "a peak or a burst needs an average" if more and limits.get("average_kib") == 0 else None


def _direction(name: str) -> Group:
    path = f"bandwidth/{name}"
    return Group(
        name,
        tuple(
            Scalar(
                f"{item}_kib",
                {"type": "int"},
                _limit(path, item),
                _put_limit(path, item),
                same=unset_is(0),
                problem=within(0, _LIMIT_MAX),
                step=update_step,
            )
            for item in ("average", "peak", "burst")
        ),
        problem=_limits_problem,
    )


def _put_filter_name(interface: Element, name: str) -> None:
    if name:
        ensure(interface, "filterref").set("filter", name)
    else:
        drop(interface, "filterref")


def _parameters(interface: Element) -> dict[str, t.Any] | None:
    """Return a text for each parameter, a list where it is given more than once."""
    found: dict[str, list[str]] = {}
    for parameter in interface.findall("filterref/parameter"):
        found.setdefault(parameter.get("name", ""), []).append(parameter.get("value", ""))
    return {name: values[0] if len(values) == 1 else values for name, values in found.items()} or None


def _put_parameters(interface: Element, parameters: t.Mapping[str, t.Any]) -> None:
    reference = ensure(interface, "filterref")
    drop(reference, "parameter")
    for name, value in parameters.items():
        reference.extend(Element("parameter", {"name": name, "value": text}) for text in filters.values(value))


def _same_parameters(current: t.Mapping[str, t.Any] | None, wanted: t.Mapping[str, t.Any]) -> bool:
    def normal(parameters: t.Mapping[str, t.Any]) -> dict[str, list[str]]:
        return {name: sorted(filters.values(value)) for name, value in parameters.items() if value != []}

    return normal(current or {}) == normal(wanted)


def _filter_name_problem(name: str) -> str | None:
    return filters.name_problem(name) if name else None


def _filter_problem(wanted: Entry) -> str | None:
    return "parameters need a filter" if wanted["name"] == "" and wanted.get("parameters") else None


_FILTER = (
    Scalar(
        "name", {"type": "str", "required": True}, lambda interface: attribute(interface, "filterref", "filter"),
        _put_filter_name, same=unset_is(""), step=update_step,
        problem=_filter_name_problem,
    ),
    Scalar(
        "parameters", {"type": "dict"}, _parameters, _put_parameters, same=_same_parameters, step=update_step,
        problem=filters.parameters_problem,
    ),
)  # fmt: skip

ITEMS: tuple[Option, ...] = (
    Scalar(
        "portgroup", {"type": "str"}, lambda interface: attribute(interface, "source", "portgroup"), _put_portgroup,
        same=unset_is(""),
    ),
    Scalar(
        "link", {"type": "str", "choices": list(LINKS)},
        lambda interface: attribute(interface, "link", "state") or "up",
        lambda interface, state: ensure(interface, "link").set("state", state), step=update_step,
    ),
    Scalar(
        "mtu", {"type": "int"}, lambda interface: integer(attribute(interface, "mtu", "size")), _put_mtu,
        same=unset_is(0), problem=within(0, _MTU_MAX),
    ),
    Scalar(
        "queues", {"type": "int"}, lambda interface: integer(attribute(interface, "driver", "queues")), _put_queues,
        same=unset_is(1), problem=within(1, 256),
    ),
    Group("bandwidth", (_direction("inbound"), _direction("outbound"))),
    Group("filter", _FILTER, problem=_filter_problem),
)  # fmt: skip
