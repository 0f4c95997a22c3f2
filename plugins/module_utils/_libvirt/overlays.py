# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""Disks that an external snapshot has put an overlay over: their source is no longer the one that the user names, and must stay. Pure.

To write the named source into the definition would lose, at the next start, what the guest has written since.
"""

from __future__ import annotations

import typing as t

from .._domain_xml import tree
from .._domain_xml.disks import OPTIONS
from .._domain_xml.option import Entry
from .._domain_xml.tree import Element
from .._errors import ConflictError
from .moments_xml import EXTERNAL, Moment

_SOURCE = ("pool", "volume", "path", "network", "format")
_DISKS = next(option for option in OPTIONS if option.name == "disks")


def overlaid(moments: t.Iterable[Moment]) -> dict[str, str]:
    """Return the newest external snapshot of each disk that has any, by target.

    Which overlay the disk writes to is not always in the snapshot: a revert makes another one.
    """
    return {disk.target: moment.name for moment in moments for disk in moment.disks if disk.location == EXTERNAL}


def without_sources(entries: t.Sequence[Entry], definition: Element, moments: t.Sequence[Moment]) -> list[Entry]:
    """Return the entries of `disks` without the sources that overlays lie over.

    :raises ConflictError: when an entry names a source that is not below the overlay.
    """
    over = overlaid(moments)
    below = [domain for moment in moments for domain in tree.parse(moment.xml).findall("domain")]
    return [_without_source(entry, over.get(entry["target"]), [definition, *below]) for entry in entries]


def _without_source(entry: Entry, snapshot: str | None, roots: t.Iterable[Element]) -> Entry:
    source = {key: entry[key] for key in _SOURCE if entry.get(key) is not None}
    if snapshot is None or not source:
        return entry
    named = {"target": entry["target"], **source}
    if all(_DISKS.compare(root, [named]) for root in roots):
        raise ConflictError(
            f"disks[{entry['target']}]: its source cannot be changed while it has the external snapshot '{snapshot}'.",
            hint="Delete the snapshot with evergreen.virt.vm_snapshot first.",
        )
    return {key: value for key, value in entry.items() if key not in _SOURCE}
