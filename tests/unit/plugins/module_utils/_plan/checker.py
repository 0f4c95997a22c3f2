# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A second opinion on plans: replays them with rules written anew, sharing no code with the planner.

It is given the facts, what was asked for, and the plan as `upgrade_plan` returns it.
"""

from __future__ import annotations

import collections
import dataclasses
import re
import typing as t

from ansible_collections.evergreen.virt.plugins.module_utils._facts import Disk, Host, Pool, Vm
from ansible_collections.evergreen.virt.plugins.module_utils._plan.model import Node, Rules

Plan = t.Mapping[str, t.Any]
Where = dict[str, str]

ACTIVE = ("running", "paused", "blocked", "suspended", "crashed")
"""States in which a VM takes memory."""


def goes_back(source: str | None, target: str | None) -> bool:
    """Return whether the first number in which two versions differ is the smaller one on the target."""
    pairs = zip(*(re.findall(r"\d+", version or "") for version in (source, target)))
    return next((int(one) > int(other) for one, other in pairs if int(one) != int(other)), False)


class Checker:
    """Looks at every moment of a plan. Within a step, moves may run in any order and at the same time.

    VMs that wait on their host keep what they take there; nobody else may have it when the host is back.
    """

    def __init__(self, nodes: t.Sequence[Node], rules: Rules) -> None:
        self.hosts: dict[str, Host] = {one.name: one.facts for one in nodes}
        self.empties = {one.name for one in nodes if one.updates and one.updates.impact in ("empty", "reboot")}
        self.up_to_date = {one.name for one in nodes if not one.updates or one.updates.impact == "none"}
        self.qemu = {one.name: one.facts.versions.qemu for one in nodes}
        self.next_qemu = {one.name: one.updates.target.qemu for one in nodes if one.updates}
        self.rules = rules
        self.vms: dict[str, Vm] = {}
        self.where: Where = {}
        for one in nodes:
            for vm in present_on(one.facts):
                self.vms[vm.name], self.where[vm.name] = vm, one.name
        self.copied: dict[tuple[str, str], int] = collections.Counter()
        self.broken: list[str] = []

    def check(self, plan: Plan) -> list[str]:
        """Return one sentence for each rule that the plan breaks."""
        for number, hosts in enumerate(plan["waves"], start=1):
            stops = [stop for stop in plan.get("stops", []) if stop["wave"] == number]
            self._wave(number, list(hosts), [move for move in plan["moves"] if move["wave"] == number], stops)
        return self.broken

    def _wave(
        self, number: int, hosts: list[str], moves: list[dict[str, t.Any]], stops: list[dict[str, t.Any]]
    ) -> None:
        if len(hosts) > self.rules.max_hosts_per_wave:
            self.broken.append(f"wave {number} has too many hosts")
        emptied = [host for host in hosts if host in self.empties]
        if self.rules.cluster_parallel_moves and len(emptied) > self.rules.cluster_parallel_moves:
            self.broken.append(f"wave {number} has more moves at a time than may be in the cluster")
        before = dict(self.where)
        for step in sorted({move["step"] for move in moves}):
            self._step(hosts, [move for move in moves if move["step"] == step])
        self._left_behind(number, emptied, self._stopped(number, emptied, stops))
        self._affinity(number, before, hosts)
        self._reserve(number, emptied)
        for host in hosts:
            self.up_to_date.add(host)
            self.qemu[host] = self.next_qemu.get(host) or self.qemu[host]

    def _step(self, hosts: list[str], moves: list[dict[str, t.Any]]) -> None:
        after = dict(self.where)
        for move in moves:
            name, target = move["vm"], move["target"]
            if self.where[name] != move["source"]:
                self.broken.append(f"{name} is not on {move['source']}")
            if target in hosts or target == move["source"]:
                self.broken.append(f"{name} moves to {target}, which is no target")
            self.broken += [f"{name} on {target}: {why}" for why in self._unfit(self.vms[name], move["source"], target)]
            self.broken += [f"{name}: {why}" for why in self._unmovable(self.vms[name], move, hosts)]
            for disk in self.vms[name].disks:
                if not disk.shared:
                    pools = [pool.name for pool in self.hosts[target].pools if lies_in(disk, pool)]
                    self.copied[target, pools[0] if pools else "?"] += disk.size_mib
            after[name] = target
        for host in {move["target"] for move in moves}:
            present = [vm for name, vm in self.vms.items() if host in (self.where[name], after[name])]
            self.broken += [f"{host}: {why}" for why in self._overfull(host, present)]
            groups = collections.Counter(
                group for vm in present for group in vm.policy.anti_affinity if any(m["vm"] == vm.name for m in moves)
            )
            everybody = collections.Counter(group for vm in present for group in vm.policy.anti_affinity)
            self.broken += [f"{host}: anti-affinity '{group}'" for group in groups if everybody[group] > 1]
        self.where = after

    def _unfit(self, vm: Vm, source: str, target: str) -> t.Iterator[str]:
        host, home = self.hosts[target], self.hosts[source]
        if host.maintenance is not None and target not in self.up_to_date:
            yield "maintenance"
        if host.health.problems:
            yield "health"
        if vm.policy.hosts and target not in vm.policy.hosts:
            yield "policy.hosts"
        back = source in self.up_to_date and target not in self.up_to_date
        if back or goes_back(self.qemu[source], self.qemu[target]):
            yield "back to an older version"
        yield from self._not_emulated(vm, home, host)
        yield from self._unreachable(vm, host)
        yield from self._taken(vm, host)

    @staticmethod
    def _unmovable(vm: Vm, move: t.Mapping[str, t.Any], hosts: list[str]) -> t.Iterator[str]:
        wanted = vm.policy.evacuation
        if move["kind"] != wanted or wanted not in ("live", "offline"):
            yield f"its policy is {wanted} and it moves {move['kind']}"
        if wanted == "live" and (vm.obstacles or vm.state not in ("running", "paused", "blocked")):
            yield "it cannot move"
        if wanted == "offline" and (vm.tied or not vm.persistent or vm.state != "running"):
            yield "it cannot be started elsewhere"
        if wanted == "offline" and move["source"] not in hosts:
            yield "it is stopped to make room"

    def _stopped(self, number: int, emptied: list[str], stops: list[dict[str, t.Any]]) -> set[str]:
        """Return the VMs that wait on hosts of a wave, if they may."""
        found = set()
        for stop in stops:
            vm, host = self.vms[stop["vm"]], self.where[stop["vm"]]
            fit = vm.persistent and vm.state in ("running", "paused" if stop["way"] == "suspend" else "running")
            if stop["host"] != host or host not in emptied or stop["way"] != vm.policy.evacuation or not fit:
                self.broken.append(f"{vm.name} must not be stopped in wave {number}")
            if stop["way"] not in ("suspend", "shutdown") or (stop["way"] == "suspend" and vm.unsavable):
                self.broken.append(f"{vm.name} cannot be stopped by {stop['way']}")
            found.add(vm.name)
        for host in emptied:
            saved = sum(
                self.vms[one["vm"]].memory_mib for one in stops if (one["host"], one["way"]) == (host, "suspend")
            )
            room, known = self.hosts[host].save_free_mib, self.hosts[host].maintenance
            there = {one.vm for one in known.stopped if one.way == "suspend"} if known else set()
            saved -= sum(vm.memory_mib for vm in self.hosts[host].vms if vm.name in there and vm.state not in ACTIVE)
            if room is not None and saved > room:
                self.broken.append(f"{host} has no room to save {saved} MiB")
        return found

    @staticmethod
    def _not_emulated(vm: Vm, home: Host, host: Host) -> t.Iterator[str]:
        capacity = host.capacity
        if vm.virt_type not in capacity.virt_types:
            yield "virt type"
        if capacity.machines and vm.machine not in (None, *capacity.machines):
            yield "machine"
        given, known = capacity.cpus.get(vm.virt_type), home.capacity.cpus.get(vm.virt_type)
        partly = None not in (given, known) and vm.cpu_features and vm.cpu_model in capacity.partial_cpu_models
        if vm.cpu_mode == "custom" and capacity.cpu_models and vm.cpu_model not in capacity.cpu_models and not partly:
            yield "CPU model"
        anew = vm.policy.evacuation == "offline" and vm.cpu_mode != "custom"
        if given is not None and known is not None and not anew:
            passed = vm.cpu_mode in ("host-passthrough", "maximum")
            if passed and None not in (given.vendor, known.vendor) and given.vendor != known.vendor:
                yield "CPU vendor"
            for feature in vm.cpu_features:
                if known.features.get(feature) == "require" and given.features.get(feature) != "require":
                    yield f"CPU feature {feature}"

    @staticmethod
    def _unreachable(vm: Vm, host: Host) -> t.Iterator[str]:
        for interface in vm.interfaces:
            if interface.bridge not in (None, *host.bridges) or interface.network not in (None, *host.networks):
                yield "network"
            if host.filters is not None and interface.filter not in (None, *host.filters):
                yield "filter"
        if host.secrets is not None and not set(vm.secrets) <= set(host.secrets):
            yield "secret"
        for disk in vm.disks:
            path = disk.source or ""
            if not disk.shared and not any(lies_in(disk, pool) for pool in host.pools):
                yield "no pool"
            mounted = [pool.backend for pool in host.pools if pool.active]
            if disk.shared and path.startswith("/") and not disk.readonly and disk.backend not in mounted:
                yield "not mounted"

    @staticmethod
    def _taken(vm: Vm, host: Host) -> t.Iterator[str]:
        copied = {disk.source for disk in vm.disks if not disk.shared}
        for off in (one for one in host.vms if one.state not in ACTIVE):
            if (off.name, off.uuid) == (vm.name, vm.uuid):
                continue
            if off.name == vm.name or off.uuid == vm.uuid or copied & {disk.source for disk in off.disks}:
                yield f"{off.name} is defined there"

    def _overfull(self, host: str, present: t.Sequence[Vm]) -> t.Iterator[str]:
        facts, rules = self.hosts[host], self.rules
        if ordinary(present, rules) > for_vms(facts, rules):
            yield "memory"
        yield from _short_of_parts(facts, present)
        most = rules.max_vcpus_per_thread
        if most is not None and sum(vm.vcpus for vm in present) > most * facts.capacity.threads:
            yield "vCPUs"
        for pool in facts.pools:
            if self.copied[host, pool.name] > pool.free_mib:
                yield f"pool {pool.name}"

    def _left_behind(self, number: int, emptied: list[str], waiting: set[str]) -> None:
        for name, host in self.where.items():
            if host in emptied and name not in waiting:
                self.broken.append(f"{name} is on {host} in wave {number}")

    def _affinity(self, number: int, before: Where, hosts: list[str]) -> None:
        """Whoever was together is together afterwards."""
        friendly = [vm for vm in self.vms.values() if vm.policy.affinity]
        for one in friendly:
            for other in friendly:
                tied = set(one.policy.affinity) & set(other.policy.affinity)
                if tied and before[one.name] == before[other.name] and self.where[one.name] != self.where[other.name]:
                    self.broken.append(f"{one.name} and {other.name} are parted in wave {number}")

    def _reserve(self, number: int, emptied: list[str]) -> None:
        if not self.rules.reserve or not emptied:
            return
        serving = [
            name
            for name, host in self.hosts.items()
            if name not in emptied
            and not host.health.problems
            and (host.maintenance is None or name in self.up_to_date)
        ]
        capacity = sorted(for_vms(self.hosts[name], self.rules) for name in serving)
        present = [vm for name, vm in self.vms.items() if self.where[name] in serving]
        if sum(capacity[: -self.rules.reserve]) < ordinary(present, self.rules):
            self.broken.append(f"wave {number} leaves no reserve")


def present_on(host: Host) -> list[Vm]:
    """The VMs that take memory on a host; who waits there for the end of an interrupted run's maintenance is owed its own."""
    waiting = {one.uuid: one.way for one in (host.maintenance.stopped if host.maintenance else ()) if not one.to}
    return [
        vm
        if vm.state in ACTIVE
        else dataclasses.replace(
            vm, state="running", policy=dataclasses.replace(vm.policy, evacuation=waiting[vm.uuid])
        )
        for vm in host.vms
        if vm.state in ACTIVE or vm.uuid in waiting
    ]


