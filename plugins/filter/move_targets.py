# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The filter `move_targets`."""

from __future__ import annotations

import typing as t

from ansible_collections.evergreen.virt.plugins.plugin_utils.addresses import (
    Variables,
    first_migration_port,
    migration_address,
)

DOCUMENTATION = r"""
name: move_targets
short_description: The hosts that VMs of a host are to move to
version_added: 1.0.0
author: evergreen.virt contributors (@evergreen-virt)
description:
  - Reads the moves of a plan, and returns each target of one host with the address and the ports at which it takes VMs.
  - The address is the target's C(configure_migration_address), or else its C(ansible_host). A target that has neither is left out.
options:
  _input:
    description: The moves, as M(evergreen.virt.upgrade_plan) returns them.
    type: list
    elements: dict
    required: true
  source:
    description: The host that the VMs leave.
    type: str
    required: true
  hostvars:
    description: The variables of all hosts, C(hostvars).
    type: dict
    required: true
  ports:
    description: Migration ports to knock at. Without any, it is the first one of each target, its C(configure_migration_port_min).
    type: list
    elements: int
    default: []
seealso:
  - module: evergreen.virt.hypervisor_preflight_info
"""

EXAMPLES = r"""
- name: Could the VMs of this host move?
  evergreen.virt.hypervisor_preflight_info:
    peers: "{{ plan.moves | evergreen.virt.move_targets(inventory_hostname, hostvars) }}"
  vars:
    plan: {moves: [{wave: 1, vm: web, source: kvm1, target: kvm2, memory_mib: 2048}]}
"""

RETURN = r"""
_value:
  description: One dictionary for each target, with C(name), C(address) and C(ports).
  type: list
  elements: dict
"""


def move_targets(
    moves: t.Iterable[t.Mapping[str, t.Any]],
    source: str,
    hostvars: t.Mapping[str, Variables],
    ports: t.Iterable[int] = (),
) -> list[dict[str, t.Any]]:
    """Return the targets of one host's moves, each once, in the order of the moves."""
    names = dict.fromkeys(move["target"] for move in moves if move["source"] == source)
    found = ((name, migration_address(name, hostvars)) for name in names)
    return [
        {"name": name, "address": address, "ports": list(ports) or [first_migration_port(name, hostvars)]}
        for name, address in found
        if address
    ]


class FilterModule:
    """What Ansible asks for the filters of this file."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """Return the filters by name."""
        return {"move_targets": move_targets}
