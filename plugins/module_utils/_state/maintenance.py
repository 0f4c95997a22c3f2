# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""Who may change a host's maintenance, and what its record then says (pure)."""

from __future__ import annotations

import dataclasses
import typing as t

from .. import _moment
from .._changes import Change, ChangeSet
from .._errors import ConflictError, InvalidInputError
from .._facts import IMPACTS, Maintenance, Ran, Versions

_UPDATED = ("reason", "allow", "stage", "impact", "boot_id", "boot", "soft_reboots", "run_id", "epoch")
"""Options that the owner may change while the maintenance lasts; `since` and `before` are kept."""


def decide(
    known: Maintenance | None, options: t.Mapping[str, t.Any], running: t.Sequence[Ran] = ()
) -> Maintenance | None:
    """Return the record that shall be, None for no maintenance.

    :param options: the options of `hypervisor_maintenance`; None means "not managed".
    :param running: the VMs that run now, for a maintenance that begins.
    :raises ConflictError: when the host is in somebody else's maintenance, or VMs that were stopped for it are owed a start.
    :raises InvalidInputError: when the owner has no name, or a host in service shall be empty.
    """
    if not options["owner"].strip():
        raise InvalidInputError("'owner' is empty.", hint="Name who maintains the host.")
    if known is not None and known.owner != options["owner"]:
        raise _not_yours(known, options)
    if options["state"] == "disabled":
        if options.get("empty"):
            raise InvalidInputError("'empty' is for state: enabled.", hint="A host in service need not be empty.")
        _check_owed(known)
        return None
    named = {name: options[name] for name in _UPDATED if options.get(name) is not None}
    if known is None:
        known = Maintenance(owner=options["owner"], reason="", since=_moment.now(), ran=list(running))
    if known.stage and known.impact and "impact" in named:  # what its update was stays what a way back has to undo
        named["impact"] = max(known.impact, named["impact"], key=IMPACTS.index)
    if known.before == Versions() and options.get("before"):
        named["before"] = Versions.from_dict(options["before"])
    if options.get("empty"):
        named["ran"] = []
    return dataclasses.replace(known, **named)


def changes(known: Maintenance | None, wanted: Maintenance | None) -> ChangeSet:
    """Return what differs between two records."""
    if known is not None and wanted is not None:
        return ChangeSet.between(known.to_dict(), wanted.to_dict()).within("maintenance")
    if known == wanted:
        return ChangeSet()
    return ChangeSet.of(Change("maintenance", known.to_dict() if known else None, wanted.to_dict() if wanted else None))


def _check_owed(known: Maintenance | None) -> None:
    names = [vm.vm for vm in known.stopped] if known else []
    if names:
        raise ConflictError(
            f"the maintenance of this host cannot end: VMs that were stopped for it are owed a start: {', '.join(names)}.",
            hint="Start them with evergreen.virt.maintenance_vms (state: started), or let the role evergreen.virt.maintenance end it.",
            stopped=names,
        )


def _not_yours(known: Maintenance, options: t.Mapping[str, t.Any]) -> ConflictError:
    verb = "end" if options["state"] == "disabled" else "take over"
    return ConflictError(
        f"{options['owner']} cannot {verb} the maintenance of this host: it is {known.owner}'s since {known.since}"
        f" (reason: {known.reason or 'none given'}).",
        hint=f"Ask {known.owner} to end it.",
        maintenance=known.to_dict(),
    )
