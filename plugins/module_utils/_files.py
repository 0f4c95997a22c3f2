# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""Replacing a file: whole or not at all, whatever crashes; and what a user is told when it cannot be."""

from __future__ import annotations

import errno
import os
import pathlib
import tempfile
import typing as t

from ._errors import OperationError

_FORBIDDEN = "The task must run as root (become: true), and the file system must be writable."
_FULL = "Make room on the host's file system that it is on."


def write_atomically(path: pathlib.Path, content: str | bytes, *, mode: int) -> None:
    """Replace a file in one step: after a crash it is the old one or the new one.

    :raises OSError: when it cannot be written; the old one is then still there.
    """
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(content.encode() if isinstance(content, str) else content)
            stream.flush()
            os.fchmod(stream.fileno(), mode)
            os.fsync(stream.fileno())
        pathlib.Path(name).replace(path)
    except BaseException:
        pathlib.Path(name).unlink()
        raise
    sync_directory(path.parent)


def refused(deed: str, error: OSError, **details: t.Any) -> OperationError:
    """Return the error for what the system did not let the task do: `write /etc/example`."""
    return OperationError(
        f"cannot {deed}: {error.strerror or error}.",
        hint=_FULL if error.errno in {errno.ENOSPC, errno.EDQUOT} else _FORBIDDEN,
        **details,
    )


def sync_directory(directory: pathlib.Path) -> None:
    """Make what was created in, or removed from, a directory survive a crash."""
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_tree(directory: pathlib.Path) -> None:
    """Make a directory that others have written survive a crash, with all that is in it."""
    for folder, _folders, files in os.walk(directory):
        for name in files:
            with (pathlib.Path(folder) / name).open("rb") as stream:
                os.fsync(stream.fileno())
        sync_directory(pathlib.Path(folder))
    sync_directory(directory.parent)
