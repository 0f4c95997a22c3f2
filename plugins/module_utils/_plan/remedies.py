# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""What would make a host empty: VMs to stop, memory to add, rules to drop. Each is tried on the model before it is told."""

from __future__ import annotations

import dataclasses
import typing as t

from .._facts import Capacity, Policy, Vm
from .._names import listed
from .cluster import DONE, Cluster
from .draft import Draft
from .model import Node, Rules
from .placement import Choice, size, units
from .resources import MEMORY, VCPUS
from .ways import LIVE, WAITING, way

_MOST = 6
"""Remedies that are told."""
_CHOICE = Choice(budget=500)

Nodes = dict[str, Node]


@dataclasses.dataclass(frozen=True)
class Remedy:
    """A change, and the cluster as it would be."""

    text: str
    nodes: t.Mapping[str, Node]
    rules: Rules


def remedies(cluster: Cluster, host: str) -> list[str]:
    """Return what would make it possible to empty a host now, each by itself; the mildest first."""
    nodes = _as_nodes(cluster)
    found: list[str] = []
    for remedy in _candidates(cluster, nodes, host):
        if remedy.text not in found and _works(remedy, host):
            found.append(remedy.text)
        if len(found) == _MOST:
            break
    return found


def _works(remedy: Remedy, host: str) -> bool:
    draft = Draft(Cluster(remedy.nodes, remedy.rules), 1, _CHOICE)
    return draft.join(host) or draft.join_with_room(host)


def _as_nodes(cluster: Cluster) -> Nodes:
    """Return the hosts as they are at this moment of the plan."""
    return {name: _as_node(cluster, node) for name, node in cluster.nodes.items()}


def _as_node(cluster: Cluster, node: Node) -> Node:
    facts = dataclasses.replace(
        node.facts,
        vms=[*cluster.on(node.name), *(vm for vm in node.facts.vms if not vm.active)],
        maintenance=None if cluster.in_service(node.name) else node.facts.maintenance,
        versions=dataclasses.replace(node.facts.versions, qemu=".".join(map(str, cluster.level[node.name])) or None),
    )
    return dataclasses.replace(node, facts=facts, updates=None if cluster.tier[node.name] == DONE else node.updates)


def _candidates(cluster: Cluster, nodes: Nodes, host: str) -> t.Iterator[Remedy]:
    rules = cluster.rules
    yield from _fewer_demands(nodes, rules)
    state = cluster.copy()
    if state.in_service(host):
        state.take_out(host)
    left = _left_over(state, host)
    for vm in left:
        yield from _without_its_rules(nodes, rules, vm, host)
    for target in _nearest(state, left):
        yield from _more_of(state, nodes, target, left)
        yield from _stopping_others(state, nodes, target, left)
    yield from _other_ways(cluster, nodes, host)
    stopped = list(cluster.stuck(host)) or [vm.name for vm in left]
    if stopped:
        yield Remedy(f"stop {listed(stopped)} on {host}", _without(nodes, stopped), rules)


