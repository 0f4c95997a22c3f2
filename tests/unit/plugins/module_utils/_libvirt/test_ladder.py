# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.evergreen.virt.plugins.module_utils._libvirt.ladder import WAIT, Ladder, Limits, Sample, Step

MIB = 2**20


def climb(limits: Limits, samples: list[Sample]) -> list[Step]:
    """Return the steps other than waiting."""
    ladder, steps = Ladder.begin(limits), []
    for sample in samples:
        step, ladder = ladder.next(sample)
        if step != WAIT:
            steps.append(step)
    return steps


def endless(seconds: int, *, throttle: int = 0) -> list[Sample]:
    """Return the samples of a VM that changes its memory as fast as it is sent: one pass of 5 s, then rounds of 1 s."""
    first = [Sample(s, 1, (100 - 20 * s) * MIB, 20 * s * MIB) for s in range(5)]
    return first + [Sample(s, s - 3, 40 * MIB, 20 * s * MIB, throttle) for s in range(5, seconds)]


def summary(steps: list[Step]) -> list[str]:
    return [f"{step.kind} {step.downtime_ms}" if step.downtime_ms else step.kind for step in steps]


@pytest.mark.parametrize(
    ("limits", "expected"),
    [
        (Limits(stall_s=10), ["downtime 60", "downtime 120", "downtime 240", "downtime 300", "cancel"]),
        (
            Limits(stall_s=10, post_copy=True),
            ["downtime 60", "downtime 120", "downtime 240", "downtime 300", "postcopy"],
        ),
        (Limits(downtime_start_ms=100, max_downtime_ms=150, stall_s=10), ["downtime 150", "cancel"]),
        (Limits(downtime_start_ms=500, max_downtime_ms=300, stall_s=10), ["cancel"]),
        (Limits(stall_s=10, timeout_s=8), ["downtime 60", "cancel"]),
        (Limits(stall_s=10, timeout_s=3), ["cancel"]),
        (Limits(stall_s=10, timeout_s=3, post_copy=True), ["postcopy"]),
    ],
)
def test_a_vm_that_does_not_converge(limits: Limits, expected: list[str]) -> None:
    assert summary(climb(limits, endless(60))) == expected


@pytest.mark.parametrize(
    ("samples", "expected"),
    [
        pytest.param([Sample(s, 1, MIB, s * MIB) for s in range(1, 120)], [], id="a long first pass is no stall"),
        pytest.param([Sample(s) for s in range(120)], [], id="a target that takes long to prepare is no stall"),
        pytest.param([Sample(s, 1, MIB, MIB) for s in range(40)], ["cancel"], id="a dead network"),
        pytest.param([Sample(s, 0, 0, MIB) for s in range(40)], ["cancel"], id="a dead network while disks are copied"),
        pytest.param([Sample(s / 10, 2 + s, MIB, s) for s in range(10)], [], id="a step takes a second at least"),
        pytest.param([Sample(s, 2, MIB * (40 - s), s) for s in range(12)], ["downtime 60"], id="and ten at most"),
    ],
)
def test_single_rules(samples: list[Sample], expected: list[str]) -> None:
    assert summary(climb(Limits(), samples)) == expected


def test_post_copy_does_not_help_against_a_dead_network() -> None:
    samples = [Sample(s, 1, MIB, MIB) for s in range(40)]
    assert summary(climb(Limits(post_copy=True), samples)) == ["cancel"]


def test_slowing_the_vm_down_counts_as_progress() -> None:
    limits = Limits(max_downtime_ms=30, stall_s=10)
    slower = [Sample(s, s, 40 * MIB, s * MIB, min(99, s)) for s in range(2, 60)]
    assert climb(limits, slower) == []
    assert summary(climb(limits, endless(60, throttle=20))) == ["cancel"]


def test_the_reason_names_the_limits() -> None:
    last = climb(Limits(stall_s=10), endless(60, throttle=99))[-1]
    assert "for 10 s" in last.reason
    assert "300 ms" in last.reason
    assert "99 %" in last.reason


SAMPLES = st.lists(
    st.tuples(st.floats(0, 5), st.integers(0, 3), st.integers(0, 2**40), st.integers(0, 2**30), st.integers(0, 99)),
    max_size=80,
)
LIMITS = st.builds(
    Limits,
    downtime_start_ms=st.integers(1, 1000),
    max_downtime_ms=st.integers(1, 5000),
    timeout_s=st.floats(1, 200),
    stall_s=st.floats(1, 50),
    post_copy=st.booleans(),
)


@given(LIMITS, SAMPLES)
def test_the_ladder_is_climbed_upwards_and_once(limits: Limits, deltas: list[tuple[float, int, int, int, int]]) -> None:
    elapsed, iteration, processed, samples = 0.0, 0, 0, []
    for seconds, rounds, remaining, more, throttle in deltas:
        elapsed, iteration, processed = elapsed + seconds, iteration + rounds, processed + more
        samples.append(Sample(elapsed, iteration, remaining, processed, throttle))
    steps = climb(limits, samples)
    heights = [step.downtime_ms for step in steps if step.kind == "downtime"]
    endings = [step for step in steps if step.kind in ("cancel", "postcopy")]
    assert heights == sorted(set(heights))
    assert all(limits.downtime_start_ms < height <= limits.max_downtime_ms for height in heights)
    assert steps[len(steps) - len(endings) :] == endings
    assert len(endings) <= 1
    assert all(step.reason for step in endings)
    assert limits.post_copy or all(step.kind == "cancel" for step in endings)
    if samples and elapsed >= limits.timeout_s:
        assert len(endings) == 1
