# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""What the tasks have in common that stop VMs of a host in maintenance, and start them: their terms, and what they tell."""

from __future__ import annotations

import contextlib
import dataclasses
import pathlib
import typing as t

from .._errors import ConflictError, OperationError, VirtError
from .._facts import Maintenance
from .._state import lease, record, turn
from .._state.store import STATE_DIR

Row = dict[str, t.Any]


@dataclasses.dataclass(frozen=True)
class Terms:
    """What holds for all VMs of a task.

    :param seconds: that each VM is given for its shutdown or its save.
    :param busy_s: that whatever is under way is waited for: a backup or a block job of a VM, its save or its shutdown, another task.
    :param directory: where the record of the host's maintenance lies.
    :param run: the id and the epoch of the run that the task belongs to, if to any.
    """

    uri: str
    owner: str
    seconds: float
    busy_s: float
    directory: pathlib.Path = STATE_DIR
    run: tuple[str, int] | None = None


@contextlib.contextmanager
def alone(terms: Terms, *, required: bool, check_mode: bool) -> t.Iterator[Maintenance | None]:
    """Give what `maintenance` returns, while no other task stops or starts VMs of this host.

    :raises ConflictError: when one does for longer than `busy_s`, and as `maintenance`.
    """
    known = maintenance(terms, required=required)
    if known is None or check_mode:
        yield known
        return
    with turn.taken(terms.busy_s, terms.directory):
        yield maintenance(terms, required=required)  # it may have been waited for


def maintenance(terms: Terms, *, required: bool) -> Maintenance | None:
    """Return the record of this owner's maintenance, None if the host is in service.

    A task asks again before each VM: it goes on when its run was ended, and the host may be another's by then.

    :raises ConflictError: when a newer run has the host, when the maintenance is another owner's, or there is none and it is required.
    """
    if terms.run is not None:
        lease.admit(*terms.run, remember=False, directory=terms.directory)
    known = record.read(terms.directory)
    if known is None and required:
        raise ConflictError(
            "this host is not in maintenance, so that nobody would know which VMs it owes a start.",
            hint="Enable it first (evergreen.virt.hypervisor_maintenance).",
        )
    if known is not None and known.owner != terms.owner:
        raise ConflictError(
            f"the maintenance of this host is {known.owner}'s, and not {terms.owner}'s.", hint=f"Ask {known.owner}."
        )
    return known


def row(vm: str, way: str, why: str, result: str) -> Row:
    """Return what is told of a VM."""
    return {
        "vm": vm,
        "way": way,
        "why": why,
        "result": result,
        "error": None,
        "seconds": None,
        "changed": result.startswith("would"),
    }


def failed(before: Row, error: VirtError) -> Row:
    """Return what is told of a VM instead, with which something went wrong."""
    return {**before, "result": "failed", "changed": False, "error": str(error), "code": error.code}


def told(rows: list[Row], what: str) -> list[Row]:
    """Return the rows of all VMs.

    :raises OperationError: when one of them failed; `details["vms"]` has all rows.
    """
    bad = [row for row in rows if row["result"] == "failed"]
    if bad:
        reasons = " ".join(dict.fromkeys(row["error"] for row in bad))
        raise OperationError(f"not every VM was {what}: {reasons}", vms=rows)
    return rows
