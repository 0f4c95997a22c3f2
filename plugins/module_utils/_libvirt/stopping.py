# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""Stops a VM in a way that it survives, and starts it again: by its guest's own shutdown, or by saving its memory to disk.

Sources: virDomainManagedSave, virDomainHasManagedSaveImage, virDomainAbortJob, virDomainCreate (which restores what was saved).
"""

from __future__ import annotations

import threading
import typing as t

from .._errors import ConflictError, DeadlineError, UnsupportedError, VirtError
from .._facts import OFF, RUNS
from .._wait import Deadline, wait_for
from . import busy, domain_state, host_facts, vm_facts
from . import domain as domains
from .connection import LIBVIRT, connect, explaining

with LIBVIRT.importing():
    import libvirt

SUSPEND, SHUTDOWN = "suspend", "shutdown"
WAYS = (SUSPEND, SHUTDOWN)
GOING_OFF = "shutdown"
"""The state of a VM that somebody else is stopping, or that stops by itself."""
_SAVED_HINT = (
    "Its memory is still saved on this host. To give that up and boot it anew: virsh start --force-boot, while the VM is allowed"
    " (hypervisor_maintenance)."
)


def read(connection: libvirt.virConnect, names: t.Collection[str]) -> dict[str, vm_facts.VmRecord]:
    """Return the named VMs that are on this host."""
    records = vm_facts.read_all(connection, host_facts.read_storage(connection), names)
    return {record.vm.name: record for record in records}


def check(record: vm_facts.VmRecord, way: str) -> None:
    """Refuse what would not bring the VM back as it was.

    :raises ConflictError: when its state, or that it is transient, forbids it.
    :raises UnsupportedError: when something of the VM keeps its memory from being saved.
    """
    vm = record.vm
    if not vm.persistent:
        raise ConflictError(
            f"VM '{vm.name}' is transient: nothing would be left of it.", hint="Define it, or stop it yourself."
        )
    if way == SUSPEND and vm.unsavable:
        raise UnsupportedError(
            f"the memory of VM '{vm.name}' cannot be saved: {' '.join(vm.unsavable)}",
            hint="Take that away from it, or give it the policy evacuation: shutdown.",
        )
    if way == SHUTDOWN and vm.state not in (*RUNS, "shutdown"):
        raise ConflictError(
            f"VM '{vm.name}' cannot be shut down while it is {vm.state}.", hint="Resume it, or stop it yourself."
        )


def stop(uri: str, uuid: str, way: str, *, seconds: float, busy_s: float) -> bool:
    """Stop one VM; whatever happens its power is not cut. One whose memory is saved does not start with its host any more.

    Return False if it went off by itself, or its owner stopped it: nothing was asked of it, and none of its memory is saved.

    :param seconds: for the shutdown or the save.
    :param busy_s: how long a backup or a block job, or a save that somebody else has begun, is waited for.
    :raises ConflictError: when it is busy for longer.
    :raises DeadlineError: when it takes longer; the VM goes on running.
    """
    with connect(uri) as connection, explaining(f"find VM {uuid}"):
        domain = connection.lookupByUUIDString(uuid)
        if went_off(domain, busy_s if way == SUSPEND else seconds):
            return _is_saved(domain)
        if way == SHUTDOWN:
            _shut_down(domain, seconds)
            return True
        busy.wait(domain, busy_s)
        if domain.autostart():
            # libvirt 11.3 throws the saved memory away when a start is refused, as by a maintenance at the boot of the host
            domains.set_autostart(domain, wanted=False)
        _save(domain, uri, seconds)
        return True


def ends(uri: str, uuid: str, seconds: float) -> bool:
    """Let a VM go off that somebody else is stopping, and return whether it is off, as `went_off`."""
    with connect(uri) as connection, explaining(f"find VM {uuid}"):
        return went_off(connection.lookupByUUIDString(uuid), seconds)


def _shut_down(domain: libvirt.virDomain, seconds: float) -> None:
    steps = domain_state.steps(domains.state(domain), "stopped")
    try:
        domain_state.perform(domain, steps, deadline=Deadline(seconds), force_off=False)
    except DeadlineError as exc:
        raise too_late(domain.name(), seconds) from exc


def _save(domain: libvirt.virDomain, uri: str, seconds: float) -> None:
    late = threading.Event()
    watch = threading.Timer(seconds, _abort, (uri, domain.UUIDString(), late))
    watch.start()
    try:
        with explaining(f"save the memory of VM '{domain.name()}'"):
            domain.managedSave(0)
    except VirtError as exc:
        if late.is_set() and domains.state(domain) != OFF:
            raise too_late(domain.name(), seconds, saved=True) from exc
        raise
    finally:
        watch.cancel()


def _abort(uri: str, uuid: str, late: threading.Event) -> None:
    """End a save that takes too long, from a connection of its own; if it has just ended there is nothing to do."""
    late.set()
    try:
        with connect(uri) as connection, explaining(f"abort the save of VM {uuid}"):
            connection.lookupByUUIDString(uuid).abortJob()
    except VirtError:
        return


def too_late(name: str, seconds: float, *, saved: bool = False) -> DeadlineError:
    """Return the error for a VM that was not shut down, or saved, in its time."""
    what = "was not saved" if saved else "was asked to shut down and did not"
    return DeadlineError(
        f"VM '{name}' {what} within {seconds:g} s; it keeps running.",
        hint="Give it more time, or look at its console and shut it down yourself; then try again.",
        waited_s=seconds,
    )


def went_off(domain: libvirt.virDomain, seconds: float) -> bool:
    """Let a save or a shutdown end that is under way, and return whether the VM is off.

    :param seconds: how long that is waited for.
    :raises ConflictError: when it takes longer.
    """
    try:
        wait_for(lambda: not _is_ending(domain), f"VM '{domain.name()}' to be off", Deadline(seconds))
    except DeadlineError as exc:
        raise ConflictError(
            f"VM '{domain.name()}' is being saved, or shuts down, just now, and it was waited for {seconds:g} s.",
            hint="Wait until it is off, then try again.",
        ) from exc
    return domains.state(domain) == OFF


def _is_ending(domain: libvirt.virDomain) -> bool:
    state = domains.state(domain)
    if state in (OFF, GOING_OFF):
        return state == GOING_OFF
    try:
        return busy.saves(domain)
    except VirtError:
        if domains.state(domain) == OFF:  # it has just ended
            return False
        raise


def start(domain: libvirt.virDomain) -> str:
    """Start a VM that is off; return how: `restored` with the memory that was saved, or `started` anew."""
    name = domain.name()
    saved = _is_saved(domain)
    with explaining(f"{'restore' if saved else 'start'} VM '{name}'", hint=_SAVED_HINT if saved else ""):
        domain.create()
    return "restored" if saved else "started"


def _is_saved(domain: libvirt.virDomain) -> bool:
    try:
        with explaining(f"look whether the memory of VM '{domain.name()}' is saved"):
            return bool(domain.hasManagedSaveImage(0))
    except UnsupportedError:
        return False
