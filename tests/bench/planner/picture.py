# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The rows of a simulation as a picture: moves per VM and modelled hours over the size of the cluster. Pure."""

from __future__ import annotations

import math
import typing as t
from html import escape

WIDTH, HEIGHT, TOP, BOTTOM = 980, 420, 58, 50
PANELS = ((70, 400), (540, 870))
COLOURS = {
    "fewest moves": "#1f9d66",
    "balanced": "#11734a",
    "shortest run": "#7ac9a4",
    "move back": "#c0563b",
    "XO": "#d99a2b",
    "least loaded": "#5b7fb4",
    "hroller": "#8a6bbf",
}

Row = t.Mapping[str, t.Any]


def svg(rows: t.Sequence[Row]) -> str:
    """Return the picture."""
    hours = [row["hours"] for row in rows]
    panels = [
        _panel(rows, PANELS[0], "moves per VM", _linear(0.9, 2.1), [1.0, 1.25, 1.5, 1.75, 2.0]),
        _panel(
            rows, PANELS[1], "modelled hours", _logarithmic(min(hours), max(hours)), _powers(min(hours), max(hours))
        ),
    ]
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" font-size="12">',
            f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>',
            *panels,
            _keys(),
            "</svg>\n",
        ]
    )


def _linear(low: float, high: float) -> t.Callable[[float], float]:
    return lambda value: (value - low) / (high - low)


def _logarithmic(low: float, high: float) -> t.Callable[[float], float]:
    least, most = math.log10(low), math.log10(high)
    return lambda value: (math.log10(value) - least) / (most - least)


def _powers(low: float, high: float) -> list[float]:
    return [10.0**power for power in range(math.ceil(math.log10(low)), math.floor(math.log10(high)) + 1)]


def _panel(
    rows: t.Sequence[Row],
    edges: tuple[int, int],
    what: str,
    share: t.Callable[[float], float],
    ticks: t.Sequence[float],
) -> str:
    left, right = edges
    key = "moves_per_vm" if what == "moves per VM" else "hours"
    sizes = sorted({row["hosts"] for row in rows})
    across = _logarithmic(sizes[0], sizes[-1])

    def x(hosts: int) -> float:
        return round(left + across(hosts) * (right - left), 1)

    def y(value: float) -> float:
        return round(HEIGHT - BOTTOM - share(value) * (HEIGHT - BOTTOM - TOP), 1)

    grid = [_text(left, TOP - 22, what, "start", bold=True), _text((left + right) / 2, HEIGHT - 12, "hosts", "middle")]
    grid += [f'<path d="M{left} {y(tick)}H{right}" stroke="#e3e7eb"/>' for tick in ticks]
    grid += [_text(left - 8, y(tick) + 4, f"{tick:g}", "end") for tick in ticks]
    grid += [_text(x(size), HEIGHT - BOTTOM + 18, f"{size:,}", "middle") for size in sizes]
    return "".join(grid + [_line(rows, policy, key, x, y) for policy in COLOURS])


def _line(
    rows: t.Sequence[Row], policy: str, key: str, x: t.Callable[[int], float], y: t.Callable[[float], float]
) -> str:
    points = [(x(row["hosts"]), y(row[key])) for row in rows if row["policy"] == policy]
    path = "M" + " L".join(f"{across} {down}" for across, down in points)
    dots = "".join(f'<circle cx="{across}" cy="{down}" r="2.6" fill="{COLOURS[policy]}"/>' for across, down in points)
    return f'<path d="{path}" fill="none" stroke="{COLOURS[policy]}" stroke-width="2"/>{dots}'


def _keys() -> str:
    names = {name: name if place > 2 else f"evergreen.virt, {name}" for place, name in enumerate(COLOURS)}
    places = (20, 230, 420, 640, 740, 800, 905)
    return "".join(
        f'<rect x="{x}" y="10" width="12" height="12" fill="{COLOURS[name]}"/>{_text(x + 18, 20, told, "start")}'
        for x, (name, told) in zip(places, names.items())
    )


def _text(x: float, y: float, text: str, anchor: str, *, bold: bool = False) -> str:
    weight = ' font-weight="bold"' if bold else ""
    return f'<text x="{x}" y="{y}" text-anchor="{anchor}" fill="#243b53"{weight}>{escape(text)}</text>'
