# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""What a plan is made of: hosts, moves, waves, and what the plan has to keep. Pure data."""

from __future__ import annotations

import dataclasses
import functools
import typing as t

from .._facts import IMPACTS, Host, Updates

OBJECTIVES = ("moves", "time", "balanced")
ORDERS = ("load", "name", "label")
KEEP = ("none", "packages", "snapshot")
"""What of a host is kept before its update, to roll it back."""


@dataclasses.dataclass(frozen=True)
class Pace:
    """How long things take, for the modelled duration of a plan. None of it is promised.

    :param move_mib_per_s: what the link of one host carries, one way.
    :param move_s: what each move takes besides.
    :param update_s: a host's update, without its reboot.
    :param reboot_s: a host's reboot.
    :param soft_reboot_s: one of everything but the kernel.
    :param verify_s: until a host is proven healthy.
    :param stop_s: until VMs that wait on their host are stopped before, and are back after.
    """

    move_mib_per_s: float = 400.0
    move_s: float = 2.0
    update_s: float = 180.0
    reboot_s: float = 240.0
    soft_reboot_s: float = 30.0
    verify_s: float = 15.0
    stop_s: float = 60.0


@dataclasses.dataclass(frozen=True)
class Rules:
    """What a plan must keep besides the VMs' own policies, and what it is good for.

    :param max_hosts_per_wave: how many hosts may be out of service at the same moment.
    :param host_reserve_mib: memory that stays free of VMs on every host.
    :param vm_overhead_mib: what QEMU needs besides the guest's memory, for each VM.
    :param owner: the owner of maintenance records that belong to this kind of run.
    :param adopt: whether those that no run has set belong to it as well.
    :param reserve: how many of the hosts in service may fail at any moment while the rest still has memory for all VMs.
    :param max_vcpus_per_thread: how many vCPUs of VMs a thread of a host may carry, None for any number.
    :param objective: fewest moves, shortest run, or a balance of both.
    :param order: which hosts come first: those with little load, or by their names or labels.
    :param canary_hosts: how many hosts the first wave has at most; 0 is no limit of its own.
    :param parallel_moves: how many VMs leave one host at the same time.
    :param cluster_parallel_moves: how many VMs move in the whole cluster at the same time; 0 is no limit of its own.
    :param keep: what is kept of a host before its update, None if that is none of the plan's business.
    :param soft_reboot: whether hosts are soft-rebooted where that does.
    """

    max_hosts_per_wave: int = 1
    host_reserve_mib: int = 1024
    vm_overhead_mib: int = 64
    owner: str = "evergreen.virt"
    adopt: bool = False
    reserve: int = 0
    max_vcpus_per_thread: t.Optional[float] = None
    objective: str = "balanced"
    order: str = "load"
    canary_hosts: int = 0
    parallel_moves: int = 1
    cluster_parallel_moves: int = 0
    keep: t.Optional[str] = None
    soft_reboot: bool = False
    pace: Pace = dataclasses.field(default_factory=Pace)

    def parallel(self, emptied: int) -> int:
        """Return how many VMs leave each host at the same time in a wave that empties so many hosts."""
        if not self.cluster_parallel_moves:
            return self.parallel_moves
        return min(self.parallel_moves, max(1, self.cluster_parallel_moves // max(1, emptied)))


@dataclasses.dataclass(frozen=True)
class Move:
    """One VM going from one host to another, in a step of a wave (both counted from 1).

    The moves of a step are carried out in any order; a step begins when the one before it has ended.

    :param disk_mib: what is copied of its disks.
    :param kind: `live`, or `offline` for a VM that is shut down, and started on its target.
    """

    wave: int
    vm: str
    source: str
    target: str
    memory_mib: int
    disk_mib: int = 0
    step: int = 1
    kind: str = "live"

    @property
    def sent_mib(self) -> int:
        """What goes over the link."""
        return 0 if self.kind == "offline" else self.memory_mib + self.disk_mib


@dataclasses.dataclass(frozen=True)
class Wave:
    """The hosts that are out of service at the same moment, and the moves that empty them.

    Moves from other hosts make room for these, in steps before the last.
    """

    number: int
    hosts: tuple[str, ...]
    moves: tuple[Move, ...]

    @property
    def room(self) -> tuple[Move, ...]:
        """The moves from hosts that stay in service."""
        return tuple(move for move in self.moves if move.source not in self.hosts)


@dataclasses.dataclass(frozen=True)
class Node:
    """One host: its inventory name, its facts, and what is pending on it (None: not asked).

    :param site: its site; the hosts of one site are all done before those of the next begin.
    :param label: what `order: label` orders by.
    """

    name: str
    facts: Host
    updates: t.Optional[Updates] = None
    site: str = ""
    label: str = ""

    @functools.cached_property
    def impact(self) -> str:
        """The impact of what is pending, no less than what an interrupted run still owes this host."""
        pending = self.updates.impact if self.updates else "none"
        owed = (self.facts.maintenance and self.facts.maintenance.impact) or "none"
        if self.has_booted:
            owed = min(owed, "restart", key=IMPACTS.index)
        return max(pending, owed, key=IMPACTS.index)

    @property
    def has_booted(self) -> bool:
        """An interrupted run has updated and booted it: it is proven healthy and given back, and VMs that are back on it stay."""
        record = self.facts.maintenance
        if record is None or record.stage != "updated" or record.boot_id is None:
            return False
        softly = record.boot == "soft" and record.soft_reboots != self.facts.soft_reboots
        return softly or record.boot_id != self.facts.boot_id

    @property
    def must_be_empty(self) -> bool:
        """No VM may be on it when it is updated."""
        return self.impact in ("empty", "reboot")