def lies_in(disk: Disk, pool: Pool) -> bool:
    """Tell whether a disk is a file, right in the folder of an active pool."""
    folder, slash, name = (disk.source or "").rpartition("/")
    return bool(pool.active and slash and name and folder == pool.path)


def ordinary(vms: t.Iterable[Vm], rules: Rules) -> int:
    """MiB of ordinary memory that VMs take."""
    return sum(
        vm.memory_mib + rules.vm_overhead_mib - sum(part.mib for part in vm.backing if part.page_kib) for vm in vms
    )


def for_vms(host: Host, rules: Rules) -> int:
    """MiB of ordinary memory that VMs may take on a host."""
    set_aside = sum(mib for node in host.capacity.nodes for mib in node.pages.values())
    return host.capacity.memory_mib - set_aside - rules.host_reserve_mib


def _short_of_parts(host: Host, present: t.Sequence[Vm]) -> t.Iterator[str]:
    wanted: dict[tuple[int | None, int | None], int] = collections.Counter()
    for part in (part for vm in present for part in vm.backing):
        wanted[part.page_kib, None] += part.mib if part.page_kib else 0
        if len(part.nodes) == 1:
            wanted[part.page_kib, part.nodes[0]] += part.mib
    for (size, number), mib in wanted.items():
        nodes = [node for node in host.capacity.nodes if number in (None, node.number)]
        if size is None:
            given = [node.memory_mib - sum(node.pages.values()) for node in nodes]
        else:
            given = [node.pages.get(str(size), 0) for node in nodes]
        if mib > sum(given):
            yield f"pages of {size} KiB of node {number}"


