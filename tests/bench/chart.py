# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The rows of bench.json as a picture: two bars for each, as long as their times on a logarithmic scale. Pure."""

from __future__ import annotations

import math
import typing as t
from html import escape

LEFT, RIGHT, TOP, ROW, BAR, WIDTH = 250, 90, 40, 58, 18, 860
_COLOURS = {"ours_s": "#1f9d66", "peer_s": "#9aa5b1"}


def svg(rows: t.Sequence[t.Mapping[str, t.Any]]) -> str:
    """Return the picture."""
    times = [found[side] for found in rows for side in _COLOURS]
    low, high = math.floor(math.log10(min(times))), math.ceil(math.log10(max(times)))
    height = TOP + ROW * len(rows) + 30

    def x(seconds: float) -> float:
        share = (math.log10(seconds) - low) / max(high - low, 1)
        return round(LEFT + share * (WIDTH - LEFT - RIGHT), 1)

    parts = [_tick(x(10.0**power), 10.0**power, height) for power in range(low, high + 1)]
    for place, found in enumerate(rows):
        y = TOP + ROW * place
        parts.append(_text(LEFT - 12, y + BAR + 5, found["work"], "end"))
        parts.append(_text(WIDTH - RIGHT + 10, y + BAR + 5, f"{found['ratio']:.0f} times", "start", bold=True))
        parts += [_bar(x(found[side]), y + BAR * line, side, found[side]) for line, side in enumerate(_COLOURS)]
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" font-family="sans-serif" font-size="13">',
            f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>',
            *parts,
            "</svg>\n",
        ]
    )


def _tick(x: float, seconds: float, height: int) -> str:
    line = f'<path d="M{x} {TOP - 8}V{height - 24}" stroke="#e3e7eb"/>'
    return line + _text(x, height - 8, f"{seconds:g} s", "middle")


def _bar(end: float, y: float, side: str, seconds: float) -> str:
    width = max(round(end - LEFT, 1), 1)
    label = _text(LEFT + width + 6, y + BAR - 5, f"{seconds:.1f} s", "start")
    return f'<rect x="{LEFT}" y="{y}" width="{width}" height="{BAR - 2}" fill="{_COLOURS[side]}"/>{label}'


def _text(x: float, y: float, text: str, anchor: str, *, bold: bool = False) -> str:
    weight = ' font-weight="bold"' if bold else ""
    return f'<text x="{x}" y="{y}" text-anchor="{anchor}" fill="#243b53"{weight}>{escape(text)}</text>'
