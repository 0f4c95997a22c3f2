# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.

"""Where everything stands in the picture of a run. Pure: a report in, coordinates in pixels out."""

from __future__ import annotations

import dataclasses
import datetime as dt
import typing as t

LEFT, RIGHT, TOP, ROW, BAR = 110.0, 30.0, 46.0, 74.0, 26.0
MOST_TICKS = 12
TICK_STEPS_S = (5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600, 7200, 14400, 43200, 86400)


@dataclasses.dataclass(frozen=True)
class Scale:
    """Time to pixels.

    :param start: the left edge.
    :param seconds: how much time the picture spans.
    :param width: pixels of the whole picture.
    """

    start: dt.datetime
    seconds: float
    width: float

    def x(self, moment: str) -> float:
        """Return the horizontal place of an ISO 8601 time."""
        return self.at((dt.datetime.fromisoformat(moment) - self.start).total_seconds())

    def at(self, seconds: float) -> float:
        """Return the horizontal place of a number of seconds after the start, kept within the picture."""
        share = min(max(seconds / self.seconds, 0.0), 1.0)
        return round(LEFT + share * (self.width - LEFT - RIGHT), 1)


def timeline(report: t.Mapping[str, t.Any], width: float = 1160.0) -> dict[str, t.Any]:
    """Return the picture of a report (`upgrade_event` writes it).

    - `rows`: `{name, y}`, hosts from top to bottom in the order of their waves, then hosts that only took VMs
    - `bars`: `{x, y, width, height, stage, title}`
    - `arrows`: `{x1, y1, x2, y2, title}`, one for each move that succeeded, from its start on its source to its end on its target
    - `marks`: `{x, y, title}`, gaps that the probe recorded, on the row of the host where the VM was then
    - `ticks`: `{x, label}`
    """
    scale = Scale(_moment(report["started"]), max(report["makespan_s"], 1.0), width)
    rows = {name: TOP + number * ROW for number, name in enumerate(_names(report))}
    moves = [{**move, "vm": vm["name"]} for vm in report["vms"] for move in _made(vm["moves"])]
    return {
        "width": width,
        "height": TOP + len(rows) * ROW + 10,
        "rows": [{"name": name, "y": y, "middle": y + BAR / 2} for name, y in rows.items()],
        "bars": [one for host in report["hosts"] for one in _bars(host, rows, scale)],
        "arrows": [_arrow(move, rows, scale) for move in moves if {move["from"], move["to"]} <= set(rows)],
        "marks": [mark for vm in report["vms"] for mark in _marks(vm, rows, scale)],
        "ticks": _ticks(scale),
    }


def _moment(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text)


def _names(report: t.Mapping[str, t.Any]) -> list[str]:
    upgraded = sorted(report["hosts"], key=lambda host: (host["wave"] is None, host["wave"] or 0, host["name"]))
    moves = [move for vm in report["vms"] for move in vm["moves"]]
    takers = sorted({move[end] for move in moves for end in ("from", "to") if move.get(end)})
    return list(dict.fromkeys([host["name"] for host in upgraded] + takers))


def _bars(host: t.Mapping[str, t.Any], rows: t.Mapping[str, float], scale: Scale) -> list[dict[str, t.Any]]:
    return [
        {
            "x": scale.x(phase["start"]),
            "y": rows[host["name"]],
            "width": max(1.0, round(scale.x(phase["end"]) - scale.x(phase["start"]), 1)),
            "height": BAR,
            "stage": phase["stage"],
            "title": f"{host['name']}: {phase['stage']}, {phase['seconds']:.0f} s",
        }
        for phase in host["phases"]
    ]


def _arrow(move: t.Mapping[str, t.Any], rows: t.Mapping[str, float], scale: Scale) -> dict[str, t.Any]:
    down = rows[move["to"]] > rows[move["from"]]
    end = _moment(move["started"]) + dt.timedelta(seconds=move.get("seconds") or 0.0)
    downtime = f", {move['downtime_ms']} ms down" if move.get("downtime_ms") is not None else ""
    return {
        "x1": scale.x(move["started"]),
        "y1": rows[move["from"]] + (BAR if down else 0.0),
        "x2": scale.x(end.isoformat()),
        "y2": rows[move["to"]] + (0.0 if down else BAR),
        "title": f"{move['vm']}: {move['from']} to {move['to']}, {move.get('seconds') or 0:.1f} s{downtime}",
    }


def _marks(vm: t.Mapping[str, t.Any], rows: t.Mapping[str, float], scale: Scale) -> list[dict[str, t.Any]]:
    places = [(gap, _place(vm["moves"], gap["start"])) for gap in vm["gaps"]]
    return [
        {
            "x": scale.x(gap["start"]),
            "y": rows[host] + BAR + 12,
            "title": f"{vm['name']}: {gap['ms']:.0f} ms without an answer",
        }
        for gap, host in places
        if host in rows
    ]


def _place(moves: t.Sequence[t.Mapping[str, t.Any]], moment: str) -> str:
    """Where a VM was: on the target of its last move that had begun by then."""
    begun = [move for move in _made(moves) if _moment(move["started"]) <= _moment(moment)]
    if begun:
        return str(begun[-1]["to"])
    return str(moves[0]["from"]) if moves else ""


def _made(moves: t.Sequence[t.Mapping[str, t.Any]]) -> list[t.Mapping[str, t.Any]]:
    return [move for move in moves if move.get("result") == "moved" and move.get("started")]


def _ticks(scale: Scale) -> list[dict[str, t.Any]]:
    """A mark each 5 s, 10 s, ... 1 d: the smallest step that leaves room for the labels."""
    step = next((one for one in TICK_STEPS_S if scale.seconds / one <= MOST_TICKS), TICK_STEPS_S[-1])
    return [
        {"x": scale.at(second), "label": f"{second // 60}:{second % 60:02}"}
        for second in range(0, int(scale.seconds) + 1, step)
    ]
