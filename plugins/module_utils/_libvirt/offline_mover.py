# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""The mover of a VM that moves while it is off: shut down here, defined there, started there.

Each step first looks whether it is still to be done. So a mover that takes over from one that died, or that comes with a later
run, goes on where the VM is.

Sources: virDomainShutdownFlags, virDomainMigrateToURI3 with VIR_MIGRATE_OFFLINE, virDomainCreate.
"""

from __future__ import annotations

import dataclasses
import time
import typing as t

from .._errors import ConflictError, NotFoundError, OperationError, UnavailableError, VirtError
from .._facts import OFF
from .._wait import Deadline
from . import domain as domains
from . import domain_state, move_job, move_target, stopping
from .connection import LIBVIRT, explaining
from .move import CANCEL, CANCELLED, FAILED, MOVED
from .move_ending import give_autostart_back
from .mover import TICK_S, Journal, outlive_libvirtd, wait_until_free

with LIBVIRT.importing():
    import libvirt


class OfflineMover:
    """Moves one VM, or goes on with it.

    :param journal: where everything is noted.
    :param cancel_reason: returns why somebody wants the move cancelled, None if nobody does.
    """

    def __init__(self, journal: Journal, cancel_reason: t.Callable[[], str | None]) -> None:
        self._journal, self._cancel_reason = journal, cancel_reason
        self._order = journal.status.order
        self._off_since: float | None = None

    def run(self) -> None:
        """Move the VM and note the ending; if libvirt is away for long, leave that to a later mover."""
        try:
            outlive_libvirtd(self._order.uri, self._carry_out)
        except UnavailableError as exc:
            self._journal.note(warnings=[*self._journal.status.warnings, exc.message])
        except VirtError as exc:
            status = self._journal.status
            if CANCEL in status.ladder:
                reason = f"{status.reason}; VM '{self._order.vm}' stays where it is."
                self._ended(result=CANCELLED, code="cancelled", reason=reason)
            else:
                self._ended(result=FAILED, code=exc.code, reason=str(exc))

    def _ended(self, **ending: t.Any) -> None:
        self._journal.note(**ending, seconds=round(self._journal.elapsed_s, 3))

    def _carry_out(self, control: libvirt.virConnect) -> None:
        try:
            with explaining(f"find VM '{self._order.vm}'"):
                domain = control.lookupByUUIDString(self._order.uuid)
        except NotFoundError:
            domain = None  # it has left
        if domain is not None:
            self._shut_down(domain)
            self._hand_over(control, domain)
        self._arrive()

    def _climb(self, step: str) -> None:
        if step not in self._journal.status.ladder:
            self._journal.climb(step)

    def _shut_down(self, domain: libvirt.virDomain) -> None:
        if domains.state(domain) == OFF:
            return
        if CANCEL in self._journal.status.ladder:
            raise ConflictError("the mover that cancelled the move died.")
        wait_until_free(domain, self._journal, self._cancel_reason)
        self._climb("shutdown")
        deadline, again = Deadline(self._order.stop_s), Deadline(0)
        while domains.state(domain) != OFF:
            self._check_goes_on(deadline)
            if again.expired:
                domain_state.ask_to_shut_down(domain)
                again = Deadline(domain_state.ASK_AGAIN_S)
            time.sleep(TICK_S)
        self._off_since = time.monotonic()

    def _check_goes_on(self, deadline: Deadline) -> None:
        """Raise when the VM, which still runs, shall not or does not shut down."""
        self._journal.hear()
        reason = self._cancel_reason()
        if reason is not None:
            self._journal.climb(CANCEL, reason=reason)
            raise ConflictError(reason)
        if deadline.expired:
            raise stopping.too_late(self._order.vm, self._order.stop_s)

    def _hand_over(self, control: libvirt.virConnect, domain: libvirt.virDomain) -> None:
        order = self._order
        self._climb("offline")
        try:
            with explaining(f"move the definition of VM '{order.vm}' to '{order.to}'"):
                domain.migrateToURI3(move_target.uri(order.address), move_job.parameters(order), move_job.flags(order))
        except VirtError as exc:
            if _is_here(control, order.uuid):
                raise self._still_here(domain, exc) from exc

    def _still_here(self, domain: libvirt.virDomain, error: VirtError) -> VirtError:
        """Start the VM again where it is, and return the error to tell."""
        if not self._order.restart:
            return error
        try:
            with explaining(f"start VM '{self._order.vm}' again"):
                domain.create()
        except VirtError as exc:
            told = f"{error.message} It is off, and it is not started here: {exc.message}"
            return OperationError(told, hint="Try again: the same task goes on with it.")
        self._journal.note(order=dataclasses.replace(self._order, restart=False))  # nobody owes it a start any more
        return OperationError(f"{error.message} It was started here again.", hint=error.hint)

    def _arrive(self) -> None:
        order = self._order
        try:
            move_target.ask(order, self._start_there)
        except UnavailableError as exc:
            raise OperationError(
                f"VM '{order.vm}' has left this host while it was off, and was not seen to start: {exc.message}",
                hint=f"Bring '{order.to}' back and start the same task again, which goes on with it.",
            ) from exc
        off = None if self._off_since is None else int(1000 * (time.monotonic() - self._off_since))
        self._ended(result=MOVED, bytes=0, downtime_ms=off if order.restart else 0)

    def _start_there(self, domain: libvirt.virDomain | None) -> None:
        order = self._order
        if domain is None:
            raise OperationError(f"VM '{order.vm}' is neither here nor on target '{order.to}'.")
        if warnings := give_autostart_back(domain, order):
            self._journal.note(warnings=[*self._journal.status.warnings, *warnings])
        if order.restart and domains.state(domain) == OFF:
            self._climb("start")
            with explaining(f"start VM '{order.vm}' on '{order.to}'", hint="Start it there."):
                domain.create()


def _is_here(control: libvirt.virConnect, uuid: str) -> bool:
    """Return whether a VM has not left after all.

    :raises UnavailableError: when it is this host's libvirtd that was away, and not the target's.
    """
    try:
        with explaining(f"look for VM {uuid}"):
            control.lookupByUUIDString(uuid)
    except NotFoundError:
        return False
    return True
