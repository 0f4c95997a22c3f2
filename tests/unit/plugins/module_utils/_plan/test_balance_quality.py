# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How good plans are that even out loads: stored instances against what a solver has found (tests/bench/planner/balance_quality.py)."""

from __future__ import annotations

import json
import typing as t
from pathlib import Path

import pytest

from ansible_collections.evergreen.virt.plugins.module_utils._plan.balance import plan_balance
from ansible_collections.evergreen.virt.tests.bench.planner.instances import uneven

from .balance_checker import broken

BOUNDS: list[dict[str, t.Any]] = json.loads((Path(__file__).parent / "balance_bounds.json").read_text(encoding="utf-8"))
GOAL = 1.03


def made_and_needed(number: int) -> tuple[int, int]:
    """Return the moves of a plan and of its bound, after every moment was looked at; nothing of a tolerance that is not reached."""
    (instance, wish), bound = uneven(number), BOUNDS[number]
    plan = plan_balance(instance.nodes, instance.scope, instance.rules, wish)
    assert broken(list(instance.nodes.values()), instance.rules, instance.scope, plan) == [], instance.name
    if bound["moves"] is None:
        assert not plan["reached"], instance.name
    if not plan["reached"]:
        assert plan["possible"] or bound["moves"] is None, f"{instance.name}: it is possible"
        return (0, 0)
    made = plan["figures"]["moves"]
    assert made >= max(bound["moves"], plan["bounds"]["moves"]), instance.name
    return made, bound["moves"]


def assert_good(numbers: t.Sequence[int]) -> None:
    found = [made_and_needed(number) for number in numbers]
    made, needed = (sum(pair[side] for pair in found) for side in (0, 1))
    assert made <= GOAL * needed, (made, needed)
    missed = [number for number, pair in zip(numbers, found) if pair == (0, 0) and BOUNDS[number]["moves"]]
    assert len(missed) <= 0.01 * len(numbers), f"the tolerance can be reached and is not: {missed}"


def test_plans_are_close_to_what_no_plan_can_beat() -> None:
    assert_good(range(0, len(BOUNDS), 20))


@pytest.mark.slow
def test_all_plans_are_close_to_what_no_plan_can_beat() -> None:
    assert len(BOUNDS) == 500
    assert_good(range(len(BOUNDS)))
