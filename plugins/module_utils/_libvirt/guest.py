# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""What a VM's guest tells of itself by the QEMU guest agent, and the addresses that the host knows.

Sources: virDomainGetGuestInfo, virDomainInterfaceAddresses, virDomainAgentSetResponseTimeout, virDomainFSFreeze.
"""

from __future__ import annotations

import contextlib
import typing as t

from .._errors import ConflictError, VirtError
from . import guest_facts
from .connection import LIBVIRT, explaining

with LIBVIRT.importing():
    import libvirt

HOST_SOURCES = ("lease", "arp")
SOURCES = ("agent", *HOST_SOURCES)
_HINT = "Install and start qemu-guest-agent in the guest, and give the VM its channel with guest_agent: true."


@contextlib.contextmanager
def answering_within(domain: libvirt.virDomain, seconds: int) -> t.Iterator[None]:
    """Let each question of the body to the guest agent fail after that time; libvirt by itself waits without end.

    Where it cannot be set the VM does not run, or the driver knows no agent: what the body asks tells so.
    """
    with contextlib.suppress(libvirt.libvirtError):
        domain.agentSetResponseTimeout(seconds, 0)
    try:
        yield
    finally:
        with contextlib.suppress(libvirt.libvirtError):
            domain.agentSetResponseTimeout(libvirt.VIR_DOMAIN_AGENT_RESPONSE_TIMEOUT_BLOCK, 0)


def ask(domain: libvirt.virDomain, seconds: int) -> dict[str, t.Any]:
    """Return what the guest agent tells, in the shape of guest_facts.read.

    :raises VirtError: when no agent answers in that time.
    """
    with explaining(f"ask the guest agent of VM '{domain.name()}'"), answering_within(domain, seconds):
        wanted = (
            libvirt.VIR_DOMAIN_GUEST_INFO_HOSTNAME
            | libvirt.VIR_DOMAIN_GUEST_INFO_OS
            | libvirt.VIR_DOMAIN_GUEST_INFO_TIMEZONE
            | libvirt.VIR_DOMAIN_GUEST_INFO_USERS
            | libvirt.VIR_DOMAIN_GUEST_INFO_FILESYSTEM
        )
        return guest_facts.read(domain.guestInfo(wanted, 0))


def answers(domain: libvirt.virDomain, seconds: int) -> bool:
    """Tell whether the guest agent answers a question that every agent knows."""
    with answering_within(domain, seconds):
        try:
            domain.guestInfo(libvirt.VIR_DOMAIN_GUEST_INFO_HOSTNAME, 0)
        except libvirt.libvirtError:
            return False
    return True


def require_agent(domain: libvirt.virDomain, seconds: int) -> None:
    """Raise ConflictError when no guest agent answers in that time."""
    try:
        ask(domain, seconds)
    except VirtError as exc:
        raise ConflictError(
            f"the filesystems of VM '{domain.name()}' cannot be frozen: {exc.message}", hint=_HINT
        ) from exc


@contextlib.contextmanager
def frozen(domain: libvirt.virDomain) -> t.Iterator[None]:
    """Keep the guest's filesystems frozen in the body; they are thawed however it ends."""
    try:
        domain.fsFreeze()
        yield
    except BaseException:
        with contextlib.suppress(libvirt.libvirtError):
            domain.fsThaw()
        raise
    domain.fsThaw()


def addresses(domain: libvirt.virDomain, sources: t.Iterable[str] = SOURCES) -> list[dict[str, t.Any]]:
    """Return the addresses of a VM's interfaces from each source that knows any, loopback left out.

    The agent is asked with the timeout that is set (`answering_within`).

    :param sources: of SOURCES: the guest agent, the leases of libvirt's DHCP servers, the host's ARP table.
    :returns: `{"mac", "name", "address", "prefix", "source"}` each; `name` is the guest's with the agent, else the host's.
    """
    flags = {
        "agent": libvirt.VIR_DOMAIN_INTERFACE_ADDRESSES_SRC_AGENT,
        "lease": libvirt.VIR_DOMAIN_INTERFACE_ADDRESSES_SRC_LEASE,
        "arp": libvirt.VIR_DOMAIN_INTERFACE_ADDRESSES_SRC_ARP,
    }
    found: list[dict[str, t.Any]] = []
    for source in sources:
        with contextlib.suppress(libvirt.libvirtError):  # a VM that is off, without agent, or on no network of libvirt
            found += guest_facts.addresses(domain.interfaceAddresses(flags[source], 0) or {}, source)
    return found
