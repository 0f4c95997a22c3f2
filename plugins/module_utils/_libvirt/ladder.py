# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""The migration ladder as decisions: what to do next with a move that runs. Pure: no libvirt, no clock.

A move begins with a small downtime limit. Each step up is bounded by rounds of dirty memory and by time; after the
last one it may go on as long as it gets nearer. Then it ends by post-copy where that is allowed, else by cancelling.
"""

from __future__ import annotations

import dataclasses
import typing as t

ROUNDS_PER_STEP = 2
"""Rounds over the dirty memory that a downtime limit is tried before the next one."""
SECONDS_PER_STEP = (1.0, 10.0)
"""A step is tried at least, and whatever the rounds at most, that long."""
NEARER = 0.95
"""Less than this part of the best remainder so far counts as progress."""


@dataclasses.dataclass(frozen=True)
class Limits:
    """How far a move may climb.

    :param timeout_s: the whole move, copying of disks included.
    :param stall_s: how long it may get no nearer to its end.
    """

    downtime_start_ms: int = 30
    max_downtime_ms: int = 300
    timeout_s: float = 3600.0
    stall_s: float = 30.0
    post_copy: bool = False


@dataclasses.dataclass(frozen=True)
class Sample:
    """What libvirt tells of the running job (virDomainGetJobStats).

    :param elapsed_s: since the move began.
    :param iteration: rounds over the memory; 0 while disks are copied, 1 in the first pass over all memory.
    :param remaining: bytes of memory still to send in this round.
    :param processed: bytes of memory and disks sent so far.
    :param throttle: percent by which auto-converge slows the VM down.
    """

    elapsed_s: float
    iteration: int = 0
    remaining: int = 0
    processed: int = 0
    throttle: int = 0


@dataclasses.dataclass(frozen=True)
class Step:
    """What to do: `wait`, raise the `downtime` limit to `downtime_ms`, start `postcopy`, or `cancel` for a `reason`."""

    kind: str
    downtime_ms: int = 0
    reason: str = ""


WAIT = Step("wait")


@dataclasses.dataclass(frozen=True)
class Ladder:
    """Where a move stands. Immutable: `next` returns the step and the ladder after it.

    :param over: post-copy or cancelling was decided; nothing can follow.
    """

    limits: Limits
    downtime_ms: int
    step_began_s: float = 0.0
    step_iteration: int = 0
    progress_s: float = 0.0
    best_remaining: int | None = None
    most_processed: int = 0
    most_throttle: int = 0
    over: bool = False

    @classmethod
    def begin(cls, limits: Limits) -> Ladder:
        """Return the ladder's foot: the lowest downtime limit, never above the highest that is allowed."""
        return cls(limits, min(limits.downtime_start_ms, limits.max_downtime_ms))

    def next(self, sample: Sample) -> tuple[Step, Ladder]:
        """Decide from what the job says now."""
        if self.over:
            return WAIT, self
        return _decide(self._observed(sample), sample)

    def _observed(self, sample: Sample) -> Ladder:
        """Note progress: in the first pass every byte that was sent, later a smaller remainder or a slower VM."""
        changes: dict[str, t.Any] = {"most_processed": max(self.most_processed, sample.processed)}
        if sample.iteration < 2:
            preparing = sample.processed == 0  # the target makes room and starts its QEMU: libvirt bounds that
            progress = preparing or sample.processed > self.most_processed
        else:
            first = self.best_remaining is None
            nearer = self.best_remaining is None or sample.remaining < self.best_remaining * NEARER
            progress = nearer or sample.throttle > self.most_throttle
            changes["most_throttle"] = max(self.most_throttle, sample.throttle)
            if nearer:
                changes["best_remaining"] = sample.remaining
            if first:
                changes.update(step_began_s=sample.elapsed_s, step_iteration=sample.iteration)
        if progress:
            changes["progress_s"] = sample.elapsed_s
        return dataclasses.replace(self, **changes)


def _decide(ladder: Ladder, sample: Sample) -> tuple[Step, Ladder]:
    limits = ladder.limits
    if sample.elapsed_s >= limits.timeout_s:
        return _give_up(ladder, f"it was not done in {limits.timeout_s:g} s", post_copy=sample.iteration >= 1)
    if sample.elapsed_s - ladder.progress_s >= limits.stall_s:
        return _give_up(ladder, _stalled(ladder, sample), post_copy=sample.iteration >= 2)
    if ladder.downtime_ms >= limits.max_downtime_ms or not _step_done(ladder, sample):
        return WAIT, ladder
    higher = min(ladder.downtime_ms * 2, limits.max_downtime_ms)
    return Step("downtime", downtime_ms=higher), dataclasses.replace(
        ladder,
        downtime_ms=higher,
        step_began_s=sample.elapsed_s,
        step_iteration=sample.iteration,
        progress_s=sample.elapsed_s,
    )


def _step_done(ladder: Ladder, sample: Sample) -> bool:
    if sample.iteration < 2:
        return False
    seconds = sample.elapsed_s - ladder.step_began_s
    least, most = SECONDS_PER_STEP
    rounds = sample.iteration - ladder.step_iteration
    return seconds >= most or (seconds >= least and rounds >= ROUNDS_PER_STEP)


def _stalled(ladder: Ladder, sample: Sample) -> str:
    if sample.iteration < 2:
        return f"nothing was sent for {ladder.limits.stall_s:g} s"
    return (
        f"the VM changes its memory faster than it is sent: no nearer to the end for {ladder.limits.stall_s:g} s"
        f" at a downtime limit of {ladder.downtime_ms} ms, the VM slowed down by {sample.throttle} %"
    )


def _give_up(ladder: Ladder, reason: str, *, post_copy: bool) -> tuple[Step, Ladder]:
    """End it; post-copy cannot help before the first pass, nor where the network is dead."""
    kind = "postcopy" if ladder.limits.post_copy and post_copy else "cancel"
    return Step(kind, reason=reason), dataclasses.replace(ladder, over=True)
