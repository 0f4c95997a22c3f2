# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""Whether the hosts that stay in service could do without some more of them."""

from __future__ import annotations

import itertools
import typing as t

from .cluster import Cluster
from .resources import MEMORY


class Reserve:
    """The reserve for failures of hosts while a wave is out of service.

    It is judged by sums of memory: when the largest of the hosts in service fail, the capacity of the rest is no less
    than what all VMs take. Whether each VM would find a place then is not worked out.
    """

    def __init__(self, cluster: Cluster) -> None:
        self._cluster, self._failures = cluster, cluster.rules.reserve
        self._capacities: dict[str, int] = {}
        """Host in service -> MiB of ordinary memory that it has for VMs, the largest first."""
        if self._failures:
            serving = {name: cluster.capacity(name) for name in cluster.nodes if cluster.in_service(name)}
            self._capacities = dict(sorted(serving.items(), key=lambda pair: pair[1], reverse=True))
        self._whole = sum(self._capacities.values())
        self._used = sum(map(cluster.used, self._capacities))

    def spare(self, out: t.Collection[str]) -> int:
        """Return the MiB that would be left after the failures, with the hosts `out` empty; negative: too little."""
        empty, capacities = frozenset(out), self._capacities
        gone = sum(capacities.get(name, 0) for name in empty)
        largest = (capacity for name, capacity in capacities.items() if name not in empty)
        more = sum(self._cluster.used(name) for name in empty if name not in capacities)
        stopped = sum(self._cluster.kept(name).get(MEMORY, 0) for name in empty)
        return self._whole - gone - sum(itertools.islice(largest, self._failures)) - self._used - more + stopped

    def refusal(self, out: t.Collection[str]) -> str | None:
        """Return why the hosts `out` cannot be out of service at the same moment, or None if they can."""
        spare = self.spare(out) if self._failures else 0
        if spare >= 0:
            return None
        who = "another host" if self._failures == 1 else f"{self._failures} other hosts"
        return f"if {who} failed meanwhile, {-spare} MiB of memory would be missing"
