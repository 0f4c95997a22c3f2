# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""Changing a host's bridges and interfaces as one, by a guard that undoes it unless somebody confirms it in time."""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import os
import pathlib
import time
import typing as t
import uuid as uuids

from . import _detach, _moment, _programs
from ._changes import Change as Difference
from ._changes import ChangeSet
from ._errors import ConflictError, DeadlineError, NotFoundError, OperationError, VirtError
from ._interfaces import conflicts, links, managers
from ._interfaces.announce import announce
from ._interfaces.interface import Interface
from ._ovs import bridge, bridges, removed_bridges, switch_settings
from ._ovs.bridge_model import Switch
from ._ovs.connection import Database, Remote, connect, joined
from ._state.network_change import APPLYING, BROKEN, ENDED, UNDONE, WAITING, Change, NetworkChange
from ._wait import Deadline, wait_for

COMMENT = "evergreen.virt.host_network"
HEAD_START_S = 1.0
"""The task's answer is on its way to the controller before its connection may break."""
SETTLE_S = 2.0
"""A connection made earlier would still go the old way."""
COME_UP_S = 10.0
"""systemd-networkd does not tell when it has done with what is new in its files."""
_DATABASES = (pathlib.Path("/etc/openvswitch/conf.db"), pathlib.Path("/var/lib/openvswitch/conf.db"))
_TICK_S = 0.1


@dataclasses.dataclass(frozen=True)
class Before:
    """What a change is about to change.

    :param names: the interfaces that it takes down.
    :param kept: what the bridges that it removes have besides.
    """

    switch: Switch
    files: managers.Files
    names: t.Sequence[str] = ()
    kept: removed_bridges.Kept = dataclasses.field(default_factory=removed_bridges.Kept)


