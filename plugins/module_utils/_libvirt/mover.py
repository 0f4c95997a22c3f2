# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""The mover: moves one VM and steers the move up the ladder. It runs on the source host, detached from whoever began it.

Two connections to libvirt: the move itself blocks its own, and steering has another one. With PEER2PEER libvirtd does the
move, so it goes on when a mover dies; a later mover finds libvirt's job and steers on.
"""

from __future__ import annotations

import contextlib
import dataclasses
import datetime
import threading
import time
import typing as t

from .._errors import ConflictError, NotFoundError, UnavailableError, VirtError
from .._wait import Deadline
from . import busy, move_job, move_target
from .connection import LIBVIRT, connect, explaining
from .ladder import WAIT, Ladder, Limits, Step
from .move import CANCEL, FAILED, MOVED, POSTCOPY, PRECOPY, Order, Progress, Status
from .move_ending import conclude
from .watchdog import Watchdog

with LIBVIRT.importing():
    import libvirt

TICK_S = 0.1
SAVE_EVERY_S = 0.5
LIBVIRT_IS_BACK_IN_S = 60.0
LIBVIRT_WORKS_AFTER_S = 10.0
"""A libvirtd that has answered for so long was back."""
ANSWERS_IN_S = 300.0
"""A call of libvirt that takes longer is one that hangs: QEMU itself is waited for 30 s."""


class Journal:
    """What the mover knows, saved as it learns.

    :param save: writes the status; it is told the whole of it each time.
    """

    def __init__(self, status: Status, save: t.Callable[[Status], None]) -> None:
        self.status = status
        self._save = save
        started = datetime.datetime.fromisoformat(status.started)
        before = (datetime.datetime.now(datetime.timezone.utc) - started).total_seconds()
        self._began = time.monotonic() - max(0.0, before)
        self._saved = 0.0
        self._watchdog: Watchdog | None = None

    @contextlib.contextmanager
    def watched(self, give_up: t.Callable[[], None]) -> t.Iterator[None]:
        """Call `give_up` when for long nothing is learnt within the body, which then is noted."""

        def bark() -> None:
            silence = f"libvirt on this host has not answered for {ANSWERS_IN_S:g} s; a later mover goes on with what there is to do."
            self.note(warnings=[*self.status.warnings, silence])
            give_up()

        with Watchdog(ANSWERS_IN_S, bark) as self._watchdog:
            yield

    def hear(self) -> None:
        """Take note that libvirt answers."""
        if self._watchdog is not None:
            self._watchdog.feed()

    @property
    def elapsed_s(self) -> float:
        """Seconds since the move began, whoever began it."""
        return time.monotonic() - self._began

    @property
    def moving_s(self) -> float:
        """The same without what was waited for first, which is no part of the move's time."""
        return self.elapsed_s - self.status.waited_s

    def note(self, **changes: t.Any) -> None:
        """Take over what is new and save it."""
        self.hear()
        self.status = dataclasses.replace(self.status, **changes)
        self._save(self.status)
        self._saved = self.elapsed_s

    def climb(self, step: str, **changes: t.Any) -> None:
        """Add a step to the ladder that was climbed."""
        self.note(ladder=[*self.status.ladder, step], **changes)

    def progress(self, progress: Progress, sent: int) -> None:
        """Take over how far the move is; saved now and then."""
        self.status = dataclasses.replace(self.status, progress=progress, bytes=max(sent, self.status.bytes or 0))
        if self.elapsed_s - self._saved >= SAVE_EVERY_S:
            self.note()


def outlive_libvirtd(uri: str, work: t.Callable[[libvirt.virConnect], None]) -> None:
    """Do some work with a connection, anew after each time that libvirtd was away.

    :raises UnavailableError: when it stays away, or is never there for long.
    """
    deadline = Deadline(LIBVIRT_IS_BACK_IN_S)
    while True:
        works: Deadline | None = None
        try:
            with connect(uri) as control:
                works = Deadline(LIBVIRT_WORKS_AFTER_S)
                return work(control)
        except UnavailableError:
            if works is not None and works.expired:
                deadline = Deadline(LIBVIRT_IS_BACK_IN_S)
            elif deadline.expired:
                raise
            time.sleep(1.0)


