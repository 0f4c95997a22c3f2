# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""The calls that change what a running VM may take of its host.

Sources: virDomainSetSchedulerParametersFlags, virDomainSetMemoryParameters, virDomainSetBlkioParameters,
virDomainSetBlockIoTune, virDomainAddIOThread, virDomainDelIOThread. All with VIR_DOMAIN_AFFECT_LIVE only.
"""

from __future__ import annotations

import typing as t

from .connection import LIBVIRT

with LIBVIRT.importing():
    import libvirt

Pairs = tuple[tuple[str, int], ...]


def _differing(wanted: Pairs, current: t.Mapping[str, t.Any]) -> dict[str, int]:
    """Return the parameters to set: a host without, for example, limits of swap refuses to hear of them at all."""
    return {name: value for name, value in wanted if current.get(name) != value}


def scheduler(domain: libvirt.virDomain, wanted: Pairs) -> None:
    """Set weight, periods and quotas of processor time."""
    live = libvirt.VIR_DOMAIN_AFFECT_LIVE
    domain.setSchedulerParametersFlags(_differing(wanted, domain.schedulerParametersFlags(live)), live)


def memory_limits(domain: libvirt.virDomain, wanted: Pairs) -> None:
    """Set limits of memory, in KiB."""
    live = libvirt.VIR_DOMAIN_AFFECT_LIVE
    domain.setMemoryParameters(_differing(wanted, domain.memoryParameters(live)), live)


def block_weight(domain: libvirt.virDomain, wanted: Pairs) -> None:
    """Set the weight of input and output."""
    domain.setBlkioParameters(dict(wanted), libvirt.VIR_DOMAIN_AFFECT_LIVE)


def block_limits(domain: libvirt.virDomain, wanted: tuple[str, Pairs]) -> None:
    """Set limits of one disk."""
    target, limits = wanted
    domain.setBlockIoTune(target, dict(limits), libvirt.VIR_DOMAIN_AFFECT_LIVE)


def iothreads(domain: libvirt.virDomain, count: int) -> None:
    """Add threads with the lowest free numbers, or take away those with the highest."""
    live = libvirt.VIR_DOMAIN_AFFECT_LIVE
    numbers = sorted(thread[0] for thread in domain.ioThreadInfo(live))
    free = (number for number in range(1, count + 1) if number not in numbers)
    for _missing in range(count - len(numbers)):
        domain.addIOThread(next(free), live)
    for number in reversed(numbers[count:]):
        domain.delIOThread(number, live)


CALLS: dict[str, tuple[str, t.Callable[[libvirt.virDomain, t.Any], None]]] = {
    "scheduler": ("change the processor time of the", scheduler),
    "memory_limits": ("change the memory limits of the", memory_limits),
    "block_weight": ("change the weight of input and output of the", block_weight),
    "block_limits": ("change the limits of a disk of the", block_limits),
    "iothreads": ("change the threads for input and output of the", iothreads),
}
"""What each call does, for errors, and the call."""
