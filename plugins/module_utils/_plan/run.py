# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""The whole way from facts to a plan, as plain data: what `upgrade_plan` returns."""

from __future__ import annotations

import dataclasses
import typing as t

from .bounds import moves_lower_bound, waves_lower_bound
from .model import Cluster, Move, Node, Rules, Wave
from .proof import moments
from .waves import plan_wave, plan_waves, upgrade_order


def plan_run(nodes: t.Mapping[str, Node], scope: t.Sequence[str], rules: Rules) -> dict[str, t.Any]:
    """Plan a whole run.

    :param nodes: every host of the cluster.
    :param scope: the hosts that may be upgraded.
    :raises ImpossiblePlanError: when a host of the scope can never become empty.
    """
    before = Cluster(nodes, rules)
    skipped = {
        name: reason
        for name in scope
        if nodes[name].impact != "none" and (reason := _foreign_maintenance(nodes[name], rules))
    }
    allowed = [name for name in scope if name not in skipped]
    waves = plan_waves(Cluster(nodes, rules), allowed)
    bounds = {"moves": moves_lower_bound(before, allowed), "waves": waves_lower_bound(before, allowed)}
    return _as_data(before, waves, skipped, bounds)


def plan_gate(
    nodes: t.Mapping[str, Node], wave: t.Sequence[str], number: int, pending: t.Sequence[str], rules: Rules
) -> dict[str, t.Any]:
    """Plan one wave anew from fresh facts. It may shrink, even to nothing, and never holds other hosts.

    :param wave: the hosts that the plan of the run put into this wave.
    :param pending: the hosts of the run that are not done yet, this wave's among them.
    """
    cluster = Cluster(nodes, rules)
    skipped = {name: "it did not answer" for name in wave if name not in nodes}
    known = [name for name in wave if name in nodes]
    skipped.update({name: reason for name in known if (reason := _foreign_maintenance(nodes[name], rules))})
    left = upgrade_order(cluster, [name for name in pending if name in nodes])
    candidates = [name for name in left if name in known and name not in skipped]
    before = Cluster(nodes, rules)
    planned, refused = plan_wave(cluster, candidates, number, left)
    skipped.update({name: str(error) for name, error in refused.items()})
    return _as_data(before, [planned] if planned.hosts else [], skipped, {})


def next_epoch(nodes: t.Mapping[str, Node]) -> int:
    """Return an epoch newer than any that a host knows."""
    return 1 + max((node.facts.lease.epoch for node in nodes.values() if node.facts.lease), default=0)


def _foreign_maintenance(node: Node, rules: Rules) -> str | None:
    """Return why a host is left alone: its maintenance is no run's, or that of another kind of run."""
    record = node.facts.maintenance
    if record is None or (record.owner == rules.owner and record.run_id):
        return None
    return f"it is in maintenance by {record.owner} since {record.since}: {record.reason}"


def _as_data(
    before: Cluster, waves: t.Sequence[Wave], skipped: t.Mapping[str, str], bounds: t.Mapping[str, int]
) -> dict[str, t.Any]:
    by_host = {host: wave for wave in waves for host in wave.hosts}
    return {
        "schema": 1,
        "waves": [list(wave.hosts) for wave in waves],
        "moves": [dataclasses.asdict(move) for wave in waves for move in wave.moves],
        "bounds": dict(bounds),
        "proof": moments(before, waves),
        "skipped": dict(skipped),
        "epoch": next_epoch(before.nodes),
        "hosts": [_host(node, by_host.get(name), before) for name, node in before.nodes.items()],
    }


def _host(node: Node, wave: Wave | None, cluster: Cluster) -> dict[str, t.Any]:
    """`moves` is what `vm_migrate` takes on this host."""
    updates, record = node.updates, node.facts.maintenance
    moves = wave.moves if wave else ()
    before = record.before if record and record.run_id and record.before.os else node.facts.versions
    return {
        "name": node.name,
        "wave": wave.number if wave else None,
        "moves": [_order(move, cluster) for move in moves if move.source == node.name],
        "impact": node.impact,
        "reasons": updates.reasons if updates else [],
        "from": before.to_dict(),
        "to": updates.target.to_dict() if updates else {},
        "packages": len(updates.manifest) if updates else 0,
        "vms": len([vm for vm in node.facts.vms if vm.active]),
    }


def _order(move: Move, cluster: Cluster) -> dict[str, t.Any]:
    policy = cluster.vms[move.vm].policy
    limits = {"max_downtime_ms": policy.max_downtime_ms, "post_copy": policy.post_copy}
    return {
        "vm": move.vm,
        "to": move.target,
        "policy": {name: value for name, value in limits.items() if value is not None},
    }