class _Migration(threading.Thread):
    """The call that moves the VM. It blocks, so it has a thread and a connection of its own."""

    def __init__(self, order: Order) -> None:
        super().__init__(name="migration", daemon=True)
        self._order = order
        self.error: VirtError | None = None

    def run(self) -> None:
        """Move the VM; what goes wrong is kept in `error`."""
        try:
            with connect(self._order.uri) as connection:
                self._move(connection)
        except VirtError as exc:
            self.error = exc

    def _move(self, connection: libvirt.virConnect) -> None:
        order = self._order
        with explaining(f"move VM '{order.vm}' to '{order.to}'"):
            domain = connection.lookupByUUIDString(order.uuid)
            domain.migrateToURI3(move_target.uri(order.address), move_job.parameters(order), move_job.flags(order))


def wait_until_free(domain: libvirt.virDomain, journal: Journal, cancel_reason: t.Callable[[], str | None]) -> None:
    """Return when no backup and no block job of the VM is under way any more, and let the journal tell of them.

    :raises ConflictError: when that takes too long, or somebody cancelled the move.
    """

    def told(job: str) -> bool:
        journal.note(progress=Progress(phase="waiting"), reason=f"{job} of it is under way")
        reason = cancel_reason()
        if reason is not None:
            journal.climb(CANCEL, reason=reason)
        return reason is None

    busy.wait(domain, journal.status.order.busy_s, told)
    if journal.status.progress.phase == "waiting":
        journal.note(progress=Progress(), reason="")


def _ladder(journal: Journal) -> Ladder:
    """Return where a new move begins, or where a mover that died had come to."""
    order, status = journal.status.order, journal.status
    ladder = Ladder.begin(
        Limits(order.downtime_start_ms, order.max_downtime_ms, order.timeout_s, order.stall_s, order.post_copy)
    )
    return dataclasses.replace(
        ladder,
        downtime_ms=status.downtime_limit_ms or ladder.downtime_ms,
        progress_s=journal.moving_s,
        over=bool({POSTCOPY, CANCEL} & set(status.ladder)),
    )


