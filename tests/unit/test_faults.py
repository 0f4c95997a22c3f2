# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The pure part of tests/faults/: what is drawn for a fault, and what is made of what is found afterwards."""

from __future__ import annotations

from ansible_collections.evergreen.virt.tests.faults.catalogue import FAULTS
from ansible_collections.evergreen.virt.tests.faults.chance import BOUNDARIES, draw


def test_each_fault_and_each_try_strikes_at_a_moment_of_its_own() -> None:
    drawn = [draw(7, fault.name, attempt) for fault in FAULTS for attempt in range(3)]
    assert len({chance.delay for chance in drawn}) == len(drawn)
    assert all(0 <= chance.delay < 1 for chance in drawn)
    assert len({draw(7, fault.name, 0).boundary for fault in FAULTS}) > 1


def test_the_same_seed_draws_the_same_again_and_another_one_something_else() -> None:
    assert draw(7, "a fault", 1) == draw(7, "a fault", 1)
    assert draw(7, "a fault", 1) != draw(8, "a fault", 1)


def test_tries_between_two_tasks_take_all_boundaries_in_turn() -> None:
    drawn = [draw(7, "a fault", attempt).boundary for attempt in range(BOUNDARIES)]
    assert sorted(drawn) == list(range(BOUNDARIES))
    assert drawn[1] == (drawn[0] + 1) % BOUNDARIES
