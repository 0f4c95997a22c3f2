# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""The moves of one host, seen from a task: joined where they run, taken over where their mover died, started else."""

from __future__ import annotations

import dataclasses
import functools
import os
import time
import typing as t
import uuid as uuids

from . import _detach, _moment
from ._errors import ConflictError, NotFoundError, UnavailableError, VirtError
from ._facts import Maintenance, Stopped
from ._libvirt import move_ending, move_order, move_rows, move_target
from ._libvirt.connection import connect, explaining
from ._libvirt.move import FAILED, LIVE, MOVED, OFFLINE, POSTCOPY, QUEUED, RUNNING, Order, Status
from ._libvirt.move_order import Terms, Wish
from ._libvirt.move_speed import End, or_plain
from ._libvirt.mover import Journal, Mover
from ._libvirt.offline_mover import OfflineMover
from ._libvirt.operating_system import userspace_id
from ._state import ran, record, stopped
from ._state.moves import Moves, Stamp
from ._wait import Deadline, wait_for

TICK_S = 0.1
CANCELS_IN_S = 60.0
ADOPTIONS = 3
"""So many movers may die before a move is given up."""

Result = dict[str, t.Any]


class Yard:
    """What a task does with the moves of this host.

    :param terms: what the task says for all of its moves.
    :param parallel: movers that may live on this host at the same time, whoever started them.
    :param admit: raises ConflictError when the task's run has been superseded meanwhile; asked before each mover is started.
    """

    def __init__(
        self,
        terms: Terms,
        parallel: int,
        moves: Moves | None = None,
        admit: t.Callable[[], object] | None = None,
    ) -> None:
        self._terms = terms
        self._parallel = parallel
        self._moves = moves or Moves()
        self._admit = admit
        self._orders: dict[str, Order] = {}
        self._settled: dict[str, Result] = {}
        self._waiting: dict[str, Wish] = {}
        self._room = 0
        self._known: dict[str, tuple[Stamp, Status]] = {}
        """What was read of each move, by its VM's UUID."""

    def prepare(self, wishes: t.Sequence[Wish], *, strict: bool) -> None:
        """Decide of each VM that does not move yet whether it can; nothing is changed.

        :param strict: raise what is wrong with a VM instead of making it that VM's result.
        """
        statuses = self._statuses()
        unknown = [wish for wish in wishes if not _is_answered(wish, statuses.get(wish.vm))]
        if not unknown:
            return
        with connect(self._terms.uri) as source:
            candidates = move_order.read(source, {wish.vm for wish in unknown})
            with explaining("ask libvirt for this host's name"):
                hostname = source.getHostname()
            here = move_target.end(source, hostname)
        with move_target.Targets() as targets:
            for wish in unknown:
                try:
                    self._prepare(wish, candidates.get(wish.vm), statuses.get(wish.vm), here, targets)
                except VirtError as exc:
                    if strict:
                        raise
                    self._settled[wish.vm] = {**move_rows.of_wish(wish, FAILED), "error": str(exc), "code": exc.code}

    def follow(self, wishes: t.Sequence[Wish]) -> None:
        """Go on with moves that an earlier call prepared: those that wait are decided of anew, each when there is room for it."""
        statuses = self._statuses()
        self._waiting = {wish.vm: wish for wish in wishes if not _is_answered(wish, statuses.get(wish.vm))}

    def _prepare(
        self,
        wish: Wish,
        candidate: move_order.Candidate | None,
        status: Status | None,
        here: End,
        targets: move_target.Targets,
    ) -> None:
        if status is not None and self._is_moving(status):
            raise ConflictError(
                f"VM '{wish.vm}' is being moved to '{status.order.to}' just now, not to '{wish.to}'.",
                hint="Wait for it, or cancel it first (state: cancelled).",
            )
        if candidate is None and status is not None and _is_unfinished(wish, status):
            self._orders[wish.vm] = dataclasses.replace(
                status.order, attempt=uuids.uuid4().hex, run_id=self._terms.run_id
            )
            return
        if candidate is None:
            self._settled[wish.vm] = _departed(wish, status, here.name, targets)
            return
        known = record.read(self._moves.state_directory)
        owed = _is_owed(candidate.record.vm.uuid, status, known)
        if not owed:
            _check_did_not_go_down(candidate, known)
        order = move_order.order(candidate, wish, self._terms, wish.attempt or uuids.uuid4().hex, owed=owed)
        target = targets.reach(wish.to, wish.address)
        move_target.check(target, here.name, order, candidate.paths)
        there = move_target.end(target, wish.to)
        self._orders[wish.vm] = or_plain(order, [here, there])

    def _is_moving(self, status: Status) -> bool:
        """Whether the move is under way in fact: its host may have crashed in the middle, and nobody has told its end."""
        with self._moves.locked():
            return status.under_way and self._moves.has_mover(status.order.uuid)

    def foresee(self, wishes: t.Sequence[Wish]) -> list[Result]:
        """Return what `advance` would do; nothing is changed."""
        statuses = self._statuses()
        return [
            {
                **move_rows.of_wish(wish, "would_move"),
                **move_rows.speed(self._orders[wish.vm]),
                "copies": self._orders[wish.vm].copy_disks,
            }
            if wish.vm in self._orders
            else self._settled.get(wish.vm) or move_rows.describe(statuses[wish.vm])
            for wish in wishes
        ]

    def advance(self, wishes: t.Sequence[Wish], seconds: float) -> list[Result]:
        """Start what may start, and follow all moves until they have ended or the time is over.

        :raises ConflictError: when the task's run was superseded before it had started all of them.
        """
        deadline = Deadline(seconds)
        while True:
            self._prepare_next()
            with self._moves.locked():
                statuses, self._room = self._statuses(), self._parallel - len(self._moves.running())
                rows = [self._advance(wish, statuses.get(wish.vm)) for wish in wishes]
            if deadline.expired or not any(row["result"] in (QUEUED, RUNNING) for row in rows):
                return rows
            time.sleep(TICK_S)

    def _prepare_next(self) -> None:
        """Decide of those that may start now: to ask about all that wait, at each look, would take longer than a move."""
        if not self._waiting:
            return
        with self._moves.locked():
            room = self._parallel - len(self._moves.running()) - len(self._orders)
        chosen = list(self._waiting.values())[: max(0, room)]
        self.prepare(chosen, strict=False)
        for wish in chosen:
            del self._waiting[wish.vm]

    def _advance(self, wish: Wish, status: Status | None) -> Result:
        if wish.vm in self._settled:
            return self._settled[wish.vm]
        if wish.vm in self._waiting:
            return move_rows.of_wish(wish, QUEUED)
        order = self._orders.get(wish.vm)
        if order is None:
            return move_rows.describe(self._adopted(t.cast("Status", status)))
        if self._room <= 0:
            return {**move_rows.of_wish(wish, QUEUED), "attempt": order.attempt}
        begun = Status(order, started=_moment.now("milliseconds"), boot_id=userspace_id())
        del self._orders[wish.vm]
        return move_rows.describe(begun if self._start(begun) else self._status(order.uuid))

    def _adopted(self, status: Status) -> Status:
        """Return the status, with a new mover if its own has died."""
        if not status.under_way or self._moves.has_mover(status.order.uuid):
            return status
        status = self._status(status.order.uuid)  # the mover may just have ended, and told so
        if not status.under_way:
            return status
        taken = dataclasses.replace(status, adopted=status.adopted + 1)
        if taken.adopted > ADOPTIONS:
            why = f"{ADOPTIONS} movers died over it; see {self._moves.log_path(status.order.uuid)} on this host."
            taken = dataclasses.replace(taken, result=FAILED, reason=why, code="operation_failed")
            self._moves.write(status.order.uuid, taken.to_dict())
        else:
            self._start(taken)
        return taken

    def _start(self, status: Status) -> bool:
        """Start a mover, if nobody else has. The run is admitted again: this call may be older than its successor."""
        if self._admit is not None:
            self._admit()
        uuid = status.order.uuid
        claim = self._moves.claim(uuid)
        if claim is None:
            return False
        self._moves.forget_cancel(uuid)
        self._moves.write(uuid, status.to_dict())
        if status.order.restart:
            stopped.owe([_entry(status)], self._moves.state_directory)
        _detach.start(
            functools.partial(_move, self._moves, status), log=self._moves.log_path(uuid), keep={claim.descriptor}
        )
        claim.release()
        self._room -= 1
        return True

    def join(self, attempts: t.Mapping[str, str | None] | None, seconds: float) -> list[Result]:
        """Follow moves that movers are making until they have ended or the time is over; nothing is begun.

        :param attempts: VM -> the move of it that was followed before, if any; None for all VMs that move.
        """
        deadline = Deadline(seconds)
        moving = {name: found.order.attempt for name, found in self._statuses().items() if self._is_moving(found)}
        followed = moving if attempts is None else {vm: known or moving.get(vm) for vm, known in attempts.items()}
        while True:
            statuses = self._statuses()
            rows = [self._joined(name, statuses.get(name), attempt) for name, attempt in followed.items()]
            if deadline.expired or not any(row["result"] == RUNNING for row in rows):
                return rows
            time.sleep(TICK_S)

    def _joined(self, name: str, status: Status | None, attempt: str | None) -> Result:
        if status is None or status.order.attempt != attempt:
            return move_rows.idle(name)
        if status.under_way and not self._is_moving(status):
            status = self._status(status.order.uuid)  # the mover may just have ended, and told so
            if status.under_way:
                return move_rows.idle(name)
        return move_rows.describe(status)

    def cancel(self, names: t.Sequence[str] | None, *, check_mode: bool, begun_by: str | None = None) -> list[Result]:
        """Cancel the running moves of these VMs and wait for the end of them.

        :param names: None for all VMs that move.
        :param begun_by: the run whose moves alone are cancelled, None for whosoever.
        :raises ConflictError: when a move is in post-copy, which nothing can cancel, or the task's run was superseded.
        """
        running = {
            name: status
            for name, status in self._statuses().items()
            if status.under_way and (names is None or name in names) and begun_by in (None, status.order.run_id)
        }
        for name, status in running.items():
            if POSTCOPY in status.ladder:
                raise ConflictError(f"the move of VM '{name}' is in post-copy: it cannot be cancelled any more.")
        if check_mode:
            told = {name: {**move_rows.describe(status), "result": "would_cancel"} for name, status in running.items()}
        else:
            self._request_cancels(running.values())
            told = {name: move_rows.describe(self._ended(name)) for name in running}
        return [told.get(name) or move_rows.idle(name) for name in (told if names is None else names)]

    def _request_cancels(self, running: t.Iterable[Status]) -> None:
        with self._moves.locked():
            for status in running:
                self._adopted(status)
                self._moves.request_cancel(status.order.uuid, "somebody cancelled it")

    def _ended(self, name: str) -> Status:
        def ending() -> Status | None:
            status = self._statuses()[name]
            return None if status.under_way else status

        return wait_for(ending, f"the move of VM '{name}' to end", Deadline(CANCELS_IN_S))

    def _statuses(self) -> dict[str, Status]:
        """Return the latest status of each VM that this host knows a move of."""
        stamps, boot = self._moves.stamps(), userspace_id()
        found: dict[str, Status] = {}
        for uuid, stamp in stamps.items():
            status = _of_this_boot(self._read(uuid, stamp), boot)
            found.setdefault(status.order.vm, status)
        return found

    def _read(self, uuid: str, stamp: Stamp) -> Status:
        """Return what is known of a move, which is read again when it was written again: hundreds lie on a host that have long ended."""
        known = self._known.get(uuid)
        if known is None or known[0] != stamp:
            known = self._known[uuid] = (stamp, Status.from_dict(t.cast("Result", self._moves.read(uuid))))
        return known[1]

    def _status(self, uuid: str) -> Status:
        """Return the status of a VM's move that was read before, as it is now."""
        return _of_this_boot(Status.from_dict(t.cast("Result", self._moves.read(uuid))), userspace_id())


