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
  - evergreen.virt.cluster
  - evergreen.virt.attributes
attributes:
  check_mode:
    support: full
    details:
      - A storage pool that does not exist counts as empty in check mode, because an earlier task would have made it.
      - So does an image that does not exist; its size and format are not known then.
      - That libvirt drops something of O(xml) is noticed when it is defined, not in check mode.
  diff_mode:
    support: full
    details:
      - Passwords are not shown. What differs only in the running VM is below C(running), what an overlay writes below C(xml).
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

- name: A VM from an image, with what cloud-init is to do in it
  evergreen.virt.vm:
    name: web2
    state: started
    memory_mib: 2048
    disks:
      - target: vda
        pool: default
        volume: web2.qcow2
        size_gib: 20
        image:
          pool: images
          volume: debian-12-genericcloud-amd64.qcow2
    cloud_init:
      user_data: |
        #cloud-config
        packages: [nginx]
    interfaces:
      - network: default

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

- name: Limits, another medium and a pulled cable, while it runs
  evergreen.virt.vm:
    name: web1
    disks:
      - target: vda
        iotune:
          total_iops_sec: 500
    cdroms:
      - target: sda
        path: /srv/iso/tools.iso
    interfaces:
      - link: down
    tuning:
      cpu:
        quota_us: 50000

- name: A network card of the host for a VM that can still move
  evergreen.virt.vm:
    name: db1
    interfaces:
      - mac: "52:54:00:12:34:56"
        network: default
        alias: ua-partner
        teaming:
          type: persistent
      - mac: "52:54:00:12:34:56"
        pci: "0000:65:10.1"
        teaming:
          type: transient
          persistent: ua-partner

- name: More memory, with a restart if it needs one
  evergreen.virt.vm:
    name: web1
    memory_mib: 4096
    apply: restart

- name: A Windows VM, installed from two images
  evergreen.virt.vm:
    name: desk1
    state: started
    memory_mib: 8192
    vcpus: 4
    machine: q35
    firmware: uefi-secure
    tpm:
      version: "2.0"
      model: crb
    cpu:
      mode: host-passthrough
      topology:
        cores: 4
    clock:
      offset: localtime
      timers:
        - {name: rtc, tickpolicy: catchup}
        - {name: pit, tickpolicy: delay}
        - {name: hpet, present: false}
        - {name: hypervclock, present: true}
    features:
      vmport: false
    hyperv:
      relaxed: true
      vapic: true
      vpindex: true
      runtime: true
      synic: true
      stimer: true
      frequencies: true
      tlbflush: true
      ipi: true
      spinlocks: 8191
    boot: [cdrom, disk]
    disks:
      - target: vda
        pool: default
        volume: desk1.qcow2
        size_gib: 64
    cdroms:
      - target: sda
        path: /var/lib/libvirt/images/windows.iso
      - target: sdb
        path: /var/lib/libvirt/images/virtio-win.iso # the drivers of vda and the network card
    interfaces:
      - network: default
    graphics:
      type: vnc
    guest_agent: true

- name: A VM on the CPUs and the memory of one NUMA node
  evergreen.virt.vm:
    name: db1
    memory_backing:
      hugepages: true
      hugepage_kib: 1048576
    numa:
      nodeset: "1"
    pinning:
      vcpus: {0: "8", 1: "9"}
      emulator: "0-3"

- name: What no option knows, in a VM that somebody else made
  evergreen.virt.vm:
    name: old1
    xml: |
      <domain>
        <devices>
          <watchdog model="i6300esb" action="reset"/>
          <disk><driver discard="unmap"/><target dev="vda"/></disk>
        </devices>
      </domain>

- name: It runs, and its guest answers
  evergreen.virt.vm:
    name: web1
    state: started
    guest_agent: true
    wait_for: agent

- name: No VM of that name, and nothing left of its disks
  evergreen.virt.vm:
    name: web1
    state: absent
    remove_storage: true
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
removed_storage:
  description: Volumes that were deleted with the VM, or would be, with C(target), C(pool) and C(volume).
  returned: success
  type: list
  elements: dict
kept_storage:
  description: Disks that O(remove_storage) left, with C(target), C(pool), C(volume) and the C(reason).
  returned: success
  type: list
  elements: dict
restart_required:
  description: Options that the running VM gets at its next start only.
  returned: success
  type: list
  elements: str
  sample: [memory_max_mib]
"""

from typing import Any

from ansible_collections.evergreen.virt.plugins.module_utils._argspec import CLUSTER, RUN
from ansible_collections.evergreen.virt.plugins.module_utils._argspec import LIBVIRT as LIBVIRT_GROUP
from ansible_collections.evergreen.virt.plugins.module_utils._libvirt import vm_job
from ansible_collections.evergreen.virt.plugins.module_utils._libvirt.connection import LIBVIRT, connect
from ansible_collections.evergreen.virt.plugins.module_utils._libvirt.view import View
from ansible_collections.evergreen.virt.plugins.module_utils._module import Task, run
from ansible_collections.evergreen.virt.plugins.module_utils._vm_spec import VM, cluster_facts

SPEC = LIBVIRT_GROUP + RUN + CLUSTER + VM


def converge(task: Task) -> dict[str, Any]:
    """Bring the VM to the wanted state."""
    vm_job.check(task.params)
    with connect(task.params["uri"]) as connection:
        view = View(connection, cluster=cluster_facts(task.params["cluster"]))
        job = vm_job.prepare(view, task.params, check_mode=task.check_mode)
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
