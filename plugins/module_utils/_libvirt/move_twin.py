# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""Whether a VM that its move left here is on its target as well.

The last words of a move are the target's: the VM runs here now. If the connection breaks before the source hears them, libvirt
resumes the VM on the source, and it runs twice. Only the target, asked anew, can tell.
"""

from __future__ import annotations

from .._errors import VirtError
from .._facts import OFF, RUNS
from . import domain as domains
from . import move_target
from .connection import LIBVIRT, explaining
from .move import FAILED, Ending, Order

with LIBVIRT.importing():
    import libvirt


def considered(control: libvirt.virConnect, order: Order, here: str, ending: Ending) -> Ending:
    """Return the ending of a move whose VM is still here, with what its target says.

    Nothing is stopped: which of two VMs is the one that its users talk to is not for a program to guess.

    :param here: the VM's state here, one of `domain.STATES`.
    :param ending: what is known without the target.
    """
    try:
        there = move_target.ask(order, _state)
    except VirtError as exc:
        doubt = f"Whether VM '{order.vm}' runs on target '{order.to}' as well could not be seen: {exc.message}"
        return _with(ending, doubt)
    if there in RUNS:
        return _doubled(control, order, (here, there), ending)
    if there in ("", OFF):
        return ending
    return _with(ending, f"VM '{order.vm}' is {there} on target '{order.to}' as well: see with virsh why.")


def _with(ending: Ending, sentence: str) -> Ending:
    return {**ending, "reason": f"{ending['reason']} {sentence}"}


def _doubled(control: libvirt.virConnect, order: Order, states: tuple[str, str], ending: Ending) -> Ending:
    with explaining("ask libvirt for this host's name"):
        hostname = control.getHostname()
    here, there = states
    why = (
        f"VM '{order.vm}' is {here} on '{hostname}' and {there} on '{order.to}' at the same time. Neither was stopped: decide"
        " which of the two goes on, end the other one by hand at once (virsh destroy), and check its disks."
    )
    return {**ending, "result": FAILED, "code": "doubled", "reason": f"{why} Before that: {ending['reason']}"}


def _state(domain: libvirt.virDomain | None) -> str:
    """Return the VM's state on its target, empty if it is not there."""
    return "" if domain is None else domains.state(domain)
