#!/usr/bin/python
# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Module vm_info."""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: vm_info
short_description: Facts of one, some or all VMs of a host
version_added: 1.0.0
author: evergreen.virt contributors (@evergreen-virt)
description:
  - Returns what a host knows of its VMs; one connection and bulk calls, so that a host with hundreds of VMs answers fast.
extends_documentation_fragment:
  - evergreen.virt.libvirt
  - evergreen.virt.attributes
  - evergreen.virt.attributes.info
options:
  name:
    description:
      - Names of the VMs. Without it all VMs are returned. A name that no VM of this host has is left out.
    type: list
    elements: str
  where:
    description:
      - A JMESPath expression; only VMs for which it is true are returned. It is evaluated on one VM at a time.
      - What O(options), O(stats), O(snapshots) and O(guest) add can be used in it.
      - Needs the Python library C(jmespath) on the host (Debian package C(python3-jmespath)).
    type: str
  options:
    description:
      - Whether to return the options of each VM as one would write them for M(evergreen.virt.vm), without passwords.
    type: bool
    default: false
  stats:
    description:
      - Groups of statistics to return. They are read of all VMs in one call.
    type: list
    elements: str
    choices: [balloon, block, cpu, interface, vcpu]
    default: []
  snapshots:
    description:
      - Whether to return the snapshots and checkpoints of each VM.
    type: bool
    default: false
  guest:
    description:
      - Whether to ask the guest agent of each running VM, and for its addresses.
      - An agent that does not answer is no failure. A few are asked at a time, so that those do not hold up the others.
    type: bool
    default: false
  guest_timeout:
    description:
      - Seconds that a guest agent has for one answer.
    type: int
    default: 5
seealso:
  - module: evergreen.virt.hypervisor_info
"""

EXAMPLES = r"""
- name: All VMs
  evergreen.virt.vm_info:
  register: all_vms

- name: One VM
  evergreen.virt.vm_info:
    name: web1

- name: Addresses and operating systems of all VMs, as their guests tell
  evergreen.virt.vm_info:
    guest: true

- name: What to write in a playbook for a VM that somebody else made
  evergreen.virt.vm_info:
    name: old1
    options: true

- name: VMs that have used more than an hour of processor time
  evergreen.virt.vm_info:
    stats: [cpu]
    where: stats.cpu.time_ns > `3600000000000`

- name: Running web servers that cannot be migrated live
  evergreen.virt.vm_info:
    where: labels.tier == 'web' && state == 'running' && obstacles
