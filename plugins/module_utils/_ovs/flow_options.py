# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""Pure: what a task wants of a bridge's flows, groups and meters: checked, and as lines for `ovs-ofctl bundle`."""

from __future__ import annotations

import dataclasses
import re
import typing as t

from .._errors import InvalidInputError
from .flow_model import BAND_TYPES, LAST_METER, METER_FLAGS, Band, Flow, Meter

_BRIDGE = re.compile(r"[^\s/.-][^\s/]*")
_BREAKS_LINE = re.compile(r"[\x00-\x08\x0a-\x1f\x7f#]")
_MOST = 0xFFFFFFFFFFFFFFFF
_LAST_GROUP = 0xFFFFFF00

Options = t.Mapping[str, t.Any]


@dataclasses.dataclass(frozen=True)
class Cookie:
    """Which cookies are meant: those that equal `value` in the bits of `mask`."""

    value: int
    mask: int = _MOST

    @classmethod
    def of(cls, text: str) -> Cookie:
        """Read `VALUE` or `VALUE/MASK`, decimal or with 0x.

        :raises InvalidInputError: when it is neither, or the value has bits that the mask has not.
        """
        value, slash, mask = text.partition("/")
        try:
            cookie = cls(int(value, 0), int(mask, 0) if slash else _MOST)
        except ValueError:
            cookie = cls(-1)
        if not (0 <= cookie.value <= _MOST and 0 < cookie.mask <= _MOST) or cookie.value & ~cookie.mask:
            raise InvalidInputError(
                f"cookie '{text}' is no cookie.",
                hint="Write VALUE or VALUE/MASK, numbers of at most 64 bits; the value has no bits outside of the mask.",
            )
        return cookie

    def covers(self, flow: Flow) -> bool:
        return flow.cookie & self.mask == self.value

    def __str__(self) -> str:
        return f"{self.value:#x}" if self.mask == _MOST else f"{self.value:#x}/{self.mask:#x}"


@dataclasses.dataclass(frozen=True)
class Line:
    """One line for `ovs-ofctl bundle`.

    :param name: how errors name it: `flows[3] 'priority=1 actions=drop'`.
    """

    text: str
    name: str


@dataclasses.dataclass(frozen=True)
class Wanted:
    """What a task asks for.

    :param cookie: the part of the flows that is managed, None for all of them. Groups and meters have no cookies: with a part of the
        flows only those that are named are managed.
    :param flows: None is not managed, as for groups and meters.
    :param removed_groups: numbers of groups that shall not exist.
    :param removed_meters: numbers of meters that shall not exist.
    """

    bridge: str
    cookie: Cookie | None
    flows: tuple[Line, ...] | None
    groups: tuple[Line, ...] | None
    removed_groups: frozenset[int]
    meters: tuple[Meter, ...] | None
    removed_meters: frozenset[int]

    @property
    def lines(self) -> tuple[Line, ...]:
        """All lines, the groups before the flows, which may name them."""
        return (*(self.groups or ()), *(self.flows or ()))

    @classmethod
    def of(cls, params: Options) -> Wanted:
        """Read the options of the module `ovs_flows`.

        :raises InvalidInputError: for what cannot be meant.
        """
        cookie = None if params["cookie"] is None else Cookie.of(params["cookie"])
        if not _BRIDGE.fullmatch(params["bridge"]):
            raise InvalidInputError(f"'{params['bridge']}' cannot be the name of a bridge.")
        if params["flows"] == [] and cookie is None and not params["allow_empty"]:
            raise InvalidInputError(
                f"no flow at all would be left on bridge '{params['bridge']}', which then drops every frame.",
                hint="Set allow_empty if that is meant, or cookie to manage a part of the flows only.",
            )
        groups, removed_groups = _numbered(params["groups"], "groups", _LAST_GROUP)
        meters, removed_meters = _numbered(params["meters"], "meters", LAST_METER)
        return cls(
            params["bridge"],
            cookie,
            None if params["flows"] is None else tuple(_flow_lines(params["flows"], cookie)),
            None if groups is None else tuple(_group_line(*item) for item in groups),
            removed_groups,
            None if meters is None else tuple(_meter(*item) for item in meters),
            removed_meters,
        )


