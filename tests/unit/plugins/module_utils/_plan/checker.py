# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A second opinion on plans: replays them with rules written anew, sharing no code with the planner."""

from __future__ import annotations

import typing as t

from ansible_collections.evergreen.virt.plugins.module_utils._plan.model import Move, Node, Rules, Wave


def violations(nodes: t.Sequence[Node], rules: Rules, waves: t.Sequence[Wave]) -> list[str]:
    """Return one sentence for each rule that a plan breaks at any moment, whatever the order of a wave's moves."""
    where = {vm.name: one.name for one in nodes for vm in one.facts.vms if vm.state == "running"}
    done = {one.name for one in nodes if one.updates and one.updates.impact == "none"}
    found: list[str] = []
    for wave in waves:
        after = {**where, **{move.vm: move.target for move in wave.moves}}
        found += _of_the_wave(wave, rules, after)
        found += [broken for move in wave.moves for broken in _of_a_move(move, wave, where, done)]
        found += [broken for one in nodes for broken in _of_a_host(one, nodes, rules, (where, after))]
        where = after
        done.update(wave.hosts)
    return found


def _of_the_wave(wave: Wave, rules: Rules, after: t.Mapping[str, str]) -> t.Iterator[str]:
    if len(wave.hosts) > rules.max_hosts_per_wave:
        yield f"wave {wave.number} is too large"
    for host in set(wave.hosts) & set(after.values()):
        yield f"{host} is not empty in wave {wave.number}"


def _of_a_move(move: Move, wave: Wave, where: t.Mapping[str, str], done: set[str]) -> t.Iterator[str]:
    if where[move.vm] != move.source:
        yield f"{move.vm} is not on {move.source}"
    if move.target in wave.hosts:
        yield f"{move.vm} moves into the wave"
    if move.source in done and move.target not in done:
        yield f"{move.vm} goes back to an older version"


def _of_a_host(
    one: Node, nodes: t.Sequence[Node], rules: Rules, moments: tuple[t.Mapping[str, str], ...]
) -> t.Iterator[str]:
    """While a wave's moves run, a VM counts wherever it was before the wave and will be after it."""
    present = [vm for host in nodes for vm in host.facts.vms if one.name in {moment.get(vm.name) for moment in moments}]
    memory = sum(vm.memory_mib + rules.vm_overhead_mib for vm in present)
    if memory > one.facts.capacity.memory_mib - rules.host_reserve_mib:
        yield f"{one.name} is too full"
    groups = [group for vm in present for group in vm.policy.anti_affinity]
    if len(groups) != len(set(groups)):
        yield f"anti-affinity is broken on {one.name}"
