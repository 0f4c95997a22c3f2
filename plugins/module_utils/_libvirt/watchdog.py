# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""Notices that a program waits for an answer that does not come: libvirt's calls have no time limit of their own."""

from __future__ import annotations

import threading
import time
import typing as t


class Watchdog(threading.Thread):
    """Barks once when nobody has fed it for some time.

    :param patience_s: how long that is.
    :param bark: is called from this thread.
    """

    def __init__(self, patience_s: float, bark: t.Callable[[], None]) -> None:
        super().__init__(name="watchdog", daemon=True)
        self._patience_s, self._bark = patience_s, bark
        self._fed = time.monotonic()

    def feed(self) -> None:
        """Tell that the program goes on."""
        self._fed = time.monotonic()

    def run(self) -> None:
        """Wait until the time is over."""
        while (rest := self._fed + self._patience_s - time.monotonic()) > 0:
            time.sleep(rest)
        self._bark()
