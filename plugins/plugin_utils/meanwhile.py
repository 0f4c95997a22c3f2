# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""Lines about a step that says nothing itself until it has ended, for people who watch."""

from __future__ import annotations

import contextlib
import threading
import time
import typing as t

from ansible.plugins.action import ActionBase
from ansible.utils.display import Display

Result = dict[str, t.Any]
EACH_S = 30.0


@contextlib.contextmanager
def told_meanwhile(what: str, show: t.Callable[[str], None], each_s: float) -> t.Iterator[None]:
    """Show a line at regular intervals for as long as the body takes.

    :param show: writes one line; it is called from a thread.
    """
    over, begun = threading.Event(), time.monotonic()

    def tell() -> None:
        while not over.wait(each_s):
            show(f"{what}: under way for {time.monotonic() - begun:.0f} s")

    thread = threading.Thread(target=tell, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


class ToldMeanwhile(ActionBase):
    """Comes before the class of an action whose run takes long, and tells on which host it is under way."""

    def run(self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None) -> Result:
        """Return what the action itself returns."""
        host = self._task.delegate_to or (task_vars or {}).get("inventory_hostname")
        with told_meanwhile(f"[{host}] {self._task.name or self._task.action}", Display().display, EACH_S):
            return dict(super().run(tmp, task_vars))
