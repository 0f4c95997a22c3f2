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
      - Needs the Python library C(jmespath) on the host (Debian package C(python3-jmespath)).
    type: str
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
    virt_type: {description: "V(kvm), V(qemu), ...", type: str, returned: always}
    disks:
      description: Its disks with C(target), C(source), C(backend), C(format), C(size_mib), C(device), C(readonly).
      type: list
      elements: dict
      returned: always
    interfaces:
      description: Its network cards with C(mac), C(bridge), C(network), C(vlan).
      type: list
      elements: dict
      returned: always
    labels: {description: Its labels., type: dict, returned: always}
    policy: {description: How it may be moved., type: dict, returned: always}
    obstacles:
      description: Why it cannot be migrated live, one sentence each; empty means that it can.
      type: list
      elements: str
      returned: always
    emulator_stale:
      description: Whether it runs on a QEMU binary that has been replaced on disk.
      type: bool
      returned: always
    managed_save:
      description: Whether its memory is saved to disk; the next start restores it.
      type: bool
      returned: always
    pending:
      description: Names of the facts that differ in its definition and so change at its next start.
      type: list
      elements: str
      returned: always
"""

import typing as t

from ansible_collections.evergreen.virt.plugins.module_utils._argspec import LIBVIRT as LIBVIRT_OPTIONS
from ansible_collections.evergreen.virt.plugins.module_utils._argspec import ArgSpec
from ansible_collections.evergreen.virt.plugins.module_utils._libvirt import host_facts, vm_facts
from ansible_collections.evergreen.virt.plugins.module_utils._libvirt.connection import LIBVIRT, connect
from ansible_collections.evergreen.virt.plugins.module_utils._module import Task, run
from ansible_collections.evergreen.virt.plugins.module_utils._where import selector

SPEC = LIBVIRT_OPTIONS + ArgSpec(options={"name": {"type": "list", "elements": "str"}, "where": {"type": "str"}})


def read(task: Task) -> dict[str, t.Any]:
    """Return the chosen VMs as `vms`."""
    where = task.params["where"]
    selects = selector(where) if where is not None else bool
    with connect(task.params["uri"]) as connection:
        storage = host_facts.read_storage(connection)
        records = vm_facts.read_all(connection, storage, names=task.params["name"])
    return {"vms": [facts for facts in (found.to_dict() for found in records) if selects(facts)]}


def main() -> None:
    """Run the module."""
    run(SPEC, read, requires=[LIBVIRT], reads_only=True)


if __name__ == "__main__":
    main()
