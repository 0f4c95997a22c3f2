# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""What a run's report tells of VMs that did not keep running, folded from its journal. Pure."""

from __future__ import annotations

import datetime as dt
import typing as t

_BACK = ("restored", "started", "running")
_NOTHING = ("off", "elsewhere")
"""Nobody stopped it in this run."""
_OFFLINE = "it was shut down, moved and started"

Stop = dict[str, t.Any]


def stops_of(events: t.Iterable[t.Mapping[str, t.Any]]) -> dict[str, list[Stop]]:
    """Return for each VM how often it was stopped and started again because its host went.

    :returns: VM -> `{"host", "way", "why", "stopped", "started", "seconds", "result"}`, the times ISO 8601 and null as long as
        it has not happened in this run; `seconds` that it was away, at most.
    """
    found: dict[str, list[Stop]] = {}
    for event in events:
        for row in event["vms"] if event["event"] == "stops" else ():
            _add(found.setdefault(row["vm"], []), row, event)
    return {vm: stops for vm, stops in found.items() if stops}


def _add(stops: list[Stop], row: t.Mapping[str, t.Any], event: t.Mapping[str, t.Any]) -> None:
    back, unstarted = row["result"] in _BACK, _unstarted(row)
    still_off = stops and stops[-1]["host"] == event["host"] and stops[-1]["started"] is None
    if still_off and back:
        stops[-1].update(
            started=event["time"], result=row["result"], seconds=_between(stops[-1]["stopped"], event["time"])
        )
    elif still_off and unstarted:
        stops[-1]["result"] = row["result"]
    elif row["result"] not in _NOTHING and (row["changed"] or row["result"] == "failed"):
        moment = {} if unstarted else {"started" if back else "stopped": event["time"]}
        seconds = _between(row.get("since"), event["time"]) if back else None
        told = {"host": event["host"], "way": row["way"], "why": row["why"], "result": row["result"]}
        stops.append({**told, "stopped": row.get("since"), "started": None, "seconds": seconds, **moment})


def _unstarted(row: t.Mapping[str, t.Any]) -> bool:
    """Whether a start has failed, and not a stop: only where a VM was to be started it is told which other host has it."""
    return row["result"] == "failed" and "runs_on" in row


def _between(start: str | None, end: str) -> float | None:
    if start is None:
        return None
    return round((dt.datetime.fromisoformat(end) - dt.datetime.fromisoformat(start)).total_seconds(), 1)


def interrupted(stops: t.Sequence[Stop], moves: t.Iterable[t.Mapping[str, t.Any]]) -> dict[str, t.Any]:
    """Return `stops`, and `why` the VM did not keep running: null if the run let it."""
    offline = any(move.get("kind") == "offline" and move["result"] == "moved" for move in moves)
    return {"stops": list(stops), "why": stops[0]["why"] if stops else _OFFLINE if offline else None}
