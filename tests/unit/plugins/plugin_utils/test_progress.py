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
                "ladder": ["precopy", "downtime 30->60"],
                "progress": {"phase": "memory", "percent": 40, "remaining_mib": 7, "rate_mib": 2.5, "throttle": 20},
            },
            "memory 40 %, 7 MiB left, 2.5 MiB/s, about 3 s to go, downtime 30->60, limit 60 ms, slowed down by 20 %",
        ),
        ({"result": "running", "progress": {"phase": "begin"}}, "begin 0 %, 0 MiB left, 0 MiB/s, no step"),
        (
            {"result": "running", "ladder": ["copy vda", "precopy"], "progress": {"phase": "disk", "percent": 3}},
            "disk 3 %, 0 MiB left, 0 MiB/s, precopy",
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


def shown(*looks: dict[str, t.Any]) -> list[str]:
    lines: list[str] = []
    progress = Progress("h1", lines.append)
    for look in looks:
        progress.tell([{"vm": "web", "to": "h2", **look}])
    return lines


def test_an_ending_is_told_once() -> None:
    ended = {"result": "cancelled", "error": "enough"}
    assert shown({"result": "queued"}, ended, ended) == ["[h1] web -> h2: cancelled: enough"]


def test_a_move_that_stands_still_is_told_at_every_look() -> None:
    waiting = {"result": "running", "reason": "a backup of it is under way", "progress": {"phase": "waiting"}}
    assert shown(waiting, waiting) == ["[h1] web -> h2: waits: a backup of it is under way"] * 2


def test_why_it_is_sent_plainly_is_told_once() -> None:
    moving = {"result": "running", "kind": "offline", "ladder": ["shutdown"], "plain": "the move may end by post-copy"}
    assert shown(moving, moving) == [
        "[h1] web -> h2: sent over one connection and uncompressed: the move may end by post-copy",
        "[h1] web -> h2: shutdown",
        "[h1] web -> h2: shutdown",
    ]
