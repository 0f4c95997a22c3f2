# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""Which reboot a host gets where soft ones are wished: of everything but the kernel, or of the machine. Pure."""

from __future__ import annotations

from .model import Node


def boot_of(node: Node) -> dict[str, str]:
    """Return the kind of the reboot, `soft` or `full`, and why, one phrase."""
    obstacle = _obstacle(node)
    return {"kind": "full", "reason": obstacle} if obstacle else {"kind": "soft", "reason": "the kernel stays as it is"}


def _obstacle(node: Node) -> str | None:
    """Return why a soft reboot does not do, or could not be proven to have happened."""
    if node.facts.soft_reboots is None:
        return "its systemd cannot tell whether it was soft-rebooted (version 256 or newer can)"
    if _owes_full(node):
        return "the update that an interrupted run made asks for it"
    reasons = node.updates.full_boot if node.updates else None
    if reasons is None:
        return "what is pending is not known"
    return "; ".join(reasons) or None


def _owes_full(node: Node) -> bool:
    """Tell whether its record says that it was updated in this boot and needs another one."""
    record = node.facts.maintenance
    return bool(
        record
        and record.stage
        and record.impact == "reboot"
        and record.boot != "soft"
        and record.boot_id == node.facts.boot_id
    )
