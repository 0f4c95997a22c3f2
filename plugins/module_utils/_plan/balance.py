# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""Loads evened out with few moves, from facts to plain data: what `rebalance_plan` returns."""

from __future__ import annotations

import dataclasses
import typing as t

from .board import Board, Shift
from .cluster import Cluster
from .deepening import Deepening
from .evenly import Beam, search
from .loads import MEASURES, Loads, Wish, size_of
from .model import Move, Node, Rules, Wave
from .proof import prove
from .reserve import Reserve
from .run import next_epoch, order_of
from .steps import Steps, in_steps
from .why_uneven import why_outside

SCHEMA = 1

_SMALL = 16
"""Hosts up to which many beginnings are gone on with, and small sets of moves are all tried."""
_SMALL_VMS = 240
_MANY = Beam(width=12, breadth=_SMALL)
_MORE = Beam(width=40, breadth=_SMALL)
"""Where the former does not reach the tolerance."""
_ONE = Beam(width=1, breadth=8)
_BUDGET = 30_000
"""Moves that are judged to find a plan with fewer of them, or to prove that there is none."""
_FURTHER = 6
"""How many moves more than the bound are tried where the beam search found no way."""
_AGAIN = 8
"""How often what was found is gone on from, where hosts are still outside."""


@dataclasses.dataclass(frozen=True)
class _Found:
    """Moves in an order that keeps every rule.

    :param bound: a number of moves below which no plan that reaches the tolerance stays.
    :param possible: False if it is proven that no plan reaches it.
    """

    steps: Steps
    bound: int = 0
    possible: bool = True

    @property
    def moves(self) -> int:
        """How many VMs move, each as often as it does."""
        return sum(len(shift.unit) for step in self.steps for shift in step)


class _Evening:
    """One question: the cluster as it is, who takes part, and what an even load is. All searches begin from there."""

    def __init__(self, cluster: Cluster, hosts: t.Sequence[str], wish: Wish) -> None:
        self.cluster, self.hosts, self.wish = cluster, hosts, wish
        self.fixed = _fixed(cluster, hosts)
        self.small = len(hosts) <= _SMALL and sum(map(cluster.count, hosts)) <= _SMALL_VMS

    def board(self, cluster: Cluster) -> Board:
        """Return a board that begins with a cluster, which stays as it is."""
        return Board(cluster.copy(), self.loads(cluster), self.fixed)

    def loads(self, cluster: Cluster) -> Loads:
        """Return the loads of a cluster."""
        return Loads(cluster, self.hosts, self.wish)

    def after(self, steps: Steps) -> Cluster:
        """Return the cluster as it is after some moves."""
        cluster = self.cluster.copy()
        for shift in (shift for step in steps for shift in step):
            for vm in shift.unit:
                cluster.move(vm, shift.target)
        return cluster

    def steps(self, shifts: t.Sequence[Shift]) -> Steps | None:
        """Return moves in steps, from the beginning on."""
        return in_steps(self.cluster, shifts, self.hosts)

    def outside(self, steps: Steps) -> int:
        """Return how far hosts are outside of their windows after some moves."""
        return sum(map(self.loads(self.after(steps)).excess, self.hosts))


def plan_balance(nodes: t.Mapping[str, Node], scope: t.Sequence[str], rules: Rules, wish: Wish) -> dict[str, t.Any]:
    """Plan the fewest moves that bring each host of `scope` within the tolerance of their mean.

    Hosts that are in maintenance or not healthy, and those that have nothing for VMs, are left alone. If the tolerance cannot be
    reached, or no way to it was found, the plan comes as near as was found, and says why not nearer.

    :param nodes: every host of the cluster.
    """
    cluster = Cluster(nodes, rules)
    left_alone = {host: reason for host in scope if (reason := _left_alone(cluster, host))}
    asked = _Evening(cluster, [host for host in scope if host not in left_alone], wish)
    found = _nearest(asked) if asked.hosts else _Found([])
    return _as_data(asked, found, left_alone)


def _left_alone(cluster: Cluster, host: str) -> str | None:
    nothing = min(size_of(cluster, host, MEASURES)) <= 0
    return cluster.out_of_service(host) or ("it has nothing for VMs" if nothing else None)


def _fixed(cluster: Cluster, hosts: t.Iterable[str]) -> dict[str, str]:
    """Return the VMs that cannot move, each with the reason: loads are evened out with VMs that keep running."""
    moving = {name: "it is moving already" for host in hosts for name in cluster.nodes[host].facts.moving}
    policies = {
        vm.name: f"its policy is evacuation: {vm.policy.evacuation}"
        for vm in cluster.vms.values()
        if vm.policy.evacuation != "live"
    }
    return {**moving, **policies, **cluster.pinned}


