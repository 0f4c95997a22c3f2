# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""The report of a run, folded from its journal. Pure.

Events are dictionaries with `time` (ISO 8601) and `event`:

- `run`: `state` asked (hosts are looked at, and it is decided whether it begins), started (with `run_id`, `epoch`, and `aim` rollback if it is no upgrade)
  or finished
- `refused`: the run that was asked for does not begin, for `reason`
- `plan`: `plan` as `upgrade_plan` returns it
- `stage`: `host` enters `stage` (evacuate, update, rollback, reboot, verify), in `wave`
- `moves`: `moves` as `vm_migrate` returns them
- `stops`: `vms` of `host` that were stopped because it goes, or started because it is back, as `maintenance_vms` returns them
- `switch`: Open vSwitch of `host` was started again below its VMs, away for `seconds`, with what each of `bridges` kept
- `attempt`: `host` has failed for `reason`, which may pass, and is tried again, for the `attempt`-th time
- `host`: the `result` of `host` (upgraded, skipped, rolled_back, failed) with `reason` and versions `to`
- `alive`: nothing happened, but the run was there (`heartbeat`)
- `probe`: `probe` as `vm_probe` returns it, and `control`, the name of the VM that never moved
"""

from __future__ import annotations

import datetime as dt
import typing as t

from .stop_report import interrupted, stops_of

Event = t.Mapping[str, t.Any]

SCHEMA = 1
BEGINNINGS = ("asked", "started")
"""States of `run` with which the events of another run begin."""
STAGES = ("evacuate", "update", "reboot", "verify")
_UNMEASURED: t.Mapping[str, t.Any] = {"seconds": None, "downtime_ms": None, "bytes": None, "ladder": []}
"""Of a move that was never begun, or whose end nobody saw."""
_NOT_BEGUN = "it has not begun: it looks at the cluster, or it ended when it did"
_UNTIL_NOTED = 5
"""Seconds that may pass between what happens on a host and the event that notes it."""


def report(events: t.Sequence[Event]) -> dict[str, t.Any]:
    """Return the report of what the events tell; true at any moment of the run (`finished` is null until it ends)."""
    events = _of_the_last_run(events)
    until = events[-1]["time"] if events else None  # which is all that signs of life tell
    events = [event for event in events if event["event"] != "alive"]
    refusal = "" if has_begun(events) else _one(events, "refused").get("reason", _NOT_BEGUN)
    started = _one(events, "run", state="started")
    begins = started or _one(events, "run", state="asked")
    finished = _one(events, "run", state="finished")
    plan = _one(events, "plan").get("plan", {})
    skipped = plan.get("skipped", {})
    own, targets = _by_host(events), _targets(events)
    silences = [gap for target in targets for gap in _gaps(target)] if targets else None
    hosts = [
        _host(host, own.get(host["name"], []), silences, skipped)
        for host in plan.get("hosts", [])
        if _belongs(host, skipped)
    ]
    return {
        "schema": SCHEMA,
        "run_id": started.get("run_id"),
        "result": "refused"
        if refusal
        else _result(hosts, "rolled_back" if started.get("aim") == "rollback" else "upgraded"),
        "reason": refusal,
        "started": begins.get("time"),
        "finished": finished.get("time"),
        "makespan_s": _seconds(begins.get("time"), finished.get("time") or until),
        "plan": {
            "waves": plan.get("waves", []),
            "moves": len(plan.get("moves", [])),
            "moves_lower_bound": plan.get("bounds", {}).get("moves", 0),
            "waves_lower_bound": plan.get("bounds", {}).get("waves", 0),
        },
        "hosts": hosts,
        "vms": _vms(events, targets),
    }


def _one(events: t.Sequence[Event], kind: str, **wanted: t.Any) -> Event:
    """Return the last event of a kind, or an empty one."""
    for event in reversed(events):
        if event["event"] == kind and all(event.get(key) == value for key, value in wanted.items()):
            return event
    return {}


def has_begun(events: t.Sequence[Event]) -> bool:
    """Return whether a run did more than ask whether it may begin."""
    return bool(_one(events, "run", state="started")) or not _one(events, "run", state="asked")


def unfinished(report: t.Mapping[str, t.Any]) -> list[str]:
    """Return one sentence for each host of the run that was not upgraded."""
    return [
        f"{host['name']} {host['result']}: {host['reason']}" for host in report["hosts"] if host["result"] != "upgraded"
    ]


def _of_the_last_run(events: t.Sequence[Event]) -> t.Sequence[Event]:
    """Several runs may have kept their journal in the same folder, and one that was superseded may live on: each is a process of its own."""
    starts = [number for number, event in enumerate(events) if event["event"] == "run" and event["state"] in BEGINNINGS]
    if not starts:
        return events
    begun = events[starts[-1] :]
    return [event for event in begun if event.get("pid") == begun[0].get("pid")]


def _by_host(events: t.Iterable[Event]) -> dict[str, list[Event]]:
    """In one pass: the report is made anew with each event, and a large cluster has thousands of them."""
    found: dict[str, list[Event]] = {}
    for event in events:
        if "host" in event:
            found.setdefault(event["host"], []).append(event)
    return found


def _belongs(host: t.Mapping[str, t.Any], skipped: t.Mapping[str, str]) -> bool:
    return host["wave"] is not None or host["name"] in skipped


def _result(hosts: t.Sequence[t.Mapping[str, t.Any]], wanted: str) -> str:
    results = {host["result"] for host in hosts}
    if not hosts:
        return "nothing_to_do"
    if results == {wanted}:
        return wanted
    return "partial" if wanted in results else "failed"


def _host(
    host: t.Mapping[str, t.Any],
    own: t.Sequence[Event],
    silences: t.Sequence[t.Mapping[str, t.Any]] | None,
    skipped: t.Mapping[str, str],
) -> dict[str, t.Any]:
    end = _one(own, "host")
    phases = _phases(own)
    return {
        "name": host["name"],
        "wave": host["wave"],
        "impact": host["impact"],
        "result": end.get("result", "skipped"),
        "reason": end.get("reason", "") if end else skipped.get(host["name"], _so_far(own)),
        "attempts": [event["reason"] for event in own if event["event"] == "attempt"],
        "from": host["from"],
        "to": end.get("to"),
        "switch": _switch(own, silences),
        "phases": phases,
        "seconds": {
            stage: round(sum(phase["seconds"] for phase in phases if phase["stage"] == stage), 1) for stage in STAGES
        },
    }


def _so_far(own: t.Sequence[Event]) -> str:
    stages = [event["stage"] for event in own if event["event"] == "stage"]
    if not stages:
        return "the run has not come to this host"
    return f"the run is in the middle of it, or was when it ended: {stages[-1]}"


def _switch(own: t.Sequence[Event], silences: t.Sequence[t.Mapping[str, t.Any]] | None) -> dict[str, t.Any] | None:
    """Return how Open vSwitch was started again below running VMs, None if it was not.

    :param silences: the gaps of all VMs that were watched, None if none was.
    :returns: among others `worst_gap_ms`, the longest time in which a VM that was watched was silent meanwhile; null if none was watched.
    """
    event = _one(own, "switch")
    if not event:
        return None
    noted = dt.datetime.fromisoformat(event["time"])
    window = {
        "start": (noted - dt.timedelta(seconds=event["seconds"] + _UNTIL_NOTED)).isoformat(timespec="milliseconds"),
        "end": event["time"],
    }
    gaps = [gap["ms"] for gap in silences or () if _overlap(gap, window)]
    return {
        "seconds": event["seconds"],
        "bridges": event["bridges"],
        "worst_gap_ms": None if silences is None else max(gaps, default=0.0),
    }


def _phases(own: t.Sequence[Event]) -> list[dict[str, t.Any]]:
    """A stage lasts until the host's next stage, its failure or its result."""
    marks = [event for event in own if event["event"] in ("stage", "attempt", "host")]
    return [
        {
            "stage": event["stage"],
            "start": event["time"],
            "end": following["time"],
            "seconds": _seconds(event["time"], following["time"]),
        }
        for event, following in zip(marks, marks[1:])
        if event["event"] == "stage"
    ]


