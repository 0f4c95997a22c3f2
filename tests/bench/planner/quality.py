# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How good plans are: 1,000 small instances against bounds that a constraint solver has found.

    python -m pip install -r tests/bench/requirements.txt
    python tests/bench/planner/quality.py

writes tests/unit/plugins/module_utils/_plan/quality_bounds.json: for each instance of `instances.small` a bound for the moves, one
for the waves, and whether the solver came to an end with each; null where it has proven that there is no plan. Only where a plan is above the bounds that
`_plan/bounds.py` argues is there anything left for the solver to say.
"""

from __future__ import annotations

import argparse
import json
import typing as t
from pathlib import Path

from ansible_collections.evergreen.virt.plugins.module_utils._errors import ImpossiblePlanError
from ansible_collections.evergreen.virt.plugins.module_utils._plan.run import plan_run
from ansible_collections.evergreen.virt.tests.bench.planner.instances import Instance, small
from ansible_collections.evergreen.virt.tests.bench.planner.solver import (
    Bound,
    fewest_moves,
    fewest_waves,
    is_impossible,
)

OUT = Path(__file__).parents[2] / "unit/plugins/module_utils/_plan/quality_bounds.json"


def bounds(instance: Instance, seconds: float) -> dict[str, t.Any]:
    """Return the bounds of an instance."""
    moves = _bound(instance, "moves", "moves", fewest_moves, seconds)
    waves = _bound(instance, "time", "waves", fewest_waves, seconds)
    return {"moves": moves[0], "waves": waves[0], "solved": [moves[1], waves[1]]}


def _bound(
    instance: Instance, objective: str, figure: str, solve: t.Callable[..., Bound], seconds: float
) -> tuple[int | None, bool]:
    rules = instance.with_objective(objective)
    try:
        plan = plan_run(instance.nodes, instance.scope, rules)
    except ImpossiblePlanError:
        return None, is_impossible(instance.nodes, rules, seconds)
    known, found = plan["bounds"][figure], plan["figures"][figure]
    return (found, True) if known == found else solve(instance.nodes, rules, known, found, seconds)


def main() -> None:
    """Find the bounds that are not known yet, and write all."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=1000, help="instances (%(default)s)")
    parser.add_argument("--seconds", type=float, default=3.0, help="for each question to the solver (%(default)s)")
    arguments = parser.parse_args()
    found = json.loads(OUT.read_text()) if OUT.exists() else []
    for number in range(len(found), arguments.count):
        found.append(bounds(small(number), arguments.seconds))
        print(number, found[-1], flush=True)
        OUT.write_text("[\n" + ",\n".join(map(json.dumps, found)) + "\n]\n")


if __name__ == "__main__":
    main()
