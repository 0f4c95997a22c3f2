# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""The status files of moves: `STATE_DIR/moves/<uuid of the VM>.json`, and who may write them.

A mover holds a lock (flock(2)) on `<uuid>.mover` as long as it lives; the kernel lets go of it when the mover ends,
however it ends. `moves.lock` orders those who look for movers and start them.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import pathlib
import typing as t

from .._errors import OperationError
from .store import STATE_DIR, Document

_CANCEL = ".cancel"
_LOG = ".log"
_MOVER = ".mover"


Stamp = tuple[int, int, int]


class Claim:
    """The right to move one VM, held until `release` or until no process that inherited it lives."""

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor

    def release(self) -> None:
        """Let go of it in this process; a forked child keeps it."""
        os.close(self.descriptor)


class Moves:
    """The moves that this host knows of, by the VMs' UUIDs."""

    def __init__(self, state_directory: pathlib.Path = STATE_DIR) -> None:
        self.state_directory = state_directory
        self.directory = state_directory / "moves"

    def locked(self) -> contextlib.AbstractContextManager[None]:
        """Return a context in which nobody else claims, or asks for, movers."""
        return self._document("moves").locked()

    def claim(self, uuid: str) -> Claim | None:
        """Return the right to move the VM, None if a mover has it. Call it within `locked`."""
        try:
            descriptor = os.open(self._path(uuid, _MOVER), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as exc:
            raise OperationError(f"cannot claim the move of VM {uuid} in {self.directory}: {exc.strerror}.") from exc
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            return None
        return Claim(descriptor)

    def has_mover(self, uuid: str) -> bool:
        """Return whether a mover of the VM lives. Call it within `locked`."""
        if not self._path(uuid, _MOVER).exists():
            return False
        claim = self.claim(uuid)
        if claim is None:
            return True
        claim.release()
        return False

    def running(self) -> list[str]:
        """Return the UUIDs of the VMs whose movers live. Call it within `locked`."""
        found = sorted(path.stem for path in self.directory.glob(f"*{_MOVER}"))
        return [uuid for uuid in found if self.has_mover(uuid)]

    def read(self, uuid: str) -> dict[str, t.Any] | None:
        """Return what was last written about the VM's move, None if nothing was.

        :raises ConflictError: when the file is damaged.
        """
        return self._document(uuid).read()

    def stamps(self) -> dict[str, Stamp]:
        """Return the UUIDs of the VMs of which a move is known, the latest first, each with what changes when that is written anew."""
        files = [(path.stem, path.stat()) for path in self.directory.glob("*.json")]
        files.sort(key=lambda file: file[1].st_mtime_ns, reverse=True)
        return {uuid: (known.st_ino, known.st_mtime_ns, known.st_size) for uuid, known in files}

    def write(self, uuid: str, data: t.Mapping[str, t.Any]) -> None:
        """Replace what is known of the VM's move; atomic. Only the holder of its claim writes."""
        self._document(uuid).write(data)

    def request_cancel(self, uuid: str, reason: str) -> None:
        """Ask the VM's mover to cancel."""
        self._document(uuid, _CANCEL).write({"reason": reason})

    def cancel_reason(self, uuid: str) -> str | None:
        """Return why somebody asked to cancel, None if nobody did."""
        data = self._document(uuid, _CANCEL).read()
        return None if data is None else str(data.get("reason", ""))

    def forget_cancel(self, uuid: str) -> None:
        """Drop a request to cancel."""
        self._document(uuid, _CANCEL).clear()

    def log_path(self, uuid: str) -> pathlib.Path:
        """Return the file for what a mover that crashes has to say."""
        return self._path(uuid, _LOG)

    def _path(self, uuid: str, suffix: str) -> pathlib.Path:
        return self.directory / f"{uuid}{suffix}"

    def _document(self, name: str, suffix: str = ".json") -> Document:
        path = self._path(name, suffix)
        return Document(
            path,
            what="status file of a move",
            way_out=f"See with virsh where the VM is, then remove the file: rm {path}",
        )
