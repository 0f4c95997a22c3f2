# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""Waiting until the guest of a VM that was started is there.

Sources: virDomainGetGuestInfo, virDomainInterfaceAddresses.
"""

from __future__ import annotations

import ipaddress
import typing as t

from .._domain_xml.console import AGENT
from .._domain_xml.tree import Element
from .._errors import ConflictError, DeadlineError, InvalidInputError
from .._facts import RUNS
from .._wait import Deadline, wait_for
from . import domain as domains
from . import guest

if t.TYPE_CHECKING:
    import libvirt

READY = ("none", "agent", "address")
STATES = ("present", "started", "restarted")
"""States after which a VM may run."""

_ANSWER_S = 2
_INTERVAL_S = 0.5


def check(params: t.Mapping[str, t.Any]) -> None:
    """Raise InvalidInputError when something is awaited of a VM that will not run."""
    if params["wait_for"] != "none" and params["state"] not in STATES:
        raise InvalidInputError(f"wait_for: a VM that is {params['state']} does not get ready.")


def check_channel(params: t.Mapping[str, t.Any], root: Element | None) -> None:
    """Raise InvalidInputError when the agent is awaited of a VM that has no channel for it.

    :param root: what the VM will run with.
    """
    if (
        params["wait_for"] == "agent"
        and root is not None
        and root.find(f"devices/channel/target[@name='{AGENT}']") is None
    ):
        raise InvalidInputError("wait_for: it has no channel for the guest agent.", hint="Set guest_agent: true.")


def wait(domain: libvirt.virDomain, what: str, seconds: int) -> None:
    """Return as soon as the guest is there.

    :param what: `agent`: its guest agent answers; `address`: an address of it is known that others can reach.
    :raises DeadlineError: when that does not happen in time; the VM goes on running.
    :raises ConflictError: when the VM stops meanwhile.
    """
    ready = _has_address if what == "address" else _agent_answers
    name = domain.name()

    def probe() -> bool:
        if domains.state(domain) not in RUNS:
            raise ConflictError(f"VM '{name}' stopped running before its guest was ready.")
        return ready(domain)

    try:
        wait_for(probe, f"the {what} of the guest of VM '{name}'", Deadline(seconds), interval=_INTERVAL_S)
    except DeadlineError as exc:
        raise DeadlineError(
            f"VM '{name}' runs, but its guest is not ready: {exc.message}",
            hint="Look at its console; give it more time with 'ready_timeout'.",
            **exc.details,
        ) from exc


def _agent_answers(domain: libvirt.virDomain) -> bool:
    return guest.answers(domain, _ANSWER_S)


def _has_address(domain: libvirt.virDomain) -> bool:
    with guest.answering_within(domain, _ANSWER_S):
        return any(not _is_local(found["address"]) for found in guest.addresses(domain))


def _is_local(address: str) -> bool:
    parsed = ipaddress.ip_address(address.partition("%")[0])
    return parsed.is_link_local or parsed.is_loopback
