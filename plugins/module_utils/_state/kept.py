# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""What an update replaces, kept on the host: a note of it, and a folder with the packages themselves.

Each time something is kept it has a folder of its own there, and what was kept before lasts until the note names the new one.
"""

from __future__ import annotations

import contextlib
import pathlib
import shutil
import tempfile
import typing as t

from .._facts import Kept
from .._files import refused, sync_tree
from . import record
from .store import STATE_DIR, Document

NAME = "kept.json"


def folder(directory: pathlib.Path = STATE_DIR) -> pathlib.Path:
    """Return where the packages lie."""
    return directory / "kept"


def read(directory: pathlib.Path = STATE_DIR) -> Kept | None:
    """Return what is kept, None if there is nothing to go back to.

    :raises ConflictError: when the note is damaged.
    """
    return _document(directory).read_as(Kept)


def is_needed(directory: pathlib.Path = STATE_DIR) -> bool:
    """Return whether the update of this host has begun: what was kept before it is what the host goes back to."""
    maintenance = record.read(directory)
    return maintenance is not None and bool(maintenance.stage)


@contextlib.contextmanager
def locked(directory: pathlib.Path = STATE_DIR) -> t.Iterator[None]:
    """Let no other task keep or forget anything during the body; what the note does not name after it is removed.

    :raises OperationError: when the lock's file cannot be made.
    """
    with _document(directory).locked():
        try:
            yield
        finally:
            _tidy(directory)


def new_folder(directory: pathlib.Path = STATE_DIR) -> pathlib.Path:
    """Return a folder for what is going to be kept. The caller holds the lock.

    :raises OperationError: when it cannot be made.
    """
    try:
        folder(directory).mkdir(mode=0o700, parents=True, exist_ok=True)
        return pathlib.Path(tempfile.mkdtemp(dir=folder(directory)))
    except OSError as exc:
        raise refused(f"make a folder in {folder(directory)}", exc) from exc


def replace(kept: Kept | None, directory: pathlib.Path = STATE_DIR) -> bool:
    """Note what is kept, None: nothing, in the place of what was; atomic. The caller holds the lock.

    :returns: False, and nothing has changed, where the update of this host has begun. It does not begin meanwhile.
    :raises OperationError: when the note cannot be written.
    """
    if kept is not None:
        _sync(directory)
    with record.locked(directory):
        if is_needed(directory):
            return False
        if kept is None:
            _document(directory).clear()
        else:
            _document(directory).write(kept.to_dict())
    return True


def copy_files(paths: t.Iterable[str], target: pathlib.Path) -> dict[str, str | None]:
    """Copy files to a folder, and return where each copy is; None for a file that is not there."""
    target.mkdir(mode=0o700, parents=True, exist_ok=True)
    copies: dict[str, str | None] = {}
    for number, path in enumerate(paths):
        there = pathlib.Path(path).is_file()
        copies[path] = str(shutil.copy2(path, target / str(number))) if there else None
    return copies


def _sync(directory: pathlib.Path) -> None:
    """Have the copies survive a crash before the note does, which may not promise what is not there."""
    try:
        sync_tree(folder(directory))
    except OSError as exc:
        raise refused(f"write {folder(directory)}", exc) from exc


def _tidy(directory: pathlib.Path) -> None:
    """Remove what the note does not name: what was kept before, and what a task that failed or was killed had begun."""
    known = read(directory)
    if known is None:
        shutil.rmtree(folder(directory), ignore_errors=True)
        return
    named = [*known.archives, *filter(None, known.files.values())]
    used = {parent for path in named for parent in pathlib.Path(path).parents}
    for path in folder(directory).glob("*"):
        if path not in used:
            shutil.rmtree(path, ignore_errors=True)


def _document(directory: pathlib.Path) -> Document:
    path = directory / NAME
    return Document(
        path,
        what="note of what an update replaced",
        way_out=f"The host cannot be rolled back by it. Remove it: rm {path}",
    )
