# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How good plans are: stored instances against bounds that a constraint solver has found (tests/bench/planner/quality.py)."""

from __future__ import annotations

import json
import statistics
import typing as t
from pathlib import Path

import pytest

from ansible_collections.evergreen.virt.plugins.module_utils._errors import ImpossiblePlanError
from ansible_collections.evergreen.virt.plugins.module_utils._plan.run import plan_run
from ansible_collections.evergreen.virt.tests.bench.planner.instances import small

from .checker import untruths, violations

BOUNDS: list[dict[str, t.Any]] = json.loads((Path(__file__).parent / "quality_bounds.json").read_text(encoding="utf-8"))
GOALS = {"moves": 1.03, "waves": 1.05}


def ratios(number: int) -> dict[str, float]:
    """How many times its bound each figure is, after every moment of both plans was looked at; nothing if there is no plan."""
    instance, bound, found = small(number), BOUNDS[number], {}
    for objective, figure in (("moves", "moves"), ("time", "waves")):
        rules = instance.with_objective(objective)
        try:
            plan = plan_run(instance.nodes, instance.scope, rules)
        except ImpossiblePlanError:
            assert bound[figure] is None, f"{instance.name}: a plan was found before"
            return {}
        nodes = list(instance.nodes.values())
        assert violations(nodes, rules, plan) == untruths(nodes, rules, plan) == [], instance.name
        least = bound[figure] or 0
        assert plan["figures"][figure] >= max(least, plan["bounds"][figure]), instance.name
        found[figure] = plan["figures"][figure] / least if least else 1.0
    return found


def assert_good(numbers: t.Iterable[int]) -> None:
    found = [one for one in map(ratios, numbers) if one]
    means = {figure: statistics.mean(one[figure] for one in found) for figure in GOALS}
    assert all(means[figure] <= goal for figure, goal in GOALS.items()), means


def test_plans_are_close_to_what_no_plan_can_beat() -> None:
    assert_good(range(0, len(BOUNDS), 20))


@pytest.mark.slow
def test_all_plans_are_close_to_what_no_plan_can_beat() -> None:
    assert len(BOUNDS) == 1000
    assert_good(range(len(BOUNDS)))
