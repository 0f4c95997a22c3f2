# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""Lines about moves that are under way, for people who watch."""

from __future__ import annotations

import typing as t

Move = t.Mapping[str, t.Any]


class Progress:
    """Tells of each move what is new: its steps and its ending at once, how far it is each time.

    :param show: writes one line.
    """

    def __init__(self, source: str, show: t.Callable[[str], None]) -> None:
        self._source = source
        self._show = show
        self._told: dict[str, str] = {}

    def tell(self, moves: t.Iterable[Move]) -> None:
        """Show a line for each move of which something new is known."""
        for move in moves:
            line = describe(move)
            if line and self._told.get(move["vm"]) != line:
                self._told[move["vm"]] = line
                target = f" -> {move['to']}" if move.get("to") else ""
                self._show(f"[{self._source}] {move['vm']}{target}: {line}")


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
    throttle = f", slowed down by {progress['throttle']} %" if progress.get("throttle") else ""
    limit = _number(move, "downtime_limit_ms", ", limit {} ms")
    return (
        f"{progress.get('phase', '')} {progress.get('percent', 0)} %, {progress.get('remaining_mib', 0)} MiB left,"
        f" {progress.get('rate_mib', 0)} MiB/s{limit}{throttle}"
    )


def _number(move: Move, key: str, text: str) -> str:
    return "" if move.get(key) is None else text.format(move[key])


def _climbed(move: Move) -> str:
    return " > ".join(move.get("ladder") or ["no step"])
