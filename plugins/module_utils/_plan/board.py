# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""The hosts among which loads are evened out: which VMs may still move, and how many have to at least.

Changed by `apply` and `undo`, and by nothing else.
"""

from __future__ import annotations

import bisect
import dataclasses
import itertools
import typing as t

from .._facts import Vm
from .cluster import Cluster
from .loads import Carried, Loads
from .placement import units

_NEVER = 1_000_000
"""More VMs than any cluster has: no number of moves is enough."""


@dataclasses.dataclass(frozen=True)
class Shift:
    """VMs that go together from one host to another: one, or those that affinity groups tie together."""

    unit: tuple[Vm, ...]
    source: str
    target: str

    @property
    def name(self) -> str:
        """What tells it from other shifts of a board."""
        return self.unit[0].name

    @property
    def mib(self) -> int:
        """What is carried of memory, and of disks at most."""
        return sum(vm.memory_mib + sum(disk.size_mib for disk in vm.disks if not disk.shared) for vm in self.unit)


class Judged(t.NamedTuple):
    """What is smaller for a better board: how many moves it needs yet at least, how far hosts are outside, and what was carried."""

    needs: int
    excess: int
    mib: int


class Board:
    """The cluster while it is evened out; each VM moves once.

    :param cluster: changes with the board.
    :param fixed: VMs that cannot move.
    """

    def __init__(self, cluster: Cluster, loads: Loads, fixed: t.Container[str]) -> None:
        self.cluster, self.loads = cluster, loads
        self.hosts = list(loads.windows)
        self.units = {
            host: [tuple(unit) for unit in units(cluster, cluster.on(host)) if not any(vm.name in fixed for vm in unit)]
            for host in self.hosts
        }
        self.moved: set[str] = set()
        """The names of what has moved."""
        self._lightest_last = {host: [self._sorted(host, index) for index in self._indices] for host in self.hosts}
        self._may_come = self._sums_by_kind()
        self._leaving = {host: self._departures(host, loads.carried[host]) for host in self.hosts}
        self._coming = {host: self._arrivals(host, loads.carried[host]) for host in self.hosts}
        self.outside = {host: excess for host in self.hosts if (excess := loads.excess(host))}
        """The hosts that are outside of their windows, and how far (`Window.excess`)."""
        self._leave, self._come = sum(self._leaving.values()), sum(self._coming.values())
        self.excess = sum(self.outside.values())
        self._ranks = {host: self._rank(host) for host in self.hosts}
        self._ranked = sorted((rank, host) for host, rank in self._ranks.items())

    @property
    def _indices(self) -> range:
        return range(len(self.loads.measures))

    def _sorted(self, host: str, index: int) -> list[tuple[int, str]]:
        weight = self.loads.weight
        found = [(weight[vm.name][index], unit[0].name) for unit in self.units[host] for vm in unit]
        return sorted(found, reverse=True)

    def _sums_by_kind(self) -> dict[int, list[list[int]]]:
        """Return for each kind of hosts and each measure the sums of the heaviest VMs that such a host can run: of one, two, ..."""
        refusals = {
            vm.name: self.cluster.kinds.refusals(vm, host)
            for host, found in self.units.items()
            for unit in found
            for vm in unit
        }
        return {
            kind: [
                list(
                    itertools.accumulate(
                        sorted(
                            (self.loads.weight[name][index] for name in refusals if not refusals[name][kind]),
                            reverse=True,
                        )
                    )
                )
                for index in self._indices
            ]
            for kind in {self.cluster.kinds.of_host[host] for host in self.hosts}
        }

    # What is asked

    @property
    def needs(self) -> int:
        """A number of moves below which no plan comes to its end from here.

        From each host that carries too much, no fewer VMs leave than its heaviest ones that make up for it; to each that carries
        too little, no fewer come than the heaviest ones that it can run. A move leaves one host and comes to one, so the sum of the
        former is a bound and the sum of the latter is another.
        """
        return max(self._leave, self._come)

    @property
    def possible(self) -> bool:
        """Each host could come into its window if it were only for the number and the weight of VMs."""
        return self.needs < _NEVER

    def judged(self, shift: Shift) -> Judged:
        """Return how the board would be after a shift."""
        weight, carried = self.loads.total(shift.unit), self.loads.carried
        source, target = shift.source, shift.target
        less = tuple(now - part for now, part in zip(carried[source], weight))
        more = tuple(now + part for now, part in zip(carried[target], weight))
        windows, both = self.loads.windows, (source, target)
        leaving = self._departures(source, less, shift.name) + self._departures(target, more)
        coming = self._arrivals(source, less) + self._arrivals(target, more)
        before = sum(self.outside.get(host, 0) for host in both)
        return Judged(
            max(
                self._leave - sum(self._leaving[host] for host in both) + leaving,
                self._come - sum(self._coming[host] for host in both) + coming,
            ),
            self.excess - before + windows[source].excess(less) + windows[target].excess(more),
            shift.mib,
        )

    def _departures(self, host: str, carried: Carried, without: str = "") -> int:
        outside = self.loads.windows[host].outside(carried)
        return max(self._fewest(host, index, over, without) for index, over in enumerate(outside))

    def _fewest(self, host: str, index: int, over: int, without: str) -> int:
        count = 0
        for weight, name in self._lightest_last[host][index] if over > 0 else ():
            if name not in self.moved and name != without:
                over, count = over - weight, count + 1
                if over <= 0:
                    return count
        return _NEVER if over > 0 else 0

    def _arrivals(self, host: str, carried: Carried) -> int:
        outside = self.loads.windows[host].outside(carried)
        sums = self._may_come[self.cluster.kinds.of_host[host]]
        return max(_how_many(sums[index], -missing) for index, missing in enumerate(outside))

    def open_units(self, host: str) -> t.Iterator[tuple[Vm, ...]]:
        """Return what may still leave a host; of those that are alike only the first."""
        seen: set[t.Any] = set()
        for unit in self.units[host]:
            if unit[0].name not in self.moved:
                key = self._alike(unit, host)
                if key not in seen:
                    seen.add(key)
                    yield unit

    def _alike(self, unit: tuple[Vm, ...], host: str) -> t.Any:
        vm = unit[0]
        if len(unit) > 1 or vm.backing or vm.name in self.cluster.clashes or any(not disk.shared for disk in vm.disks):
            return vm.name
        policy = vm.policy
        groups = (tuple(policy.hosts), tuple(policy.anti_affinity), tuple(policy.affinity))
        return (vm.memory_mib, vm.vcpus, groups, self.cluster.kinds.refusals(vm, host))

    def lightest(self) -> t.Iterator[str]:
        """Return the hosts by their load."""
        return (host for _rank, host in self._ranked)

    def heaviest(self) -> t.Iterator[str]:
        """Return them the other way round."""
        return (host for _rank, host in reversed(self._ranked))

    def _rank(self, host: str) -> float:
        window, carried = self.loads.windows[host], self.loads.carried[host]
        return sum(now / (high or 1) for now, high in zip(carried, window.high))

    # What changes it

    def apply(self, shift: Shift) -> None:
        """Let VMs move."""
        for vm in shift.unit:
            self.cluster.move(vm, shift.target)
        self.loads.shift(self.loads.total(shift.unit), shift.source, shift.target)
        self.moved.add(shift.name)
        self._look_again(shift)

    def undo(self, shift: Shift) -> None:
        """Let it be as if they had not."""
        for vm in shift.unit:
            self.cluster.undo(vm, shift.source)
        self.loads.shift(self.loads.total(shift.unit), shift.target, shift.source)
        self.moved.discard(shift.name)
        self._look_again(shift)

    def _look_again(self, shift: Shift) -> None:
        for host in (shift.source, shift.target):
            carried = self.loads.carried[host]
            leaving, coming = self._departures(host, carried), self._arrivals(host, carried)
            self._leave += leaving - self._leaving[host]
            self._come += coming - self._coming[host]
            self._leaving[host], self._coming[host] = leaving, coming
            excess = self.loads.excess(host)
            self.excess += excess - self.outside.pop(host, 0)
            if excess:
                self.outside[host] = excess
            del self._ranked[bisect.bisect_left(self._ranked, (self._ranks[host], host))]
            self._ranks[host] = self._rank(host)
            bisect.insort(self._ranked, (self._ranks[host], host))


def _how_many(sums: t.Sequence[int], missing: int) -> int:
    if missing <= 0:
        return 0
    count = bisect.bisect_left(sums, missing) + 1
    return count if count <= len(sums) else _NEVER
