# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The filter `oldest_host`."""

from __future__ import annotations

import typing as t

from ansible.errors import AnsibleFilterError

from ansible_collections.evergreen.virt.plugins.module_utils._errors import VirtError
from ansible_collections.evergreen.virt.plugins.module_utils._plan.common import members_of, oldest

DOCUMENTATION = r"""
name: oldest_host
short_description: The host of a cluster with the oldest libvirt
version_added: 1.0.0
author: evergreen.virt contributors (@evergreen-virt)
description:
  - Compares versions number by number. Of hosts with the same libvirt, the one with the oldest QEMU is meant.
  - That host works out what VMs can have on all hosts of the cluster, see O(evergreen.virt.hypervisor_info#module:members).
options:
  _input:
    description:
      - The facts of the hosts, as M(evergreen.virt.hypervisor_info) returns them, by their names.
    type: dict
    required: true
seealso:
  - module: evergreen.virt.hypervisor_info
"""

EXAMPLES = r"""
- name: Show which host has the oldest libvirt
  ansible.builtin.debug:
    msg: "{{ {'hv1': hypervisor1.host, 'hv2': hypervisor2.host} | evergreen.virt.oldest_host }}"
"""

RETURN = r"""
_value:
  description: The name of the host.
  type: str
"""


def oldest_host(facts: t.Mapping[str, t.Any]) -> str:
    """Return the name of the host with the oldest libvirt."""
    try:
        return oldest(members_of(facts))
    except VirtError as exc:
        raise AnsibleFilterError(str(exc)) from exc


class FilterModule:
    """What Ansible asks for the filters of this file."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """Return the filters by name."""
        return {"oldest_host": oldest_host}
