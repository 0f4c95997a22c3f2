# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The rows of evacuation.json as a picture: how time and gaps change with the moves at a time, each line on a scale of its own. Pure."""

from __future__ import annotations

import typing as t

LEFT, RIGHT, TOP, BOTTOM, WIDTH, HEIGHT = 60, 60, 50, 300, 640, 350
_LINES = {"seconds": ("time", "s", "#1f9d66"), "worst_gap_ms": ("worst gap", "ms", "#c2571a")}
"""Column -> what it is called, its unit and its colour."""

Row = t.Mapping[str, t.Any]


def svg(rows: t.Sequence[Row]) -> str:
    """Return the picture of the rows that say how many VMs moved at a time; the others are left out."""
    found = sorted((row for row in rows if row["at_a_time"]), key=lambda row: int(row["at_a_time"]))
    places = _places(len(found))
    parts = [
        _text(x, BOTTOM + 24, f"{row['at_a_time']} at a time", "middle", "#243b53") for x, row in zip(places, found)
    ]
    for number, column in enumerate(_LINES):
        parts.append(_line(column, places, found))
        parts.append(_text(LEFT, TOP - 26 + 16 * number, _LINES[column][0], "start", _LINES[column][2]))
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" font-size="13">',
            f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>',
            f'<path d="M{LEFT} {BOTTOM}H{WIDTH - RIGHT}" stroke="#e3e7eb"/>',
            *parts,
            "</svg>\n",
        ]
    )


def _places(count: int) -> list[float]:
    step = (WIDTH - LEFT - RIGHT) / max(count, 1)
    return [round(LEFT + step * (place + 0.5), 1) for place in range(count)]


def _line(column: str, places: t.Sequence[float], rows: t.Sequence[Row]) -> str:
    _name, unit, colour = _LINES[column]
    most = max((row[column] for row in rows), default=0) or 1
    heights = [round(BOTTOM - (BOTTOM - TOP - 20) * row[column] / most, 1) for row in rows]
    points = list(zip(places, heights))
    path = " ".join(f"{x},{y}" for x, y in points)
    labels = [_text(x, y - 8, f"{row[column]:.0f} {unit}", "middle", colour) for (x, y), row in zip(points, rows)]
    return f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>' + "".join(labels)


def _text(x: float, y: float, text: str, anchor: str, colour: str) -> str:
    return f'<text x="{x}" y="{y}" text-anchor="{anchor}" fill="{colour}">{text}</text>'
