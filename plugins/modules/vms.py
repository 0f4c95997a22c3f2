#!/usr/bin/python
# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Module vms."""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: vms
short_description: Many VMs of one host
version_added: 1.0.0
author: evergreen.virt contributors (@evergreen-virt)
description:
  - Brings many VMs to what their options say, over one connection to libvirt.
  - All of them are checked, read and compared before the first one is changed. An entry that cannot be meant ends the task
    with its place and its name, and nothing is changed.
  - They are then changed in their order. If libvirt refuses one, the task ends there; run it again to go on.
extends_documentation_fragment:
  - evergreen.virt.vm.entries
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
  diff_mode:
    support: full
    details:
      - Passwords are not shown. What differs only in a running VM is below C(running).
  idempotent:
    support: full
    details:
      - Except entries with state V(restarted).
options:
  purge:
    description:
      - Remove the definitions of all other VMs of this host, as O(vms[].state=absent) does. Their disks are kept.
      - If any of them is not shut off, the task fails before anything is changed.
    type: bool
    default: false
seealso:
  - module: evergreen.virt.vm
  - module: evergreen.virt.vm_info
"""

EXAMPLES = r"""
- name: The VMs of this host
  evergreen.virt.vms:
    vms:
      - name: web1
        state: started
        memory_mib: 2048
        disks:
          - {target: vda, pool: default, volume: web1.qcow2, size_gib: 20}
        interfaces:
          - {bridge: br0, type: ovs, vlan: 10}
      - name: old1
        state: absent
"""

RETURN = r"""
results:
  description: What became of each VM, in the order of O(vms), then the purged ones.
  returned: success
  type: list
  elements: dict
  contains:
    name:
      description: The VM's name.
      type: str
      returned: always
    changed:
      description: Whether it was changed.
      type: bool
      returned: always
    diff:
      description: Options before and after.
      type: dict
      returned: always
    restart_required:
      description: Options that the running VM gets at its next start only.
      type: list
      elements: str
      returned: always
    removed_storage:
      description: As RV(evergreen.virt.vm#module:removed_storage).
      type: list
      elements: dict
      returned: always
    kept_storage:
      description: As RV(evergreen.virt.vm#module:kept_storage).
      type: list
      elements: dict
      returned: always
    vm:
      description: The VM as RV(evergreen.virt.vm#module:vm) has it.
      type: dict
      returned: always
"""

from typing import Any

from ansible_collections.evergreen.virt.plugins.module_utils._argspec import CLUSTER, RUN, ArgSpec
from ansible_collections.evergreen.virt.plugins.module_utils._argspec import LIBVIRT as LIBVIRT_GROUP
from ansible_collections.evergreen.virt.plugins.module_utils._libvirt import vm_jobs
from ansible_collections.evergreen.virt.plugins.module_utils._libvirt.connection import LIBVIRT, connect
from ansible_collections.evergreen.virt.plugins.module_utils._libvirt.view import View
from ansible_collections.evergreen.virt.plugins.module_utils._module import Task, run
from ansible_collections.evergreen.virt.plugins.module_utils._vm_spec import VM, cluster_facts

ENTRIES = {"type": "list", "elements": "dict", "required": True, "options": dict(VM.options)}
SPEC = LIBVIRT_GROUP + RUN + CLUSTER + ArgSpec({"vms": ENTRIES, "purge": {"type": "bool", "default": False}})


def converge(task: Task) -> dict[str, Any]:
    """Bring the VMs to the wanted state."""
    vm_jobs.check(task.params["vms"])
    with connect(task.params["uri"]) as connection:
        view = View(connection, many=True, cluster=cluster_facts(task.params["cluster"]))
        jobs = vm_jobs.prepare(view, task.params["vms"], purge=task.params["purge"], check_mode=task.check_mode)
        results, reasons = vm_jobs.finish(connection, jobs, check_mode=task.check_mode)
    for reason in reasons:
        task.warn(f"the change comes with the next start: {reason}")
    diffs = [{"before_header": entry["name"], "after_header": entry["name"], **entry["diff"]} for entry in results]
    return {
        "changed": any(entry["changed"] for entry in results),
        "diff": [diff for diff, entry in zip(diffs, results) if entry["changed"]],
        "results": results,
    }


def main() -> None:
    """Run the module."""
    run(SPEC, converge, requires=[LIBVIRT])


if __name__ == "__main__":
    main()
