# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""Lines about the VMs that a plan interrupts: those that are stopped because their host goes."""

from __future__ import annotations

import typing as t

from ansible_collections.evergreen.virt.plugins.module_utils._names import listed

_MANY = 40
"""Such VMs above which each host is told with numbers only."""
_WAITING = {"suspend": "saved to disk and restored", "shutdown": "shut down and started again"}


def interruptions(plan: t.Mapping[str, t.Any]) -> list[str]:
    """Return the lines (RETURN of `upgrade_plan`); none if every VM keeps running."""
    offline = [move for move in plan.get("moves", []) if move.get("kind") == "offline"]
    stops = plan.get("stops", [])
    if not stops and not offline:
        return []
    found: dict[tuple[int, str, str], list[str]] = {}
    for stop in stops:
        found.setdefault((stop["wave"], stop["host"], f"{_WAITING[stop['way']]} when the host is back"), []).append(
            stop["vm"]
        )
    for move in offline:
        what = f"shut down and started on {move['target']}"
        found.setdefault((move["wave"], move["source"], what), []).append(move["vm"])
    numbers = len(stops) + len(offline) > _MANY
    lines = [
        f"  wave {wave}, {host}: {_named(names, numbers=numbers)} {what}"
        for (wave, host, what), names in sorted(found.items())
    ]
    return ["VMs that do not keep running:", *lines]


def _named(names: t.Sequence[str], *, numbers: bool) -> str:
    if numbers:
        return f"{len(names)} VM is" if len(names) == 1 else f"{len(names)} VMs are"
    return f"{listed(names)} {'is' if len(names) == 1 else 'are'}"
