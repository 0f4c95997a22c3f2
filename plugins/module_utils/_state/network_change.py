# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""A change of the host's network that is under way: `STATE_DIR/network/change.json`, and how a boot in the middle undoes it.

A guard holds a lock (flock(2)) on `network/guard` while it carries out a change, waits for somebody to confirm it, and undoes
it if nobody does. The kernel lets go of the lock when the guard ends, however it ends.
"""

from __future__ import annotations

import dataclasses
import fcntl
import os
import pathlib
import typing as t

from .._errors import OperationError
from .._facts import Fact
from .._files import refused, sync_directory, write_atomically
from .store import STATE_DIR, Document

APPLYING = "applying"
WAITING = "waiting"
"""It is carried out, and waits for somebody to confirm it by a new connection."""
KEPT = "kept"
UNDOING = "undoing"
UNDONE = "undone"
BROKEN = "broken"
"""It was undone, but not all of it could be."""
ENDED = (KEPT, UNDONE, BROKEN)

UNIT = "evergreen-virt-network.service"

_UNIT_TEXT = """\
# Written by the Ansible collection evergreen.virt (module host_network) for the time of a change; it goes with the change.
[Unit]
Description=Undo a change of the network that nobody had confirmed when this host went down
DefaultDependencies=no
RequiresMountsFor={directory} {targets}
After=local-fs.target systemd-remount-fs.service
Before=network-pre.target ovsdb-server.service ovs-vswitchd.service systemd-networkd.service networking.service
Wants=network-pre.target
ConditionPathExists={directory}/change.json

[Service]
Type=oneshot
ExecStart=/usr/bin/python3 -I -S {directory}/undo.py
"""

# Needs nothing but Python: neither the collection nor Open vSwitch is there when it runs. The record comes before the units go:
# whatever breaks it off, the next boot does the rest, and nothing twice.
_UNDO_TEXT = f"""\
import json, os, pathlib, shutil
here = pathlib.Path(__file__).parent
change = json.loads((here / "change.json").read_text())
if change["state"] not in {ENDED!r}:
    for name, content in change["files"].items():
        if content is None:
            pathlib.Path(name).unlink(missing_ok=True)
        else:
            pathlib.Path(name).write_text(content)
    if change["database"]:
        shutil.copyfile(here / "database", change["database"])
    change.update(state="{UNDONE}", problem="the host was started anew before anybody confirmed the change")
    (here / "new.json").write_text(json.dumps(change))
    os.sync()
    os.rename(here / "new.json", here / "change.json")
    os.sync()
for name in change["units"]:
    pathlib.Path(name).unlink(missing_ok=True)
os.sync()
"""


@dataclasses.dataclass(frozen=True)
class Change(Fact):
    """The latest change.

    :param files: path -> content before the change; None for a file that was not there.
    :param database: the file of the switch's database, which a boot overwrites with the copy; empty for none.
    :param units: the files by which a boot undoes it.
    :param problem: why it was undone.
    """

    id: str
    began: str
    state: str
    files: dict[str, t.Optional[str]]
    database: str = ""
    units: list[str] = dataclasses.field(default_factory=list)
    problem: str = ""


class NetworkChange:
    """The one change of its network that a host can be in."""

    def __init__(
        self,
        state_directory: pathlib.Path = STATE_DIR,
        units: pathlib.Path = pathlib.Path("/etc/systemd/system"),
    ) -> None:
        self.directory = state_directory / "network"
        self._unit, self._link = units / UNIT, units / "sysinit.target.wants" / UNIT
        self._document = Document(
            self.directory / "change.json",
            what="record of a change of the network",
            way_out=f"If the network is as it should be, remove the folder: rm -r {self.directory}",
        )

    def claim(self) -> int | None:
        """Return the descriptor that makes its holder the guard, None if there is one.

        :raises OperationError: when the lock's file cannot be made.
        """
        try:
            self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor = os.open(self.directory / "guard", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as exc:
            raise self._failed("guard", exc) from exc
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            return None
        return descriptor

    @property
    def log(self) -> pathlib.Path:
        """The file for what a guard that crashes has to say."""
        return self.directory / "guard.log"

    def read(self) -> Change | None:
        """Return the latest change, None if there was none.

        :raises ConflictError: when the record is damaged.
        """
        return self._document.read_as(Change)

    def begin(self, change: Change, database: str) -> Change:
        """Record a change before its guard carries it out, and return it as recorded. From now on a boot undoes it.

        :param database: the content of the switch's database, for a boot.
        :raises OperationError: when it cannot be recorded.
        """
        folders = {str(pathlib.Path(name).parent) for name in [*change.files, change.database] if name}
        recorded = dataclasses.replace(change, units=[str(self._link), str(self._unit)])
        unit = _UNIT_TEXT.format(directory=self.directory, targets=" ".join(sorted(folders)))
        try:
            write_atomically(self.directory / "undo.py", _UNDO_TEXT, mode=0o600)
            write_atomically(self.directory / "database", database, mode=0o600)
            self._document.write(recorded.to_dict())
            write_atomically(self._unit, unit, mode=0o644)
            self._link.parent.mkdir(exist_ok=True)
            self._link.unlink(missing_ok=True)
            self._link.symlink_to(self._unit)
            sync_directory(self._link.parent)
        except OSError as exc:
            raise self._failed("record", exc) from exc
        return recorded

    def advance(self, change: Change, state: str) -> None:
        """Record how the change stands."""
        with self._document.locked():
            self._document.write(dataclasses.replace(change, state=state).to_dict())

    def keep(self, change_id: str) -> Change | None:
        """Keep the change if it waits for that, and return how it stands; None if the latest change is another one."""
        with self._document.locked():
            change = self.read()
            if change is None or change.id != change_id:
                return None
            return self._end(change, KEPT) if change.state == WAITING else change

    def is_kept(self, change: Change) -> bool:
        """Tell whether somebody confirmed it."""
        now = self.read()
        return now is not None and now.id == change.id and now.state == KEPT

    def close(self, change: Change) -> bool:
        """From now on nobody can confirm the change; False if somebody just did."""
        with self._document.locked():
            if self.is_kept(change):
                return False
            self._document.write(dataclasses.replace(change, state=UNDOING).to_dict())
            return True

    def end(self, change: Change, state: str, problem: str = "") -> None:
        """Record how the change ended. A boot does nothing about it any more.

        :param problem: why it was undone.
        """
        with self._document.locked():
            self._end(change, state, problem)

    def _end(self, change: Change, state: str, problem: str = "") -> Change:
        ended = dataclasses.replace(change, state=state, problem=problem, files={}, database="")
        self._document.write(ended.to_dict())
        try:
            for path in (self._link, self._unit, self.directory / "undo.py", self.directory / "database"):
                path.unlink(missing_ok=True)
            for folder in (self._link.parent, self._unit.parent, self.directory):
                if folder.is_dir():
                    sync_directory(folder)
        except OSError as exc:
            raise self._failed("clean up after", exc) from exc
        return ended

    def _failed(self, verb: str, error: OSError) -> OperationError:
        return refused(f"{verb} a change of the network in {self.directory}", error)
