# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""In which order hosts leave service, and which together."""

from __future__ import annotations

import typing as t

from .._errors import ImpossiblePlanError
from .model import Cluster, Wave
from .placement import evacuate


def upgrade_order(cluster: Cluster, scope: t.Iterable[str]) -> list[str]:
    """Return the hosts of `scope` that need work, in the order in which they are tried.

    Hosts that an interrupted run left in maintenance come first: they are (nearly) empty already and give back
    capacity. Then the host with the fewest VMs, because the VMs of the first wave have to move twice.
    """
    pending = [name for name in scope if cluster.nodes[name].impact != "none"]
    return sorted(
        pending,
        key=lambda name: (
            cluster.nodes[name].facts.maintenance is None,
            not cluster.nodes[name].must_be_empty,
            len(cluster.on(name)),
            name,
        ),
    )


def plan_waves(cluster: Cluster, scope: t.Iterable[str]) -> list[Wave]:
    """Return waves that bring every host of `scope` to the target; `cluster` ends as the cluster will be then.

    :raises ImpossiblePlanError: when some host can never become empty.
    """
    left = upgrade_order(cluster, scope)
    waves: list[Wave] = []
    while left:
        wave, refused = plan_wave(cluster, left, len(waves) + 1, left)
        if not wave.hosts:
            raise next(iter(refused.values()))
        waves.append(wave)
        left = [name for name in left if name not in wave.hosts]
        cluster.new.update(wave.hosts)
        cluster.release(wave.hosts)
    return waves


def plan_wave(
    cluster: Cluster, candidates: t.Sequence[str], number: int, pending: t.Sequence[str]
) -> tuple[Wave, dict[str, ImpossiblePlanError]]:
    """Take `candidates` in their order for as long as they can become empty together.

    :param pending: the hosts that have not been upgraded yet, in order; they are the second choice as targets.
    :returns: the wave, possibly without hosts, and why each candidate that was tried is not in it.
    """
    order = [name for name in cluster.nodes if name not in pending] + list(pending)
    wave = Wave(number, (), ())
    refused: dict[str, ImpossiblePlanError] = {}
    for name in candidates:
        if len(wave.hosts) == cluster.rules.max_hosts_per_wave:
            break
        try:
            wave = _grow(cluster, wave, name, order)
        except ImpossiblePlanError as exc:
            refused[name] = exc
    return wave, refused


def _grow(cluster: Cluster, wave: Wave, name: str, order: t.Sequence[str]) -> Wave:
    """Plan the wave's moves anew with one host more: what went to that host so far has to go elsewhere."""
    _take_back(cluster, wave)
    hosts = (*wave.hosts, name)
    emptied = [host for host in hosts if cluster.nodes[host].must_be_empty]
    try:
        return Wave(wave.number, hosts, evacuate(cluster, emptied, wave.number, order))
    except ImpossiblePlanError:
        for move in wave.moves:
            cluster.place(cluster.vms[move.vm], move.target)
        raise


def _take_back(cluster: Cluster, wave: Wave) -> None:
    for move in wave.moves:
        cluster.place(cluster.vms[move.vm], move.source)
