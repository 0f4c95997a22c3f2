# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The filter `vms_elsewhere`."""

from __future__ import annotations

import typing as t

from ansible.errors import AnsibleFilterError

from ansible_collections.evergreen.virt.plugins.module_utils._errors import VirtError
from ansible_collections.evergreen.virt.plugins.module_utils._facts import RUNS, Vm

DOCUMENTATION = r"""
name: vms_elsewhere
short_description: What other hosts say of the VMs of a host
version_added: 1.0.0
author: evergreen.virt contributors (@evergreen-virt)
description:
  - For a host that went down with VMs on it. Returns what O(evergreen.virt.maintenance_vms#module:peers) wants to know of the other hosts
    before a VM is started again.
options:
  _input:
    description:
      - The facts of the hosts, as M(evergreen.virt.hypervisor_info) returns them, by their names. Those of hosts that did not answer are empty.
    type: dict
    required: true
  host:
    description: The host whose VMs it is about.
    type: str
    required: true
seealso:
  - module: evergreen.virt.maintenance_vms
"""

EXAMPLES = r"""
- name: Start the VMs that went down with kvm1
  evergreen.virt.maintenance_vms:
    state: recovered
    owner: storage team
    peers: "{{ {'kvm1': hypervisor1.host, 'kvm2': hypervisor2.host} | evergreen.virt.vms_elsewhere('kvm1') }}"
"""

RETURN = r"""
_value:
  description:
    - One dictionary with C(host), C(runs), which is null if it did not answer, and C(unsure), for each other host that did not answer or
      has one of the VMs.
  type: list
  elements: dict
"""


Facts = t.Mapping[str, t.Any]


def vms_elsewhere(facts: t.Mapping[str, Facts], host: str) -> list[dict[str, t.Any]]:
    """Return what the other hosts say of the VMs of one of them.

    Facts are looked through as they are: in a large cluster there are tens of thousands of VMs to be told for each host, and hardly one matters.
    """
    own = facts.get(host)
    if not own:
        raise AnsibleFilterError(f"there are no facts of host '{host}'.")
    uuids = {vm["uuid"] for vm in own["vms"]}
    try:
        said = [_said(name, told, uuids) for name, told in facts.items() if name != host]
    except VirtError as exc:
        raise AnsibleFilterError(str(exc)) from exc
    return [one for one in said if one["runs"] != [] or one["unsure"]]


def _said(name: str, told: Facts, uuids: t.Container[str]) -> dict[str, t.Any]:
    if not told:
        return {"host": name, "runs": None, "unsure": []}
    vms = [Vm.from_dict(vm) for vm in told["vms"] if vm["uuid"] in uuids]
    active = [vm for vm in vms if not vm.off]
    runs = [vm.uuid for vm in active if vm.state in RUNS and vm.persistent and vm.name not in told["moving"]]
    return {"host": name, "runs": runs, "unsure": [vm.uuid for vm in active if vm.uuid not in runs]}


class FilterModule:
    """What Ansible asks for the filters of this file."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """Return the filters by name."""
        return {"vms_elsewhere": vms_elsewhere}
