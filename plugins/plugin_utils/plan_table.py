# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""A plan as a table for the terminal."""

from __future__ import annotations

import typing as t

from ansible_collections.evergreen.virt.plugins.module_utils._names import shortened

from .interruptions import interruptions

COLUMNS = ("wave", "host", "impact", "from", "to", "VMs that move")
_MANY = 100
"""Hosts above which a wave is one line."""
_SHOWN = 4
"""Names of hosts in such a line."""


def plan_table(plan: t.Mapping[str, t.Any]) -> list[str]:
    """Return the lines that show a plan (RETURN of `upgrade_plan`)."""
    numbered = sorted((host for host in plan["hosts"] if host["wave"]), key=lambda host: (host["wave"], host["name"]))
    if not numbered:
        return ["Plan: nothing to do.", *_skipped(plan), *_rest(plan)]
    table = _by_wave(numbered) if len(numbered) > _MANY else _by_host(numbered)
    return [
        _headline(plan),
        *_tightest(plan),
        "",
        *table,
        *_room(plan),
        *interruptions(plan),
        *_boots(numbered),
        *_rollback(numbered),
        *_skipped(plan),
        *_rest(plan),
    ]


def _headline(plan: t.Mapping[str, t.Any]) -> str:
    bounds, figures = plan["bounds"], plan.get("figures", {})
    waves, moves = len(plan["waves"]), len(plan["moves"])
    at_least = f" (no plan needs fewer than {bounds['waves']} and {bounds['moves']})" if bounds else ""
    lasts = f"; about {_lasting(figures['seconds'])} by the model" if figures else ""
    no_less = f" (none less than {_lasting(bounds['seconds'])})" if lasts and "seconds" in bounds else ""
    objective = f"; made for {_OBJECTIVES[plan['objective']]}" if bounds and "objective" in plan else ""
    return f"Plan: {counted(waves, 'wave')}, {counted(moves, 'move')}{at_least}{lasts}{no_less}{objective}"


_OBJECTIVES = {"moves": "fewest moves", "time": "the shortest run", "balanced": "few moves in a short run"}


def _lasting(seconds: float) -> str:
    minutes = round(seconds / 60)
    return f"{minutes // 60} h {minutes % 60:02} min" if minutes >= 60 else f"{minutes} min"


def _tightest(plan: t.Mapping[str, t.Any]) -> list[str]:
    least = plan.get("proof", {}).get("tightest", {}).get("memory")
    if least is None:
        return []
    return [f"At the tightest moment {least['host']} has {least['free']} MiB of memory free, in wave {least['wave']}."]


def counted(number: int, what: str) -> str:
    """Return `1 move`, `2 moves`."""
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def _by_host(hosts: t.Sequence[t.Mapping[str, t.Any]]) -> list[str]:
    return aligned([COLUMNS, *map(_row, hosts)])


def aligned(rows: t.Sequence[t.Sequence[str]]) -> list[str]:
    """Return the lines of a table; the first row is its head."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    table = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip() for row in rows]
    return [table[0], "-" * len(max(table, key=len)), *table[1:]]


def _by_wave(hosts: t.Sequence[t.Mapping[str, t.Any]]) -> list[str]:
    waves: dict[int, list[t.Mapping[str, t.Any]]] = {}
    for host in hosts:
        waves.setdefault(host["wave"], []).append(host)
    rows = [(str(number), str(len(wave)), _names(wave), str(_moving(wave))) for number, wave in waves.items()]
    return aligned([("wave", "hosts", "which", "VMs that move"), *rows])


def _names(hosts: t.Sequence[t.Mapping[str, t.Any]]) -> str:
    return shortened([host["name"] for host in hosts], _SHOWN)


def _moving(hosts: t.Sequence[t.Mapping[str, t.Any]]) -> int:
    return sum(len(host["moves"]) for host in hosts)


def _row(host: t.Mapping[str, t.Any]) -> tuple[str, ...]:
    moves = ", ".join(f"{move['vm']} -> {move['to']}" for move in host["moves"])
    return (
        str(host["wave"]),
        host["name"],
        host["impact"],
        versions(host["from"]),
        versions(host["to"]),
        moves or "-",
    )


def versions(found: t.Mapping[str, t.Any]) -> str:
    """Return `Debian 12, libvirt 9.0.0, ...` of a Versions dictionary."""
    named = [f"{name} {found[name]}" for name in ("libvirt", "qemu", "ovs") if found.get(name)]
    return ", ".join(([found["os"]] if found.get("os") else []) + named) or "-"


def _room(plan: t.Mapping[str, t.Any]) -> list[str]:
    return [
        f"Before wave {step['wave']}, to make room: {move['vm']}, {step['host']} -> {move['to']}"
        for step in plan.get("room", [])
        for move in step["moves"]
    ]


def _boots(hosts: t.Sequence[t.Mapping[str, t.Any]]) -> list[str]:
    booted = [host for host in hosts if host["impact"] == "reboot"]
    return [
        f"{kind.capitalize()} reboot of {_names(group)}: {reason}"
        for kind, reason, group in _told_alike(booted, "boot")
    ]


def _rollback(hosts: t.Sequence[t.Mapping[str, t.Any]]) -> list[str]:
    return [
        f"No rollback of {_names(group)}: {reason}"
        if kind == "none"
        else f"Rollback of {_names(group)} by {kind}: {reason}"
        for kind, reason, group in _told_alike(hosts, "rollback")
    ]


def _told_alike(
    hosts: t.Iterable[t.Mapping[str, t.Any]], what: str
) -> list[tuple[str, str, list[t.Mapping[str, t.Any]]]]:
    """Return kind, reason and hosts of each group of which the same is told, for one line each."""
    told: dict[tuple[str, str], list[t.Mapping[str, t.Any]]] = {}
    for host in hosts:
        if what in host:
            told.setdefault((host[what]["kind"], host[what]["reason"]), []).append(host)
    return [(kind, reason, group) for (kind, reason), group in told.items()]


def _skipped(plan: t.Mapping[str, t.Any]) -> list[str]:
    return [f"{host} is left alone: {reason}" for host, reason in plan["skipped"].items()]


def _rest(plan: t.Mapping[str, t.Any]) -> list[str]:
    rest = plan.get("rest")
    if not rest:
        return []
    if rest["problem"]:
        return [f"As things are now, the run cannot be finished after this wave: {rest['problem']}"]
    if not rest["waves"]:
        return ["This is the last wave."]
    return [f"After this wave: {counted(len(rest['waves']), 'wave')}, {counted(rest['moves'], 'move')}."]
