# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""The time of day as records have it: ISO 8601, UTC."""

from __future__ import annotations

import datetime as dt
import typing as t


def now(timespec: str = "seconds") -> str:
    """Return this moment.

    :param timespec: how exact, as `datetime.isoformat` calls it.
    """
    return dt.datetime.now(dt.timezone.utc).isoformat(timespec=timespec)


def is_one(value: t.Any) -> bool:
    """Tell whether a value that was read is a moment."""
    try:
        dt.datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return False
    return True
