#!/usr/bin/python
# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Module vm."""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: vm
short_description: One VM
version_added: 1.0.0
author: evergreen.virt contributors (@evergreen-virt)
description:
  - Brings a VM to what its options say, whoever made it. What is not named is not touched, so that UUIDs, addresses, devices
    and settings that this module does not know survive.
  - The VM's definition is written before anything else, so that libvirt refuses a wrong one before anything is changed.
extends_documentation_fragment:
  - evergreen.virt.vm
  - evergreen.virt.libvirt
  - evergreen.virt.run
  - evergreen.virt.attributes
attributes:
  check_mode:
    support: full
    details:
      - A storage pool that does not exist counts as empty in check mode, because an earlier task would have made it.
  diff_mode:
    support: full
    details:
      - Passwords are not shown. What differs only in the running VM is below C(running).
  idempotent:
    support: full
    details:
      - Except O(state=restarted).
seealso:
  - module: evergreen.virt.vms
  - module: evergreen.virt.vm_info
  - module: evergreen.virt.storage_volume
"""

EXAMPLES = r"""
- name: A VM with a new disk on an Open vSwitch bridge
  evergreen.virt.vm:
    name: web1
    state: started
    memory_mib: 2048
    vcpus: 2
    cpu:
      mode: host-model
    disks:
      - target: vda
        pool: default
        volume: web1.qcow2
        size_gib: 20
    interfaces:
      - bridge: br0
        type: ovs
        vlan: 10
    labels:
      tier: web
    policy:
      anti_affinity: [web]
    autostart: true

- name: Another disk, while it runs
  evergreen.virt.vm:
    name: web1
    disks:
      - target: vdb
        network:
          protocol: nbd
          hosts:
            - host: storage.example.com
          name: web1-data

- name: More memory, with a restart if it needs one
  evergreen.virt.vm:
    name: web1
    memory_mib: 4096
    apply: restart

- name: It runs, and its guest answers
  evergreen.virt.vm:
    name: web1
    state: started
    guest_agent: true
    wait_for: agent

- name: No VM of that name
  evergreen.virt.vm:
    name: web1
    state: absent
"""

RETURN = r"""
vm:
  description:
    - The VM after the task, or what it would be in check mode; its options as one would write them, without passwords.
      V(null) with O(state=absent).
  returned: success
  type: dict
  contains:
    name:
      description: Its name.
      type: str
      returned: always
    uuid:
      description: Its UUID.
      type: str
      returned: always
    state:
      description: V(running), V(blocked), V(paused), V(shutdown), V(shutoff), V(crashed), V(suspended) or V(absent).
      type: str
      returned: always
    autostart:
      description: Whether it starts with its host.
      type: bool
      returned: always
restart_required:
  description: Options that the running VM gets at its next start only.
  returned: success
  type: list
  elements: str
  sample: [memory_max_mib]
"""

from typing import Any

from ansible_collections.evergreen.virt.plugins.module_utils._argspec import LIBVIRT as LIBVIRT_GROUP
from ansible_collections.evergreen.virt.plugins.module_utils._argspec import RUN
from ansible_collections.evergreen.virt.plugins.module_utils._libvirt import vm_job
from ansible_collections.evergreen.virt.plugins.module_utils._libvirt.connection import LIBVIRT, connect
from ansible_collections.evergreen.virt.plugins.module_utils._module import Task, run
from ansible_collections.evergreen.virt.plugins.module_utils._state import lease
from ansible_collections.evergreen.virt.plugins.module_utils._vm_spec import VM

SPEC = LIBVIRT_GROUP + RUN + VM


def converge(task: Task) -> dict[str, Any]:
    """Bring the VM to the wanted state."""
    vm_job.check(task.params)
    if task.params["run_id"] is not None:
        lease.admit(task.params["run_id"], task.params["epoch"], remember=not task.check_mode)
    with connect(task.params["uri"]) as connection:
        job = vm_job.prepare(connection, task.params, check_mode=task.check_mode)
        refused = {} if task.check_mode else vm_job.carry_out(connection, job)
        if not task.check_mode:
            vm_job.await_guest(connection, job)
        for reason in dict.fromkeys(refused.values()):
            task.warn(f"the change comes with the next start: {reason}")
        return vm_job.result(connection, job, refused, check_mode=task.check_mode)


def main() -> None:
    """Run the module."""
    run(SPEC, converge, requires=[LIBVIRT])


if __name__ == "__main__":
    main()
