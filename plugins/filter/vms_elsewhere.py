# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The filter `vms_elsewhere`."""

from __future__ import annotations

import typing as t

from ansible.errors import AnsibleFilterError

from ansible_collections.evergreen.virt.plugins.module_utils._errors import VirtError
from ansible_collections.evergreen.virt.plugins.module_utils._facts import RUNS, Host, Vm

DOCUMENTATION = r"""
name: vms_elsewhere
short_description: What other hosts say of the VMs of a host
version_added: 1.0.0
author: evergreen.virt contributors (@evergreen-virt)
description:
  - For a host that went down with VMs on it. Returns what O(evergreen.virt.maintenance_vms#module:peers) wants to know of every other host
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
  description: One dictionary for each other host, with C(host), C(runs), which is null if it did not answer, and C(unsure).
  type: list
  elements: dict
"""


def vms_elsewhere(facts: t.Mapping[str, t.Mapping[str, t.Any]], host: str) -> list[dict[str, t.Any]]:
    """Return what the other hosts say of the VMs of one of them."""
    try:
        hosts = {name: Host.from_dict(told) if told else None for name, told in facts.items()}
    except VirtError as exc:
        raise AnsibleFilterError(str(exc)) from exc
    own = hosts.get(host)
    if own is None:
        raise AnsibleFilterError(f"there are no facts of host '{host}'.")
    uuids = {vm.uuid for vm in own.vms}
    return [_said(name, other, uuids) for name, other in hosts.items() if name != host]


def _said(name: str, host: Host | None, uuids: t.Container[str]) -> dict[str, t.Any]:
    if host is None:
        return {"host": name, "runs": None, "unsure": []}
    active = [vm for vm in host.vms if vm.uuid in uuids and not vm.off]
    runs = [vm.uuid for vm in active if _runs(vm, host)]
    return {"host": name, "runs": runs, "unsure": [vm.uuid for vm in active if vm.uuid not in runs]}


def _runs(vm: Vm, host: Host) -> bool:
    return vm.state in RUNS and vm.persistent and vm.name not in host.moving


class FilterModule:
    """What Ansible asks for the filters of this file."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """Return the filters by name."""
        return {"vms_elsewhere": vms_elsewhere}