def _vms(events: t.Sequence[Event], watched: t.Iterable[t.Mapping[str, t.Any]]) -> list[dict[str, t.Any]]:
    moves: dict[str, list[dict[str, t.Any]]] = {}
    for event in events:
        for move in event.get("moves", []) if event["event"] == "moves" else []:
            moves.setdefault(move["vm"], []).append({**_UNMEASURED, **{key: move[key] for key in move if key != "vm"}})
    stops = stops_of(events)
    targets = {target["name"]: target for target in watched}
    control = _one(events, "probe").get("control")
    control_gap = _worst_gap(targets[control]) if control in targets else None
    return [
        {
            **_vm(name, moves.get(name, []), targets.get(name), control_gap),
            **interrupted(stops.get(name, []), moves.get(name, [])),
        }
        for name in sorted({*moves, *stops, *targets} - {control})
    ]


def _targets(events: t.Sequence[Event]) -> list[t.Mapping[str, t.Any]]:
    """Return what the outside probe watched."""
    return list(_one(events, "probe").get("probe", {}).get("targets", []))


def _vm(
    name: str,
    moves: t.Sequence[t.Mapping[str, t.Any]],
    target: t.Mapping[str, t.Any] | None,
    control_gap: float | None,
) -> dict[str, t.Any]:
    """What nothing measured is null, never a guess."""
    tcp = (target or {}).get("tcp") or {}
    boots = tcp.get("tracked", {}).get("boot_id", [])
    return {
        "name": name,
        "moves": list(moves),
        "worst_gap_ms": _worst_gap(target) if target else None,
        "control_gap_ms": control_gap,
        "restarted": len(boots) > 1 if boots else None,
        "connections_lost": tcp.get("lost"),
        "worst_stall_ms": tcp.get("worst_gap_ms"),
        "gaps": _gaps(target) if target else [],
    }


