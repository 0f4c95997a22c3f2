# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""What the hosts of a cluster have in common, so that a VM that is made on one of them can run on all of them."""

from __future__ import annotations

import re
import typing as t

from .._domain_xml.compute import VERSIONED_MACHINE
from .._errors import InvalidInputError, OperationError, UnsupportedError
from .._facts import Capacity, ClusterFacts, Cpu, Member, Versions

Members = t.Mapping[str, Member]
"""The hosts by their names."""

Baseline = t.Callable[[str, Cpu, "list[Cpu]"], Cpu]
"""Given the virt type, the CPU of the host that is asked and those of the others: the best CPU that all of them can give."""

_NO_BASELINE = (InvalidInputError, OperationError, UnsupportedError)


def members_of(facts: t.Mapping[str, t.Any]) -> dict[str, Member]:
    """Read the hosts out of their facts.

    :raises InvalidInputError: when those of a host are missing.
    """
    for name, host in facts.items():
        if not isinstance(host, t.Mapping):
            raise InvalidInputError(
                f"there are no facts of host '{name}'.", hint="Every host of the cluster must have answered."
            )
    return {str(name): Member.from_dict(host) for name, host in facts.items()}


def numbers(version: str | None) -> tuple[int, ...]:
    """Return the numbers of a version, so that 10.0 is newer than 9.0; none is older than all."""
    return tuple(map(int, re.findall("[0-9]+", version or "")))


def is_older(one: tuple[int, ...], other: tuple[int, ...]) -> bool:
    """Return whether a version is older than another, compared as far as both are known: 7.2 is no older than 7.2.22.

    A running emulator tells 7.2.22 of itself where its package only says 7.2. What is not known at all is not older either.
    """
    return one < other and other[: len(one)] != one


def level(versions: Versions) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Return how new libvirt and QEMU are on a host."""
    return numbers(versions.libvirt), numbers(versions.qemu)


def oldest(members: Members) -> str:
    """Return the name of the host with the oldest libvirt, of those the one with the oldest QEMU.

    :raises InvalidInputError: when there is no host.
    """
    if not members:
        raise InvalidInputError("a cluster has at least one host, and none is named.")
    versions = {name: member.versions for name, member in members.items()}
    return min(versions, key=lambda name: (*level(versions[name]), name))


def lacking(members: Members) -> dict[str, list[str]]:
    """Return machine -> names of the hosts that do not have it, of all machines that not every host has."""
    known = {name: set(member.capacity.machines) for name, member in members.items()}
    without = {machine: sorted(name for name in known if machine not in known[name]) for machine in _union(known)}
    return {machine: names for machine, names in sorted(without.items()) if names}


def machine_aliases(members: Members) -> dict[str, str]:
    """Return alias -> the newest version that all hosts have of the machine that it stands for on any of them.

    An alias for which there is none is left out.
    """
    known = {name: set(member.capacity.machines) for name, member in members.items()}
    shared = set.intersection(*known.values()) if known else set()
    meant: dict[str, set[str]] = {}
    for member in members.values():
        for alias, machine in member.capacity.machine_aliases.items():
            meant.setdefault(alias, set()).add(machine)
    newest = {alias: _newest(shared, machines) for alias, machines in sorted(meant.items())}
    return {alias: machine for alias, machine in newest.items() if machine is not None}


def _newest(shared: t.Iterable[str], meant: t.Collection[str]) -> str | None:
    families = {family(machine) for machine in meant}
    found = [machine for machine in shared if family(machine)[0] in {name for name, _version in families}]
    return max(found, key=lambda machine: (family(machine)[1], machine in meant, machine), default=None)


def family(machine: str) -> tuple[str, tuple[int, ...]]:
    """Return what a machine's versions have in common, and its version; a name without version is a family of its own."""
    match = VERSIONED_MACHINE.fullmatch(machine)
    return (match["family"], numbers(match["version"])) if match else (machine, ())


def in_common(members: Members, work_out: Baseline) -> ClusterFacts:
    """Return what the hosts have in common.

    :param work_out: asks the oldest host's libvirt for the baseline.
    """
    name = oldest(members)
    cpus, problems = {}, {}
    for virt_type in sorted({virt_type for member in members.values() for virt_type in member.capacity.virt_types}):
        try:
            cpus[virt_type] = _baseline(members, name, virt_type, work_out)
        except _NO_BASELINE as exc:
            problems[virt_type] = exc.message
    return ClusterFacts(name, cpus, problems, machine_aliases(members), lacking(members))


def _baseline(members: Members, oldest_name: str, virt_type: str, work_out: Baseline) -> Cpu:
    known = {name: member.capacity.cpus.get(virt_type) for name, member in members.items()}
    cpus = {name: cpu for name, cpu in known.items() if cpu is not None}
    without = sorted(known.keys() - cpus.keys())
    if without:
        raise UnsupportedError(f"libvirt names no CPU for VMs of type {virt_type} on {', '.join(without)}.")
    if len({cpu.vendor for cpu in cpus.values()}) > 1:
        told = ", ".join(f"{cpu.vendor or 'unknown'} on {name}" for name, cpu in sorted(cpus.items()))
        raise UnsupportedError(f"the CPUs of the hosts are of different vendors: {told}.")
    found = work_out(virt_type, cpus[oldest_name], [cpu for name, cpu in cpus.items() if name != oldest_name])
    strangers = sorted(name for name, member in members.items() if not _has_model(member.capacity, found.model))
    if strangers:
        raise UnsupportedError(
            f"it would be of model {found.model}, which the emulator does not have on {', '.join(strangers)}."
        )
    return found


def _has_model(capacity: Capacity, model: str) -> bool:
    known = [*capacity.cpu_models, *capacity.partial_cpu_models]
    return not known or model in known


def _union(sets: t.Mapping[str, t.Iterable[str]]) -> set[str]:
    return {item for items in sets.values() for item in items}