class HostNetwork:
    """Bridges and interfaces of this host as they shall be.

    :param wanted: options of the module `ovs_bridge`, for each bridge.
    :param manager: what brings the interfaces up; None if there are none.
    """

    def __init__(
        self,
        remote: Remote,
        wanted: t.Sequence[bridges.Options],
        interfaces: t.Sequence[Interface] = (),
        manager: managers.Manager | None = None,
        record: NetworkChange | None = None,
    ) -> None:
        self._remote = remote
        self._bridges = wanted
        self._interfaces = interfaces
        self._manager = manager
        self._record = record or NetworkChange()

    def foresee(self) -> ChangeSet:
        """Return what would change; nothing is changed.

        :raises VirtError: for what cannot be.
        """
        wanted = self._files()
        before = managers.read(wanted)
        differing = managers.differing(wanted, before)
        if self._manager:
            conflicts.refuse(self._manager, self._interfaces, self._described_in(differing))
        changes = ChangeSet()
        if self._bridges:
            with self._database() as database:
                changes = bridges.foresee(database, self._bridges)
        return changes + ChangeSet(
            tuple(Difference(f"files[{path}]", before[path], wanted[path]) for path in differing)
        )

    def converge(self) -> None:
        """Carry out the change here and now, and prove that what is there then works.

        :raises VirtError: when it cannot be carried out, or does not work.
        """
        wanted = self._files()
        differing = managers.differing(wanted, managers.read(wanted))
        self._make(differing, self._described_in(differing), self._converge)
        self._prove()

    def begin(self, seconds: float) -> Change:
        """Start a guard that carries out the change, and undoes it unless it is confirmed in time.

        :raises ConflictError: when another change is under way.
        """
        guard = self._record.claim()
        if guard is None:
            raise _busy(self._record.read())
        try:
            _refuse_unfinished(self._record)
            before = self._before()
            change = Change(
                id=uuids.uuid4().hex,
                began=_moment.now(),
                state=APPLYING,
                files={str(path): content for path, content in before.files.items()},
                database=_database_file(self._remote) if self._bridges else "",
            )
            change = self._record.begin(change, _backup(self._remote) if change.database else "")
            run = functools.partial(self.guard, change, before, seconds)
            _detach.start(run, log=self._record.log, keep={guard})
        finally:
            os.close(guard)
        return change

    def guard(self, change: Change, before: Before, seconds: float) -> None:
        """Carry out the change, and undo it unless it is confirmed in time."""
        problem: str | None = f"what guarded it broke off, see {self._record.log}"
        try:
            problem = self._attempt(change, Deadline(seconds))
        finally:
            if problem is not None:
                self._undo(change, before, problem)

    def _attempt(self, change: Change, deadline: Deadline) -> str | None:
        """Return why the change has to be undone, None if somebody confirmed it."""
        time.sleep(HEAD_START_S)
        try:
            self.converge()
        except VirtError as exc:
            return exc.message
        self._settle()
        self._record.advance(change, WAITING)
        while not self._record.is_kept(change):
            if deadline.expired and self._record.close(change):
                return f"nobody reached this host by a new connection within {deadline.seconds:g} s"
            time.sleep(_TICK_S)
        return None

    def _undo(self, change: Change, before: Before, problem: str) -> None:
        """Put everything back. What cannot be is told, and no reason to leave the rest."""
        problems: list[VirtError] = []
        try:
            self._make(
                managers.differing(before.files, managers.read(before.files)),
                before.names,
                lambda: problems.extend(self._restore(before)),
                write=lambda files: problems.extend(managers.write_back(files)),
            )
        except VirtError as exc:
            problems.append(exc)
        told = [problem, *(f"and in undoing it: {each.message}" for each in problems)]
        try:
            self._settle()
        finally:
            self._record.end(change, BROKEN if problems else UNDONE, "; ".join(told))

    def _settle(self) -> None:
        """Let the addresses come up, and tell the neighbours where they are now."""
        time.sleep(SETTLE_S)
        announce(item.name for item in self._interfaces)

    def _prove(self) -> None:
        """Raise OperationError if an interface is not as it shall be, once it had the time to be."""
        if self._manager is None:
            return
        with contextlib.suppress(DeadlineError):
            wait_for(lambda: not links.problems(self._interfaces), "interfaces to come up", Deadline(COME_UP_S))
        problems = [*managers.unread(self._manager, self._interfaces), *links.problems(self._interfaces)]
        if problems:
            raise OperationError(
                f"{self._manager.name} was told of this host's interfaces, and they are not as asked: {'; '.join(problems)}.",
                hint=f"Correct what this names; the journal of {self._manager.unit} may say more.",
            )

    def _make(
        self,
        files: managers.Files,
        names: t.Sequence[str],
        change_bridges: t.Callable[[], None],
        write: t.Callable[[managers.Files], None] = managers.write,
    ) -> None:
        """Take interfaces down, make files that differ and bridges what they shall be, and bring those interfaces up again."""
        if self._manager is None or not (files or names):
            change_bridges()
            return
        managers.bring_down(self._manager, names)
        write(files)
        change_bridges()
        managers.bring_up(self._manager, names)

    def _converge(self) -> None:
        if not self._bridges:
            return
        with self._database() as database:
            bridges.converge_all(database, self._bridges, comment=COMMENT)

    def _restore(self, before: Before) -> list[VirtError]:
        if not self._bridges:
            return []
        try:
            with self._database() as database:
                comment = f"{COMMENT}: undo"
                problems = bridges.undo(database, self._bridges, before.switch, comment=comment)
                now = bridge.read(database)
                return problems + removed_bridges.give_back(database, self._remote, before.kept, now, comment=comment)
        except VirtError as exc:
            return [exc]

    def _before(self) -> Before:
        switch, kept = Switch({}), removed_bridges.Kept()
        if self._bridges:
            with self._database() as database:
                switch = bridge.read(database)
                kept = removed_bridges.keep(database, self._remote, bridges.removed(self._bridges, switch))
        wanted = self._files()
        files = managers.read(wanted)
        return Before(switch, files, self._described_in(managers.differing(wanted, files)), kept)

    def _described_in(self, files: managers.Files) -> list[str]:
        """Return the names of the interfaces whose own files are among these."""
        if self._manager is None:
            return []
        return [item.name for item in self._interfaces if self._manager.path(item.name) in files]

    def _files(self) -> managers.Files:
        return self._manager.wanted(self._interfaces) if self._manager else {}

    def _database(self) -> contextlib.AbstractContextManager[Database]:
        return connect(
            self._remote,
            needed=joined(bridge.NEEDED, switch_settings.NEEDED),
            wanted=joined(bridge.wanted_columns(), switch_settings.WANTED),
        )


def confirm(change_id: str, record: NetworkChange | None = None) -> Change:
    """Keep a change that waits for that, and return how it stands.

    :raises NotFoundError: when this host knows nothing of it.
    """
    record = record or NetworkChange()
    change = record.keep(change_id)
    if change is None:
        raise NotFoundError(f"this host knows no change '{change_id}' of its network; another one has begun since.")
    return change


def _busy(change: Change | None) -> ConflictError:
    began = f" since {change.began}" if change else ""
    return ConflictError(
        f"this host's network is being changed by another task{began}, and nobody has confirmed that yet.",
        hint="Wait until that task has ended, and run this one again.",
    )


def _refuse_unfinished(record: NetworkChange) -> None:
    last = record.read()
    if last and last.state not in ENDED:
        raise ConflictError(
            f"a change of this host's network began {last.began}, and what guarded it was killed: it is neither kept nor undone.",
            hint="Start the host anew, which undoes it; or, if its network is as it should be, remove the folder"
            f" {record.directory}.",
        )


def _database_file(remote: Remote) -> str:
    """Return where the server that is asked keeps its database, empty if that is not known."""
    known = [str(path) for path in _DATABASES if path.is_file()]
    return known[0] if known and remote.database == Remote.database else ""


def _backup(remote: Remote) -> str:
    """Return the content of the switch's database as a file that a server can be started with (ovsdb-client(1))."""
    command = ["ovsdb-client", f"--timeout={max(1, round(remote.timeout))}", "backup", remote.database]
    return _programs.output(command, "cannot save the switch's database")
