# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""What `vm_info` tells of VMs beside their facts, when it is asked to: options, statistics, snapshots, what the guest says."""

from __future__ import annotations

import concurrent.futures
import dataclasses
import typing as t

from .._domain_xml import convergence
from .._errors import NotFoundError, UnsupportedError, VirtError
from .._facts import RUNS
from . import guest, moments, moments_xml, vm_stats
from .connection import LIBVIRT
from .vm_facts import VmRecord

with LIBVIRT.importing():
    import libvirt

_AT_A_TIME = 4
"""libvirt works on five requests of one connection at a time; agents that do not answer must not take them all."""


@dataclasses.dataclass(frozen=True)
class Wanted:
    """What to tell.

    :param stats: groups of vm_stats.GROUPS.
    :param guest_timeout: seconds that a guest agent has for one answer.
    """

    options: bool = False
    snapshots: bool = False
    stats: tuple[str, ...] = ()
    guest: bool = False
    guest_timeout: int = 5

    @property
    def stats_mask(self) -> int:
        """The groups as virConnectGetAllDomainStats takes them."""
        mask = 0
        for group in self.stats:
            mask |= getattr(libvirt, f"VIR_DOMAIN_STATS_{vm_stats.GROUPS[group]}")
        return mask


def describe(records: t.Sequence[VmRecord], wanted: Wanted) -> list[dict[str, t.Any]]:
    """Return one dictionary for each VM: its facts and what is wanted beside them."""
    told = [record.to_dict() for record in records]
    for record, facts in zip(records, told):
        if wanted.options:
            facts["options"] = convergence.options_of(record.definition)
        if wanted.stats:
            facts["stats"] = vm_stats.nested(record.stats, wanted.stats)
        if wanted.snapshots:
            facts["snapshots"] = _moments(record, moments_xml.SNAPSHOT)
            facts["checkpoints"] = _moments(record, moments_xml.CHECKPOINT)
    if wanted.guest:
        with concurrent.futures.ThreadPoolExecutor(_AT_A_TIME) as pool:
            answers = pool.map(lambda record: _guest(record, wanted.guest_timeout), records)
            told = [{**facts, **answer} for facts, answer in zip(told, answers)]
    return told


def _moments(record: VmRecord, kind: str) -> list[dict[str, t.Any]]:
    try:
        return [moment.to_dict() for moment in moments.read(record.domain, kind)]
    except (NotFoundError, UnsupportedError):  # it has left meanwhile; or this driver knows none
        return []


def _guest(record: VmRecord, seconds: int) -> dict[str, t.Any]:
    """Ask an agent once more only if it has answered at first."""
    if record.vm.state not in RUNS:
        return {"guest": None, "guest_reason": f"it is {record.vm.state}", "addresses": []}
    try:
        found, reason = guest.ask(record.domain, seconds), None
    except VirtError as exc:
        found, reason = None, exc.message
    with guest.answering_within(record.domain, seconds):
        addresses = guest.addresses(record.domain, guest.SOURCES if found else guest.HOST_SOURCES)
    return {"guest": found, "guest_reason": reason, "addresses": addresses}
