# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""Whether moves from this host could reach their targets: what a source needs of a target before it sends a VM."""

from __future__ import annotations

import dataclasses
import socket
import typing as t

from .._errors import UnavailableError
from . import move_target
from .move_target import ANSWERS_IN_S, bracketed


@dataclasses.dataclass(frozen=True)
class Peer:
    """A host that VMs are to be sent to.

    :param address: where it takes them.
    """

    name: str
    address: str


def problems(peer: Peer, ports: t.Sequence[int]) -> list[str]:
    """Return what stands in the way, one sentence each.

    Opens a connection to the target's libvirtd as a move does, TLS included, and knocks at its migration ports. There nobody
    listens yet, so a refusal is as good as an answer; silence is a firewall's.

    :param ports: numbers of TCP ports of the target.
    """
    try:
        with move_target.reach(peer.name, peer.address):
            pass
    except UnavailableError as exc:
        return [str(exc)]
    return [_shut(peer, port) for port in ports if not _is_open(peer.address, port)]


def _shut(peer: Peer, port: int) -> str:
    return (
        f"nothing gets through to port {port} of target '{peer.name}' ({bracketed(peer.address)}): open its migration ports"
        " to the other hosts of the cluster."
    )


def _is_open(address: str, port: int) -> bool:
    try:
        socket.create_connection((address, port), timeout=ANSWERS_IN_S).close()
    except ConnectionRefusedError:
        return True
    except OSError:
        return False
    return True
