# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The pure part of tests/bench/planner/: clusters made up by dice, and models of other policies."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from ansible_collections.evergreen.virt.tests.bench.planner import speed
from ansible_collections.evergreen.virt.tests.bench.planner.instances import large, small
from ansible_collections.evergreen.virt.tests.bench.planner.picture import COLOURS, svg
from ansible_collections.evergreen.virt.tests.bench.planner.policies import POLICIES, Board
from ansible_collections.evergreen.virt.tests.bench.planner.simulate import OURS, simulate, table

GUIDE = Path(__file__).resolve().parents[2] / "docs/docsite/rst/reading_a_plan.rst"


def test_the_dice_fall_the_same_way_each_time() -> None:
    """The stored bounds are those of these very instances."""
    sizes = [
        sum(vm.memory_mib for node in small(number).nodes.values() for vm in node.facts.vms) for number in range(4)
    ]
    assert sizes == FIRST_SIZES
    assert small(7).nodes == small(7).nodes


FIRST_SIZES = [63488, 182272, 51200, 75776]


def test_a_large_cluster_is_as_full_as_said() -> None:
    instance = large(60, 600)
    vms = [vm for node in instance.nodes.values() for vm in node.facts.vms]
    used = sum(vm.memory_mib for vm in vms) / sum(node.facts.capacity.memory_mib for node in instance.nodes.values())
    assert len(vms) == 600
    assert 0.5 < used < 0.7


@pytest.mark.parametrize("name", POLICIES)
def test_a_modelled_policy_empties_every_host_and_loses_nobody(name: str) -> None:
    instance = large(12, 60)
    board = Board(instance)
    vms = dict(board.where)
    rounds = list(POLICIES[name](board, instance.scope, instance.rules))
    assert sorted(host for one in rounds for host in one.hosts) == sorted(instance.scope)
    assert set(board.where) == set(vms)
    assert all(free >= 0 for free in board.free.values())
    where = vms
    for one in rounds:
        for move in one.out:
            assert where[move.vm] == move.source
            where[move.vm] = move.target
        assert not set(one.hosts) & set(where.values())
        for move in one.back:
            where[move.vm] = move.target
    if name in ("move back", "hroller"):
        assert sum(len(one.out) + len(one.back) for one in rounds) == 2 * len(vms)


def test_this_planner_moves_less_than_the_modelled_policies() -> None:
    rows = simulate(large(12, 60))
    moves = {row["policy"]: row["moves_per_vm"] for row in rows}
    assert moves["fewest moves"] < min(moves[name] for name in POLICIES)
    assert set(moves) == set(OURS) | set(POLICIES) == set(COLOURS)
    assert table(rows).count("12 hosts, 60 VMs") == len(rows)
    picture = ET.fromstring(svg([*rows, *simulate(large(24, 120))]))  # noqa: S314 ours
    assert len(picture.findall(".//{http://www.w3.org/2000/svg}circle")) == 2 * 2 * len(COLOURS)


@pytest.mark.programs
@pytest.mark.parametrize("work", speed.WORKS)
def test_the_speed_is_measured_in_a_process_of_its_own(work: str) -> None:
    (found,) = speed.samples(work, 10, 40, runs=1)
    assert found.seconds > 0
    assert found.rss_mib is not None


@pytest.mark.parametrize(("file", "count"), [("quality_bounds.json", 1000), ("balance_bounds.json", 500)])
def test_bounds_are_stored_for_each_instance(file: str, count: int) -> None:
    stored = Path(__file__).parent / "plugins/module_utils/_plan" / file
    assert len(json.loads(stored.read_text(encoding="utf-8"))) == count
