# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The modelled duration of waves."""

from __future__ import annotations

import dataclasses

import pytest

from ansible_collections.evergreen.virt.plugins.module_utils._plan.duration import wave_seconds
from ansible_collections.evergreen.virt.plugins.module_utils._plan.model import Move, Pace, Wave

from .clusters import RULES, node

PACE = Pace(move_mib_per_s=100.0, move_s=4.0, update_s=50.0, reboot_s=30.0, verify_s=5.0)
RULES_OF_TIME = dataclasses.replace(RULES, pace=PACE, parallel_moves=2)
NODES = {one.name: one for one in (node("h1"), node("h2", impact="empty"), node("h3", impact="restart"), node("h4"))}


def move(vm: str, source: str, target: str, mib: int = 1000, *, disk_mib: int = 0, step: int = 1) -> Move:
    return Move(1, vm, source, target, mib, disk_mib, step)


@pytest.mark.parametrize(
    ("hosts", "moves", "seconds"),
    [
        (("h3",), [], 55.0),
        (("h2", "h3"), [], 55.0),
        (("h1", "h2"), [], 85.0),
        # both VMs over the link of h1, and half of what each takes besides, as two leave at a time
        (("h1",), [move("a", "h1", "h4"), move("b", "h1", "h4")], 24.0 + 85.0),
        # the links of h1 and h2 at the same time, but all into h4
        (("h1", "h2"), [move("a", "h1", "h4"), move("b", "h2", "h4", 3000)], 40.0 + 85.0),
        (("h2",), [move("a", "h2", "h4", disk_mib=9000)], 102.0 + 55.0),
        # what makes room comes before
        (("h2",), [move("c", "h3", "h4"), move("a", "h2", "h3", step=2)], 14.0 + 12.0 + 55.0),
    ],
)
def test_a_stage_lasts_as_long_as_its_slowest_host(hosts: tuple[str, ...], moves: list[Move], seconds: float) -> None:
    assert wave_seconds(NODES, Wave(1, hosts, tuple(moves)), RULES_OF_TIME) == pytest.approx(seconds)


@pytest.mark.parametrize(("limit", "emptied", "parallel"), [(0, 5, 2), (8, 2, 2), (3, 2, 1), (1, 3, 1)])
def test_a_limit_for_the_cluster_is_shared(limit: int, emptied: int, parallel: int) -> None:
    assert dataclasses.replace(RULES_OF_TIME, cluster_parallel_moves=limit).parallel(emptied) == parallel
