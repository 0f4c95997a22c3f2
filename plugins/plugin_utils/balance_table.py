# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A plan that evens out loads, for the terminal."""

from __future__ import annotations

import typing as t

from .plan_table import aligned, counted

_MANY = 40
"""Hosts above which only those are shown whose load changes."""
_MEASURES = {"memory": ("memory", " %"), "vcpus": ("vCPUs per 100 threads", "")}

Plan = t.Mapping[str, t.Any]


def balance_table(plan: Plan) -> list[str]:
    """Return the lines that show a plan (RETURN of `rebalance_plan`)."""
    return [
        _headline(plan),
        *_means(plan),
        *_tightest(plan),
        *_hosts(plan),
        *_steps(plan),
        *(f"{host} is left alone: {reason}" for host, reason in plan["left_alone"].items()),
        *_unreached(plan),
        *_reserve(plan),
        *(_restart(row) for row in plan["restarts"]),
    ]


def _headline(plan: Plan) -> str:
    figures, bounds, steps = plan["figures"], plan["bounds"], len(plan["steps"])
    if not figures["moves"]:
        return f"Rebalance: nothing to do{'' if plan['reached'] else ' that would bring the hosts nearer'}."
    at_least = f" (no plan needs fewer than {bounds['moves']})" if bounds else ""
    return (
        f"Rebalance: {counted(figures['moves'], 'move')}{at_least} in {counted(steps, 'step')},"
        f" {figures['mib']} MiB of memory and disks to carry"
    )


def _means(plan: Plan) -> t.Iterator[str]:
    for measure, mean in plan["mean"].items():
        what, unit = _MEASURES[measure]
        allowed, widest = plan["tolerances"][measure], plan["figures"]["widest"][measure]
        yield (
            f"Mean of {what}: {mean:.1f}{unit}; hosts may be {allowed:g} points from it, and the farthest is {widest:g} then"
        )


def _tightest(plan: Plan) -> t.Iterator[str]:
    least = plan["proof"]["tightest"].get("memory")
    if least is not None:
        yield f"At the tightest moment {least['host']} has {least['free']} MiB of memory free"


def _hosts(plan: Plan) -> list[str]:
    changed = [host for host in plan["hosts"] if host["before"] != host["after"]]
    shown = changed if len(plan["hosts"]) > _MANY else plan["hosts"]
    if not changed:
        return []
    measures = list(plan["mean"])
    head = ["host", *(f"{_MEASURES[one][0]} {when}" for one in measures for when in ("before", "after"))]
    rows = [
        [
            host["name"],
            *(f"{host[when][one]:.1f}{_MEASURES[one][1]}" for one in measures for when in ("before", "after")),
        ]
        for host in shown
    ]
    return ["", *aligned([head, *rows])]


def _steps(plan: Plan) -> t.Iterator[str]:
    for number, step in enumerate(plan["steps"], start=1):
        for host, moves in step["hosts"].items():
            going = ", ".join(f"{move['vm']} -> {move['to']}" for move in moves)
            yield f"Step {number}: from {host}: {going}"


def _unreached(plan: Plan) -> list[str]:
    if plan["reached"]:
        return []
    how = "no way was found by which the tolerance is reached" if plan["possible"] else "no plan reaches the tolerance"
    return [f"{how.capitalize()}:", *(f"  {reason}" for reason in plan["why"])]


def _reserve(plan: Plan) -> list[str]:
    return [f"Moves do not change that {plan['reserve']}."] if plan["reserve"] else []


def _restart(row: t.Mapping[str, t.Any]) -> str:
    reasons = [f"{', '.join(row['options'])} would change"] if row["options"] else []
    if row["newest_machine"]:
        reasons.append(f"its machine {row['machine']} is older than {row['newest_machine']}, which all hosts have")
    if row["emulator_stale"]:
        reasons.append("it runs on a QEMU that was replaced on disk")
    return f"{row['vm']} on {row['host']} waits for a restart: {'; '.join(reasons)}."
