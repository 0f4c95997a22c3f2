# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""What a VM's options leave to its cluster, said in full: `cpu.mode: baseline`, and aliases of machine types."""

from __future__ import annotations

import typing as t

from .._errors import InvalidInputError
from .._facts import ClusterFacts
from .compute import BASELINE, same_machine
from .processor import policies
from .tree import Element, attribute

_NO_CLUSTER = (
    "Name in 'cluster' what evergreen.virt.hypervisor_info returned as 'cluster' when it was given the facts of all hosts as 'members';"
    " the role evergreen.virt.fleet does that by itself."
)


def resolved(
    params: t.Mapping[str, t.Any], definition: Element | None, cluster: ClusterFacts | None, virt_type: str
) -> dict[str, t.Any]:
    """Return the options with what they leave to the cluster said in full.

    :param definition: the VM's, None for a new one.
    :param cluster: None if the user named none.
    :param virt_type: the VM's, as it will be.
    :raises InvalidInputError: when there is no baseline, or when a host of the cluster lacks the machine.
    """
    options = dict(params)
    if options.get("machine") is not None and cluster is not None:
        current = None if definition is None else attribute(definition, "os/type", "machine")
        options["machine"] = machine(options["machine"], current, cluster)
    cpu = options.get("cpu") or {}
    if cpu.get("mode") == BASELINE:
        options["cpu"] = _with_baseline(cpu, definition, cluster, virt_type)
    return options


def machine(wanted: str, current: str | None, cluster: ClusterFacts) -> str:
    """Return the machine type that a VM gets; one that it has already is kept, whichever hosts lack it.

    :param wanted: a machine type or an alias.
    :param current: the VM's, None for a new one.
    :raises InvalidInputError: when a host of the cluster lacks what it would get.
    """
    if same_machine(current, wanted):
        return wanted
    found = cluster.machine_aliases.get(wanted, wanted)
    if found in cluster.lacking:
        raise InvalidInputError(
            f"machine: the emulator has no {found!r} on {', '.join(cluster.lacking[found])}.",
            hint="Name a machine that all hosts of the cluster have; an alias stands for the newest of them.",
        )
    return found


def _with_baseline(
    cpu: t.Mapping[str, t.Any], definition: Element | None, cluster: ClusterFacts | None, virt_type: str
) -> dict[str, t.Any]:
    """The features that the VM has and the baseline does not name are taken out, so that a smaller baseline comes out right."""
    if cluster is None:
        raise InvalidInputError(f"cpu.mode: the {BASELINE} is that of a cluster, and none is named.", hint=_NO_CLUSTER)
    baseline = cluster.cpus.get(virt_type)
    if baseline is None:
        problem = cluster.cpu_problems.get(virt_type, "no host can run them.")
        raise InvalidInputError(
            f"cpu.mode: the hosts of the cluster have no {BASELINE} for VMs of type {virt_type}: {problem}",
            hint="Name a CPU model that all of them can give (capacity.cpu_models of their facts), or part the cluster.",
        )
    present = (policies(definition) if definition is not None else None) or {}
    features = {**dict.fromkeys(present, "default"), **baseline.features, **(cpu.get("features") or {})}
    return {**cpu, "mode": "custom", "model": baseline.model, "features": features}
