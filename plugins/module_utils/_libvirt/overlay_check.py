# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""Whether libvirt took what an overlay says: it drops what it does not know, and writes some values in its own way.

Both would make the overlay differ from the VM in each task, so they are told when they happen, and nothing is changed.
"""

from __future__ import annotations

import typing as t

from .._changes import Change
from .._domain_xml.overlay import OVERLAY
from .._errors import InvalidInputError
from . import domain as domains
from .domain import Current

if t.TYPE_CHECKING:
    import libvirt


def confirm(connection: libvirt.virConnect, domain: libvirt.virDomain, before: Current | None, xml: str | None) -> None:
    """Look at a VM that has just been defined.

    :param before: what libvirt had before, None for a new VM; it has that again after an error.
    :param xml: the overlay, None without one.
    :raises InvalidInputError: when the definition does not have what the overlay says.
    """
    if xml is None:
        return
    now = domains.read(connection, domain.name())
    lost = list(OVERLAY.compare(now.definition, xml)) if now is not None else []
    if lost:
        domains.take_back(connection, domain, before)
        raise InvalidInputError(
            f"VM '{domain.name()}': libvirt did not take {'; '.join(map(_told, lost))}.",
            hint="It drops what it does not know, and fills in or spells some values itself: write it as libvirt does.",
        )


def _told(change: Change) -> str:
    if change.after is None:
        return f"the removal of {change.path}"
    return f"{change.path} as {change.after!r}, it has {change.before!r}" if change.before else f"{change.path}"
