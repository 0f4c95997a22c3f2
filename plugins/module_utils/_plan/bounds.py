# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""Figures that no plan can beat, to judge a plan by."""

from __future__ import annotations

import math
import typing as t

from .model import Cluster


def moves_lower_bound(cluster: Cluster, scope: t.Iterable[str]) -> int:
    """Return a number of moves below which no plan stays. To be asked before planning, of the cluster as it is.

    Every VM on a host that must become empty moves at least once. If no host is on the target version yet, the VMs
    of the first wave can only go to hosts that must become empty later, so they move at least twice; the first wave
    holds at least one host, so at least the VMs of the smallest one.
    """
    must_leave = {name: len(cluster.on(name)) for name in scope if cluster.nodes[name].must_be_empty}
    untouched = set(cluster.nodes) - set(must_leave)
    if not must_leave or untouched:
        return sum(must_leave.values())
    return sum(must_leave.values()) + min(must_leave.values())


def waves_lower_bound(cluster: Cluster, scope: t.Iterable[str]) -> int:
    """Return a number of waves below which no plan stays.

    A wave of k hosts leaves all VMs to the others: the memory in use must fit into the capacity of the largest
    n - k hosts. The largest such k, and never more than `max_hosts_per_wave`, bounds every wave.
    """
    hosts = [name for name in scope if cluster.nodes[name].impact != "none"]
    used = sum(cluster.used(name) for name in cluster.nodes)
    capacities = sorted((cluster.capacity(name) for name in cluster.nodes), reverse=True)
    largest = 1
    while largest < len(hosts) and sum(capacities[: len(capacities) - largest - 1]) >= used:
        largest += 1
    return math.ceil(len(hosts) / min(largest, cluster.rules.max_hosts_per_wave))
