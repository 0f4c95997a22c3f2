# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""The whole way from facts to a plan, as plain data: what `upgrade_plan` returns."""

from __future__ import annotations

import dataclasses
import typing as t

from .._errors import ImpossiblePlanError
from .._facts import Vm
from .best import best_plan, figures, lower_bounds
from .boot import boot_of
from .cluster import Cluster
from .draft import Draft
from .duration import wave_seconds
from .impossible import why_not
from .model import Move, Node, Rules, Wave
from .placement import Choice
from .proof import prove
from .stops import begun, kind_of, stops_of, stops_on
from .turns import Turns
from .way_back import way_back
from .ways import kept_by

SCHEMA = 2


def plan_run(
    nodes: t.Mapping[str, Node], scope: t.Sequence[str], rules: Rules, left_out: t.Mapping[str, str] | None = None
) -> dict[str, t.Any]:
    """Plan a whole run.

    :param nodes: every host of the cluster.
    :param scope: the hosts that may be upgraded.
    :param left_out: those of them that somebody else wants left alone, and why.
    :raises ImpossiblePlanError: when a host of the scope can never become empty.
    """
    wanted = left_out or {}
    skipped = {
        name: reason
        for name in scope
        if nodes[name].impact != "none" and (reason := wanted.get(name) or _left_alone(nodes[name], rules))
    }
    allowed = [name for name in scope if name not in skipped]
    before = Cluster(nodes, rules, allowed)
    waves = best_plan(before, allowed)
    return _as_data(before, waves, skipped, dataclasses.asdict(lower_bounds(before, allowed)))


def plan_gate(
    nodes: t.Mapping[str, Node],
    wave: t.Sequence[str],
    number: int,
    pending: t.Sequence[str],
    rules: Rules,
    *,
    look_ahead: bool = False,
) -> dict[str, t.Any]:
    """Plan one wave anew from fresh facts. It may shrink, even to nothing, and never holds other hosts.

    :param wave: the hosts that the plan of the run put into this wave.
    :param pending: the hosts of the run that are not done yet, this wave's among them.
    :param look_ahead: plan what comes after this wave as well, and say in `rest` how the run would go on, or why it could not.
    """
    skipped = {name: "it did not answer" for name in wave if name not in nodes}
    known = [name for name in wave if name in nodes]
    skipped.update({name: reason for name in known if (reason := _left_alone(nodes[name], rules))})
    left = [name for name in pending if name in nodes]
    before = Cluster(nodes, rules, left)
    candidates = [name for name in Turns(before, left).order() if name in known and name not in skipped]
    draft, refused = _fullest_draft(before, candidates, number)
    skipped.update(refused)
    planned = [draft.wave()] if draft.hosts else []
    rest = {"rest": _rest(draft, left)} if look_ahead else {}
    return {**_as_data(before, planned, skipped, {}), **rest}


def _fullest_draft(before: Cluster, candidates: t.Sequence[str], number: int) -> tuple[Draft, dict[str, str]]:
    """Return the wave that keeps the most of the candidates, of those the one that costs the fewest detours; and why others are not in it."""
    drafts = [_draft(before, candidates, number, Choice(pack=pack)) for pack in (False, True)]
    draft = min(drafts, key=lambda one: (-len(one.hosts), one.detours))
    full = len(draft.hosts) >= before.rules.max_hosts_per_wave
    refused = {
        name: "the wave is full" if full else why_not(draft, name) for name in candidates if name not in draft.hosts
    }
    return draft, refused


def _draft(before: Cluster, candidates: t.Sequence[str], number: int, choice: Choice) -> Draft:
    draft = Draft(before.copy(), number, choice)
    for name in candidates:
        if len(draft.hosts) < before.rules.max_hosts_per_wave:
            draft.join(name)
    if not draft.hosts:
        any(draft.join_with_room(name) for name in candidates)
    return draft


