# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""A plan as a table for the terminal."""

from __future__ import annotations

import typing as t

COLUMNS = ("wave", "host", "impact", "from", "to", "VMs that move")


def plan_table(plan: t.Mapping[str, t.Any]) -> list[str]:
    """Return the lines that show a plan (RETURN of `upgrade_plan`)."""
    numbered = sorted((host for host in plan["hosts"] if host["wave"]), key=lambda host: (host["wave"], host["name"]))
    if not numbered:
        return ["Plan: nothing to do.", *_skipped(plan)]
    rows = [COLUMNS] + [_row(host) for host in numbered]
    widths = [max(len(row[column]) for row in rows) for column in range(len(COLUMNS))]
    table = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip() for row in rows]
    return [_headline(plan), "", table[0], "-" * len(max(table, key=len)), *table[1:], *_skipped(plan)]


def _headline(plan: t.Mapping[str, t.Any]) -> str:
    bounds = plan["bounds"]
    waves, moves = len(plan["waves"]), len(plan["moves"])
    at_least = f" (no plan needs fewer than {bounds['waves']} and {bounds['moves']})" if bounds else ""
    return f"Plan: {_counted(waves, 'wave')}, {_counted(moves, 'move')}{at_least}"


def _counted(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


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


def _skipped(plan: t.Mapping[str, t.Any]) -> list[str]:
    return [f"{host} is left alone: {reason}" for host, reason in plan["skipped"].items()]
