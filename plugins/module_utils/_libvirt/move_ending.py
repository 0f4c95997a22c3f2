# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""How a move ended: read from where the VM is, never from what a call returned."""

from __future__ import annotations

from .._errors import NotFoundError, UnavailableError, VirtError
from . import domain as domains
from . import move_target, move_twin
from .connection import LIBVIRT, explaining
from .domain import STATES
from .move import CANCEL, CANCELLED, FAILED, MOVED, OFF, PRECOPY, Ending, Order, Status
from .vm_facts import trouble

with LIBVIRT.importing():
    import libvirt

_MIGRATED = 4
"""VIR_DOMAIN_SHUTOFF_MIGRATED: a definition that stayed behind while its VM went."""
_WANTED_OFF = {1: "has shut down", 2: "was destroyed"}
"""VIR_DOMAIN_SHUTOFF_SHUTDOWN and _DESTROYED: its guest, or somebody, wanted it off."""


def conclude(control: libvirt.virConnect, status: Status, error: VirtError | None) -> Ending:
    """Return how the move ended.

    :param control: a connection to the source.
    :param error: what libvirt said to the mover, None if it said nothing or the mover is not the one that asked.
    :raises UnavailableError: when the source's libvirt does not answer; nothing is known then.
    """
    order = status.order
    try:
        with explaining(f"look for VM '{order.vm}'"):
            state, reason = control.lookupByUUIDString(order.uuid).state()
    except NotFoundError:
        return _gone(status, error)
    if STATES[state] == "shutoff":
        return _gone(status, error) if reason == _MIGRATED else _went_off(status, error, reason)
    ending = _stayed(status, error, trouble(state, reason))
    return move_twin.considered(control, order, STATES[state], ending) if PRECOPY in status.ladder else ending


def _went_off(status: Status, error: VirtError | None, reason: int) -> Ending:
    if reason not in _WANTED_OFF:
        return _stayed(status, error, "has stopped meanwhile")
    return {
        "result": OFF,
        "reason": f"VM '{status.order.vm}' {_WANTED_OFF[reason]} while it moved; it is off, and defined here.",
    }


def _stayed(status: Status, error: VirtError | None, trouble_here: str) -> Ending:
    name = status.order.vm
    if CANCEL in status.ladder and not trouble_here:
        return {"result": CANCELLED, "code": "cancelled", "reason": f"{status.reason}; VM '{name}' stays where it is."}
    why = (
        error.message if error else f"the move of VM '{name}' ended without a word from libvirt; the VM is still here."
    )
    return {
        "result": FAILED,
        "code": error.code if error else "operation_failed",
        "reason": f"{why} VM '{name}' {trouble_here}." if trouble_here else why,
    }


def _gone(status: Status, error: VirtError | None) -> Ending:
    order = status.order
    try:
        found = move_target.ask(order, lambda domain: None if domain is None else _arrived(domain, status))
    except UnavailableError as exc:
        autostart = " It does not start with its host there until you say so (autostart)." if order.autostart else ""
        doubt = f"VM '{order.vm}' has left this host, but what it does on the target could not be seen: {exc.message}{autostart}"
        return {"result": MOVED, "left_behind": order.leaves_behind, "warnings": [*status.warnings, doubt]}
    if found is None:
        why = error.message if error else "The move ended without a word from libvirt."
        return {
            "result": FAILED,
            "code": "lost",
            "reason": f"VM '{order.vm}' is neither here nor on target '{order.to}'. {why}",
        }
    return {"left_behind": order.leaves_behind, **found, "bytes": max(found["bytes"], status.bytes or 0)}


def give_autostart_back(domain: libvirt.virDomain, order: Order) -> list[str]:
    """Let a VM start with its new host as it did with the old one, which libvirt leaves behind; return a warning if it cannot be done."""
    if not (order.autostart and order.persistent):
        return []
    try:
        domains.set_autostart(domain, wanted=True)
    except VirtError as exc:
        return [f"VM '{order.vm}' is on '{order.to}', but does not start with that host as it did here: {exc.message}"]
    return []


def _arrived(domain: libvirt.virDomain, status: Status) -> Ending:
    """Read the VM's state and the statistics that libvirt handed to the target; give it its autostart back."""
    order = status.order
    with explaining(f"look at VM '{order.vm}' on '{order.to}'"):
        state, reason = domain.state()
        stats = domain.jobStats(libvirt.VIR_DOMAIN_JOB_STATS_COMPLETED)
    numbers: Ending = {"downtime_ms": stats.get("downtime"), "bytes": stats.get("data_processed", 0)}
    numbers["warnings"] = [*status.warnings, *give_autostart_back(domain, order)]
    if STATES[state] != order.state:
        wrong = trouble(state, reason) or f"is {STATES[state]}"
        why = f"VM '{order.vm}' has left this host, but on target '{order.to}' it {wrong}; it was {order.state} before."
        return {"result": FAILED, "code": "operation_failed", "reason": why, **numbers}
    return {"result": MOVED, **numbers}