def _flow_lines(texts: t.Sequence[str], cookie: Cookie | None) -> t.Iterator[Line]:
    """Yield the lines; the last of two cookies counts, so that a flow may have its own."""
    default = f"cookie={cookie.value:#x}," if cookie else ""
    for index, text in enumerate(texts):
        name = f"flows[{index}] '{text}'"
        if not text.strip():
            raise InvalidInputError(f"flows[{index}] is empty.")
        yield _line(f"flow add {default}{text.strip()}", name)


def _line(text: str, name: str) -> Line:
    if _BREAKS_LINE.search(text):
        raise InvalidInputError(
            f"{name} has a line break, another control character, or a '#', which begins a comment.",
            hint="Write each flow and each bucket as an entry of its own, on one line and without comments.",
        )
    return Line(text, name)


def _numbered(
    items: t.Sequence[Options] | None, option: str, last: int
) -> tuple[list[tuple[str, Options]] | None, frozenset[int]]:
    """Return the items that shall exist with the names that errors give them, and the numbers of the others."""
    if items is None:
        return None, frozenset()
    seen: set[int] = set()
    for item in items:
        if not 0 <= item["id"] <= last or item["id"] in seen:
            why = "is there twice" if item["id"] in seen else f"is not between 0 and {last}"
            raise InvalidInputError(f"{option}: the number {item['id']} {why}.")
        seen.add(item["id"])
    present = [(f"{option}[{item['id']}]", item) for item in items if item["state"] == "present"]
    return present, frozenset(seen - {item["id"] for _skipped, item in present})


def _group_line(name: str, item: Options) -> Line:
    if item["type"] is None:
        raise InvalidInputError(f"{name} needs a type.")
    words = [f"group_id={item['id']}", f"type={item['type']}"]
    if item["selection_method"]:
        words.append(f"selection_method={item['selection_method']}")
    if item["selection_param"] is not None:
        words.append(f"selection_method_param={item['selection_param']}")
    if item["fields"]:
        words.append(f"fields({','.join(item['fields'])})")
    words += (f"bucket={bucket}" for bucket in item["buckets"] or ())
    return _line("group add " + ",".join(words), name)


def _meter(name: str, item: Options) -> Meter:
    if not item["bands"] or item["unit"] is None or item["id"] < 1:
        raise InvalidInputError(f"{name} needs a number from 1 on, a unit and at least one band.")
    bands = tuple(_band(f"{name}.bands[{index}]", band) for index, band in enumerate(item["bands"]))
    with_burst = {bool(band.burst_size) for band in bands}
    if len(with_burst) > 1:
        raise InvalidInputError(f"{name}: all bands have a burst_size, or none has.")
    flags = METER_FLAGS[item["unit"]] | (METER_FLAGS["stats"] if item["stats"] else 0)
    return Meter(item["id"], flags | (METER_FLAGS["burst"] if with_burst == {True} else 0), bands)


def _band(name: str, band: Options) -> Band:
    remarks = band["type"] == "dscp_remark"
    if remarks != (band["prec_level"] is not None):
        raise InvalidInputError(f"{name}: prec_level belongs to dscp_remark, which needs it.")
    values = (band["rate"], band["burst_size"] or 0)
    if band["rate"] < 1 or any(not 0 <= value < 2**32 for value in values) or not 0 <= (band["prec_level"] or 0) < 2**8:
        raise InvalidInputError(f"{name}: a rate is a number from 1 on; no number is negative or too large.")
    return Band(BAND_TYPES[band["type"]], *values, band["prec_level"] or 0)
