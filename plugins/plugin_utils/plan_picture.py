# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""The waves of a plan as a picture (SVG) over its modelled time: a row for each host, or for each wave of a large cluster. Pure."""

from __future__ import annotations

import typing as t
from html import escape

LEFT, RIGHT, TOP, ROW, BAR, WIDTH = 150, 30, 46, 34, 20, 1000
_HOSTS = 60
"""Hosts up to which each has a row."""
_COLOURS = {"reboot": "#8a6bbf", "empty": "#4c8dd6", "restart": "#e0a43a"}
_STYLE = "font-family='sans-serif' font-size='12' fill='#243b53'"
_TIP = (
    "<defs><marker id='tip' viewBox='0 0 8 8' refX='7' refY='4' markerWidth='9' markerHeight='9' markerUnits='userSpaceOnUse'"
    " orient='auto'><path d='M0 0L8 4L0 8z' fill='#27566f'/></marker></defs>"
)

Plan = t.Mapping[str, t.Any]


class Bar(t.NamedTuple):
    """What one row shows.

    :param wave: counted from 1.
    :param colour: of its bar.
    :param title: what it says where the pointer is.
    """

    label: str
    wave: int
    colour: str
    text: str
    title: str


def plan_picture(plan: Plan) -> str:
    """Return the picture of a plan (RETURN of `upgrade_plan`)."""
    hosts = sorted((host for host in plan["hosts"] if host["wave"]), key=lambda host: (host["wave"], host["name"]))
    bars = [_host(host) for host in hosts] if len(hosts) <= _HOSTS else _waves(plan)
    starts = _starts(plan["wave_seconds"])
    height = TOP + ROW * len(bars) + 20
    parts = [_tick(start, number, starts[-1], height) for number, start in enumerate(starts[:-1], start=1)]
    parts += [_row(one, place, starts) for place, one in enumerate(bars)]
    if len(hosts) <= _HOSTS:
        parts += _arrows(plan, {one.label: place for place, one in enumerate(bars)}, starts)
    return "\n".join(
        [
            f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {WIDTH} {height}' {_STYLE}>",
            _TIP,
            *parts,
            "</svg>\n",
        ]
    )


def _starts(seconds: t.Sequence[float]) -> list[float]:
    """Return when each wave begins, and when the last one ends."""
    found = [0.0]
    for one in seconds:
        found.append(found[-1] + one)
    return found


def _host(host: t.Mapping[str, t.Any]) -> Bar:
    moving = len(host["moves"])
    title = f"{host['name']}: wave {host['wave']}, {host['impact']}, {moving} VMs move"
    return Bar(host["name"], host["wave"], _COLOURS[host["impact"]], str(moving or ""), title)


def _waves(plan: Plan) -> list[Bar]:
    moves: dict[int, int] = {}
    for move in plan["moves"]:
        moves[move["wave"]] = moves.get(move["wave"], 0) + 1
    return [
        Bar(
            f"wave {number}",
            number,
            _COLOURS["reboot"],
            str(len(hosts)),
            f"wave {number}: {len(hosts)} hosts, {moves.get(number, 0)} moves",
        )
        for number, hosts in enumerate(plan["waves"], start=1)
    ]


def _x(second: float, end: float) -> float:
    return round(LEFT + (WIDTH - LEFT - RIGHT) * second / max(end, 1.0), 1)


def _tick(start: float, number: int, end: float, height: int) -> str:
    x = _x(start, end)
    told = f"{number}" if number > 1 else "wave 1"
    return f"<path d='M{x} 30V{height}' stroke='#e3eaee'/><text x='{x}' y='22'>{told}</text>"


def _row(one: Bar, place: int, starts: t.Sequence[float]) -> str:
    y, begin = TOP + ROW * place, _x(starts[one.wave - 1], starts[-1])
    width = max(2.0, round(_x(starts[one.wave], starts[-1]) - begin - 2, 1))
    return (
        f"<text x='12' y='{y + 15}'>{escape(one.label)}</text>"
        f"<path d='M{LEFT} {y + BAR / 2}H{WIDTH - RIGHT}' stroke='#e3eaee'/>"
        f"<rect x='{begin}' y='{y}' width='{width}' height='{BAR}' rx='4' fill='{one.colour}'><title>{escape(one.title)}</title></rect>"
        f"<text x='{begin + 6}' y='{y + 15}' style='fill:#ffffff'>{one.text}</text>"
    )


def _arrows(plan: Plan, rows: t.Mapping[str, int], starts: t.Sequence[float]) -> list[str]:
    """One arrow for all moves of a wave from one host to another; to hosts without a row there is none."""
    pairs: dict[tuple[int, str, str], list[str]] = {}
    for move in plan["moves"]:
        pairs.setdefault((move["wave"], move["source"], move["target"]), []).append(move["vm"])
    arrows: list[str] = []
    for (wave, source, target), vms in pairs.items():
        if source in rows and target in rows:
            x, down = _x(starts[wave - 1], starts[-1]), rows[target] > rows[source]
            begin = TOP + ROW * rows[source] + (BAR if down else 0)
            end = TOP + ROW * rows[target] + (0 if down else BAR)
            title = escape(f"{source} to {target}: {', '.join(vms)}")
            across = 10 + 6 * (len(arrows) % 6)
            arrows.append(
                f"<path d='M{x + across} {begin}L{x + across + 8} {end}' stroke='#27566f' stroke-width='{min(4, len(vms))}' stroke-opacity='0.5'"
                f" marker-end='url(#tip)'><title>{title}</title></path>"
            )
    return arrows
