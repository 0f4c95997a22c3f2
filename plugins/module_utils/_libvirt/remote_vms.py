# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""The VMs of another host as `guests` sees them: over the network, with what only libvirt tells."""

from __future__ import annotations

import concurrent.futures
import dataclasses
import ipaddress
import re
import typing as t

from .._facts import RUNS
from .._wait import Deadline
from . import guest, host_facts, vm_facts
from .connection import connect

LABEL = "label"
_AGENT = "agent"
SOURCES = (LABEL, *guest.SOURCES)
_NAME = re.compile(r"(?![0-9.]+\Z)[A-Za-z0-9][A-Za-z0-9._-]{0,252}\Z")
_AT_A_TIME = 4
"""libvirt works on five requests of one connection at a time; agents that do not answer must not take them all."""


@dataclasses.dataclass(frozen=True)
class Addressing:
    """Where the address of a VM comes from.

    :param sources: of SOURCES, in the order in which they are asked.
    :param label: the name of the label that holds it.
    :param networks: CIDRs; an address in one of them is preferred.
    :param agent_timeout: seconds that a guest agent has for its answer.
    :param agents_s: seconds from the beginning after which no guest agent is asked any more.
    """

    sources: tuple[str, ...] = SOURCES
    label: str = "address"
    networks: tuple[str, ...] = ()
    agent_timeout: int = 2
    agents_s: float = 15.0


def read(uri: str, addressing: Addressing) -> list[dict[str, t.Any]]:
    """Return `{"vm": its facts, "address": one or None, "moving": bool}` of each VM, in the order of their names.

    `moving` is that of VmRecord.

    :raises UnavailableError: when libvirt does not answer at `uri`.
    """
    agents = Deadline(addressing.agents_s)
    with connect(uri) as connection:
        records = vm_facts.read_all(connection, host_facts.read_storage_from_afar(connection))
        with concurrent.futures.ThreadPoolExecutor(_AT_A_TIME) as pool:
            addresses = pool.map(
                lambda record: choose(_candidates(record, addressing, agents), addressing.networks), records
            )
            return [
                {"vm": record.vm.to_dict(), "address": address, "moving": record.moving}
                for record, address in zip(records, addresses)
            ]


def _candidates(record: vm_facts.VmRecord, addressing: Addressing, agents: Deadline) -> t.Iterator[str]:
    """Ask a source only when those before it were not enough."""
    for source in addressing.sources:
        if source == LABEL:
            yield record.vm.labels.get(addressing.label, "")
        elif record.vm.state in RUNS and not (source == _AGENT and agents.expired):
            yield from _asked(record, source, addressing.agent_timeout)


def _asked(record: vm_facts.VmRecord, source: str, seconds: int) -> list[str]:
    if source in guest.HOST_SOURCES:
        found = guest.addresses(record.domain, (source,))
    else:
        with guest.answering_within(record.domain, seconds):
            found = guest.addresses(record.domain, (source,))
    return [address["address"] for address in found]


def choose(candidates: t.Iterable[str], networks: t.Sequence[str]) -> str | None:
    """Return the first candidate that is a name or in one of the networks, else the first address, None if there is none.

    What is no name and no address that another host can reach (loopback, link-local) is passed over: a label is free text.

    :param networks: CIDRs; without any the first candidate is as good as the others.
    """
    allowed = [ipaddress.ip_network(network, strict=False) for network in networks]
    second = None
    for candidate in candidates:
        address = _address(candidate)
        if address is None:
            if _NAME.match(candidate):
                return candidate
        elif not (address.is_loopback or address.is_link_local or address.is_unspecified or address.is_multicast):
            if not allowed or any(address in network for network in allowed):
                return candidate
            second = second or candidate
    return second


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return None if "%" in text else ipaddress.ip_address(text)  # a zone of IPv6 is any text, and one host's own
    except ValueError:
        return None
