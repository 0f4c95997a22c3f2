# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""Lines about moves that are under way, for people who watch."""

from __future__ import annotations

import math
import typing as t

Move = t.Mapping[str, t.Any]


class Progress:
    """Tells of each move how far it is at every look, also when that is no news, and its ending once.

    :param show: writes one line.
    """

    def __init__(self, source: str, show: t.Callable[[str], None]) -> None:
        self._source = source
        self._show = show
        self._told: dict[str, str] = {}
        self._plain: set[str] = set()

    def tell(self, moves: t.Iterable[Move]) -> None:
        """Show a line for each move that runs, and for each other one of which something new is known."""
        for move in moves:
            if move.get("plain") and move["vm"] not in self._plain:
                self._plain.add(move["vm"])
                self._line(move, f"sent over one connection and uncompressed: {move['plain']}")
            line = describe(move)
            if line and (move["result"] == "running" or self._told.get(move["vm"]) != line):
                self._told[move["vm"]] = line
                self._line(move, line)

    def _line(self, move: Move, text: str) -> None:
        target = f" -> {move['to']}" if move.get("to") else ""
        self._show(f"[{self._source}] {move['vm']}{target}: {text}")


def describe(move: Move) -> str:
    """Return one line about a move, empty as long as nothing happens to it."""
    result = move["result"]
    if result == "queued":
        return ""
    if result == "running":
        return _running(move)
    if result == "off":
        return f"{move.get('reason')}"
    if result != "moved":
        return f"{result}: {move.get('error') or move.get('reason') or ''}".rstrip(": ")
    if move.get("earlier"):
        return "is there already"
    stood_still = "off for {} ms" if move.get("kind") == "offline" else "downtime {} ms"
    numbers = [_number(move, "seconds", "{:.1f} s"), _number(move, "downtime_ms", stood_still)]
    return ", ".join(["moved", *filter(None, numbers), _climbed(move)])


def _running(move: Move) -> str:
    progress = move.get("progress") or {}
    if progress.get("phase") == "waiting":
        return f"waits: {move.get('reason')}"
    if move.get("kind") == "offline":
        return _climbed(move)
    seconds = _estimate(progress)
    estimate = "" if seconds is None else f", about {seconds} s to go"
    throttle = f", slowed down by {progress['throttle']} %" if progress.get("throttle") else ""
    limit = _number(move, "downtime_limit_ms", ", limit {} ms")
    return (
        f"{progress.get('phase', '')} {progress.get('percent', 0)} %, {progress.get('remaining_mib', 0)} MiB left,"
        f" {progress.get('rate_mib', 0)} MiB/s{estimate}, {_rung(move)}{limit}{throttle}"
    )


def _estimate(progress: t.Mapping[str, t.Any]) -> int | None:
    """Return in how many seconds the present round has been sent at the present rate, None while nothing is sent."""
    rate = progress.get("rate_mib", 0)
    return math.ceil(progress.get("remaining_mib", 0) / rate) if rate else None


def _rung(move: Move) -> str:
    """Return where on the ladder a move stands."""
    steps = move.get("ladder")
    return steps[-1] if steps else "no step"


def _number(move: Move, key: str, text: str) -> str:
    return "" if move.get(key) is None else text.format(move[key])


def _climbed(move: Move) -> str:
    return " > ".join(move.get("ladder") or ["no step"])