"""

RETURN = r"""
vms:
  description: The VMs in the order of their names.
  returned: success
  type: list
  elements: dict
  contains:
    name: {description: Its name., type: str, returned: always}
    uuid: {description: Its UUID., type: str, returned: always}
    state:
      description: One of V(running), V(blocked), V(paused), V(shutdown), V(shutoff), V(crashed), V(suspended), V(nostate).
      type: str
      returned: always
    persistent: {description: Whether it is defined and not only running., type: bool, returned: always}
    memory_mib: {description: Maximum memory in MiB., type: int, returned: always}
    vcpus: {description: Number of CPUs., type: int, returned: always}
    autostart: {description: Whether it starts with its host., type: bool, returned: always}
    machine: {description: The resolved machine type., type: str, returned: always}
    cpu_mode: {description: The CPU mode., type: str, returned: always}
    cpu_model: {description: The CPU model., type: str, returned: always}
    cpu_features:
      description:
        - All features of a running VM's CPU, those of its model included; none where libvirt cannot tell.
        - Of a CPU that is passed through those of the host's of which libvirt knows the name, but for what the VM takes away.
      type: list
      elements: str
      returned: always
    virt_type: {description: "V(kvm), V(qemu), ...", type: str, returned: always}
    disks:
      description: Its disks with C(target), C(source), C(backend), C(format), C(size_mib), C(device), C(readonly).
      type: list
      elements: dict
      returned: always
    interfaces:
      description: Its network cards with C(mac), C(bridge), C(network), C(vlan), C(filter).
      type: list
      elements: dict
      returned: always
    labels: {description: Its labels., type: dict, returned: always}
    policy: {description: How it may be moved., type: dict, returned: always}
    backing:
      description:
        - The parts of its memory that are made of huge pages or bound to NUMA nodes of its host, with C(mib), C(page_kib), C(nodes).
      type: list
      elements: dict
      returned: always
    secrets:
      description: UUID or usage of each secret of libvirt that its disks and its TPM need.
      type: list
      elements: str
      returned: always
    obstacles:
      description: Why it cannot be migrated live, one sentence each; empty means that it can.
      type: list
      elements: str
      returned: always
    unsavable:
      description: Why its memory cannot be saved to disk and restored, one sentence each; empty means that it can.
      type: list
      elements: str
      returned: always
    tied:
      description: Why it cannot be shut down and started on another host, one sentence each; empty means that it can.
      type: list
      elements: str
      returned: always
    emulator_stale:
      description:
        - Whether it runs on a QEMU binary that has been replaced on disk. V(null) if O(uri) names another host, as are the backends of
          disks of which only that host knows what is behind their paths.
      type: bool
      returned: always
    managed_save:
      description: Whether its memory is saved to disk; the next start restores it.
      type: bool
      returned: always
    pending:
      description:
        - The options that its next start changes, because its definition differs from what it runs with; named like
          RV(evergreen.virt.vm#module:restart_required).
        - What no option models, such as what O(evergreen.virt.vm#module:xml) added, is not compared.
      type: list
      elements: str
      returned: always
    options:
      description: Its options as one would write them for M(evergreen.virt.vm), of its definition.
      type: dict
      returned: with O(options=true)
    stats:
      description:
        - Its statistics by group, with their units in their names. V(cpu) and V(balloon) are dictionaries; V(block), V(interface)
          and V(vcpu) lists of them. A VM that is off, or busy with a migration, has less.
      type: dict
      returned: with O(stats)
      sample:
        cpu: {time_ns: 3160000000, user_ns: 2100000000, system_ns: 450000000}
        block: [{name: vda, rd_requests: 12, rd_bytes: 49152, rd_time_ns: 9120000}]
        interface: [{name: vnet0, rx_bytes: 1024, rx_packets: 12, rx_errors: 0, rx_drops: 0}]
    snapshots:
      description: Its snapshots as RV(evergreen.virt.vm_snapshot#module:snapshots) has them.
      type: list
      elements: dict
      returned: with O(snapshots=true)
    checkpoints:
      description: Its checkpoints, likewise.
      type: list
      elements: dict
      returned: with O(snapshots=true)
    addresses:
      description:
        - The addresses of its interfaces with C(mac), C(name), C(address), C(prefix) and their C(source), which is V(agent),
          V(lease) or V(arp); an address that several sources know is there several times.
      type: list
      elements: dict
      returned: with O(guest=true)
    guest:
      description: What its guest agent tells, V(null) if none answered.
      type: dict
      returned: with O(guest=true)
      contains:
        hostname:
          description: The guest's host name.
          type: str
          returned: always
        os:
          description: Its operating system with C(id), C(name), C(version_id), C(kernel_release) and what else it tells.
          type: dict
          returned: always
        timezone:
          description: Its time zone with C(name) and C(offset_s), the seconds east of UTC.
          type: dict
          returned: always
        users:
          description: Who is logged in, with C(name), C(domain) and C(login_ms), the milliseconds since 1970.
          type: list
          elements: dict
          returned: always
        filesystems:
          description: Its file systems with C(name), C(mountpoint), C(type), C(total_bytes), C(used_bytes) and the targets of their C(disks).
          type: list
          elements: dict
          returned: always
    guest_reason:
      description: Why RV(vms[].guest) is V(null).
      type: str
      returned: with O(guest=true)
"""

import typing as t

from ansible_collections.evergreen.virt.plugins.module_utils._argspec import LIBVIRT as LIBVIRT_OPTIONS
from ansible_collections.evergreen.virt.plugins.module_utils._argspec import ArgSpec
from ansible_collections.evergreen.virt.plugins.module_utils._libvirt import host_facts, vm_details, vm_facts, vm_stats
from ansible_collections.evergreen.virt.plugins.module_utils._libvirt.connection import LIBVIRT, connect
from ansible_collections.evergreen.virt.plugins.module_utils._module import Task, run
from ansible_collections.evergreen.virt.plugins.module_utils._where import selector

SPEC = LIBVIRT_OPTIONS + ArgSpec(
    options={
        "name": {"type": "list", "elements": "str"},
        "where": {"type": "str"},
        "options": {"type": "bool", "default": False},
        "stats": {"type": "list", "elements": "str", "choices": list(vm_stats.GROUPS), "default": []},
        "snapshots": {"type": "bool", "default": False},
        "guest": {"type": "bool", "default": False},
        "guest_timeout": {"type": "int", "default": 5},
    }
)


def read(task: Task) -> dict[str, t.Any]:
    """Return the chosen VMs as `vms`."""
    where = task.params["where"]
    selects = selector(where) if where is not None else bool
    wanted = vm_details.Wanted(
        options=task.params["options"],
        snapshots=task.params["snapshots"],
        stats=tuple(task.params["stats"]),
        guest=task.params["guest"],
        guest_timeout=task.params["guest_timeout"],
    )
    with connect(task.params["uri"]) as connection:
        storage = host_facts.read_storage(connection)
        records = vm_facts.read_all(connection, storage, names=task.params["name"], stats=wanted.stats_mask)
        told = vm_details.describe(records, wanted)
    return {"vms": [facts for facts in told if selects(facts)]}


def main() -> None:
    """Run the module."""
    run(SPEC, read, requires=[LIBVIRT], reads_only=True)


if __name__ == "__main__":
    main()
