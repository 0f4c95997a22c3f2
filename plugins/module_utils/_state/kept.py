# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""What an update replaces, kept on the host: a note of it, and a folder with the packages themselves."""

from __future__ import annotations

import pathlib
import shutil
from collections.abc import Iterable

from .._facts import Kept
from .._files import refused, sync_tree
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


def write(kept: Kept, directory: pathlib.Path = STATE_DIR) -> None:
    """Note what is kept; atomic. The copies survive a crash before the note does, which may not promise what is not there.

    :raises OperationError: when it cannot be written.
    """
    if folder(directory).exists():
        try:
            sync_tree(folder(directory))
        except OSError as exc:
            raise refused(f"write {folder(directory)}", exc) from exc
    _document(directory).write(kept.to_dict())


def clear(directory: pathlib.Path = STATE_DIR) -> None:
    """Forget it, the note first: a folder without a note is nothing to go back to."""
    _document(directory).clear()
    shutil.rmtree(folder(directory), ignore_errors=True)


def copy_files(paths: Iterable[str], directory: pathlib.Path = STATE_DIR) -> dict[str, str | None]:
    """Copy files to the folder, and return where each copy is; None for a file that is not there."""
    target = folder(directory) / "files"
    target.mkdir(mode=0o700, parents=True, exist_ok=True)
    copies: dict[str, str | None] = {}
    for number, path in enumerate(paths):
        there = pathlib.Path(path).is_file()
        copies[path] = str(shutil.copy2(path, target / str(number))) if there else None
    return copies


def _document(directory: pathlib.Path) -> Document:
    path = directory / NAME
    return Document(
        path,
        what="note of what an update replaced",
        way_out=f"The host cannot be rolled back by it. Remove it: rm {path}",
    )
