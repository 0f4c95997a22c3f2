# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Options of the actions that plan."""

from __future__ import annotations


class ModuleDocFragment:
    """Mirrors `plugin_utils.planning.PLANNING`."""

    DOCUMENTATION = r"""
options:
  hosts:
    description:
      - All hosts of the cluster. They may take one another's VMs.
    type: list
    elements: str
    required: true
  scope:
    description:
      - The hosts that the plan is for. Default is all of O(hosts).
    type: list
    elements: str
  facts:
    description:
      - Name of the host variable that holds RV(evergreen.virt.hypervisor_info#module:host).
    type: str
    default: preflight_facts
  reserve:
    description:
      - How many further hosts may fail at any moment while the others still have memory for all VMs. It is judged by sums of
        memory.
    type: int
    default: 0
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
  max_vcpus_per_thread:
    description:
      - How many vCPUs a thread of a host may carry at most. Default is no limit.
    type: float
  parallel_moves:
    description:
      - How many VMs may leave one host at the same time.
    type: int
    default: 2
  cluster_parallel_moves:
    description:
      - How many VMs may move in the whole cluster at the same time; 0 is no limit of its own. The plan keeps to it.
    type: int
    default: 0
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
  show:
    description:
      - Print the plan as a table.
    type: bool
    default: true
requirements:
  - jmespath on the controller, when O(policies) is used
"""
