# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""The cluster at a moment: where each VM is, what each host has free, and which hosts are in service.

Changed by `move`, `undo`, `take_out` and `put_back`, and by nothing else; all sums are kept up to date by these.
"""

from __future__ import annotations

import typing as t

from .._errors import InvalidInputError
from .._facts import Vm
from . import resources
from .clashes import clashes
from .common import is_older, numbers
from .kinds import Kinds
from .model import Node, Rules
from .resources import MEMORY, Amounts
from .rules import pool_of
from .shelf import Shelf
from .ways import as_if_undisturbed, pinned, waits, without_room

DONE, STAYING, LATER = 0, 1, 2
"""Tiers of hosts as targets, best first: on its target version; not to be emptied in this run; to be emptied later."""


class Cluster:
    """Where every active VM is.

    :param nodes: every host of the cluster.
    :param scope: the hosts that may be upgraded; all when left out.
    :raises InvalidInputError: when a VM is active on two hosts.
    """

    def __init__(self, nodes: t.Mapping[str, Node], rules: Rules, scope: t.Iterable[str] | None = None) -> None:
        self.nodes = nodes = as_if_undisturbed(nodes)
        self.rules = rules
        self.vms: dict[str, Vm] = {}
        self.location: dict[str, str] = {}
        self.kinds = Kinds(nodes)
        self.clashes = clashes(nodes)
        """VM -> host -> the VM that is off there and keeps it from coming, as a reason."""
        self.members: dict[str, list[str]] = {}
        """Affinity group -> names of its VMs."""
        self.demand: dict[str, Amounts] = {}
        self.pinned: dict[str, str] = {}
        """VM -> why it can neither leave its host nor wait there, of those that cannot."""
        self.waiting: dict[str, list[str]] = {}
        """Host -> its VMs that wait on it, stopped, while it is out of service, and never move."""
        self._copies: set[str] = set()
        """VMs with disks that are copied."""
        self._order: dict[str, tuple[int, int, str]] = {}
        self.supply = {name: resources.supply(node.facts, rules) for name, node in nodes.items()}
        self.free = {name: dict(amounts) for name, amounts in self.supply.items()}
        wanted = set(nodes if scope is None else scope)
        self.tier = {name: _tier(node, name in wanted) for name, node in nodes.items()}
        self.level = {name: numbers(node.facts.versions.qemu) for name, node in nodes.items()}
        """The version of each host's QEMU, as far as it is known."""
        self.changes = 0
        """Counts how often the number of VMs changed on a host in service that is to be emptied later."""
        self._on: dict[str, dict[str, Vm]] = {name: {} for name in nodes}
        self._groups: dict[str, dict[str, int]] = {name: {} for name in nodes}
        self._shelf = Shelf()
        self._shelved: set[str] = set()
        self._in_service: set[str] = set()
        for name, node in nodes.items():
            for vm in node.facts.vms:
                if vm.active:
                    self._settle(vm, name)
            self.pinned.update(without_room(node.facts))
        self._shelved.update(resources.scarcest(amounts) for amounts in self.demand.values())
        for name, node in nodes.items():
            if node.facts.maintenance is None:
                self.put_back(name)

    def copy(self) -> Cluster:
        """Return another one that changes by itself."""
        twin = object.__new__(Cluster)
        twin.__dict__.update(self.__dict__)
        twin.location = dict(self.location)
        twin.free = {name: dict(amounts) for name, amounts in self.free.items()}
        twin.tier, twin.level = dict(self.tier), dict(self.level)
        twin._on = {name: dict(vms) for name, vms in self._on.items()}
        twin._groups = {name: dict(groups) for name, groups in self._groups.items()}
        twin._shelf, twin._in_service = self._shelf.copy(), set(self._in_service)
        return twin

    def _settle(self, vm: Vm, host: str) -> None:
        if vm.name in self.location:
            raise InvalidInputError(
                f"VM '{vm.name}' is active on '{self.location[vm.name]}' and on '{host}' at the same time.",
                hint="Wait until its move has ended, or find out which of the two is the right one.",
                vm=vm.name,
            )
        self.vms[vm.name] = vm
        self.demand[vm.name] = resources.demand(vm, self.rules)
        self._order[vm.name] = (-vm.policy.priority, -vm.memory_mib, vm.name)
        if reason := pinned(vm):
            self.pinned[vm.name] = reason
        elif waits(vm):
            self.waiting.setdefault(host, []).append(vm.name)
        if any(not disk.shared for disk in vm.disks):
            self._copies.add(vm.name)
        for group in vm.policy.affinity:
            self.members.setdefault(group, []).append(vm.name)
        self._arrive(vm, host)

    # What is asked

    def on(self, host: str) -> list[Vm]:
        """The active VMs of a host, in the order in which a wave moves them: most important, then largest first."""
        return [self.vms[name] for name in sorted(self._on[host], key=self._order.__getitem__)]

    def leaving(self, host: str) -> list[Vm]:
        """The VMs of a host that leave it when it becomes empty, in the same order."""
        stay = self.waiting.get(host, ())
        return [vm for vm in self.on(host) if vm.name not in stay]

    def kept(self, host: str) -> Amounts:
        """What the VMs take that wait on a host, which nobody else can have meanwhile."""
        kept: Amounts = {}
        for name in self.waiting.get(host, ()):
            for resource, amount in self.demand[name].items():
                kept[resource] = kept.get(resource, 0) + amount
        return kept

    def stuck(self, host: str) -> dict[str, str]:
        """The VMs of a host that can neither leave it nor wait there, each with the reason."""
        found = {name: self.pinned[name] for name in self._on[host] if name in self.pinned} if self.pinned else {}
        return {**found, **self._parted(host)} if self.members and host in self.waiting else found

    def _parted(self, host: str) -> dict[str, str]:
        """The VMs of a host that would leave while others, which must be with them, wait there."""
        waiting = self.waiting[host]
        return {
            vm.name: f"it must be with '{other.name}', which waits on the host"
            for vm in self.leaving(host)
            if (other := next((one for one in self.companions(vm) if one.name in waiting), None))
        }

    def count(self, host: str) -> int:
        """How many VMs leave a host when it becomes empty."""
        return len(self._on[host]) - len(self.waiting.get(host, ()))

    def capacity(self, host: str) -> int:
        """MiB of ordinary memory that VMs may take on a host."""
        return self.supply[host][MEMORY]

    def used(self, host: str) -> int:
        """MiB of ordinary memory that VMs take on a host."""
        return self.supply[host][MEMORY] - self.free[host][MEMORY]

    def in_service(self, host: str) -> bool:
        """VMs may come to this host."""
        return host in self._in_service

    def serving(self, tiers: t.Container[int]) -> list[str]:
        """The hosts in service of some tiers."""
        return [host for host in self._in_service if self.tier[host] in tiers]

    def companions(self, vm: Vm) -> list[Vm]:
        """The VMs on the same host that its affinity groups tie to `vm`, itself first."""
        found, host = {vm.name: vm}, self.location[vm.name]
        waiting = [vm]
        while waiting:
            for group in waiting.pop().policy.affinity:
                for name in self.members[group]:
                    if name not in found and self.location[name] == host:
                        found[name] = self.vms[name]
                        waiting.append(self.vms[name])
        return list(found.values())

    def friends(self, unit: t.Sequence[Vm]) -> set[str]:
        """The hosts of VMs that the affinity groups of `unit` tie to it."""
        groups = {group for vm in unit for group in vm.policy.affinity}
        return {self.location[name] for group in groups for name in self.members[group]}

    def copied(self, vm: Vm, host: str) -> Amounts:
        """What the disks of `vm` that are copied take of the pools of a host."""
        taken: Amounts = {}
        for disk in vm.disks if vm.name in self._copies else ():
            if not disk.shared and (pool := pool_of(disk, self.nodes[host].facts)):
                taken[f"pool/{pool.name}"] = taken.get(f"pool/{pool.name}", 0) + disk.size_mib
        return taken

    def takes(self, unit: t.Sequence[Vm], host: str) -> bool:
        """Tell whether a host in service can take these VMs together now."""
        vm = unit[0]
        if len(unit) > 1 or vm.name in self._copies:
            return self.refusal(unit, host) is None
        free = self.free[host]
        for name, amount in self.demand[vm.name].items():
            if free.get(name, 0) < amount:
                return False
        return self.lasting_refusal(vm, host) is None and self._anti_affinity(unit, host) is None

    def refusal(self, unit: t.Sequence[Vm], host: str) -> str | None:
        """Return why a host cannot take these VMs together now, or None if it can."""
        lasting = (self.lasting_refusal(vm, host) for vm in unit)
        return (
            next((reason for reason in lasting if reason), None)
            or self._anti_affinity(unit, host)
            or self._room(unit, host)
        )

    def lasting_refusal(self, vm: Vm, host: str) -> str | None:
        """Return why a host could not take this VM even if no other were there, or None."""
        return self.out_of_service(host) or self._alone(vm, host)

    def wanted(self, unit: t.Sequence[Vm], host: str) -> Amounts:
        """Return what these VMs together would take on a host."""
        wanted: Amounts = {}
        for vm in unit:
            for name, amount in (*self.demand[vm.name].items(), *self.copied(vm, host).items()):
                wanted[name] = wanted.get(name, 0) + amount
        return wanted

    def out_of_service(self, host: str) -> str | None:
        """Return why VMs may not come to a host, or None if they may."""
        if host in self._in_service:
            return None
        facts = self.nodes[host].facts
        if facts.maintenance is not None:
            return f"it is in maintenance by {facts.maintenance.owner} since {facts.maintenance.since}"
        return f"it is not healthy: {facts.health.problems[0]}" if not facts.health.ok else "it is in the same wave"

    def _alone(self, vm: Vm, host: str) -> str | None:
        home = self.location[vm.name]
        if vm.policy.hosts and host not in vm.policy.hosts:
            return f"the VM's policy allows only {', '.join(vm.policy.hosts)}"
        if (self.tier[home] == DONE != self.tier[host]) or is_older(self.level[host], self.level[home]):
            return "the VM runs on a newer version already"
        if vm.name in self.clashes and host in self.clashes[vm.name]:
            return self.clashes[vm.name][host]
        return self.kinds.refusals(vm, home)[self.kinds.of_host[host]]

    def _anti_affinity(self, unit: t.Sequence[Vm], host: str) -> str | None:
        for group in (group for vm in unit for group in vm.policy.anti_affinity):
            if self._groups[host].get(group):
                other = next(vm.name for vm in self._on[host].values() if group in vm.policy.anti_affinity)
                return f"'{other}' of anti-affinity group '{group}' is there"
        return None

    def alone_of_its_groups(self, vm: Vm) -> bool:
        """Tell whether no other member of the anti-affinity groups of `vm` is on its host."""
        groups = self._groups[self.location[vm.name]]
        return all(groups.get(group) == 1 for group in vm.policy.anti_affinity)

    def _room(self, unit: t.Sequence[Vm], host: str) -> str | None:
        wanted, free = self.wanted(unit, host), self.free[host]
        lacking = (name for name, amount in wanted.items() if free.get(name, 0) < amount)
        return next((resources.shortage(name, free.get(name, 0), wanted[name]) for name in lacking), None)

    def targets(self, unit: t.Sequence[Vm], tier: int, *, fullest: bool) -> t.Iterator[str]:
        """Return the hosts of a tier that can take these VMs together now: those of their site, the fullest or the emptiest first, then others."""
        first, home = unit[0], self.location[unit[0].name]
        if first.policy.hosts:
            hosts: t.Iterable[str] = (host for host in first.policy.hosts if self.tier.get(host) == tier)
        else:
            resource = resources.scarcest(self.demand[first.name])
            wanted = sum(self.demand[vm.name].get(resource, 0) for vm in unit)
            kinds = [kind for kind, reason in enumerate(self.kinds.refusals(first, home)) if reason is None]
            site, sites = self.nodes[home].site, self.kinds.site
            shares = (
                [kinds]
                if sites.count(site) == len(sites)
                else [
                    [kind for kind in kinds if sites[kind] == site],
                    [kind for kind in kinds if sites[kind] != site],
                ]
            )
            look = self._shelf.fullest if fullest else self._shelf.emptiest
            hosts = (host for share in shares for host in look([(tier, kind, resource) for kind in share], wanted))
        return (host for host in hosts if self.takes(unit, host))

    # What changes it

    def move(self, vm: Vm, host: str) -> None:
        """Let `vm` go to `host`. Its copied disks stay behind, so that the source gains no space in its pools."""
        self._leave(vm)
        self._arrive(vm, host, self.copied(vm, host))

    def undo(self, vm: Vm, source: str) -> None:
        """Let it be as if `vm` had not come here from `source`."""
        self._leave(vm, self.copied(vm, self.location[vm.name]))
        self._arrive(vm, source)

    def _arrive(self, vm: Vm, host: str, copied: t.Mapping[str, int] | None = None) -> None:
        self._on[host][vm.name] = vm
        self.location[vm.name] = host
        groups = self._groups[host]
        for group in vm.policy.anti_affinity:
            groups[group] = groups.get(group, 0) + 1
        self._change(host, self.demand[vm.name], -1)
        if copied:
            self._change(host, copied, -1)

    def _leave(self, vm: Vm, copied: t.Mapping[str, int] | None = None) -> None:
        host = self.location[vm.name]
        del self._on[host][vm.name]
        for group in vm.policy.anti_affinity:
            self._groups[host][group] -= 1
        self._change(host, self.demand[vm.name], +1)
        if copied:
            self._change(host, copied, +1)

    def _change(self, host: str, amounts: t.Mapping[str, int], sign: int) -> None:
        free = self.free[host]
        if host not in self._in_service:
            for name, amount in amounts.items():
                free[name] = free.get(name, 0) + sign * amount
            return
        self.changes += self.tier[host] == LATER
        for name, amount in amounts.items():
            before = free[name]
            free[name] = before + sign * amount
            if name in self._shelved:
                key = (self.tier[host], self.kinds.of_host[host], name)
                self._shelf.take(key, before, host)
                self._shelf.put(key, free[name], host)

    def take_out(self, host: str) -> None:
        """Take a host out of service."""
        self._in_service.discard(host)
        for name, free in self._to_shelve(host):
            self._shelf.take((self.tier[host], self.kinds.of_host[host], name), free, host)

    def put_back(self, host: str, *, upgraded: bool = False) -> None:
        """Put a host into service, on its target version if it was upgraded; this run's maintenance of it has then ended.

        One that is not healthy comes back as well, but no VM is planned to go there.
        """
        if upgraded:
            self.tier[host] = DONE
            updates = self.nodes[host].updates
            self.level[host] = numbers(updates.target.qemu if updates else None) or self.level[host]
        if not self.nodes[host].facts.health.ok:
            return
        self._in_service.add(host)
        for name, free in self._to_shelve(host):
            self._shelf.put((self.tier[host], self.kinds.of_host[host], name), free, host)

    def _to_shelve(self, host: str) -> list[tuple[str, int]]:
        return [(name, free) for name, free in self.free[host].items() if name in self._shelved]


def _tier(node: Node, in_scope: bool) -> int:
    if node.impact == "none":
        return DONE
    return LATER if node.must_be_empty and in_scope else STAYING
