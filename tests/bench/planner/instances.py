# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Clusters made up by dice, the same ones each time: for how good plans are, how fast they come, and what policies cost.

Only `random()` of Python's generator is used, whose numbers for a seed are the same in every version.
"""

from __future__ import annotations

import dataclasses
import math
import random
import typing as t

from ansible_collections.evergreen.virt.plugins.module_utils._facts import (
    Capacity,
    Host,
    Interface,
    Policy,
    Updates,
    Versions,
    Vm,
)
from ansible_collections.evergreen.virt.plugins.module_utils._plan.loads import Wish
from ansible_collections.evergreen.virt.plugins.module_utils._plan.model import Node, Pace, Rules

SEED = 2026
GIB = 1024
SIZES = ((2, 30), (4, 30), (8, 22), (16, 14), (32, 4))
"""GiB of memory of a VM, and how many of 100 VMs have so much."""


class Dice:
    """Numbers out of a seed."""

    def __init__(self, *seed: t.Any) -> None:
        self._random = random.Random("/".join(map(str, seed)))  # noqa: S311 nothing is kept secret with it

    def below(self, number: int) -> int:
        """Return one of 0, 1, ... number - 1."""
        return int(self._random.random() * number)

    def one_of(self, things: t.Sequence[t.Any]) -> t.Any:
        """Return one of some things."""
        return things[self.below(len(things))]

    def between(self, low: float, high: float) -> float:
        """Return a number between two."""
        return low + self._random.random() * (high - low)

    def happens(self, percent: int) -> bool:
        """Return true as often as that."""
        return self.below(100) < percent

    def size_gib(self, most: int) -> int:
        """Return the memory of a VM."""
        point, sizes = self.below(100), [pair for pair in SIZES if pair[0] <= most]
        for size, share in sizes:
            point -= share
            if point < 0:
                return size
        return sizes[0][0]


@dataclasses.dataclass(frozen=True)
class Instance:
    """A cluster, and what is asked for."""

    name: str
    nodes: dict[str, Node]
    rules: Rules

    @property
    def scope(self) -> list[str]:
        """The names of all hosts."""
        return list(self.nodes)

    def with_objective(self, objective: str) -> Rules:
        """Return the rules with another objective."""
        return dataclasses.replace(self.rules, objective=objective)


def small(number: int, seed: int = SEED) -> Instance:
    """Return an instance of 3 to 8 hosts: tight and loose ones, equal hosts and unequal ones, with and without a spare one."""
    dice = Dice(seed, number)
    count = 3 + dice.below(6)
    filled, unequal = dice.between(0.35, 0.85), dice.happens(40)
    rules = Rules(
        max_hosts_per_wave=dice.one_of([1, 2, 2, 3, 4]),
        host_reserve_mib=GIB,
        vm_overhead_mib=64,
        pace=Pace(move_mib_per_s=4000.0, move_s=0.2),
    )
    groups = {f"group{index}": 1 + dice.below(count - 2) for index in range(dice.below(4))}
    nodes = {}
    for index in range(count):
        memory = 64 * GIB * (dice.one_of([2, 2, 3, 4]) if unequal else 2) // 2
        impact = "none" if dice.happens(8) else "restart" if dice.happens(5) else "reboot"
        vms = _vms(dice, (index, count), memory - rules.host_reserve_mib, filled * dice.between(0.8, 1.2), groups)
        nodes[f"h{index}"] = node(f"h{index}", memory, vms, impact)
    return Instance(f"small {number}", nodes, rules)


def _vms(dice: Dice, place: tuple[int, int], memory: int, filled: float, groups: dict[str, int]) -> list[Vm]:
    """Return VMs that fill a host so far; no two of a group, and no more of it than are open, which become fewer.

    :param place: the number of the host, and how many there are.
    """
    index, hosts = place
    host, left = f"h{index}", min(0.97, filled) * memory
    vms: list[Vm] = []
    open_groups = [name for name, places in groups.items() if places]
    while left > 0 and len(vms) < 9:
        size = dice.size_gib(16) * GIB
        left -= size + 64
        if left < 0:
            break
        group = [open_groups.pop(dice.below(len(open_groups)))] if open_groups and dice.happens(20) else []
        groups.update({name: groups[name] - 1 for name in group})
        allowed = [f"h{other}" for other in range(hosts) if dice.happens(60) or other == index]
        policy = Policy(anti_affinity=group, hosts=allowed if dice.happens(4) and len(allowed) > 2 else [])
        vms.append(vm(f"{host}-vm{len(vms)}", size, policy))
    return vms


def large(hosts: int, vms: int, seed: int = SEED) -> Instance:
    """Return an instance of a production's size: three of four hosts alike, the others twice as large, filled to 60 %.

    VMs have 2 to 32 GiB; every seventh is in an anti-affinity group of up to three.
    """
    dice = Dice(seed, hosts, vms)
    rules = Rules(max_hosts_per_wave=max(2, hosts // 20), host_reserve_mib=2 * GIB)
    mean = sum(size * share for size, share in SIZES) / 100
    unit = 8 * math.ceil(vms / hosts * mean / 0.6 / 1.25 / 8) * GIB
    memory = {f"h{index:05}": unit * (2 if dice.happens(25) else 1) for index in range(hosts)}
    names = list(memory)
    placed: dict[str, list[Vm]] = {name: [] for name in names}
    free = {name: memory[name] - rules.host_reserve_mib for name in names}
    for index in range(vms):
        size = dice.size_gib(32) * GIB
        host = _host_with_room(dice, names, free, size + 64, memory)
        if host is None:
            break
        free[host] -= size + 64
        group = f"group{index // 3}"
        taken = any(group in other.policy.anti_affinity for other in placed[host])
        policy = Policy(anti_affinity=[group] if dice.happens(14) and not taken else [])
        placed[host].append(vm(f"vm{index:06}", size, policy))
    return Instance(
        f"{hosts} hosts, {vms} VMs", {name: node(name, memory[name], placed[name], "reboot") for name in names}, rules
    )


def _host_with_room(
    dice: Dice, names: t.Sequence[str], free: t.Mapping[str, int], need: int, memory: t.Mapping[str, int]
) -> str | None:
    """Return a host that keeps a tenth of its memory free besides."""
    for _try in range(64):
        name = dice.one_of(names)
        if free[name] - need > memory[name] // 10:
            return str(name)
    return next((name for name in names if free[name] >= need), None)


def vm(name: str, memory_mib: int, policy: Policy) -> Vm:
    """Return a running VM."""
    return Vm(
        name,
        f"uuid-{name}",
        "running",
        persistent=True,
        memory_mib=memory_mib,
        vcpus=2,
        machine="pc-q35-7.2",
        interfaces=[Interface("52:54:00:00:00:01", bridge="br0")],
        policy=policy,
    )


def node(name: str, memory_mib: int, vms: list[Vm], impact: str) -> Node:
    """Return a host."""
    facts = Host(
        hostname=name,
        machine_id=f"id-{name}",
        boot_id="boot",
        uri="qemu:///system",
        driver="QEMU",
        versions=Versions(os="Debian 12"),
        capacity=Capacity(memory_mib, 64, "x86_64", ["kvm"], ["pc-q35-7.2"]),
        vms=vms,
        bridges=["br0"],
    )
    return Node(name, facts, Updates("apt", impact))


def uneven(number: int, seed: int = SEED) -> tuple[Instance, Wish]:
    """Return an instance of 3 to 8 hosts, some full and some nearly empty, and what an even load is."""
    dice = Dice(seed, "uneven", number)
    count, unequal = 3 + dice.below(6), dice.happens(40)
    rules = Rules(host_reserve_mib=GIB, cluster_parallel_moves=dice.one_of([0, 0, 1, 2]))
    groups = {f"group{index}": 1 + dice.below(count - 1) for index in range(dice.below(4))}
    nodes = {}
    for index in range(count):
        memory = 64 * GIB * (dice.one_of([2, 2, 3, 4]) if unequal else 2) // 2
        vms = _vms(dice, (index, count), memory - rules.host_reserve_mib, dice.between(0.05, 0.95), groups)
        shaped = [_shaped(dice, one) for one in vms]
        nodes[f"h{index}"] = node(f"h{index}", memory, shaped, "none")
    tolerances = dice.one_of([{"memory": 3.0}, {"memory": 5.0}, {"memory": 10.0}, {"memory": 20.0}, {"vcpus": 10.0}])
    both = {"memory": 10.0, "vcpus": 15.0}
    return Instance(f"uneven {number}", nodes, rules), Wish(both if dice.happens(15) else tolerances)


def _shaped(dice: Dice, one: Vm) -> Vm:
    """Return a VM with as many vCPUs as it may be, and now and then one that stays where it is."""
    policy = dataclasses.replace(one.policy, evacuation="stay") if dice.happens(6) else one.policy
    return dataclasses.replace(one, vcpus=dice.one_of([1, 2, 2, 4, 8]), policy=policy)
