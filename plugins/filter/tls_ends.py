# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The filter `tls_ends`."""

from __future__ import annotations

import typing as t

DOCUMENTATION = r"""
name: tls_ends
short_description: Which ends of moves over TLS a host is
version_added: 1.0.0
author: evergreen.virt contributors (@evergreen-virt)
description:
  - Reads the moves of a plan, and returns which certificates the QEMU of one host needs for them.
  - A VM that is shut down to move is not sent by QEMU.
options:
  _input:
    description: The moves, as M(evergreen.virt.upgrade_plan) returns them.
    type: list
    elements: dict
    required: true
  host:
    description: The host.
    type: str
    required: true
seealso:
  - module: evergreen.virt.hypervisor_preflight_info
"""

EXAMPLES = r"""
- name: Has QEMU what it needs to send and to take VMs?
  evergreen.virt.hypervisor_preflight_info:
    tls_ends: "{{ plan.moves | evergreen.virt.tls_ends(inventory_hostname) }}"
  vars:
    plan: {moves: [{wave: 1, vm: web, source: kvm1, target: kvm2, memory_mib: 2048, kind: live}]}
"""

RETURN = r"""
_value:
  description: V(client) if VMs leave the host while they run, V(server) if they come to it.
  type: list
  elements: str
"""


def tls_ends(moves: t.Iterable[t.Mapping[str, t.Any]], host: str) -> list[str]:
    """Return the ends that a host is of moves of running VMs."""
    live = [move for move in moves if move["kind"] == "live"]
    ends = {"client": "source", "server": "target"}
    return [end for end, side in ends.items() if any(move[side] == host for move in live)]


class FilterModule:
    """What Ansible asks for the filters of this file."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """Return the filters by name."""
        return {"tls_ends": tls_ends}