def _rest(draft: Draft, pending: t.Sequence[str]) -> dict[str, t.Any]:
    """Return how the run would go on after this wave, planned anew: its waves and moves, or why it could not."""
    cluster = draft.cluster.copy()
    for host in draft.hosts:
        cluster.put_back(host, upgraded=True)
    left = [
        name for name in pending if name not in draft.hosts and _left_alone(cluster.nodes[name], cluster.rules) is None
    ]
    try:
        waves = best_plan(cluster, left)
    except ImpossiblePlanError as exc:
        return {"waves": [], "moves": 0, "problem": str(exc)}
    return {"waves": [list(wave.hosts) for wave in waves], "moves": figures(cluster, waves).moves, "problem": ""}


def next_epoch(nodes: t.Mapping[str, Node]) -> int:
    """Return an epoch newer than any that a host knows."""
    return 1 + max((node.facts.lease.epoch for node in nodes.values() if node.facts.lease), default=0)


def _left_alone(node: Node, rules: Rules) -> str | None:
    """Return why a host is left alone: its maintenance is no run's, or that of another kind of run; or a VM keeps it from it."""
    record = node.facts.maintenance
    if record is None or (record.owner == rules.owner and (record.run_id or rules.adopt)):
        return kept_by(node)
    return f"it is in maintenance by {record.owner} since {record.since}: {record.reason}"


def _as_data(
    before: Cluster, waves: t.Sequence[Wave], skipped: t.Mapping[str, str], bounds: t.Mapping[str, float]
) -> dict[str, t.Any]:
    by_host = {host: wave for wave in waves for host in wave.hosts}
    moves = [move for wave in waves for move in wave.moves]
    by_source: dict[str, list[Move]] = {}
    for move in moves:
        by_source.setdefault(move.source, []).append(move)
    return {
        "schema": SCHEMA,
        "objective": before.rules.objective,
        "waves": [list(wave.hosts) for wave in waves],
        "moves": [dict(vars(move)) for move in moves],
        "room": [
            {
                "wave": move.wave,
                "step": move.step,
                "host": move.source,
                "moves": [order_of(before.vms[move.vm], move.target)],
            }
            for wave in waves
            for move in wave.room
        ],
        "stops": stops_of(before, waves),
        "figures": dataclasses.asdict(figures(before, waves)),
        "wave_seconds": [round(wave_seconds(before.nodes, wave, before.rules), 1) for wave in waves],
        "bounds": dict(bounds),
        "proof": prove(before, waves),
        "skipped": dict(skipped),
        "epoch": next_epoch(before.nodes),
        "hosts": [
            _host(node, by_host.get(name), by_source.get(name, []), before) for name, node in before.nodes.items()
        ],
    }


def _host(node: Node, wave: Wave | None, leaving: t.Sequence[Move], cluster: Cluster) -> dict[str, t.Any]:
    """Return what a plan tells of a host.

    `moves` is what `vm_migrate` takes on it in its wave, `parallel_moves` how many of them at a time, `stops` what
    `maintenance_vms` takes.
    """
    updates, record = node.updates, node.facts.maintenance
    number = wave.number if wave else None
    emptied = sum(cluster.nodes[name].must_be_empty for name in wave.hosts) if wave else 0
    before = record.before if record and record.run_id and record.before.os else node.facts.versions
    return {
        "name": node.name,
        "wave": number,
        "moves": [
            *(begun(node) if wave else ()),
            *(order_of(cluster.vms[move.vm], move.target) for move in leaving if move.wave == number),
        ],
        "stops": stops_on(cluster, node.name) if wave else [],
        "parallel_moves": cluster.rules.parallel(emptied),
        "impact": node.impact,
        "reasons": updates.reasons if updates else [],
        "from": before.to_dict(),
        "to": updates.target.to_dict() if updates else {},
        "packages": len(updates.manifest) if updates else 0,
        **({"rollback": way_back(node, cluster.rules.keep)} if cluster.rules.keep else {}),
        **({"boot": boot_of(node)} if cluster.rules.soft_reboot and node.must_be_empty else {}),
        "vms": sum(vm.active for vm in node.facts.vms),
    }


def order_of(vm: Vm, target: str) -> dict[str, t.Any]:
    """Return a move as `vm_migrate` takes it."""
    policy = vm.policy
    limits = {"max_downtime_ms": policy.max_downtime_ms, "post_copy": policy.post_copy}
    return {
        "vm": vm.name,
        "to": target,
        **kind_of(vm),
        "policy": {name: value for name, value in limits.items() if value is not None},
    }
