# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""VMs that wait on their host until its maintenance has ended: stopped after its record says so."""

from __future__ import annotations

import concurrent.futures
import dataclasses
import time
import typing as t

from .. import _moment
from .._errors import ConflictError, NotFoundError, VirtError
from .._facts import Maintenance, Stopped
from .._libvirt import stopping
from .._libvirt.connection import connect
from .._libvirt.operating_system import userspace_id
from .._libvirt.vm_facts import VmRecord
from .._state import ran, stopped
from .terms import Row, Terms, alone, failed, maintenance, row, told

_SHUTDOWNS = 16
"""Guests that shut down at the same time. Memory is saved one VM after another: the disk is the same."""


@dataclasses.dataclass(frozen=True)
class Wish:
    """A VM that is to be stopped, `way` being one of stopping.WAYS."""

    vm: str
    way: str
    why: str = ""


def stop(wishes: t.Sequence[Wish], terms: Terms, *, check_mode: bool) -> list[Row]:
    """Stop VMs for the maintenance of their host.

    A VM that is off and that nobody noted was stopped by somebody else: it is left alone now, and later.

    :raises ConflictError: when the host is not in this owner's maintenance or run any more, VMs of it are stopped or started by another
        task, or one of these VMs went down with it.
    :raises OperationError: when some VM could not be stopped; `details["vms"]` has all rows.
    """
    with alone(terms, required=not check_mode, check_mode=check_mode) as known:
        return told(_rows(known, wishes, terms, check_mode=check_mode), "stopped")


def _rows(known: Maintenance | None, wishes: t.Sequence[Wish], terms: Terms, *, check_mode: bool) -> list[Row]:
    owed = {vm.uuid for vm in known.stopped} if known else set()
    with connect(terms.uri) as connection:
        found = stopping.read(connection, [wish.vm for wish in wishes])
    todo = {wish.vm: (wish, _present(found, wish.vm)) for wish in wishes}
    lost = ran.went_down(known, userspace_id(), [one.vm for _wish, one in todo.values()])
    if lost:
        raise ran.unrecovered([vm.name for vm in lost])
    running = [(wish, one) for wish, one in todo.values() if not one.vm.off]
    for wish, one in running:
        stopping.check(one, wish.way)
    rows = {name: _row(wish, "stopped" if one.vm.uuid in owed else "off") for name, (wish, one) in todo.items()}
    if check_mode:
        rows.update({wish.vm: _row(wish, "would_stop") for wish, _one in running})
    else:
        ours = [(wish, one) for wish, one in running if one.vm.state != stopping.GOING_OFF]
        stopped.owe([_entry(wish, one) for wish, one in ours], terms.directory)
        rows.update({told_of["vm"]: told_of for told_of in _stop_all(running, terms, owed)})
    return list(rows.values())


def _present(found: t.Mapping[str, VmRecord], name: str) -> VmRecord:
    if name not in found:
        raise NotFoundError(
            f"there is no VM '{name}' on this host.", hint="Has it moved? Ask for the facts of the host again."
        )
    return found[name]


def _entry(wish: Wish, one: VmRecord) -> Stopped:
    autostart = one.vm.autostart and wish.way == stopping.SUSPEND
    return Stopped(wish.vm, one.vm.uuid, wish.way, wish.why, _moment.now(), autostart=autostart)


def _stop_all(running: t.Sequence[tuple[Wish, VmRecord]], terms: Terms, owed: t.Container[str]) -> list[Row]:
    """Let guests shut down beside each other while memory is saved.

    :param owed: those that were noted before this task.
    """
    with concurrent.futures.ThreadPoolExecutor(_SHUTDOWNS) as many, concurrent.futures.ThreadPoolExecutor(1) as one:
        futures = [
            (many if wish.way == stopping.SHUTDOWN else one).submit(
                _stop, wish, found, terms, before=found.vm.uuid in owed
            )
            for wish, found in running
        ]
        return [future.result() for future in futures]


def _stop(wish: Wish, one: VmRecord, terms: Terms, *, before: bool) -> Row:
    """Return what became of a VM; one that its owner has stopped before its turn came is owed nothing.

    :param before: whether an earlier task has noted it, and may have asked it already.
    """
    began = time.monotonic()
    try:
        if one.vm.state == stopping.GOING_OFF:
            _let_end(one, terms)
        else:
            _check_turn(one, terms)
            asked = stopping.stop(terms.uri, one.vm.uuid, wish.way, seconds=terms.seconds, busy_s=terms.busy_s)
            if not (asked or before):
                stopped.settle(one.vm.uuid, terms.directory)
                return _row(wish, "off")
    except VirtError as exc:
        return failed(_row(wish, "stopped"), exc)
    return {**_row(wish, "stopped"), "changed": True, "seconds": round(time.monotonic() - began, 3)}


def _let_end(one: VmRecord, terms: Terms) -> None:
    """Wait until a VM is off that somebody else is stopping: it is not noted, and nobody would start it again.

    :raises ConflictError: when it takes too long, or the VM runs again: it was being restarted.
    """
    if not stopping.ends(terms.uri, one.vm.uuid, terms.seconds):
        raise ConflictError(f"VM '{one.vm.name}' was being restarted, and runs again.", hint="Try again.")


def _check_turn(one: VmRecord, terms: Terms) -> None:
    """Refuse to stop a VM that nobody would start again: minutes may have passed since it was noted.

    :raises ConflictError: when it is not noted any more, and as `maintenance`.
    """
    known = maintenance(terms, required=True)
    if known is None or all(vm.uuid != one.vm.uuid for vm in known.stopped):
        raise ConflictError(
            f"VM '{one.vm.name}' is not stopped: the record of this host's maintenance says no more that it is owed a start.",
            hint="Somebody has ended that maintenance meanwhile. Start anew.",
        )


def _row(wish: Wish, result: str) -> Row:
    return row(wish.vm, wish.way, wish.why, result)
