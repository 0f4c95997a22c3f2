# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""Sets of CPUs or NUMA nodes as libvirt writes them: `0-3,^2,8`.

Source: https://libvirt.org/formatdomain.html#cpu-allocation
"""

from __future__ import annotations

import re

_LAST = 2**14 - 1
"""libvirt's own bound."""


def numbers(text: str | None) -> frozenset[int] | None:
    """Return the numbers of a set, None if the text is none."""
    found: set[int] = set()
    for part in (text or "").split(","):
        match = re.fullmatch(r"\s*(\^)?(\d{1,5})(?:-(\d{1,5}))?\s*", part, re.ASCII)
        if match is None:
            return None
        first = int(match[2])
        last = int(match[3] or first)
        if not first <= last <= _LAST:
            return None
        found = found - {first} if match[1] else found | set(range(first, last + 1))
    return frozenset(found) or None


def problem(text: str) -> str | None:
    """Return what is wrong with a set of the user; the empty text takes one away."""
    return None if not text or numbers(text) else f"{text!r} is not a set of numbers like 0-3,^2,8"


def same(current: str | None, wanted: str) -> bool:
    """Tell whether two texts mean the same set; no text and the empty one mean none."""
    found = numbers(current)
    return (current or "") == wanted or (found is not None and found == numbers(wanted))


def is_everything(text: str | None) -> bool:
    """Tell whether this may be how libvirt shows that nothing is pinned: from 0 on without a hole."""
    found = numbers(text)
    return found is not None and found == frozenset(range(len(found)))
