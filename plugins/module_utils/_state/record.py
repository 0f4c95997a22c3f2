# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""The maintenance record: while it lies on the host, the host takes no VM (the hook reads the same file)."""

from __future__ import annotations

import contextlib
import dataclasses
import pathlib
import typing as t

from .. import _moment
from .._facts import Maintenance
from .store import STATE_DIR, Document

NAME = "maintenance.json"

_KINDS: t.Mapping[str, type] = {
    "owner": str,
    "reason": str,
    "since": str,
    "allow": list,
    "stopped": list,
    "ran": list,
    "before": dict,
}


def path(directory: pathlib.Path = STATE_DIR) -> pathlib.Path:
    """Return where the record lies."""
    return directory / NAME


def read(directory: pathlib.Path = STATE_DIR) -> Maintenance | None:
    """Return the record, None if the host is not in maintenance.

    :raises ConflictError: when the file is damaged; the host is then in maintenance, of nobody knows whom.
    """
    document = _document(directory)
    data = document.read()
    if data is None:
        return None
    wrong = [name for name, kind in _KINDS.items() if not isinstance(data.get(name, kind()), kind)]
    if wrong or not data.get("owner") or not _moment.is_one(data.get("since")):
        raise document.damaged(f"{', '.join(wrong) or 'owner or since'} cannot be what it says")
    for name in ("stopped", "ran"):
        if not all(isinstance(vm, dict) for vm in data.get(name, [])):
            raise document.damaged(f"{name} does not tell of VMs")
    return document.taken_for(Maintenance, data)


def write(record: Maintenance, directory: pathlib.Path = STATE_DIR) -> None:
    """Put the host into maintenance, or change what is recorded of it; atomic."""
    _document(directory).write(record.to_dict())


def clear(directory: pathlib.Path = STATE_DIR) -> None:
    """End the maintenance; it is no error if there is none."""
    _document(directory).clear()


def locked(directory: pathlib.Path = STATE_DIR) -> contextlib.AbstractContextManager[None]:
    """Return a context in which no other task changes the record."""
    return _document(directory).locked()


def change(how: t.Callable[[Maintenance], t.Mapping[str, t.Any]], directory: pathlib.Path = STATE_DIR) -> None:
    """Replace fields of the record as one; on a host without a maintenance nothing is noted.

    :param how: returns the new values of fields, from the record as it is.
    """
    with locked(directory):
        known = read(directory)
        wanted = None if known is None else dataclasses.replace(known, **how(known))
        if wanted is not None and wanted != known:
            write(wanted, directory)


def _document(directory: pathlib.Path) -> Document:
    file = path(directory)
    return Document(
        file,
        what="maintenance record",
        way_out="The host counts as in maintenance as long as the file is there. Find out who maintains it;"
        f" if nobody does, end it by removing the file: rm {file}",
    )
