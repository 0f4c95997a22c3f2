# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""How loaded hosts are, and how loaded they should be: each within a tolerance of the mean.

A load is a share of what a host has: memory of VMs of the memory that is there for them, huge pages or not, and vCPUs of VMs by
the threads of the host. VMs only change places among the hosts that take part, so the mean is the same before and after.
"""

from __future__ import annotations

import dataclasses
import math
import typing as t
from fractions import Fraction

from .._facts import Vm
from .cluster import Cluster
from .model import Rules
from .resources import MEMORY, VCPUS

MEASURES = (MEMORY, VCPUS)

Carried = tuple[int, ...]
"""MiB or vCPUs, one number for each measure that is asked for."""


@dataclasses.dataclass(frozen=True)
class Wish:
    """What an even load is.

    :param tolerances: measure -> how far a host may be from the mean, in percentage points.
    """

    tolerances: t.Mapping[str, float] = dataclasses.field(default_factory=lambda: {MEMORY: 10.0})


@dataclasses.dataclass(frozen=True)
class Window:
    """What a host should carry: no less than `low`, no more than `high`, of the `size` that it has."""

    low: Carried
    high: Carried
    size: Carried

    def outside(self, carried: Carried) -> Carried:
        """Return what is too much of each measure, negative for what is missing."""
        return tuple(max(0, now - high) or min(0, now - low) for now, low, high in zip(carried, self.low, self.high))

    def excess(self, carried: Carried) -> int:
        """Return how far outside that is, in millionths of what the host has; 0 is within, and nothing else is."""
        return sum(-(-1_000_000 * abs(amount) // size) for amount, size in zip(self.outside(carried), self.size))


class Loads:
    """The loads of the hosts that take part, and their windows.

    :param hosts: who takes part.
    """

    def __init__(self, cluster: Cluster, hosts: t.Sequence[str], wish: Wish) -> None:
        self.measures = [measure for measure in MEASURES if measure in wish.tolerances]
        self.weight = {name: self._weight(vm, cluster.rules) for name, vm in cluster.vms.items()}
        """VM -> what it adds to its host."""
        self.carried = {host: self._on(cluster, host) for host in hosts}
        sizes = {host: size_of(cluster, host, self.measures) for host in hosts}
        self.mean = [self._mean(index, sizes.values()) for index in range(len(self.measures))]
        self.windows = {host: self._window(sizes[host], wish) for host in hosts}

    def _mean(self, index: int, sizes: t.Iterable[Carried]) -> Fraction:
        size = sum(one[index] for one in sizes)
        return Fraction(sum(one[index] for one in self.carried.values()), size) if size else Fraction(0)

    def _weight(self, vm: Vm, rules: Rules) -> Carried:
        known = {MEMORY: vm.memory_mib + rules.vm_overhead_mib, VCPUS: vm.vcpus}
        return tuple(known[measure] for measure in self.measures)

    def _on(self, cluster: Cluster, host: str) -> Carried:
        weights = [self.weight[vm.name] for vm in cluster.on(host)]
        return tuple(sum(weight[index] for weight in weights) for index in range(len(self.measures)))

    def _window(self, size: Carried, wish: Wish) -> Window:
        """The bounds are exact: shares are fractions, and whole MiB and vCPUs within them are what counts."""
        allowed = [Fraction(str(wish.tolerances[measure])) / 100 for measure in self.measures]
        ranges = list(zip(self.mean, allowed, size))
        low = tuple(max(0, math.ceil((mean - most) * whole)) for mean, most, whole in ranges)
        return Window(low, tuple(math.floor((mean + most) * whole) for mean, most, whole in ranges), size)

    def total(self, vms: t.Iterable[Vm]) -> Carried:
        """Return what VMs add to a host together."""
        weights = [self.weight[vm.name] for vm in vms]
        return tuple(map(sum, zip(*weights)))

    def excess(self, host: str) -> int:
        """Return how far outside of its window a host is (`Window.excess`)."""
        return self.windows[host].excess(self.carried[host])

    def shift(self, weight: Carried, source: str, target: str) -> None:
        """Let VMs of that weight go from one host to another."""
        self.carried[source] = tuple(now - less for now, less in zip(self.carried[source], weight))
        self.carried[target] = tuple(now + more for now, more in zip(self.carried[target], weight))

    def shares(self, host: str) -> dict[str, float]:
        """Return the loads of a host in percent."""
        pairs = zip(self.measures, self.carried[host], self.windows[host].size)
        return {measure: round(100 * carried / size, 1) for measure, carried, size in pairs}

    def widest(self) -> dict[str, float]:
        """Return for each measure how far the host that is farthest from the mean is from it, in percentage points."""
        return {
            measure: round(
                max(
                    (
                        100 * abs(float(Fraction(carried[index], self.windows[host].size[index]) - self.mean[index]))
                        for host, carried in self.carried.items()
                    ),
                    default=0.0,
                ),
                1,
            )
            for index, measure in enumerate(self.measures)
        }


def size_of(cluster: Cluster, host: str, measures: t.Iterable[str]) -> Carried:
    """Return what a host has of each measure, for VMs."""
    capacity = cluster.nodes[host].facts.capacity
    known = {MEMORY: capacity.memory_mib - cluster.rules.host_reserve_mib, VCPUS: capacity.threads}
    return tuple(known[measure] for measure in measures)
