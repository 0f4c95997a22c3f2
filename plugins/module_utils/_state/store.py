# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""One JSON object in one file of the host's state directory: whole or not at all, whatever crashes."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import pathlib
import typing as t

from .._errors import ConflictError, InvalidInputError, OperationError
from .._facts import Fact
from .._files import refused, sync_directory, write_atomically

STATE_DIR = pathlib.Path("/var/lib/evergreen.virt")

Kind = t.TypeVar("Kind", bound=Fact)


class Document:
    """A JSON object kept at `path` (mode 0600, its directory 0700).

    :param what: what it is, for messages: "maintenance record".
    :param way_out: what to do when the file is damaged, one sentence.
    """

    def __init__(self, path: pathlib.Path, *, what: str, way_out: str) -> None:
        self.path = path
        self._what = what
        self._way_out = way_out

    def read(self) -> dict[str, t.Any] | None:
        """Return the object, None if there is no file.

        :raises ConflictError: when the file is there and is no JSON object.
        :raises OperationError: when it cannot be read.
        """
        try:
            data = json.loads(self.path.read_bytes())
        except FileNotFoundError:
            return None
        except OSError as exc:
            raise self._failed("read", exc) from exc
        except ValueError as exc:
            raise self.damaged(str(exc)) from exc
        if not isinstance(data, dict):
            raise self.damaged("it holds no JSON object")
        return data

    def read_as(self, kind: type[Kind]) -> Kind | None:
        """Return the object as what it is, None if there is no file.

        :raises ConflictError: when it cannot be that, and as `read`.
        """
        data = self.read()
        return None if data is None else self.taken_for(kind, data)

    def taken_for(self, kind: type[Kind], data: t.Mapping[str, t.Any]) -> Kind:
        """Return what was read as what it is.

        :raises ConflictError: when it cannot be that.
        """
        try:
            return kind.from_dict(data)
        except InvalidInputError as exc:
            raise self.damaged(exc.message) from exc

    def write(self, data: t.Mapping[str, t.Any]) -> None:
        """Replace the file in one step: after a crash it is the old one or the new one.

        :raises OperationError: when it cannot be written; the old one is then still there.
        """
        try:
            self._ensure_directory()
            write_atomically(self.path, json.dumps(data, indent=2, sort_keys=True) + "\n", mode=0o600)
        except OSError as exc:
            raise self._failed("write", exc) from exc

    def clear(self) -> None:
        """Remove the file; it is no error if there is none.

        :raises OperationError: when it cannot be removed.
        """
        try:
            self.path.unlink()
            sync_directory(self.path.parent)
        except FileNotFoundError:
            return
        except OSError as exc:
            raise self._failed("remove", exc) from exc

    @contextlib.contextmanager
    def locked(self) -> t.Iterator[None]:
        """Let nobody else hold the same lock during the body: for reading, deciding and writing as one.

        :raises OperationError: when the lock's file cannot be made.
        """
        try:
            self._ensure_directory()
            descriptor = os.open(self.path.with_suffix(".lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as exc:
            raise self._failed("lock", exc) from exc
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)

    def damaged(self, why: str) -> ConflictError:
        """Return the error for a file whose content makes no sense."""
        return ConflictError(
            f"the {self._what} {self.path} is damaged: {why.rstrip('.')}.", hint=self._way_out, path=str(self.path)
        )

    def _ensure_directory(self) -> None:
        if not self.path.parent.is_dir():
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            sync_directory(self.path.parent.parent)

    def _failed(self, verb: str, error: OSError) -> OperationError:
        return refused(f"{verb} the {self._what} {self.path}", error, path=str(self.path))
