# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""The proof that comes with a plan: how much memory each move leaves free on its target, at the worst moment."""

from __future__ import annotations

import typing as t

from .model import Cluster, Wave


def moments(cluster: Cluster, waves: t.Iterable[Wave]) -> list[dict[str, t.Any]]:
    """Replay `waves` on the cluster as it was before planning and return one entry for each move.

    A move counts on its target from its start and on its source until the wave has ended, which is worse than any
    real order of the same moves. Each entry: `{"wave", "vm", "target", "free_mib"}`, where `free_mib` is what is left
    on the target, the host's reserve already subtracted; the plan holds if it is never negative.
    """
    proof = []
    used = {name: cluster.used(name) for name in cluster.nodes}
    for wave in waves:
        for move in wave.moves:
            used[move.target] += cluster.need(cluster.vms[move.vm])
            free = cluster.capacity(move.target) - used[move.target]
            proof.append({"wave": wave.number, "vm": move.vm, "target": move.target, "free_mib": free})
        for move in wave.moves:
            used[move.source] -= cluster.need(cluster.vms[move.vm])
    return proof
