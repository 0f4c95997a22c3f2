# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""The lease: which run may change this host. A run that was superseded finds a newer epoch here and changes nothing."""

from __future__ import annotations

import dataclasses
import pathlib

from .. import _moment
from .._errors import ConflictError
from .._facts import Lease
from .store import STATE_DIR, Document

NAME = "lease.json"


def read(directory: pathlib.Path = STATE_DIR) -> Lease | None:
    """Return the lease, None if no run was ever here.

    :raises ConflictError: when the file is damaged.
    """
    document = _document(directory)
    lease = document.read_as(Lease)
    if lease is None:
        return None
    if isinstance(lease.epoch, bool) or not isinstance(lease.epoch, int) or not isinstance(lease.run_id, str):
        raise document.damaged("run_id must be a text and epoch a whole number")
    if not (_moment.is_one(lease.since) and _moment.is_one(lease.seen)):
        raise document.damaged("since and seen must be times")
    return lease


def admit(
    run_id: str,
    epoch: int,
    *,
    controller: str | None = None,
    remember: bool = True,
    directory: pathlib.Path = STATE_DIR,
) -> Lease:
    """Let a run change this host, or refuse it; atomic among all tasks on the host.

    :param controller: where the run is controlled from, None keeps what is known.
    :param remember: False in check mode: decide the same way, write nothing.
    :raises ConflictError: when a newer epoch, or another run of the same epoch, has been here.
    """
    if not remember:
        return _successor(read(directory), run_id, epoch, controller)
    document = _document(directory)
    with document.locked():
        lease = _successor(read(directory), run_id, epoch, controller)
        document.write(lease.to_dict())
    return lease


def _successor(known: Lease | None, run_id: str, epoch: int, controller: str | None) -> Lease:
    now = _moment.now()
    if known is None or epoch > known.epoch:
        return Lease(run_id=run_id, epoch=epoch, since=now, seen=now, controller=controller)
    if epoch < known.epoch or run_id != known.run_id:
        raise _superseded(known, run_id, epoch)
    return dataclasses.replace(known, seen=now, controller=controller or known.controller)


def _superseded(known: Lease, run_id: str, epoch: int) -> ConflictError:
    return ConflictError(
        f"run {run_id} (epoch {epoch}) may not change this host: run {known.run_id} (epoch {known.epoch},"
        f" controlled from {known.controller or 'an unnamed controller'}) has it since {known.since},"
        f" last seen {known.seen}.",
        hint="Stop this run. If the other one is dead, start the upgrade again: it takes a newer epoch and goes on"
        " where the last one stopped.",
        known=known.to_dict(),
        run_id=run_id,
        epoch=epoch,
    )


def _document(directory: pathlib.Path) -> Document:
    file = directory / NAME
    return Document(
        file,
        what="lease",
        way_out=f"Make sure that no run is under way on this host, then remove the file: rm {file}",
    )