def _fewer_demands(nodes: Nodes, rules: Rules) -> t.Iterator[Remedy]:
    if rules.reserve:
        less = dataclasses.replace(rules, reserve=rules.reserve - 1)
        yield Remedy(f"lower the reserve for failures from {rules.reserve} to {less.reserve} hosts", nodes, less)
    if rules.host_reserve_mib:
        less = dataclasses.replace(rules, host_reserve_mib=rules.host_reserve_mib // 2)
        yield Remedy(f"lower host_reserve_mib from {rules.host_reserve_mib} to {less.host_reserve_mib}", nodes, less)
    if rules.max_vcpus_per_thread is not None:
        for more in (1.25, 1.5, 2.0):
            limit = round(rules.max_vcpus_per_thread * more, 2)
            text = f"raise max_vcpus_per_thread from {rules.max_vcpus_per_thread:g} to {limit:g}"
            yield Remedy(text, nodes, dataclasses.replace(rules, max_vcpus_per_thread=limit))


def _left_over(state: Cluster, host: str) -> list[Vm]:
    """Return the VMs of a host that find no place when all others of it have taken one; they end up placed in `state`."""
    left: list[Vm] = []
    for unit in units(state, [vm for vm in state.leaving(host) if vm.name not in state.pinned]):
        target = next((target for tier in (0, 1, 2) for target in state.targets(unit, tier, fullest=True)), None)
        if target is None:
            left += unit
        else:
            for vm in unit:
                state.move(vm, target)
    return left


def _without_its_rules(nodes: Nodes, rules: Rules, vm: Vm, host: str) -> t.Iterator[Remedy]:
    for group in vm.policy.anti_affinity:
        others = [name for name in vm.policy.anti_affinity if name != group]
        changed = dataclasses.replace(vm.policy, anti_affinity=others)
        yield Remedy(
            f"take {vm.name} out of the anti-affinity group '{group}'", _with_policy(nodes, vm, host, changed), rules
        )
    if vm.policy.affinity:
        changed = dataclasses.replace(vm.policy, affinity=[])
        yield Remedy(f"take {vm.name} out of its affinity groups", _with_policy(nodes, vm, host, changed), rules)
    if vm.policy.hosts:
        changed = dataclasses.replace(vm.policy, hosts=[])
        yield Remedy(
            f"let {vm.name} run on other hosts than its policy allows", _with_policy(nodes, vm, host, changed), rules
        )


def _other_ways(cluster: Cluster, nodes: Nodes, host: str) -> t.Iterator[Remedy]:
    """Let what cannot move wait on its host instead; a VM that must not be touched is left out of it."""
    stuck = [cluster.vms[name] for name in cluster.stuck(host) if way(cluster.vms[name]) == LIVE]
    for policy in WAITING:
        changed = nodes
        for vm in stuck:
            changed = _with_policy(changed, vm, host, dataclasses.replace(vm.policy, evacuation=policy))
        if stuck:
            names = listed([vm.name for vm in stuck])
            yield Remedy(f"give {names} the policy evacuation: {policy}", changed, cluster.rules)


def _nearest(state: Cluster, left: t.Sequence[Vm]) -> list[str]:
    """Return the hosts that would take what is left over if they had more room, the nearest first."""
    able = [
        name
        for name in state.nodes
        if left and state.in_service(name) and all(state.lasting_refusal(vm, name) is None for vm in left)
    ]
    return sorted(able, key=lambda name: (-state.free[name][MEMORY], name))[:2]


def _more_of(state: Cluster, nodes: Nodes, target: str, left: t.Sequence[Vm]) -> t.Iterator[Remedy]:
    missing = {
        name: amount - state.free[target].get(name, 0)
        for name, amount in state.wanted(left, target).items()
        if amount > state.free[target].get(name, 0) and name != VCPUS
    }
    if list(missing) == [MEMORY]:
        mib = missing[MEMORY]
        facts = nodes[target].facts
        capacity: Capacity = dataclasses.replace(facts.capacity, memory_mib=facts.capacity.memory_mib + mib)
        grown = {
            **nodes,
            target: dataclasses.replace(nodes[target], facts=dataclasses.replace(facts, capacity=capacity)),
        }
        yield Remedy(f"give {target} {mib} MiB more memory", grown, state.rules)


def _stopping_others(state: Cluster, nodes: Nodes, target: str, left: t.Sequence[Vm]) -> t.Iterator[Remedy]:
    """Stop VMs that were on the target before: the smallest one that is enough, else the largest until it is."""
    wanted, free = state.wanted(left, target)[MEMORY], state.free[target][MEMORY]
    present = sorted(
        (vm for vm in nodes[target].facts.vms if vm.active), key=lambda vm: (vm.policy.priority, vm.memory_mib, vm.name)
    )
    enough = [vm for vm in present if free + state.demand[vm.name][MEMORY] >= wanted]
    chosen = enough[:1]
    for vm in reversed(present if not enough else []):
        chosen.append(vm)
        free += state.demand[vm.name][MEMORY]
        if free >= wanted:
            break
    if chosen:
        names = [vm.name for vm in chosen]
        yield Remedy(f"stop {listed(names)} ({size(chosen)} MiB) on {target}", _without(nodes, names), state.rules)


def _without(nodes: Nodes, names: t.Collection[str]) -> Nodes:
    return {
        name: dataclasses.replace(
            node, facts=dataclasses.replace(node.facts, vms=[vm for vm in node.facts.vms if vm.name not in names])
        )
        for name, node in nodes.items()
    }


def _with_policy(nodes: Nodes, vm: Vm, host: str, policy: Policy) -> Nodes:
    vms = [dataclasses.replace(one, policy=policy) if one.name == vm.name else one for one in nodes[host].facts.vms]
    return {**nodes, host: dataclasses.replace(nodes[host], facts=dataclasses.replace(nodes[host].facts, vms=vms))}
