# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""Whether a host can be rolled back if it is not healthy after its update: told before anything is touched."""

from __future__ import annotations

from .model import Node


def way_back(node: Node, keep: str) -> dict[str, str]:
    """Return by what the host can be rolled back, `packages`, `snapshot` or `none`, and why, one phrase.

    :param keep: what is kept before its update, one of `model.KEEP`.
    """
    kind, reason = "snapshot", "hooks take it and bring it back"
    if keep == "none":
        kind, reason = "none", "nothing is kept"
    elif keep == "snapshot" and not (node.must_be_empty or node.has_booted):
        kind, reason = "none", "a snapshot is brought back by a boot, and its VMs stay on it"
    elif keep == "packages":
        obstacle = _obstacle(node)
        kind, reason = ("none", obstacle) if obstacle else ("packages", "what its update replaces is kept on the host")
    return {"kind": kind, "reason": reason}


def _obstacle(node: Node) -> str | None:
    """Return why its packages are no way back; once its update has begun, they are kept or they are not."""
    maintenance = node.facts.maintenance
    if maintenance and maintenance.stage:
        return None if node.facts.kept else "nothing was kept before its update began"
    return node.updates.no_return if node.updates else "what is pending is not known"
