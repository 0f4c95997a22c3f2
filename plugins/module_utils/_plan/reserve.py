# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""Whether the hosts that stay in service could do without some more of them."""

from __future__ import annotations

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
        self._capacities: list[tuple[int, str]] = []
        if self._failures:
            serving = [name for name in cluster.nodes if cluster.in_service(name)]
            self._capacities = sorted(((cluster.capacity(name), name) for name in serving), reverse=True)
            self._used = sum(cluster.used(name) for name in serving)

    def spare(self, out: t.Collection[str]) -> int:
        """Return the MiB that would be left after the failures, with the hosts `out` empty; negative: too little."""
        left = [capacity for capacity, name in self._capacities if name not in out]
        known = {name for _capacity, name in self._capacities}
        more = sum(self._cluster.used(name) for name in out if name not in known)
        stopped = sum(self._cluster.kept(name).get(MEMORY, 0) for name in out)
        return sum(left[self._failures :]) - self._used - more + stopped

    def refusal(self, out: t.Collection[str]) -> str | None:
        """Return why the hosts `out` cannot be out of service at the same moment, or None if they can."""
        spare = self.spare(out) if self._failures else 0
        if spare >= 0:
            return None
        who = "another host" if self._failures == 1 else f"{self._failures} other hosts"
        return f"if {who} failed meanwhile, {-spare} MiB of memory would be missing"
