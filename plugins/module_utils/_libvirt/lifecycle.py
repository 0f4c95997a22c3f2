# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""From what is and what is wanted to the ordered steps of a network or a storage pool. Pure.

Both have the same life in libvirt: defined or not, active or not, started with the host or not; and a running one
keeps what it was started with until it is restarted.
"""

from __future__ import annotations

import dataclasses
import typing as t

from .._changes import Change, ChangeSet
from .._errors import UnsupportedError

STATES = ("present", "started", "stopped", "absent")


@dataclasses.dataclass(frozen=True)
class Status:
    """What libvirt has under the name.

    :param one_definition: its driver has no definition beside what an active object was started with, and loses one
        that is written meanwhile (TEST).
    """

    exists: bool = False
    active: bool = False
    persistent: bool = False
    autostart: bool = False
    one_definition: bool = False

    @property
    def state(self) -> str:
        """`absent`, `started` or `stopped`."""
        if not self.exists:
            return "absent"
        return "started" if self.active else "stopped"


@dataclasses.dataclass(frozen=True)
class Wanted:
    """What the user asks for.

    :param state: one of STATES; `present` leaves it running or not, as it is.
    :param autostart: None leaves it as it is.
    :param allow_restart: it may be restarted where a change needs that.
    """

    state: str
    autostart: bool | None = None
    allow_restart: bool = False


@dataclasses.dataclass(frozen=True)
class Definition:
    """What the options make of the object's XML.

    :param xml: the XML to define.
    :param changes: how it differs from what is defined.
    :param pending: how the running object differs from it in what only a restart brings.
    :param running: how the running object differs from it in what can be changed at once.
    """

    xml: str
    changes: ChangeSet = dataclasses.field(default_factory=ChangeSet)
    pending: ChangeSet = dataclasses.field(default_factory=ChangeSet)
    running: ChangeSet = dataclasses.field(default_factory=ChangeSet)


@dataclasses.dataclass(frozen=True)
class Plan:
    """The steps, in the order of the fields; a definition that libvirt refuses thus stops nothing.

    :param changes: everything that will be different afterwards.
    :param define: the XML to define, None to leave the definition.
    :param autostart: what to set it to, None to leave it.
    :param define_again: define it once more when it is stopped, for a driver that loses what it was told before.
    :param restart_required: options that the running object takes only when it is restarted.
    """

    changes: ChangeSet
    define: str | None = None
    autostart: bool | None = None
    stop: bool = False
    undefine: bool = False
    start: bool = False
    define_again: bool = False
    restart_required: tuple[str, ...] = ()


def plan(status: Status, wanted: Wanted, definition: Definition) -> Plan:
    """Return what to do.

    :raises UnsupportedError: when the object must not be restarted and its driver takes the change in no other way.
    """
    if wanted.state == "absent":
        return Plan(_state_change(status, "absent"), stop=status.active, undefine=status.persistent)
    active = status.active if wanted.state == "present" else wanted.state == "started"
    stays = status.active and active
    restart = bool(stays and definition.pending and wanted.allow_restart)
    autostart = wanted.autostart if wanted.autostart != status.autostart else None
    changes = definition.changes + (definition.running if stays else ChangeSet())
    if restart:
        changes += definition.pending
    pending = {change.path for change in definition.pending} if stays and not restart else set()
    _check_one_definition(status, pending)
    define = bool(definition.changes and not (status.one_definition and stays and not restart))
    return Plan(
        changes=_state_change(status, "started" if active else "stopped")
        + _marked(changes, pending)
        + (ChangeSet.of(Change("autostart", status.autostart, autostart)) if autostart is not None else ChangeSet()),
        define=definition.xml if define or not status.persistent else None,
        autostart=autostart,
        stop=status.active and (not active or restart),
        start=active and (not status.active or restart),
        define_again=define and status.one_definition,
        restart_required=tuple(sorted(pending)),
    )


def _check_one_definition(status: Status, pending: t.Collection[str]) -> None:
    if status.one_definition and pending:
        raise UnsupportedError(
            f"it is active, and its driver then takes no other {', '.join(sorted(pending))}.",
            hint="Allow that it is restarted, or stop it first.",
        )


def _state_change(status: Status, after: str) -> ChangeSet:
    found = ChangeSet() if status.state == after else ChangeSet.of(Change("state", status.state, after))
    if status.exists and not status.persistent and after != "absent":
        found += ChangeSet.of(Change("persistent", False, True))
    return found


def _marked(changes: ChangeSet, pending: set[str]) -> ChangeSet:
    """Keep the first change of each path, and mark those that wait for a restart."""
    first: dict[str, Change] = {}
    for change in changes:
        first.setdefault(change.path, dataclasses.replace(change, restart_required=change.path in pending))
    return ChangeSet(tuple(first.values()))


def difference(before: t.Mapping[str, t.Any], after: t.Mapping[str, t.Any]) -> ChangeSet:
    """Return one change for each option that differs; one that is missing counts as None."""
    paths = list(dict.fromkeys((*before, *after)))
    return ChangeSet(
        tuple(Change(path, before.get(path), after.get(path)) for path in paths if before.get(path) != after.get(path))
    )