def _of_this_boot(status: Status, boot: str) -> Status:
    """Return the status as it is now: what was under way when its host went down has ended with it."""
    if not status.under_way or status.boot_id == boot:
        return status
    why = f"the host went down while VM '{status.order.vm}' was moving to '{status.order.to}'."
    return dataclasses.replace(status, result=FAILED, code="operation_failed", reason=why)


def _is_owed(uuid: str, status: Status | None, known: Maintenance | None) -> bool:
    """Return whether an earlier mover has shut a VM down to move it, and owes it its start."""
    noted = known is not None and any(vm.uuid == uuid and vm.way == OFFLINE for vm in known.stopped)
    if noted or status is None:
        return noted
    return status.order.uuid == uuid and status.order.restart and status.result != MOVED


def _check_did_not_go_down(candidate: move_order.Candidate, known: Maintenance | None) -> None:
    """Refuse a VM that is off because its host went down: moved as a definition, it would be off where nobody looks after it."""
    vm = candidate.record.vm
    if ran.went_down(known, userspace_id(), [vm]):
        raise ConflictError(
            f"VM '{vm.name}' went down with this host: moved now, it would stay off.",
            hint="Start it first (evergreen.virt.maintenance_vms, state: recovered), or start the same playbook again, which does that.",
        )


