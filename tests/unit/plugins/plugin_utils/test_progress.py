# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.evergreen.virt.plugins.plugin_utils.progress import Progress, describe


@pytest.mark.parametrize(
    ("move", "expected"),
    [
        ({"result": "queued"}, ""),
        (
            {
                "result": "running",
                "downtime_limit_ms": 60,
                "progress": {"phase": "memory", "percent": 40, "remaining_mib": 7, "rate_mib": 2.5, "throttle": 20},
            },
            "memory 40 %, 7 MiB left, 2.5 MiB/s, limit 60 ms, slowed down by 20 %",
        ),
        (
            {"result": "moved", "seconds": 2.04, "downtime_ms": 31, "ladder": ["copy vda", "precopy"]},
            "moved, 2.0 s, downtime 31 ms, copy vda > precopy",
        ),
        (
            {"result": "running", "reason": "a backup of it is under way", "progress": {"phase": "waiting"}},
            "waits: a backup of it is under way",
        ),
        ({"result": "running", "kind": "offline", "ladder": ["shutdown"]}, "shutdown"),
        (
            {
                "result": "moved",
                "kind": "offline",
                "seconds": 9,
                "downtime_ms": 800,
                "ladder": ["shutdown", "offline", "start"],
            },
            "moved, 9.0 s, off for 800 ms, shutdown > offline > start",
        ),
        (
            {"result": "off", "reason": "VM 'web' has shut down while it moved."},
            "VM 'web' has shut down while it moved.",
        ),
        ({"result": "moved", "earlier": True}, "is there already"),
        ({"result": "cancelled", "error": "too slow"}, "cancelled: too slow"),
        ({"result": "not_moving"}, "not_moving"),
    ],
)
def test_lines(move: dict[str, t.Any], expected: str) -> None:
    assert describe(move) == expected


def test_only_news_are_shown() -> None:
    shown: list[str] = []
    progress = Progress("h1", shown.append)
    move = {"vm": "web", "to": "h2", "result": "queued"}
    progress.tell([move])
    progress.tell([{**move, "result": "cancelled", "error": "enough"}])
    progress.tell([{**move, "result": "cancelled", "error": "enough"}])
    assert shown == ["[h1] web -> h2: cancelled: enough"]
