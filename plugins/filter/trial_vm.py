# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The filter `trial_vm`."""

from __future__ import annotations

import typing as t

from ansible.errors import AnsibleFilterError

from ansible_collections.evergreen.virt.plugins.module_utils._errors import VirtError
from ansible_collections.evergreen.virt.plugins.module_utils._facts import Host
from ansible_collections.evergreen.virt.plugins.module_utils._plan.trial import trial_for

DOCUMENTATION = r"""
name: trial_vm
short_description: A small VM to try a host with
version_added: 1.0.0
author: evergreen.virt contributors (@evergreen-virt)
description:
  - Describes a VM without disk and system that has the machine type, the CPU and the bridge or network of most VMs of the cluster, as far as
    both its hosts have them, and names the host that it can move from; one of the oldest that are in service, healthy and not newer than the
    host that is tried.
  - Its interface is there, with its cable unplugged.
options:
  _input:
    description:
      - The facts of the hosts, as M(evergreen.virt.hypervisor_info) returns them, by their names. Those of hosts that did not answer are empty.
    type: dict
    required: true
  target:
    description: The host to be tried.
    type: str
    required: true
  busy:
    description: Hosts that are out of service themselves.
    type: list
    elements: str
    default: []
  memory_mib:
    description: The memory of the VM.
    type: int
    default: 64
  epoch:
    description: The epoch of the run that tries the host. Hosts that were given to a newer run since send it nothing.
    type: int
seealso:
  - module: evergreen.virt.vm
  - module: evergreen.virt.hypervisor_info
"""

EXAMPLES = r"""
- name: Show how kvm2 would be tried
  ansible.builtin.debug:
    msg: "{{ {'kvm1': hypervisor1.host, 'kvm2': hypervisor2.host} | evergreen.virt.trial_vm('kvm2') }}"
"""

RETURN = r"""
_value:
  description:
    - C(from), the host that the VM moves from, empty if there is none, C(options), its options as M(evergreen.virt.vm) takes them, without its name.
  type: dict
"""


def trial_vm(
    facts: t.Mapping[str, t.Mapping[str, t.Any]],
    target: str,
    busy: t.Sequence[str] = (),
    memory_mib: int = 64,
    epoch: int | None = None,
) -> dict[str, t.Any]:
    """Return where the trial VM of a host comes from, and its options."""
    try:
        hosts = {name: Host.from_dict(host) for name, host in facts.items() if host}
        if target not in hosts:
            raise AnsibleFilterError(f"there are no facts of host '{target}'.")
        trial = trial_for(target, hosts, {*busy, *_given_away(hosts, epoch)}, memory_mib)
    except VirtError as exc:
        raise AnsibleFilterError(str(exc)) from exc
    return {"from": trial.source or "", "options": trial.options}


def _given_away(hosts: t.Mapping[str, Host], epoch: int | None) -> list[str]:
    """Return the hosts on which a run of this epoch can change nothing any more."""
    return [name for name, host in hosts.items() if epoch is not None and host.lease and host.lease.epoch > epoch]


class FilterModule:
    """What Ansible asks for the filters of this file."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """Return the filters by name."""
        return {"trial_vm": trial_vm}
