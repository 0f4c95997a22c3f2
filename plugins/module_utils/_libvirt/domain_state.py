# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""From the state that a VM has to the one that it shall have.

Sources: virDomainCreateWithFlags, virDomainShutdownFlags, virDomainDestroy, virDomainSuspend, virDomainResume,
virDomainPMWakeup.
"""

from __future__ import annotations

import typing as t

from .._errors import DeadlineError, VirtError
from .._wait import Deadline, wait_for
from . import domain as domains
from .connection import LIBVIRT, explaining

with LIBVIRT.importing():
    import libvirt

STATES = ("present", "started", "stopped", "paused", "restarted", "absent")
SHUTDOWN_MODES = ("auto", "acpi", "agent")
"""By whatever libvirt finds, by the power button, by the guest agent."""

ASK_AGAIN_S = 10.0
"""A guest that is still booting does not hear the power button."""

_OFF = ("shutoff", "crashed", "nostate")
_TO_RUNNING = {"running": (), "blocked": (), "paused": ("resume",), "suspended": ("wake",)}

_REACHED = {
    "start": ("running",),
    "start_paused": ("paused",),
    "resume": ("running",),
    "suspend": ("paused",),
    "wake": ("running",),
    "shutdown": _OFF,
    "wait_off": _OFF,
}
"""The states that a call leads to."""


def steps(current: str, wanted: str) -> tuple[str, ...]:
    """Return the calls that lead from one state to another, in their order. Pure.

    :param current: a state of _facts.Vm.
    :param wanted: one of STATES.
    :returns: of `start`, `start_paused`, `shutdown`, `wait_off`, `resume`, `suspend`, `wake`.
    """
    if wanted == "present":
        return ()
    if wanted == "paused":
        return _to_paused(current)
    if wanted == "started" and current in _TO_RUNNING:
        return _TO_RUNNING[current]
    stop = _to_off(current)
    return stop if wanted in ("stopped", "absent") else (*stop, "start")


def restart_steps(current: str, wanted: str) -> tuple[str, ...]:
    """Return the calls that start a VM anew, so that it gets its definition. Pure."""
    paused = wanted == "paused" or (wanted == "present" and current == "paused")
    return (*_to_off(current), "start_paused" if paused else "start")


def _to_off(current: str) -> tuple[str, ...]:
    if current in _OFF:
        return ()
    return ("wait_off",) if current == "shutdown" else (*_TO_RUNNING[current], "shutdown")


def _to_paused(current: str) -> tuple[str, ...]:
    if current == "paused":
        return ()
    if current in _TO_RUNNING:
        return (*_TO_RUNNING[current], "suspend")
    return (*_to_off(current), "start_paused")


def state_after(current: str, wanted: str) -> str:
    """Return the state that `steps` leads to; `restarted` is told as such, so that it is seen as a change."""
    if wanted == "restarted" and current not in _OFF:
        return "restarted"
    after = {"started": "running", "restarted": "running", "stopped": "shutoff", "paused": "paused"}
    return after.get(wanted, current) if steps(current, wanted) else current


def perform(
    domain: libvirt.virDomain,
    todo: t.Iterable[str],
    *,
    deadline: Deadline,
    force_off: bool,
    shutdown_mode: str = "auto",
) -> None:
    """Make the calls.

    :param shutdown_mode: of SHUTDOWN_MODES.
    :param force_off: cut the power of a VM that has not shut down when the deadline has passed, be it that it could not be asked.
    :raises DeadlineError: when it did not shut down in time.
    """
    calls: dict[str, t.Callable[[], t.Any]] = {
        "start": domain.create,
        "start_paused": lambda: domain.createWithFlags(libvirt.VIR_DOMAIN_START_PAUSED),
        "resume": domain.resume,
        "suspend": domain.suspend,
        "wake": lambda: domain.pMWakeup(0),
        "shutdown": lambda: _shut_down(domain, deadline, force_off, shutdown_mode),
        "wait_off": lambda: _wait_off(domain, deadline, force_off),
    }
    for step in todo:
        try:
            with explaining(f"{step.replace('_', ' ')} VM '{domain.name()}'"):
                calls[step]()
        except VirtError:
            if domains.state(domain) not in _REACHED[step]:  # somebody else may have been faster
                raise


def _shut_down(domain: libvirt.virDomain, deadline: Deadline, force_off: bool, mode: str) -> None:
    asked = False
    while domains.state(domain) not in _OFF:
        try:
            ask_to_shut_down(domain, mode)
            asked = True
        except VirtError:
            # a guest that shuts down as asked stops its agent early; with force_off the agent may still come up in time
            if not (asked or force_off):
                raise
        try:
            _wait_until_off(domain, Deadline(min(ASK_AGAIN_S, deadline.remaining)))
        except DeadlineError:
            if deadline.expired:
                _give_up(domain, deadline, force_off)


def ask_to_shut_down(domain: libvirt.virDomain, mode: str = "auto") -> None:
    """Ask the guest to shut down, which takes its time; a VM that is off already is no error.

    :param mode: of SHUTDOWN_MODES.
    :raises VirtError: when libvirt does not ask it.
    """
    flags = {
        "auto": libvirt.VIR_DOMAIN_SHUTDOWN_DEFAULT,
        "acpi": libvirt.VIR_DOMAIN_SHUTDOWN_ACPI_POWER_BTN,
        "agent": libvirt.VIR_DOMAIN_SHUTDOWN_GUEST_AGENT,
    }
    try:
        with explaining(f"shut down VM '{domain.name()}'"):
            domain.shutdownFlags(flags[mode])
    except VirtError:
        if domains.state(domain) not in _OFF:
            raise


def _wait_off(domain: libvirt.virDomain, deadline: Deadline, force_off: bool) -> None:
    try:
        _wait_until_off(domain, deadline)
    except DeadlineError:
        _give_up(domain, deadline, force_off)


def _wait_until_off(domain: libvirt.virDomain, deadline: Deadline) -> None:
    wait_for(lambda: domains.state(domain) in _OFF, f"VM '{domain.name()}' to shut down", deadline)


def _give_up(domain: libvirt.virDomain, deadline: Deadline, force_off: bool) -> None:
    if not force_off:
        raise DeadlineError(
            f"VM '{domain.name()}' did not shut down within {deadline.seconds:g} s.",
            hint="Give it more time with 'timeout', or allow its power to be cut with 'force_off'.",
            waited_s=deadline.seconds,
        )
    domain.destroy()
