# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""VMs that went down with their host in the middle of its maintenance: started again, each on one host and no other.

The record says who ran, and in which boot. A VM is started only when every other host of the cluster has said that it does not
have it: the last move from here may have ended without this host.
"""

from __future__ import annotations

import dataclasses
import time
import typing as t

from .. import _moment
from .._errors import VirtError
from .._facts import Maintenance, Ran, Stopped
from .._libvirt import domain as domains
from .._libvirt import stopping
from .._libvirt.connection import connect
from .._libvirt.operating_system import userspace_id
from .._libvirt.vm_facts import VmRecord
from .._ovs import dead_ports
from .._ovs.connection import Remote
from .._state import ran, stopped
from .peers import ELSEWHERE, Peer, home
from .terms import Row, Terms, alone, failed, maintenance, row, told

CRASH = "crash"
STARTED, WAITS = "started", "waits"
WHY = "its host went down"


def recover(peers: t.Sequence[Peer], terms: Terms, switch: Remote | None, *, check_mode: bool) -> list[Row]:
    """Bring back the VMs that went down with this host; its maintenance goes on.

    :param peers: every other host of the cluster.
    :param switch: where the host's Open vSwitch is reached, None if it has none.
    :raises ConflictError: when the maintenance is another owner's, a newer run has the host, or VMs of it are stopped or started by
        another task.
    :raises OperationError: when some VM could not be brought back; `details["vms"]` has all rows.
    """
    with alone(terms, required=False, check_mode=check_mode) as known:
        before = ran.of_earlier_boots(known, userspace_id())
        if known is None or not before:
            return []
        return told(_rows(known, before, peers, terms, switch, check_mode=check_mode), "recovered")


def _rows(
    known: Maintenance,
    before: t.Sequence[Ran],
    peers: t.Sequence[Peer],
    terms: Terms,
    switch: Remote | None,
    *,
    check_mode: bool,
) -> list[Row]:
    with connect(terms.uri) as connection:
        here = {one.vm.uuid: one for one in stopping.read(connection, [one.vm for one in before]).values()}
        recovery = _Recovery(known, userspace_id(), here, terms)
        if not check_mode:
            recovery.tidy(switch)
        return [recovery.bring_back(one, peers, check_mode=check_mode) for one in recovery.down]


@dataclasses.dataclass(frozen=True)
class _Recovery:
    """The VMs of a host that ran in an earlier boot of it.

    :param here: those of them that are on it, by their UUIDs.
    """

    known: Maintenance
    boot: str
    here: t.Mapping[str, VmRecord]
    terms: Terms

    @property
    def down(self) -> list[VmRecord]:
        """Those that are off, the most important first."""
        lost = ran.went_down(self.known, self.boot, [one.vm for one in self.here.values()])
        return [self.here[vm.uuid] for vm in sorted(lost, key=lambda vm: (-vm.policy.priority, vm.name))]

    def tidy(self, switch: Remote | None) -> None:
        """Settle those that are not down, and remove what is left on the switch of VMs that ended without a word."""
        before = ran.of_earlier_boots(self.known, self.boot)
        for one in before:
            if one.uuid not in self.here:
                ran.forget(one.uuid, self.terms.directory)
            elif not self.here[one.uuid].vm.off:
                ran.note(one.uuid, self.boot, self.terms.directory)
        if switch is not None:
            dead_ports.remove(switch, {one.uuid for one in before} | {one.uuid for one in self.known.stopped})

    def bring_back(self, one: VmRecord, peers: t.Sequence[Peer], *, check_mode: bool) -> Row:
        """Return what became of a VM, or would."""
        vm, began = one.vm, time.monotonic()
        waits = vm.policy.evacuation in stopping.WAYS
        before = {**row(vm.name, vm.policy.evacuation if waits else CRASH, WHY, "would_start"), "runs_on": None}
        try:
            there = home(vm, peers)
            result = ELSEWHERE if there else WAITS if waits else STARTED
            if check_mode:
                return before if result == STARTED else {**before, "result": result, "runs_on": there}
            maintenance(self.terms, required=True)
            result = self._carry_out(result, one)
        except VirtError as exc:
            return failed(before, exc)
        return {**before, "result": result, "runs_on": there, "seconds": round(time.monotonic() - began, 3)}

    def _carry_out(self, result: str, one: VmRecord) -> str:
        """Return how it ended, which tells of a start whether memory was there that something had saved."""
        vm = one.vm
        if result == ELSEWHERE:
            domains.forget(one.domain)
            ran.forget(vm.uuid, self.terms.directory)
        elif result == WAITS:
            stopped.owe([Stopped(vm.name, vm.uuid, vm.policy.evacuation, WHY, _moment.now())], self.terms.directory)
        else:
            with stopped.allowed(vm.name, self.terms.directory):
                result = stopping.start(one.domain)
            ran.note(vm.uuid, self.boot, self.terms.directory)
        return result