class Mover:
    """Moves one VM, or takes over a move whose mover died.

    :param journal: where it begins, and where everything is noted.
    :param cancel_reason: returns why somebody wants the move cancelled, None if nobody does.
    """

    def __init__(self, journal: Journal, cancel_reason: t.Callable[[], str | None]) -> None:
        order = journal.status.order
        self._journal = journal
        self._order = order
        self._cancel_reason = cancel_reason
        self._ladder = _ladder(journal)
        self._migration: _Migration | None = None
        self._refusal: VirtError | None = None
        self._usual_downtime_ms: int | None = None

    def run(self) -> None:
        """Follow the move to its end and note the ending; if libvirt is away for long, leave that to a later mover."""
        try:
            outlive_libvirtd(self._order.uri, self._follow)
            outlive_libvirtd(self._order.uri, self._end)
        except UnavailableError as exc:
            self._journal.note(warnings=[*self._journal.status.warnings, exc.message])
        except VirtError as exc:
            self._journal.note(result=FAILED, code=exc.code, reason=str(exc), seconds=round(self._journal.elapsed_s, 3))

    def _follow(self, control: libvirt.virConnect) -> None:
        try:
            with explaining(f"find VM '{self._order.vm}'"):
                domain = control.lookupByUUIDString(self._order.uuid)
            if not self._journal.status.ladder and self._is_free(domain):
                self._begin(domain)
            while self._refusal is None and self._goes_on(domain):
                self._journal.hear()
                time.sleep(TICK_S)
        except NotFoundError:
            pass  # it has left
        if self._migration is not None:
            self._migration.join()

    def _is_free(self, domain: libvirt.virDomain) -> bool:
        """Wait for what keeps the VM busy; what forbids the move is kept for its ending."""
        try:
            wait_until_free(domain, self._journal, self._cancel_reason)
        except ConflictError as exc:
            self._refusal = exc
        return self._refusal is None

    def _begin(self, domain: libvirt.virDomain) -> None:
        with explaining(f"set the downtime limit of VM '{self._order.vm}'"):
            self._usual_downtime_ms = domain.migrateGetMaxDowntime(0)
            domain.migrateSetMaxDowntime(self._ladder.downtime_ms, 0)
        copies = [f"copy {disk}" for disk in self._order.copy_disks]
        self._journal.note(
            ladder=[*copies, PRECOPY],
            downtime_limit_ms=self._ladder.downtime_ms,
            waited_s=round(self._journal.elapsed_s, 3),
        )
        self._migration = _Migration(self._order)
        self._migration.start()

    def _goes_on(self, domain: libvirt.virDomain) -> bool:
        alive = self._migration is not None and self._migration.is_alive()
        try:
            with explaining(f"read the job of VM '{self._order.vm}'"):
                stats = domain.jobStats()
        except ConflictError:
            return alive  # it is shut off: from the beginning, or because it runs on the target now
        except (NotFoundError, UnavailableError):
            raise
        except VirtError:  # QEMU is too busy to answer, which ends no move
            return alive or self._journal.moving_s < self._order.timeout_s
        if not move_job.is_migration(stats):
            return alive  # what else runs is somebody's backup or snapshot, and not to be steered
        self._journal.progress(
            move_job.progress(stats, post_copy=POSTCOPY in self._journal.status.ladder), move_job.sent(stats)
        )
        self._steer(domain, stats)
        return True

    def _steer(self, domain: libvirt.virDomain, stats: move_job.Stats) -> None:
        if self._ladder.over:
            return
        step, after = self._ladder.next(move_job.sample(stats, self._journal.moving_s))
        wanted = self._cancel_reason()
        if wanted is not None:
            step, after = Step("cancel", reason=wanted), dataclasses.replace(self._ladder, over=True)
        if step != WAIT and not self._taken(domain, step):
            return  # the job is at its very beginning or end; if it is there at the next look, the same is decided again
        self._ladder = after

    def _taken(self, domain: libvirt.virDomain, step: Step) -> bool:
        try:
            with explaining(f"steer the move of VM '{self._order.vm}'"):
                if step.kind == "downtime":
                    domain.migrateSetMaxDowntime(step.downtime_ms, 0)
                elif step.kind == POSTCOPY:
                    domain.migrateStartPostCopy(0)
                else:
                    domain.abortJob()
        except (NotFoundError, UnavailableError):
            raise
        except VirtError:
            return False
        self._note(step)
        return True

    def _note(self, step: Step) -> None:
        if step.kind == "downtime":
            before = self._journal.status.downtime_limit_ms
            self._journal.climb(f"downtime {before}->{step.downtime_ms}", downtime_limit_ms=step.downtime_ms)
        elif step.kind == POSTCOPY:
            self._journal.climb(POSTCOPY, reason=step.reason)
        else:
            self._journal.climb(CANCEL, reason=step.reason)

    def _end(self, control: libvirt.virConnect) -> None:
        error = self._migration.error if self._migration else self._refusal
        ending = conclude(control, self._journal.status, error)
        self._journal.note(**ending, seconds=round(self._journal.elapsed_s, 3))
        if self._usual_downtime_ms is not None and self._journal.status.result != MOVED:
            self._restore_downtime(control)

    def _restore_downtime(self, control: libvirt.virConnect) -> None:
        try:
            with explaining(f"set the downtime limit of VM '{self._order.vm}' back"):
                domain = control.lookupByUUIDString(self._order.uuid)
                domain.migrateSetMaxDowntime(self._usual_downtime_ms, 0)
        except VirtError as exc:
            self._journal.note(warnings=[*self._journal.status.warnings, exc.message])
