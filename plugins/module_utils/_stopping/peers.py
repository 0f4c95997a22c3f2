# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""Who runs a VM that went down with its host: what the other hosts of the cluster say. Pure."""

from __future__ import annotations

import dataclasses
import typing as t

from .._errors import ConflictError, UnavailableError
from .._facts import Vm

ELSEWHERE = "elsewhere"
"""What became of a VM that another host has."""


@dataclasses.dataclass(frozen=True)
class Peer:
    """What another host says of the VMs of this one, by their UUIDs.

    :param runs: those that run there, and are defined there; None: it did not say.
    :param unsure: those that it has in another way: arriving, paused, without a definition.
    """

    host: str
    runs: t.Collection[str] | None
    unsure: t.Collection[str] = ()


def home(vm: Vm, peers: t.Sequence[Peer]) -> str | None:
    """Return the other host that runs a VM, None if each of them has said that it does not have it.

    :raises UnavailableError: when one did not say.
    :raises ConflictError: when one has it in a way that tells nothing.
    """
    found = next((peer.host for peer in peers if peer.runs is not None and vm.uuid in peer.runs), None)
    if found is None:
        for peer in peers:
            _check(vm, peer)
    return found


def seen(uuid: str, peers: t.Sequence[Peer]) -> str | None:
    """Return the other host that has a VM in whatever way, None if none has said so. One that did not answer counts as not having it."""
    return next((peer.host for peer in peers if uuid in (peer.runs or ()) or uuid in peer.unsure), None)


def _check(vm: Vm, peer: Peer) -> None:
    if peer.runs is None:
        raise UnavailableError(
            f"VM '{vm.name}' went down with this host, and host '{peer.host}' did not say whether it runs there by now.",
            hint=f"Bring '{peer.host}' back, or take it out of the cluster's inventory group, and try again.",
            host=peer.host,
        )
    if vm.uuid in peer.unsure:
        raise ConflictError(
            f"VM '{vm.name}' went down with this host, and host '{peer.host}' has it, but it does not simply run there.",
            hint=f"If it is still arriving, try again in a minute; otherwise see with virsh on '{peer.host}' what became of it.",
            host=peer.host,
        )