def violations(nodes: t.Sequence[Node], rules: Rules, plan: Plan) -> list[str]:
    """Return one sentence for each rule that a plan breaks at any moment."""
    return Checker(nodes, rules).check(plan)


def untruths(nodes: t.Sequence[Node], rules: Rules, plan: Plan) -> list[str]:
    """Return one sentence for each thing in a plan's proof that is not so."""
    proof = plan["proof"]
    found = [f"{moment} is not what moves" for moment in proof["moments"] if _other_hosts(moment, plan["moves"])]
    found += [
        f"{kept} is not what waits"
        for kept in proof["kept"]
        if _other_memory(nodes, rules, kept, plan.get("stops", []))
    ]
    if {(kept["wave"], kept["host"]) for kept in proof["kept"]} != {
        (one["wave"], one["host"]) for one in plan.get("stops", [])
    }:
        found.append("the proof tells of other hosts than VMs wait on")
    free = {host: dict(amounts) for host, amounts in proof["start"].items()}
    for one in nodes:
        begun = for_vms(one.facts, rules) - ordinary(present_on(one.facts), rules)
        if one.name in free and free[one.name]["memory"] != begun:
            found.append(f"{one.name} does not start with {free[one.name]['memory']} MiB free")
    for moment in proof["moments"]:
        for key, sign in (("taken", -1), ("given", +1)):
            for host, amounts in moment[key].items():
                for name, amount in amounts.items():
                    free[host][name] += sign * amount
                    if free[host][name] < 0:
                        found.append(f"{host} is short of {name} in wave {moment['wave']}")
    return found


def _other_hosts(moment: t.Mapping[str, t.Any], moves: t.Sequence[t.Mapping[str, t.Any]]) -> bool:
    """Tell whether a moment changes other hosts than its moves do."""
    made = [move for move in moves if (move["wave"], move["step"]) == (moment["wave"], moment["step"])]
    return {move["target"] for move in made} != set(moment["taken"]) or {move["source"] for move in made} != set(
        moment["given"]
    )


def _other_memory(
    nodes: t.Sequence[Node], rules: Rules, kept: t.Mapping[str, t.Any], stops: t.Sequence[t.Mapping[str, t.Any]]
) -> bool:
    """Tell whether what the proof says that VMs keep on a host is not what those take that wait there."""
    names = {one["vm"] for one in stops if (one["wave"], one["host"]) == (kept["wave"], kept["host"])}
    waiting = [vm for one in nodes if one.name == kept["host"] for vm in one.facts.vms if vm.name in names]
    return bool(kept["kept"]["memory"] != ordinary(waiting, rules))
