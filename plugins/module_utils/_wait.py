# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""Waiting for something to become true: one clock, one deadline, no bare sleeps elsewhere."""

from __future__ import annotations

import time
import typing as t

from ._errors import DeadlineError

T = t.TypeVar("T")


class Deadline:
    """A point in time after which waiting ends.

    :param seconds: how long from now.
    :param clock: returns monotonic seconds; given by tests.
    """

    def __init__(self, seconds: float, *, clock: t.Callable[[], float] = time.monotonic) -> None:
        self.seconds = seconds
        self._clock = clock
        self._end = clock() + seconds

    @property
    def remaining(self) -> float:
        """Seconds left, never negative."""
        return max(0.0, self._end - self._clock())

    @property
    def expired(self) -> bool:
        return self.remaining <= 0


def wait_for(
    probe: t.Callable[[], T | None],
    what: str,
    deadline: Deadline,
    *,
    interval: float = 0.2,
    sleep: t.Callable[[float], None] = time.sleep,
) -> T:
    """Call `probe` until it returns something true, and return that.

    :param what: what is awaited, for the message: "VM 'web' to shut down".
    :param interval: seconds between two calls.
    :raises DeadlineError: when the deadline has passed; `probe` is always called at least once.
    """
    while True:
        found = probe()
        if found:
            return found
        if deadline.expired:
            raise DeadlineError(f"waited {deadline.seconds:g} s in vain for {what}.", waited_s=deadline.seconds)
        sleep(min(interval, deadline.remaining))
