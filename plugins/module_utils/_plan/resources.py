# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""What a host gives to VMs and what a VM takes, as amounts by the name of a resource.

- `memory`: MiB of ordinary memory; `memory@1`: those of NUMA node 1
- `pages/2048`: MiB in huge pages of 2048 KiB; `pages/2048@1`: those of NUMA node 1
- `vcpus`: only where overcommitment is limited
- `pool/NAME`: MiB of a storage pool, for disks that are copied

A part of a VM's memory that may come from several nodes counts in the sum of the host alone; with two nodes that is exact.
"""

from __future__ import annotations

import typing as t

from .._facts import Backing, Host, Vm
from .model import Rules

MEMORY = "memory"
VCPUS = "vcpus"

Amounts = dict[str, int]


def supply(host: Host, rules: Rules) -> Amounts:
    """Return what a host without VMs gives."""
    capacity = host.capacity
    given: Amounts = {MEMORY: capacity.memory_mib - rules.host_reserve_mib}
    if rules.max_vcpus_per_thread is not None:
        given[VCPUS] = int(capacity.threads * rules.max_vcpus_per_thread)
    for node in capacity.nodes:
        given[MEMORY] -= sum(node.pages.values())
        given[f"{MEMORY}@{node.number}"] = node.memory_mib - sum(node.pages.values())
        for size, mib in node.pages.items():
            given[f"pages/{size}@{node.number}"] = mib
            given[f"pages/{size}"] = given.get(f"pages/{size}", 0) + mib
    given.update({f"pool/{pool.name}": pool.free_mib for pool in host.pools if pool.active})
    return given


def demand(vm: Vm, rules: Rules) -> Amounts:
    """Return what a VM takes on whatever host it is, its copied disks apart."""
    huge = sum(part.mib for part in vm.backing if part.page_kib)
    taken: Amounts = {MEMORY: vm.memory_mib - huge + rules.vm_overhead_mib}
    if rules.max_vcpus_per_thread is not None:
        taken[VCPUS] = vm.vcpus
    for name, mib in (pair for part in vm.backing for pair in _of_part(part)):
        taken[name] = taken.get(name, 0) + mib
    return taken


def _of_part(part: Backing) -> t.Iterator[tuple[str, int]]:
    kind = f"pages/{part.page_kib}" if part.page_kib else MEMORY
    if part.page_kib:
        yield kind, part.mib
    if len(part.nodes) == 1:
        yield f"{kind}@{part.nodes[0]}", part.mib


def scarcest(taken: Amounts) -> str:
    """Return the resource by which hosts are compared for a VM: its largest huge pages, else ordinary memory."""
    sizes = [name for name in taken if name.startswith("pages/") and "@" not in name]
    return max(sizes, key=lambda name: taken[name]) if sizes else MEMORY


def shortage(name: str, free: int, wanted: int) -> str:
    """Return what a host lacks, as a sentence about it."""
    kind, _at, node = name.partition("@")
    of_node = f" on NUMA node {node}" if node else ""
    if kind == VCPUS:
        return f"it has {max(0, free)} vCPUs left of {wanted} needed"
    if kind.startswith("pool/"):
        return f"pool {kind[5:]} has {max(0, free)} MiB free of {wanted} MiB needed"
    pages = f" in huge pages of {kind[6:]} KiB" if kind.startswith("pages/") else ""
    return f"it has {max(0, free)} MiB free{pages}{of_node} of {wanted} MiB needed"
