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
    so that at every moment, whatever the order of moves that may run at the same time, these are respected. Memory with the
    emulator's overhead, huge pages and NUMA nodes, a limit for vCPUs, affinity and anti-affinity, the hosts that a VM may be
    on, machine types, CPUs, networks, bridges, network filters, secrets, storage and the space in its pools, VMs of the same
    name or UUID that are off there, version direction, and a reserve for failures.
  - Where VMs find no room, others make room first, so that a swap goes by way of a third host.
  - How a VM gets out of the way of its host is what its C(policy.evacuation) says. One that is shut down and started elsewhere is a
    move of its own kind; one that is saved to disk or shut down waits on its host, whose memory stays counted for it; one that
    stays keeps its host from being upgraded.
  - Runs on the controller and touches no host. The facts are read from host variables, where the role
    P(evergreen.virt.preflight#role) puts them.
options:
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
  look_ahead:
    description:
      - With O(wave), also plan what comes after this wave, and return it as RV(plan.rest).
    type: bool
    default: false
  updates:
    description:
      - Name of the host variable that holds RV(evergreen.virt.hypervisor_updates_info#module:updates).
    type: str
    default: preflight_updates
  objective:
    description:
      - What the plan is good for. V(moves) is the fewest moves, V(time) the shortest run. V(balanced) adds up how many times
        its bound each of the two is, and takes the smallest sum.
    type: str
    choices: [moves, time, balanced]
    default: balanced
  max_hosts_per_wave:
    description:
      - How many hosts may be out of service at the same moment.
    type: int
    default: 1
  canary_hosts:
    description:
      - How many hosts the first wave has at most; 0 is no limit of its own.
    type: int
    default: 0
  order:
    description:
      - Which hosts come first. V(load) leaves it to the plan, which begins with hosts that have few VMs; V(name) goes by
        their names, V(label) by O(label), with numbers as people sort them. No host comes before all hosts of a lower rank
        have had their turn, or are in the same wave.
    type: str
    choices: [load, name, label]
    default: load
  label:
    description:
      - Name of the host variable with what the hosts are ordered by, a plain value.
    type: str
  site:
    description:
      - Name of the host variable with the site of a host, a plain value. Sites are upgraded one after another, in their
        order, and a wave never holds hosts of two sites.
    type: str
  pace:
    description:
      - How long things take, for the modelled duration.
    type: dict
    suboptions:
      move_mib_per_s:
        description: What the link of one host carries, one way, in MiB per second. Default is 400.
        type: float
      move_s:
        description: Seconds that each move takes besides. Default is 2.
        type: float
      update_s:
        description: Seconds that the update of a host takes. Default is 180.
        type: float
      reboot_s:
        description: Seconds that a reboot takes. Default is 240.
        type: float
      soft_reboot_s:
        description: Seconds that one takes that leaves the kernel alone (O(soft_reboot)). Default is 30.
        type: float
      verify_s:
        description: Seconds until a host is proven healthy. Default is 15.
        type: float
      stop_s:
        description: Seconds until VMs that wait on their host are stopped before, and are back after. Default is 60.
        type: float
  owner:
    description:
      - Maintenance records of this owner belong to the run; those of others are never lifted.
    type: str
    default: evergreen.virt
  adopt:
    description:
      - Whether maintenance records of O(owner) that no run has set belong to the run as well. A host is not upgraded that somebody keeps out of service;
        who keeps it so may empty it.
    type: bool
    default: false
  keep:
    description:
      - What of each host is kept before its update, to roll it back. V(packages), what M(evergreen.virt.hypervisor_updates_kept) keeps, V(snapshot),
        which hooks of the run take and bring back, or V(none).
      - If given, the plan says of each host whether it can be rolled back, and why not.
    type: str
    choices: [none, packages, snapshot]
  soft_reboot:
    description:
      - Whether hosts are soft-rebooted (C(systemctl soft-reboot)) where that does. The plan then says of each host that becomes empty which reboot
        it gets, and why. A soft one needs a host with systemd 256 or newer, and an update without a kernel, microcode or firmware.
    type: bool
    default: false
  left_out:
    description: Hosts to leave alone although they are in O(scope), each with the reason. An approved plan that needs one of them is refused.
    type: dict
    default: {}
  save:
    description:
      - A file on the controller to keep the plan in, for O(approved). Written in check mode too, where plans are made to be
        looked at.
    type: path
  approved:
    description:
      - A file that O(save) has written. Its plan is returned if the cluster still is what it was made for and the same is
        asked for; else the task fails and names each difference. Space in storage pools is not compared.
    type: path
  as_text:
    description:
      - Return the plan of a whole run also as RV(text), for O(approved_text). For where no file lasts until the plan is approved.
    type: bool
    default: false
  approved_text:
    description:
      - As O(approved), with what RV(text) was instead of a file.
    type: str
  picture:
    description:
      - A file on the controller for a picture of the waves over their modelled time (SVG). Written in check mode too.
    type: path
extends_documentation_fragment:
  - evergreen.virt.attributes
  - evergreen.virt.planning
attributes:
  check_mode:
    support: full
    details:
      - The action only computes. O(save) and O(picture) are written.
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

- name: Make a plan to be approved, with one host first, then as many as possible, and room for the failure of another
  evergreen.virt.upgrade_plan:
    hosts: "{{ groups['cluster'] }}"
    objective: time
    max_hosts_per_wave: 8
    canary_hosts: 1
    reserve: 1
    save: "{{ playbook_dir }}/plan.json"
  run_once: true

- name: Take that plan, unless the cluster has changed
  evergreen.virt.upgrade_plan:
    hosts: "{{ groups['cluster'] }}"
    objective: time
    max_hosts_per_wave: 8
    canary_hosts: 1
    reserve: 1
    approved: "{{ playbook_dir }}/plan.json"
  run_once: true
"""

RETURN = r"""
text:
  description: The plan with what it was made for, compressed, as one line.
  returned: with O(as_text), without O(wave)
  type: str
  sample: eNqrVkrOSM3JyVeyUsooKSmw0tcvLy/XyyzWS87P1U/...
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
      description:
        - The moves in order. Those of one C(step) of a wave may run in any order and at the same time. A move of C(kind) V(offline)
          is of a VM that is shut down and started on its target.
      type: list
      elements: dict
      sample: [{wave: 1, step: 1, vm: web, source: h1, target: h3, memory_mib: 2048, disk_mib: 0, kind: live}]
    room:
      description: Those of the moves that make room, from hosts that stay in service, in their order.
      type: list
      elements: dict
      sample: [{wave: 1, step: 1, host: h2, moves: [{vm: db, to: h3, policy: {}}]}]
    stops:
      description: The VMs that wait on a host of a wave, saved to disk (C(way) V(suspend)) or shut down, and are started again when it is back.
      type: list
      elements: dict
      sample: [{wave: 1, host: h1, vm: license, way: shutdown, why: "its policy is evacuation: shutdown"}]
    objective:
      description: What the plan is good for.
      type: str
    figures:
      description: Its C(moves), C(waves) and modelled C(seconds).
      type: dict
      sample: {moves: 8, waves: 3, seconds: 1380.5}
    wave_seconds:
      description: How long each wave takes by the model.
      type: list
      elements: float
    bounds:
      description: The same figures, as no plan can beat them; empty with O(wave).
      type: dict
      sample: {moves: 8, waves: 3, seconds: 1320.0}
    proof:
      description:
        - Why the plan keeps to what there is. C(start) is what each host that is touched has free before; each of C(moments),
          a step of a wave, says what arrivals have C(taken) from a host and what departures have C(given) back when it has
          ended. What a host has free is the start less all that was taken so far plus all that was given before, and never
          negative. C(tightest) is the smallest of these sums for each resource. C(kept) is what VMs take that wait on a host of a wave.
        - Resources are V(memory), V(vcpus), V(pages/2048), each also by NUMA node as V(memory@1), and V(pool/NAME).
      type: dict
      sample:
        start: {h3: {memory: 9216}}
        moments: [{wave: 1, step: 1, taken: {h3: {memory: 2112}}, given: {h1: {memory: 2112}}}]
        tightest: {memory: {host: h3, wave: 1, free: 7104}}
    rest:
      description: How the run would go on after this wave, or in C(problem) why it could not.
      returned: with O(look_ahead)
      type: dict
      sample: {waves: [[h2], [h3]], moves: 6, problem: ""}
    skipped:
      description: Hosts that are left alone although they were asked for, and why.
      type: dict
    epoch:
      description: An epoch that is newer than any that a host knows.
      type: int
    hosts:
      description:
        - Each host with its impact, its wave, its versions before and after, and what M(evergreen.virt.vm_migrate) takes,
          C(moves) and C(parallel_moves), and M(evergreen.virt.maintenance_vms), C(stops).
        - With O(keep), C(rollback) has the C(kind), V(packages), V(snapshot) or V(none), and the C(reason).
        - With O(soft_reboot), C(boot) of a host that becomes empty has the C(kind), V(soft) or V(full), and the C(reason).
      type: list
      elements: dict
"""
