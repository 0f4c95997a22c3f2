# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""When the first process of a host began, which tells its boots apart, also those of a container.

`root` is the folder that holds the host's `/`: tests give one of their own.
"""

from __future__ import annotations

import pathlib

ROOT = pathlib.Path("/")
_START_TIME = 22 - 3
"""Fields of /proc/PID/stat are counted from 1, and the first two stand before the closing bracket of the name."""


def start_ticks(root: pathlib.Path = ROOT) -> int | None:
    """Return the start in ticks of a clock that nobody sets, None if nobody tells: field 22 of `/proc/1/stat` (proc(5))."""
    try:
        stat = (root / "proc/1/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    after_name = stat.rpartition(")")[2].split()
    return int(after_name[_START_TIME]) if len(after_name) > _START_TIME else None