def _is_unfinished(wish: Wish, status: Status) -> bool:
    """Return whether a VM that is not here has left while it was off, and was not seen to start."""
    order = status.order
    return wish.kind == OFFLINE and order.restart and order.to == wish.to and status.result != MOVED


def _entry(status: Status) -> Stopped:
    why = f"it moves to {status.order.to} while it is off"
    return Stopped(status.order.vm, status.order.uuid, OFFLINE, why, status.started, status.order.to)


def _is_answered(wish: Wish, status: Status | None) -> bool:
    """Return whether the status speaks of the move that is wished: it runs, or it is the attempt that was asked for."""
    if status is None or wish.to != status.order.to:
        return False
    return status.under_way or (bool(wish.attempt) and status.order.attempt == wish.attempt)


def _departed(wish: Wish, status: Status | None, hostname: str, targets: move_target.Targets) -> Result:
    """Return the result for a VM that is not here: moved, if the target has it or a finished move says so."""
    went_there = status is not None and status.result == MOVED and status.order.to == wish.to
    told: Result = {}
    try:
        domain = move_target.find(targets.reach(wish.to, wish.address), name=wish.vm)
        uuid = None if status is None else status.order.uuid
        is_there = move_target.has_come(domain, uuid, running=wish.kind == LIVE and not went_there)
        if is_there and status is not None and status.order.to == wish.to and not went_there:
            # its mover did not live to do that
            told["warnings"] = move_ending.give_autostart_back(domain, status.order)
    except UnavailableError:
        if not went_there:
            raise
        is_there = True
    if is_there:
        row = move_rows.describe(status) if status is not None and went_there else move_rows.of_wish(wish, MOVED)
        return {**row, **told, "earlier": True}
    if status is not None and status.result == MOVED:
        raise NotFoundError(
            f"VM '{wish.vm}' is not on host '{hostname}' any more: it was moved to '{status.order.to}'"
            f" ({status.started}), and target '{wish.to}' does not have it.",
            hint=f"Ask '{status.order.to}' to move it.",
        )
    raise move_order.missing(wish.vm, hostname)


def _move(moves: Moves, status: Status) -> None:
    """Run a mover in this process."""
    uuid = status.order.uuid

    def save(now: Status) -> None:
        moves.write(uuid, now.to_dict())

    journal = Journal(dataclasses.replace(status, pid=os.getpid()), save)
    kind = OfflineMover if status.order.offline else Mover
    with journal.watched(lambda: os._exit(1)):  # a thread that waits for libvirt cannot be ended in any other way
        kind(journal, functools.partial(moves.cancel_reason, uuid)).run()
    if journal.status.result == MOVED:  # another way may have been tried before, and noted
        stopped.settle(uuid, moves.state_directory)
