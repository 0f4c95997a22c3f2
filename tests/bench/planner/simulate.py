# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What policies cost: this planner and models of others on the same made-up clusters of 10 to 5,000 hosts.

    python tests/bench/planner/simulate.py

prints the table, and writes build/simulation.json and docs/images/planner.svg. Nothing is moved anywhere.
"""

from __future__ import annotations

import argparse
import json
import typing as t
from pathlib import Path

from ansible_collections.evergreen.virt.plugins.module_utils._plan.duration import carried, stage_seconds
from ansible_collections.evergreen.virt.plugins.module_utils._plan.model import Move, Rules
from ansible_collections.evergreen.virt.plugins.module_utils._plan.run import plan_run
from ansible_collections.evergreen.virt.tests.bench.planner.instances import Instance, large
from ansible_collections.evergreen.virt.tests.bench.planner.picture import svg
from ansible_collections.evergreen.virt.tests.bench.planner.policies import POLICIES, Board, Round
from ansible_collections.evergreen.virt.tests.bench.rows import markdown

ROOT = Path(__file__).parents[3]
SIZES = ((10, 100), (30, 300), (100, 1_000), (300, 3_000), (1_000, 10_000), (2_000, 16_000), (5_000, 30_000))
OURS = {"fewest moves": "moves", "balanced": "balanced", "shortest run": "time"}

Row = dict[str, t.Any]


def simulate(instance: Instance) -> list[Row]:
    """Return a row for each policy."""
    rows = [_ours(instance, name, objective) for name, objective in OURS.items()]
    return rows + [_theirs(instance, name) for name in POLICIES]


def _ours(instance: Instance, name: str, objective: str) -> Row:
    plan = plan_run(instance.nodes, instance.scope, instance.with_objective(objective))
    return _row(instance, name, **plan["figures"])


def _theirs(instance: Instance, name: str) -> Row:
    board = Board(instance)
    rounds = list(POLICIES[name](board, instance.scope, instance.rules))
    moves = sum(len(one.out) + len(one.back) for one in rounds)
    seconds = sum(_seconds(one, instance) for one in rounds)
    stuck = sum(one.stuck for one in rounds)
    return _row(instance, name, moves=moves, waves=len(rounds), seconds=seconds, stuck=stuck)


def _row(instance: Instance, policy: str, *, moves: int, waves: int, seconds: float, stuck: int = 0) -> Row:
    vms = sum(len(node.facts.vms) for node in instance.nodes.values())
    return {
        "hosts": len(instance.nodes),
        "vms": vms,
        "policy": policy,
        "moves_per_vm": round(moves / vms, 3),
        "waves": waves,
        "hours": round(seconds / 3600, 2),
        "stuck": stuck,
    }


def _seconds(one: Round, instance: Instance) -> float:
    """Return how long a round takes, by the model that plans are judged by."""
    rules = instance.rules
    back = sum(_busy([move], rules) for move in one.back) if one.one_by_one else _busy(one.back, rules)
    return _busy(one.out, rules) + max(stage_seconds(instance.nodes[host], rules) for host in one.hosts) + back


def _busy(moves: t.Iterable[Move], rules: Rules) -> float:
    """Return how long the busiest link is busy."""
    links: dict[tuple[str, str], float] = {}
    for move in moves:
        for link, more in (((move.source, "out"), rules.pace.move_s), ((move.target, "in"), 0.0)):
            links[link] = links.get(link, 0.0) + carried(move.memory_mib, rules) + more
    return max(links.values(), default=0.0)


def table(rows: t.Sequence[Row]) -> str:
    """Return the rows as a table of Markdown: a line for each cluster and policy."""
    return markdown(
        ["cluster", "policy", "moves per VM", "waves", "modelled hours", "VMs that found no room"],
        [
            [
                f"{row['hosts']:,} hosts, {row['vms']:,} VMs",
                row["policy"],
                f"{row['moves_per_vm']:.2f}",
                f"{row['waves']:,}",
                f"{row['hours']:,.1f}",
                str(row["stuck"]),
            ]
            for row in rows
        ],
    )


def main() -> None:
    """Simulate all sizes."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--most", type=int, default=SIZES[-1][0], help="hosts of the largest cluster (%(default)s)")
    arguments = parser.parse_args()
    rows = [row for hosts, vms in SIZES if hosts <= arguments.most for row in simulate(large(hosts, vms))]
    print(table(rows))
    out = ROOT / "build"
    out.mkdir(exist_ok=True)
    (out / "simulation.json").write_text(json.dumps(rows, indent=1) + "\n")
    (ROOT / "docs/images/planner.svg").write_text(svg(rows))


if __name__ == "__main__":
    main()
