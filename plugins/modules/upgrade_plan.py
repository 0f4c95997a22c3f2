#!/usr/bin/python
# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Documentation of the action `upgrade_plan`, which runs on the controller."""

from __future__ import annotations

DOCUMENTATION = r"""
module: upgrade_plan
short_description: Plan a rolling upgrade of a cluster
version_added: 1.0.0
author: evergreen.virt contributors (@evergreen-virt)
description:
  - Computes from the facts of all hosts which hosts leave service together, in which order, and where every VM goes,
    so that memory, anti-affinity, networks, storage, emulators and version direction are respected at every moment.
  - Runs on the controller and touches no host. The facts are read from host variables, where the role
    P(evergreen.virt.preflight#role) puts them.
options:
  hosts:
    description:
      - All hosts of the cluster. They may take one another's VMs.
    type: list
    elements: str
    required: true
  scope:
    description:
      - The hosts that may be upgraded. Default is all of O(hosts).
    type: list
    elements: str
  wave:
    description:
      - Plan only one wave, of these hosts, anew. The wave may shrink and is never enlarged; hosts without facts count
        as not answering.
    type: list
    elements: str
  wave_number:
    description:
      - The number of that wave.
    type: int
    default: 1
  facts:
    description:
      - Name of the host variable that holds RV(evergreen.virt.hypervisor_info#module:host).
    type: str
    default: preflight_facts
  updates:
    description:
      - Name of the host variable that holds RV(evergreen.virt.hypervisor_updates_info#module:updates).
    type: str
    default: preflight_updates
  max_hosts_per_wave:
    description:
      - How many hosts may be out of service at the same moment.
    type: int
    default: 1
  host_reserve_mib:
    description:
      - Memory that stays free of VMs on every host, in MiB.
    type: int
    default: 1024
  vm_overhead_mib:
    description:
      - What the emulator needs besides a VM's memory, in MiB.
    type: int
    default: 64
  policies:
    description:
      - Policies for VMs that one may not touch. They win over the policy in the VM's own metadata, option by option.
    type: list
    elements: dict
    default: []
    suboptions:
      where:
        description:
          - A JMESPath expression over the facts of one VM; the policy applies where it is true.
        type: str
        required: true
      policy:
        description:
          - Options of the policy, as in O(evergreen.virt.vm#module:policy).
        type: dict
        required: true
  owner:
    description:
      - Maintenance records of this owner belong to the run; those of others are never lifted.
    type: str
    default: evergreen.virt
  show:
    description:
      - Print the plan as a table.
    type: bool
    default: true
requirements:
  - jmespath on the controller, when O(policies) is used
extends_documentation_fragment:
  - evergreen.virt.attributes
attributes:
  check_mode:
    support: full
    details:
      - The action only computes.
  diff_mode:
    support: N/A
    details:
      - The action changes nothing.
  idempotent:
    support: full
"""

EXAMPLES = r"""
- name: Plan the upgrade of all hosts of the cluster
  evergreen.virt.upgrade_plan:
    hosts: "{{ groups['cluster'] }}"
    max_hosts_per_wave: 2
  run_once: true
  register: upgrade
"""

RETURN = r"""
plan:
  description: The plan.
  returned: success
  type: dict
  contains:
    waves:
      description: Host names, wave by wave; empty when there is nothing to do.
      type: list
      elements: list
      sample: [[h1], [h2], [h3]]
    moves:
      description: The moves in order.
      type: list
      elements: dict
      sample: [{wave: 1, vm: web, source: h1, target: h3, memory_mib: 2048}]
    bounds:
      description: Numbers of moves and waves that no plan can beat.
      type: dict
      sample: {moves: 8, waves: 3}
    proof:
      description: For each move the memory that stays free on its target at the worst moment.
      type: list
      elements: dict
    skipped:
      description: Hosts that are left alone although they were asked for, and why.
      type: dict
    epoch:
      description: An epoch that is newer than any that a host knows.
      type: int
    hosts:
      description: Each host with its impact, its wave, and its versions before and after.
      type: list
      elements: dict
"""
