# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""VMs that waited on their host until its maintenance ends: started as its record says, and no others."""

from __future__ import annotations

import contextlib
import datetime as dt
import time
import typing as t

from .._errors import ConflictError, DeadlineError, VirtError
from .._facts import OFF, Stopped
from .._libvirt import domain as domains
from .._libvirt import stopping
from .._libvirt.connection import connect
from .._libvirt.move import MOVED, OFFLINE
from .._libvirt.operating_system import userspace_id
from .._libvirt.vm_facts import VmRecord
from .._state import stopped
from .._state.moves import Moves
from .._wait import Deadline, wait_for
from .peers import ELSEWHERE, Peer, seen
from .terms import Row, Terms, alone, failed, maintenance, row, told

GONE = "gone"


def start(terms: Terms, peers: t.Sequence[Peer] = (), *, check_mode: bool) -> list[Row]:
    """Start what was stopped for the maintenance of this host, and nothing else, while the host takes no other VM yet.

    :param peers: other hosts of the cluster, on which somebody may have started such a VM meanwhile.
    :raises ConflictError: when the maintenance is another owner's, a newer run has the host, or VMs of it are stopped or started by
        another task.
    :raises OperationError: when some VM could not be started; `details["vms"]` has all rows.
    :raises UnavailableError: when systemd does not tell in which boot they are started; none is.
    """
    with alone(terms, required=False, check_mode=check_mode) as known:
        return _start_all(known.stopped if known else [], terms, peers, check_mode=check_mode)


def _start_all(owed: t.Sequence[Stopped], terms: Terms, peers: t.Sequence[Peer], *, check_mode: bool) -> list[Row]:
    if not owed:
        return []
    with connect(terms.uri) as connection:
        found = {one.vm.uuid: one for one in stopping.read(connection, [vm.vm for vm in owed]).values()}
        boot = userspace_id()  # before the first is started: what was not noted of one is owed a second time
        rows = [_start(vm, found.get(vm.uuid), terms, boot, seen(vm.uuid, peers), check_mode=check_mode) for vm in owed]
    return told(rows, "started")


def _start(vm: Stopped, one: VmRecord | None, terms: Terms, boot: str, runs_on: str | None, *, check_mode: bool) -> Row:
    """Return what became of a VM that is owed a start, or would.

    :param boot: the present one of this host (`userspace_id`).
    :param runs_on: the other host that has it by now, None if none is known to.
    """
    expected = row(vm.vm, vm.way, vm.why, ELSEWHERE if runs_on else "would_start")
    waits = {**expected, "changed": True, "since": vm.since, "runs_on": runs_on}
    began, outcome = time.monotonic(), _foreseen if check_mode else _outcome
    try:
        maintenance(terms, required=True)
        result = ELSEWHERE if runs_on and (one is None or one.vm.off) else outcome(vm, one, terms)
    except VirtError as exc:
        return failed(waits, exc)
    if check_mode:
        return {**waits, "result": result}
    stopped.settle(vm.uuid, terms.directory, boot_id=None if result in (GONE, MOVED, ELSEWHERE) else boot)
    return {**waits, "result": result, "changed": True, "seconds": round(time.monotonic() - began, 3)}


def _outcome(vm: Stopped, one: VmRecord | None, terms: Terms) -> str:
    """Return what became of a VM that is owed a start: `gone`, `moved`, `running` already, or how it was started."""
    if one is None:
        return _departed(vm, terms)
    _check_startable(vm, one, terms)
    if not one.vm.off and _was_asked(vm, terms):
        _let_shut_down(vm, one, terms)
    result = "running"
    if stopping.went_off(one.domain, terms.busy_s):
        with stopped.allowed(vm.vm, terms.directory):
            result = stopping.start(one.domain)
    if vm.autostart:
        domains.set_autostart(one.domain, wanted=True)
    return result


def _foreseen(vm: Stopped, one: VmRecord | None, terms: Terms) -> str:
    """Return what would become of a VM that is owed a start; nothing is waited for."""
    if one is None:
        return _departed(vm, terms)
    _check_startable(vm, one, terms)
    return "would_start" if one.vm.state in (OFF, stopping.GOING_OFF) else "running"


def _was_asked(vm: Stopped, terms: Terms) -> bool:
    """Whether the guest may have been asked to shut down, of which libvirt says nothing: it still may do so, and would stay off."""
    if vm.way != OFFLINE:
        return vm.way == stopping.SHUTDOWN
    move = Moves(terms.directory).read(vm.uuid)
    return move is not None and stopping.SHUTDOWN in move.get("ladder", ())


def _let_shut_down(vm: Stopped, one: VmRecord, terms: Terms) -> None:
    """Wait for a guest whose task was ended over it, for as long as it was given from when it was noted."""
    try:
        since = dt.datetime.fromisoformat(vm.since).astimezone(dt.timezone.utc)
    except ValueError:
        return
    rest = terms.seconds - (dt.datetime.now(dt.timezone.utc) - since).total_seconds()
    if rest > 0:
        deadline = Deadline(min(rest, terms.seconds))  # the clock may have been put back since
        with contextlib.suppress(DeadlineError):
            wait_for(lambda: domains.state(one.domain) == OFF, f"VM '{vm.vm}' to be off", deadline)


def _departed(vm: Stopped, terms: Terms) -> str:
    """Return what became of a VM that is not on this host any more.

    :raises ConflictError: when it left to be started on its target, and was not seen to start there.
    """
    if vm.way != OFFLINE:
        return GONE
    # its mover tells that it runs, and then settles it: something may have come between
    move = Moves(terms.directory).read(vm.uuid)
    if move is not None and move.get("result") == MOVED:
        return MOVED
    raise ConflictError(
        f"VM '{vm.vm}' has left this host for '{vm.to}' while it was off, and was not seen to start there.",
        hint=f"Finish its move: evergreen.virt.vm_migrate on this host with kind: offline and to: {vm.to}, as a rolling upgrade or an"
        " evacuation of the host does that is started again. If that target is lost for good, define the VM here again.",
    )


def _check_startable(vm: Stopped, one: VmRecord, terms: Terms) -> None:
    if vm.way == OFFLINE:
        _check_stays(vm, terms)
    if one.vm.state == "crashed":
        raise ConflictError(
            f"VM '{vm.vm}' has crashed and is kept as it was then: it does not run, and cannot be started.",
            hint="Look at it, end it (virsh destroy), and try again.",
        )


def _check_stays(vm: Stopped, terms: Terms) -> None:
    moves = Moves(terms.directory)
    with moves.locked():
        leaves = moves.has_mover(vm.uuid)
    if leaves:
        raise ConflictError(
            f"VM '{vm.vm}' is being moved to '{vm.to}' just now.",
            hint="Wait for it, or cancel it first (evergreen.virt.vm_migrate with state: cancelled).",
        )
