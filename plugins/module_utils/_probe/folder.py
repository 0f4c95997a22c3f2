# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""What a probe keeps on its host: one folder below `/run/evergreen.virt/probes`, gone after a boot.

`settings.json` is written by the task; `samples`, `status.json` and `errors` by the probe; a lock on `lock` is held by the probe
as long as it lives, so that nobody mistakes another process for it.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
import typing as t
from pathlib import Path

from .._errors import InvalidInputError
from .._files import write_atomically
from .records import Record, decode

ROOT = Path("/run/evergreen.virt/probes")

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


class Folder:
    """The folder of one probe.

    :raises InvalidInputError: when the name cannot be a folder's.
    """

    def __init__(self, name: str, *, root: Path = ROOT) -> None:
        if not _NAME.fullmatch(name):
            raise InvalidInputError(f"'{name}' cannot be a probe's name: use letters, digits, '.', '_' and '-'.")
        self.path = root / name

    def create(self, settings: t.Mapping[str, t.Any]) -> None:
        """Make the folder for a new probe; nothing of an earlier one is left."""
        self.path.mkdir(mode=0o755, parents=True, exist_ok=True)
        for name in ("samples", "errors"):
            (self.path / name).unlink(missing_ok=True)
        self.forget_status()
        self.write_settings(settings)

    def settings(self) -> dict[str, t.Any]:
        """Return `{"interval_ms": int, "targets": [...]}`; without a probe an interval of 0 and no targets."""
        return self._read("settings.json") or {"interval_ms": 0, "targets": []}

    def write_settings(self, settings: t.Mapping[str, t.Any]) -> None:
        """Replace the settings."""
        self._write("settings.json", settings)

    def status(self) -> dict[str, t.Any]:
        """Return what the probe wrote last: `pid`, `heartbeat` (monotonic ns), `stopped`, `answers` by target."""
        return self._read("status.json") or {"pid": 0, "heartbeat": 0, "stopped": False, "answers": {}}

    def write_status(self, status: t.Mapping[str, t.Any]) -> None:
        """Replace the status."""
        self._write("status.json", status)

    def forget_status(self) -> None:
        """Remove what an earlier process wrote: its number may be another process's by now."""
        (self.path / "status.json").unlink(missing_ok=True)

    def _read(self, name: str) -> dict[str, t.Any] | None:
        try:
            return dict(json.loads((self.path / name).read_text()))
        except FileNotFoundError:
            return None

    def _write(self, name: str, data: t.Mapping[str, t.Any]) -> None:
        write_atomically(self.path / name, json.dumps(data), mode=0o644)

    def open_samples(self) -> int:
        """Return a file descriptor for appending."""
        return os.open(self.path / "samples", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)

    def records(self) -> t.Iterator[Record]:
        """Yield all that was recorded."""
        try:
            data = (self.path / "samples").read_bytes()
        except FileNotFoundError:
            return iter(())
        return decode(data)

    def errors(self) -> str:
        """Return what the probe wrote to its standard error."""
        try:
            return (self.path / "errors").read_text().strip()
        except FileNotFoundError:
            return ""

    def lock(self, *, shared: bool = False) -> int | None:
        """Take the lock; return its file descriptor, or None if a running probe holds it."""
        self.path.mkdir(mode=0o755, parents=True, exist_ok=True)
        descriptor = os.open(self.path / "lock", os.O_RDWR | os.O_CREAT, 0o644)
        try:
            fcntl.flock(descriptor, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            return None
        return descriptor

    def running(self) -> bool:
        """Tell whether the probe's process lives."""
        if not self.path.is_dir():
            return False
        descriptor = self.lock(shared=True)
        if descriptor is None:
            return True
        os.close(descriptor)
        return False
