# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""A small VM without disk and system that is like those of the cluster: where it goes, they can go."""

from __future__ import annotations

import collections
import dataclasses
import typing as t

from .._facts import Host, Interface, Vm
from .common import is_older, level, machine_aliases, members_of

T = t.TypeVar("T")

_MACHINE = "q35"
_ODD_KIB = 8
"""Beyond whole MiB: what lets a QEMU before 9 move an emulated VM (`_libvirt/vm_obstacles_xml.py`)."""


@dataclasses.dataclass(frozen=True)
class Trial:
    """A trial VM for one host.

    :param source: the host that it moves from, None if no other may send VMs there.
    :param options: its options, as the module `vm` takes them, without its name.
    """

    source: str | None
    options: dict[str, t.Any]


def trial_for(target: str, hosts: t.Mapping[str, Host], busy: t.Collection[str], memory_mib: int) -> Trial:
    """Return the trial VM that a host is proven with.

    It comes from one of the oldest hosts, as the next VMs will: the one whose name follows, so that several hosts have not all the same.

    :param hosts: every host of the cluster that answered.
    :param busy: hosts that are out of service themselves.
    """
    following = [name for name in sorted(hosts) if name > target] + [name for name in sorted(hosts) if name < target]
    able = [name for name in following if name not in busy and _may_send(hosts[name], hosts[target])]
    source = min(able, key=lambda name: level(hosts[name].versions), default=None)
    pair = [hosts[name] for name in (target, source) if name is not None]
    vms = [vm for host in hosts.values() for vm in host.vms if vm.active]
    return Trial(source, {**_machine(vms, pair, memory_mib), "interfaces": _interfaces(vms, pair)})


def _may_send(source: Host, target: Host) -> bool:
    """Return whether VMs of one host may move to the other: never to an older version."""
    return (
        source.driver == target.driver
        and source.capacity.arch == target.capacity.arch
        and source.maintenance is None
        and source.health.ok
        and not any(map(is_older, level(target.versions), level(source.versions)))
    )


def _machine(vms: t.Sequence[Vm], pair: t.Sequence[Host], memory_mib: int) -> dict[str, t.Any]:
    able = [vm for vm in vms if all(_can_run(vm, host) for host in pair)]
    found = _commonest((vm.virt_type, vm.machine, vm.cpu_mode, vm.cpu_model) for vm in able)
    virt_type, machine, mode, model = found or _default_machine(pair)
    options: dict[str, t.Any] = {"virt_type": virt_type, "memory_mib": memory_mib}
    if machine:
        options["machine"] = machine
    if mode in ("host-passthrough", "maximum"):
        options["cpu"] = {"mode": mode}
    elif model and all(model in host.capacity.cpu_models for host in pair):
        options["cpu"] = {"mode": "custom", "model": model}
    if virt_type == "qemu":
        size = f"{memory_mib * 1024 + _ODD_KIB}K"
        backend = f"memory-backend-ram,id=odd,size={size}"
        options["qemu_arguments"] = ["-object", backend, "-machine", "memory-backend=odd", "-m", size]
    return options


def _can_run(vm: Vm, host: Host) -> bool:
    return vm.virt_type in host.capacity.virt_types and vm.machine in host.capacity.machines


def _default_machine(pair: t.Sequence[Host]) -> tuple[str, str | None, None, None]:
    fast = all("kvm" in host.capacity.virt_types for host in pair)
    aliases = machine_aliases(members_of({host.machine_id: host.to_dict() for host in pair}))
    return "kvm" if fast else "qemu", aliases.get(_MACHINE), None, None


def _interfaces(vms: t.Sequence[Vm], pair: t.Sequence[Host]) -> list[dict[str, t.Any]]:
    """Return one interface where most of the VMs' are, its cable unplugged: it is to send nothing there."""
    there = [card for vm in vms for card in vm.interfaces if all(_has(host, card) for host in pair)]
    found = _commonest((card.network, card.bridge, card.type, card.vlan) for card in there)
    if found is None:
        return []
    values = dict(zip(("network", "bridge", "type", "vlan"), found))
    return [{**{name: value for name, value in values.items() if value is not None}, "link": "down"}]


def _has(host: Host, card: Interface) -> bool:
    return card.bridge in host.bridges or card.network in host.networks


def _commonest(things: t.Iterable[T]) -> T | None:
    """Return what there is most of, of several the first by its text; None of nothing."""
    counts = collections.Counter(things)
    return min(counts, key=lambda thing: (-counts[thing], repr(thing)), default=None)
