# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""VMs that wait on their host until its maintenance has ended: stopped after the record says so, started as the record says."""

from __future__ import annotations

import concurrent.futures
import dataclasses
import datetime as dt
import pathlib
import time
import typing as t

from ._errors import ConflictError, NotFoundError, OperationError, VirtError
from ._facts import Maintenance, Stopped
from ._libvirt import stopping
from ._libvirt.connection import connect
from ._libvirt.vm_facts import VmRecord
from ._state import record, stopped
from ._state.store import STATE_DIR

_GOING_OFF = "shutdown"
"""Somebody else is stopping it, or it stops by itself."""
_SHUTDOWNS = 16
"""Guests that shut down at the same time. Memory is saved one VM after another: the disk is the same."""

Row = dict[str, t.Any]


@dataclasses.dataclass(frozen=True)
class Wish:
    """A VM that is to be stopped, `way` being one of stopping.WAYS."""

    vm: str
    way: str
    why: str = ""


@dataclasses.dataclass(frozen=True)
class Terms:
    """What holds for all VMs of a task.

    :param seconds: that each VM is given for its shutdown or its save.
    :param busy_s: that a backup or a block job of it is waited for.
    :param directory: where the record of the host's maintenance lies.
    """

    uri: str
    owner: str
    seconds: float
    busy_s: float
    directory: pathlib.Path = STATE_DIR


def stop(wishes: t.Sequence[Wish], terms: Terms, *, check_mode: bool) -> list[Row]:
    """Stop VMs for the maintenance of their host.

    A VM that is off and that nobody noted was stopped by somebody else: it is left alone now, and later.

    :raises ConflictError: when the host is not in this owner's maintenance.
    :raises OperationError: when some VM could not be stopped; `details["vms"]` has all rows.
    """
    known = _maintenance(terms, required=not check_mode)
    owed = {vm.uuid: vm for vm in known.stopped} if known else {}
    with connect(terms.uri) as connection:
        found = stopping.read(connection, [wish.vm for wish in wishes])
    todo = {wish.vm: (wish, _present(found, wish.vm)) for wish in wishes}
    running = [(wish, one) for wish, one in todo.values() if one.vm.state not in stopping.OFF]
    for wish, one in running:
        stopping.check(one, wish.way)
    rows = {name: _row(wish, "stopped" if one.vm.uuid in owed else "off") for name, (wish, one) in todo.items()}
    if check_mode:
        rows.update({wish.vm: _row(wish, "would_stop") for wish, _one in running})
    else:
        ours = [(wish, one) for wish, one in running if one.vm.state != _GOING_OFF]
        stopped.owe([_entry(wish, one) for wish, one in ours], terms.directory)
        rows.update({row["vm"]: row for row in _stop_all(running, terms)})
    return _told(list(rows.values()), "stopped")


def _maintenance(terms: Terms, *, required: bool) -> Maintenance | None:
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


def _present(found: t.Mapping[str, VmRecord], name: str) -> VmRecord:
    if name not in found:
        raise NotFoundError(
            f"there is no VM '{name}' on this host.", hint="Has it moved? Ask for the facts of the host again."
        )
    return found[name]


def _entry(wish: Wish, one: VmRecord) -> Stopped:
    now = dt.datetime.now(dt.timezone.utc).isoformat(timespec="seconds")
    return Stopped(wish.vm, one.vm.uuid, wish.way, wish.why, now)


def _stop_all(running: t.Sequence[tuple[Wish, VmRecord]], terms: Terms) -> list[Row]:
    """Let guests shut down beside each other while memory is saved."""
    with concurrent.futures.ThreadPoolExecutor(_SHUTDOWNS) as many, concurrent.futures.ThreadPoolExecutor(1) as one:
        futures = [
            (many if wish.way == stopping.SHUTDOWN else one).submit(_stop, wish, found.vm.uuid, terms)
            for wish, found in running
        ]
        return [future.result() for future in futures]


def _stop(wish: Wish, uuid: str, terms: Terms) -> Row:
    began = time.monotonic()
    try:
        stopping.stop(terms.uri, uuid, wish.way, seconds=terms.seconds, busy_s=terms.busy_s)
    except VirtError as exc:
        return {**_row(wish, "failed"), "error": str(exc), "code": exc.code}
    return {**_row(wish, "stopped"), "changed": True, "seconds": round(time.monotonic() - began, 3)}


def _row(wish: Wish, result: str) -> Row:
    return {
        "vm": wish.vm,
        "way": wish.way,
        "why": wish.why,
        "result": result,
        "error": None,
        "seconds": None,
        "changed": result.startswith("would"),
    }


def start(terms: Terms, *, check_mode: bool) -> list[Row]:
    """Start what was stopped for the maintenance of this host, and nothing else, while the host takes no other VM yet.

    :raises ConflictError: when the maintenance is another owner's.
    :raises OperationError: when some VM could not be started; `details["vms"]` has all rows.
    """
    known = _maintenance(terms, required=False)
    if known is None or not known.stopped:
        return []
    with connect(terms.uri) as connection:
        found = {one.vm.uuid: one for one in stopping.read(connection, [vm.vm for vm in known.stopped]).values()}
        rows = [_start(vm, found.get(vm.uuid), terms, check_mode=check_mode) for vm in known.stopped]
    return _told(rows, "started")


def _start(vm: Stopped, one: VmRecord | None, terms: Terms, *, check_mode: bool) -> Row:
    row = {**_row(Wish(vm.vm, vm.way, vm.why), "would_start"), "since": vm.since}
    if check_mode:
        return {**row, "changed": True}
    began = time.monotonic()
    try:
        result = _outcome(vm, one, terms)
    except VirtError as exc:
        return {**row, "result": "failed", "changed": False, "error": str(exc), "code": exc.code}
    stopped.settle(vm.uuid, terms.directory)
    return {**row, "result": result, "changed": True, "seconds": round(time.monotonic() - began, 3)}


def _outcome(vm: Stopped, one: VmRecord | None, terms: Terms) -> str:
    """Return what became of a VM that is owed a start: `gone`, `running` already, or how it was started."""
    if one is None:
        return "gone"
    if one.vm.state not in stopping.OFF:
        return "running"
    with stopped.allowed(vm.vm, terms.directory):
        return stopping.start(one.domain)


def _told(rows: list[Row], what: str) -> list[Row]:
    failed = [row for row in rows if row["result"] == "failed"]
    if failed:
        reasons = " ".join(row["error"] for row in failed)
        raise OperationError(f"not every VM was {what}: {reasons}", vms=rows)
    return rows
