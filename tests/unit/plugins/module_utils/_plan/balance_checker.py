# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A second opinion on plans that even out loads: what `rebalance_plan` returns, judged by rules written anew."""

from __future__ import annotations

import typing as t
from fractions import Fraction

from ansible_collections.evergreen.virt.plugins.module_utils._facts import Host, Vm
from ansible_collections.evergreen.virt.plugins.module_utils._plan.model import Node, Rules

from .checker import ACTIVE, Checker, untruths

Plan = t.Mapping[str, t.Any]
Where = dict[str, list[Vm]]


def broken(nodes: t.Sequence[Node], rules: Rules, scope: t.Sequence[str], plan: Plan) -> list[str]:
    """Return one sentence for each rule that a plan breaks at any moment, and for each thing that it says and is not so."""
    checker = Checker(nodes, rules)
    found = checker.check({"waves": [[]], "moves": plan["moves"]})
    found += untruths(nodes, rules, plan)
    found += _who_takes_part(nodes, rules, scope, plan)
    found += _too_many_at_a_time(rules, plan)
    found += _orders(plan)
    found += _loads(nodes, rules, scope, plan)
    return found


def even(nodes: t.Sequence[Node], rules: Rules, scope: t.Sequence[str], plan: Plan) -> bool:
    """Tell whether each host that takes part is within the tolerance after the moves."""
    where = _after(nodes, plan["moves"])
    taking_part = [one.name for one in nodes if one.name in scope and _takes_part(one.facts, rules)]
    for measure, tolerance in plan["tolerances"].items():
        sizes = {one.name: _size(one.facts, rules, measure) for one in nodes}
        carried = {host: sum(_weight(vm, rules, measure) for vm in where[host]) for host in taking_part}
        mean = Fraction(sum(carried.values()), sum(sizes[host] for host in taking_part) or 1)
        for host in taking_part:
            if abs(Fraction(carried[host], sizes[host]) - mean) > Fraction(str(tolerance)) / 100:
                return False
    return True


def _takes_part(host: Host, rules: Rules) -> bool:
    has = _size(host, rules, "memory") > 0 and _size(host, rules, "vcpus") > 0
    return has and host.maintenance is None and not host.health.problems


def _size(host: Host, rules: Rules, measure: str) -> int:
    return host.capacity.threads if measure == "vcpus" else host.capacity.memory_mib - rules.host_reserve_mib


def _weight(vm: Vm, rules: Rules, measure: str) -> int:
    return vm.vcpus if measure == "vcpus" else vm.memory_mib + rules.vm_overhead_mib


def _after(nodes: t.Sequence[Node], moves: t.Iterable[t.Mapping[str, t.Any]]) -> Where:
    where = {one.name: {vm.name: vm for vm in one.facts.vms if vm.state in ACTIVE} for one in nodes}
    for move in moves:
        where[move["target"]][move["vm"]] = where[move["source"]].pop(move["vm"])
    return {host: list(vms.values()) for host, vms in where.items()}


def _who_takes_part(nodes: t.Sequence[Node], rules: Rules, scope: t.Sequence[str], plan: Plan) -> t.Iterator[str]:
    hosts = {one.name: one.facts for one in nodes}
    for move in plan["moves"]:
        for host in (move["source"], move["target"]):
            if host not in scope or not _takes_part(hosts[host], rules):
                yield f"{host} takes no part, and {move['vm']} moves {move['source']} -> {move['target']}"


def _too_many_at_a_time(rules: Rules, plan: Plan) -> t.Iterator[str]:
    for number, step in enumerate(plan["steps"], start=1):
        if step["parallel_moves"] > rules.parallel_moves:
            yield f"more VMs leave a host at the same time than may in step {number}"
        if rules.cluster_parallel_moves and len(step["hosts"]) * step["parallel_moves"] > rules.cluster_parallel_moves:
            yield f"more VMs move at the same time than may in step {number}"


def _orders(plan: Plan) -> t.Iterator[str]:
    told = [
        (number, host, move["vm"], move["to"])
        for number, step in enumerate(plan["steps"], start=1)
        for host, moves in step["hosts"].items()
        for move in moves
    ]
    if sorted(told) != sorted((move["step"], move["source"], move["vm"], move["target"]) for move in plan["moves"]):
        yield "the steps do not say what the moves say"


def _loads(nodes: t.Sequence[Node], rules: Rules, scope: t.Sequence[str], plan: Plan) -> t.Iterator[str]:
    if plan["reached"] != even(nodes, rules, scope, plan):
        yield f"it says that the tolerance is {'' if plan['reached'] else 'not '}reached"
    if plan["reached"] == bool(plan["why"]):
        yield "it gives reasons although there is nothing to explain, or none although there is"
    facts = {one.name: one.facts for one in nodes}
    for when, moves in (("before", []), ("after", plan["moves"])):
        where = _after(nodes, moves)
        for host in plan["hosts"]:
            for measure, told in host[when].items():
                carried = sum(_weight(vm, rules, measure) for vm in where[host["name"]])
                if round(100 * carried / _size(facts[host["name"]], rules, measure), 1) != told:
                    yield f"{host['name']} does not have {told} % of its {measure} {when} the moves"