def _nearest(asked: _Evening) -> _Found:
    """Return the best plan; where it does not reach the tolerance it is gone on with, so that a plan made after its moves would find none."""
    found = _best(asked)
    for _attempt in range(_AGAIN):
        if not asked.outside(found.steps):
            break
        between = asked.after(found.steps)
        more = _best(_Evening(between, asked.hosts, asked.wish)).steps
        if not more:
            break
        straight = asked.steps(_straight(asked.cluster, between, more))
        found = dataclasses.replace(found, steps=[*found.steps, *more] if straight is None else straight)
    return found


def _best(asked: _Evening) -> _Found:
    board = asked.board(asked.cluster)
    possible, least = board.possible, board.needs
    steps = _searched(asked, board, _MANY if asked.small else _ONE)
    if asked.small and possible and asked.outside(steps):
        steps = min(steps, _searched(asked, board, _MORE), key=asked.outside)
    if asked.small and possible and board.outside:
        deepening = Deepening(board, lambda shifts: bool(asked.steps(shifts)), _BUDGET)
        known = least + _FURTHER if asked.outside(steps) else _Found(steps).moves
        better = deepening.better(known)
        return _Found(steps if better is None else asked.steps(better) or [], deepening.bound)
    return _Found(steps, least, possible)


def _searched(asked: _Evening, board: Board, beam: Beam) -> Steps:
    return asked.steps(_slimmed(asked, search(board, beam))) or []


def _slimmed(asked: _Evening, shifts: t.Sequence[Shift]) -> list[Shift]:
    """Leave out moves without which the hosts are no farther outside, those that carry the most first."""
    loads = asked.loads(asked.cluster)
    for shift in shifts:
        loads.shift(loads.total(shift.unit), shift.source, shift.target)
    kept = list(shifts)
    for shift in sorted(shifts, key=lambda shift: (-shift.mib, shift.name)):
        both, weight = (shift.source, shift.target), loads.total(shift.unit)
        before = sum(map(loads.excess, both))
        loads.shift(weight, shift.target, shift.source)
        if sum(map(loads.excess, both)) <= before:
            kept.remove(shift)
        else:
            loads.shift(weight, shift.source, shift.target)
    return kept if len(kept) < len(shifts) and asked.steps(kept) else list(shifts)


def _straight(before: Cluster, between: Cluster, more: Steps) -> list[Shift]:
    """Return the moves from where VMs were to where they are after `more`, which begins where they are in between."""
    ends = {**between.location, **{vm.name: shift.target for step in more for shift in step for vm in shift.unit}}
    found: dict[str, Shift] = {}
    for name, end in ends.items():
        home = before.location[name]
        if end != home and name not in found:
            unit = tuple(vm for vm in before.companions(before.vms[name]) if ends[vm.name] == end)
            found.update({vm.name: Shift(unit, home, end) for vm in unit})
    return list({shift.name: shift for shift in found.values()}.values())


def _as_data(asked: _Evening, found: _Found, left_alone: t.Mapping[str, str]) -> dict[str, t.Any]:
    before, after = asked.loads(asked.cluster), asked.loads(asked.after(found.steps))
    wave = Wave(1, (), tuple(_moves(asked.cluster, found.steps)))
    reached = not any(map(after.excess, asked.hosts))
    return {
        "schema": SCHEMA,
        "reached": reached,
        "possible": found.possible,
        "why": [] if reached else why_outside(asked.after(found.steps), after, asked.fixed),
        "moves": [dict(vars(move)) for move in wave.moves],
        "steps": [_orders(asked.cluster, step) for step in found.steps],
        "figures": {
            "moves": len(wave.moves),
            "mib": sum(move.memory_mib + move.disk_mib for move in wave.moves),
            "widest": after.widest(),
        },
        "bounds": {"moves": found.bound} if reached else {},
        "tolerances": dict(asked.wish.tolerances),
        "mean": {measure: round(100 * float(mean), 1) for measure, mean in zip(before.measures, before.mean)},
        "hosts": [{"name": host, "before": before.shares(host), "after": after.shares(host)} for host in asked.hosts],
        "proof": prove(asked.cluster, [wave]),
        "left_alone": dict(left_alone),
        "reserve": Reserve(asked.cluster).refusal([]) or "",
        "epoch": next_epoch(asked.cluster.nodes),
    }


def _moves(cluster: Cluster, steps: Steps) -> t.Iterator[Move]:
    for number, step in enumerate(steps, start=1):
        for shift in step:
            for vm in shift.unit:
                disk_mib = sum(cluster.copied(vm, shift.target).values())
                yield Move(1, vm.name, shift.source, shift.target, vm.memory_mib, disk_mib, number)


def _orders(cluster: Cluster, step: t.Sequence[Shift]) -> dict[str, t.Any]:
    """Return what `vm_migrate` takes on each host in a step, and how many of them at a time."""
    sources = sorted({shift.source for shift in step})
    moves = {
        source: [order_of(vm, shift.target) for shift in step if shift.source == source for vm in shift.unit]
        for source in sources
    }
    return {"parallel_moves": cluster.rules.parallel(len(sources)), "hosts": moves}
