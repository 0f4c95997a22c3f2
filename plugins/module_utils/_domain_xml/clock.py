# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""The clock of a VM and its timers.

Source: https://libvirt.org/formatdomain.html#time-keeping
"""

from __future__ import annotations

import typing as t

from .option import Entry, Group, Option, Scalar, covers, named, not_empty
from .tree import Element, attribute, ensure, set_attribute

OFFSETS = ("utc", "localtime", "timezone")
TIMERS = ("armvtimer", "hpet", "hypervclock", "kvmclock", "pit", "platform", "rtc", "tsc")
TICK_POLICIES = ("catchup", "delay", "discard", "merge")
TRACKS = ("boot", "guest", "realtime", "wall")

_TIMER = {
    "name": {"type": "str", "choices": list(TIMERS), "required": True},
    "present": {"type": "bool"},
    "tickpolicy": {"type": "str", "choices": list(TICK_POLICIES)},
    "track": {"type": "str", "choices": list(TRACKS)},
}


def _put_offset(root: Element, offset: str) -> None:
    clock = ensure(root, "clock")
    for name in ("adjustment", "basis", "start", "timezone"):
        set_attribute(clock, name, None)
    clock.set("offset", offset)


def _put_timezone(root: Element, timezone: str) -> None:
    if attribute(root, "clock", "offset") != "timezone":
        _put_offset(root, "timezone")
    ensure(root, "clock").set("timezone", timezone)


def _timers(root: Element) -> list[dict[str, t.Any]]:
    return [
        named(
            {
                "name": timer.get("name"),
                "present": None if timer.get("present") is None else timer.get("present") == "yes",
                "tickpolicy": timer.get("tickpolicy"),
                "track": timer.get("track"),
            }
        )
        for timer in root.findall("clock/timer")
    ]


def _put_timers(root: Element, wanted: t.Sequence[Entry]) -> None:
    clock = ensure(root, "clock")
    clock.attrib.setdefault("offset", "utc")
    found = {timer.get("name"): timer for timer in clock.findall("timer")}
    for entry in wanted:
        timer = found.get(entry["name"])
        if timer is None:
            timer = Element("timer", {"name": entry["name"]})
            clock.append(timer)
        for name, value in named(entry).items():
            timer.set(name, value if isinstance(value, str) else "yes" if value else "no")


def _same_timers(current: t.Sequence[Entry], wanted: t.Sequence[Entry]) -> bool:
    found = {timer["name"]: timer for timer in current}
    return all(entry["name"] in found and covers(found[entry["name"]], entry) for entry in wanted)


def _timers_problem(wanted: t.Sequence[Entry]) -> str | None:
    names = [entry["name"] for entry in wanted]
    twice = [name for name in names if names.count(name) > 1]
    return f"{twice[0]} is named twice" if twice else None


def _problem(clock: Entry) -> str | None:
    if clock.get("offset") == "timezone" and "timezone" not in clock:
        return "offset timezone needs a timezone"
    other = "timezone" in clock and clock.get("offset", "timezone") != "timezone"
    return f"a timezone needs offset timezone, not {clock['offset']}" if other else None


OPTIONS: tuple[Option, ...] = (
    Group(
        "clock",
        (
            Scalar(
                "offset", {"type": "str", "choices": list(OFFSETS)},
                lambda root: attribute(root, "clock", "offset") or "utc", _put_offset,
            ),
            Scalar(
                "timezone", {"type": "str"}, lambda root: attribute(root, "clock", "timezone"), _put_timezone,
                problem=not_empty,
            ),
            Scalar(
                "timers", {"type": "list", "elements": "dict", "options": _TIMER}, _timers, _put_timers,
                same=_same_timers, problem=_timers_problem,
            ),
        ),
        problem=_problem,
    ),
)  # fmt: skip