def _conversations(target: t.Mapping[str, t.Any]) -> list[t.Mapping[str, t.Any]]:
    """Return the ways of asking that were answered at all."""
    asked = [target[kind] for kind in ("icmp", "tcp") if target.get(kind)]
    return [one for one in asked if one.get("worst_gap_ms") is not None]


def _worst_gap(target: t.Mapping[str, t.Any]) -> float | None:
    """Return the longest time in which no way of asking was answered; short ones are not listed, so an upper bound for them."""
    listed = [gap["ms"] for gap in _gaps(target)]
    return max(listed) if listed else min((one["worst_gap_ms"] for one in _conversations(target)), default=None)


def _gaps(target: t.Mapping[str, t.Any]) -> list[dict[str, t.Any]]:
    """Return when no way of asking was answered.

    While a ping is answered the VM is not silent: what a TCP connection lacks then, it waits for its own timer to send again.
    """
    first, *others = [one.get("gaps", []) for one in _conversations(target)] or [[]]
    found = [{name: gap[name] for name in ("start", "end", "ms")} for gap in first]
    for other in others:
        found = [common for one in found for gap in other if (common := _common(one, gap))]
    return sorted(found, key=lambda gap: gap["start"])


def _common(one: t.Mapping[str, t.Any], other: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    """Return what two gaps have in common, empty if nothing; `ms` of a gap may be less than its span, never more."""
    start, end = max(one["start"], other["start"]), min(one["end"], other["end"])
    if not _overlap(one, other):
        return {}
    return {"start": start, "end": end, "ms": min(one["ms"], other["ms"], _seconds(start, end, digits=3) * 1000)}


def _overlap(one: t.Mapping[str, t.Any], other: t.Mapping[str, t.Any]) -> bool:
    return bool(max(one["start"], other["start"]) < min(one["end"], other["end"]))


def _seconds(start: str | None, end: str | None, digits: int = 1) -> float:
    if start is None or end is None:
        return 0.0
    between = dt.datetime.fromisoformat(end) - dt.datetime.fromisoformat(start)
    return round(between.total_seconds(), digits)
