#!/usr/bin/python
# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Documentation of the action `rebalance_plan`, which runs on the controller."""

from __future__ import annotations

DOCUMENTATION = r"""
module: rebalance_plan
short_description: Plan the fewest moves that even out the loads of hosts
version_added: 1.0.0
author: evergreen.virt contributors (@evergreen-virt)
description:
  - Computes from the facts of all hosts which VMs move where, so that the load of each host comes within a tolerance of the mean of
    all, with as few moves as possible. Of as many moves, those are chosen that have little to carry.
  - At every moment, whatever the order of moves that may run at the same time, what M(evergreen.virt.upgrade_plan) respects is
    respected here as well. VMs only move while they run. Those that cannot stay where they are.
  - Hosts that are in maintenance or not healthy are left alone, and so are VMs that are moving already.
  - If the tolerance cannot be reached, or no way to it was found, the plan comes as near as it can, and says why not nearer.
  - Runs on the controller and touches no host. The facts are read from host variables, where the role
    P(evergreen.virt.preflight#role) puts them.
options:
  scope:
    description:
      - The hosts that the plan is for. VMs move among them, and it is their mean that counts. Default is all of O(hosts).
    type: list
    elements: str
  by:
    description:
      - The load that is evened out. V(memory) is the memory of VMs, huge pages or not and with the emulator's overhead, of what a host
        has for them; V(vcpus) is the vCPUs of VMs by the threads of the host.
    type: str
    choices: [memory, vcpus, both]
    default: memory
  memory_tolerance:
    description:
      - How far a host may be from the mean, in percentage points of its memory.
    type: float
    default: 10.0
  vcpus_tolerance:
    description:
      - How far a host may be from the mean, in vCPUs per 100 threads.
    type: float
    default: 50.0
  vms:
    description:
      - Name of a host variable with what M(evergreen.virt.vm_info) returned, for the C(options) of RV(plan.restarts).
    type: str
extends_documentation_fragment:
  - evergreen.virt.attributes
  - evergreen.virt.planning
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
seealso:
  - module: evergreen.virt.upgrade_plan
"""

EXAMPLES = r"""
- name: Bring the memory in use within 5 points of the mean
  evergreen.virt.rebalance_plan:
    hosts: "{{ groups['cluster'] }}"
    memory_tolerance: 5
  run_once: true
  register: rebalance
"""

RETURN = r"""
plan:
  description: The plan.
  returned: success
  type: dict
  contains:
    reached:
      description: Whether each host is within the tolerance after the moves.
      type: bool
    possible:
      description:
        - V(false) if it is proven that no plan reaches the tolerance, because what may leave a host, or come to it, is too little.
      type: bool
    why:
      description: One sentence for each host that stays outside, with what keeps it there.
      type: list
      elements: str
    moves:
      description: As RV(evergreen.virt.upgrade_plan#module:plan.moves), in C(step)s of one C(wave).
      type: list
      elements: dict
      sample: [{wave: 1, step: 1, vm: web, source: h1, target: h3, memory_mib: 2048, disk_mib: 0}]
    steps:
      description:
        - What M(evergreen.virt.vm_migrate) takes on each host, step by step. The moves of a step may run in any order and at the same time,
          and begin when those of the step before have ended.
      type: list
      elements: dict
      sample: [{parallel_moves: 1, hosts: {h1: [{vm: web, to: h3, policy: {}}]}}]
    figures:
      description: The number of C(moves), the C(mib) that they carry, and C(widest), how far the farthest host is from each mean then.
      type: dict
      sample: {moves: 1, mib: 2048, widest: {memory: 4.5}}
    bounds:
      description: The C(moves) below which no plan stays; empty if the tolerance is not reached.
      type: dict
      sample: {moves: 1}
    tolerances:
      description: How far a host may be from each mean.
      type: dict
      sample: {memory: 10.0}
    mean:
      description: The means, in percent.
      type: dict
      sample: {memory: 46.2}
    hosts:
      description: The hosts that take part, with their loads in percent C(before) and C(after).
      type: list
      elements: dict
      sample: [{name: h1, before: {memory: 71.0}, after: {memory: 50.7}}]
    proof:
      description: As RV(evergreen.virt.upgrade_plan#module:plan.proof).
      type: dict
    left_alone:
      description: Hosts that take no part, and why.
      type: dict
      sample: {h4: it is in maintenance by alice since 2026-01-01T10:00:00Z}
    reserve:
      description: What is missing now of the memory that O(reserve) asks for, empty if nothing is. Moves do not change it.
      type: str
    restarts:
      description:
        - VMs that wait for a restart, each with its C(host); the C(options) that its next start changes; C(newest_machine), if its
          C(machine) type is older than the newest of its kind that all hosts have; C(emulator_stale), whether it runs on a QEMU
          that was replaced on disk.
      type: list
      elements: dict
      sample:
        - vm: web
          host: h1
          options: [memory_max_mib]
          machine: pc-q35-7.2
          newest_machine: null
          emulator_stale: false
    epoch:
      description: An epoch that is newer than any that a host knows.
      type: int
"""
