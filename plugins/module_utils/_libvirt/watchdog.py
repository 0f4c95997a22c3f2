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


class Watchdog:
    """Barks once when nobody has fed it for some time, within the body.

    :param patience_s: how long that is.
    :param bark: is called from a thread of its own.
    """

    def __init__(self, patience_s: float, bark: t.Callable[[], None]) -> None:
        self._patience_s, self._bark = patience_s, bark
        self._fed = time.monotonic()
        self._over = threading.Event()

    def __enter__(self) -> Watchdog:
        self.feed()
        threading.Thread(target=self._watch, name="watchdog", daemon=True).start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._over.set()

    def feed(self) -> None:
        """Tell that the program goes on."""
        self._fed = time.monotonic()

    def _watch(self) -> None:
        while (rest := self._fed + self._patience_s - time.monotonic()) > 0:
            if self._over.wait(rest):
                return
        self._bark()
