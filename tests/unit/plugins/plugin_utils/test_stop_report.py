# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.evergreen.virt.plugins.plugin_utils.stop_report import interrupted, stops_of

WHY = "its policy is evacuation: suspend"


def at(second: int) -> str:
    return f"2026-01-01T00:00:{second:02}.000+00:00"


def event(second: int, result: str, *, changed: bool = True, host: str = "h1", **more: t.Any) -> dict[str, t.Any]:
    row = {"vm": "db", "way": "suspend", "why": WHY, "result": result, "changed": changed, **more}
    return {"time": at(second), "event": "stops", "host": host, "vms": [row]}


def failed_start(second: int) -> dict[str, t.Any]:
    return event(second, "failed", changed=False, since=at(1), runs_on=None)


def stop(**more: t.Any) -> dict[str, t.Any]:
    return {"host": "h1", "way": "suspend", "why": WHY, "stopped": at(1), "started": None, "seconds": None, **more}


@pytest.mark.parametrize(
    ("events", "told"),
    [
        ([event(1, "stopped")], [stop(result="stopped")]),
        (
            [event(1, "stopped"), event(9, "restored")],
            [stop(result="restored", started=at(9), seconds=8.0)],
        ),
        ([event(1, "failed", changed=False)], [stop(result="failed")]),
        (
            [event(1, "stopped"), event(2, "stopped", changed=False), event(9, "started")],
            [stop(result="started", started=at(9), seconds=8.0)],
        ),
        # an interrupted run had stopped it
        (
            [event(2, "stopped", changed=False), event(9, "restored", since=at(1))],
            [stop(result="restored", started=at(9), seconds=8.0)],
        ),
        ([event(1, "off", changed=False)], []),
        # its host had gone down
        ([event(1, "elsewhere", way="crash")], []),
        ([event(1, "started", way="crash")], [stop(way="crash", result="started", stopped=None, started=at(1))]),
        # the second attempt to start it did
        (
            [event(1, "stopped"), failed_start(20), event(22, "started", since=at(1))],
            [stop(result="started", started=at(22), seconds=21.0)],
        ),
        ([event(1, "stopped"), failed_start(20)], [stop(result="failed")]),
        # an interrupted run had stopped it
        ([failed_start(20)], [stop(result="failed")]),
        (
            [failed_start(20), event(22, "started", since=at(1))],
            [stop(result="started", started=at(22), seconds=21.0)],
        ),
        # its host had gone down, nobody knows when
        (
            [event(2, "failed", changed=False, way="crash", runs_on=None), event(9, "started", way="crash")],
            [stop(way="crash", result="started", stopped=None, started=at(9))],
        ),
        # another host is another stop
        (
            [event(1, "stopped", host="h2"), failed_start(20)],
            [stop(result="stopped", host="h2"), stop(result="failed")],
        ),
        ([event(1, "waits"), event(9, "started")], [stop(result="started", started=at(9), seconds=8.0)]),
    ],
)
def test_when_a_vm_was_away(events: list[dict[str, t.Any]], told: list[dict[str, t.Any]]) -> None:
    assert stops_of([{"time": at(0), "event": "run"}, *events]).get("db", []) == told


def test_why_a_vm_did_not_keep_running() -> None:
    moved = {"kind": "offline", "result": "moved"}
    assert interrupted([stop()], [])["why"] == WHY
    assert interrupted([], [moved])["why"] == "it was shut down, moved and started"
    assert interrupted([], [{**moved, "kind": "live"}, {"result": "moved"}]) == {"stops": [], "why": None}
