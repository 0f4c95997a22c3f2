#!/usr/bin/python
# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Module network."""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: network
short_description: A virtual network of libvirt
version_added: 1.0.0
author: evergreen.virt contributors (@evergreen-virt)
description:
  - Defines, changes, starts, stops or removes a virtual network. What is not named is not touched.
  - DHCP and port groups are changed while the network runs; everything else takes effect when it is restarted, which the
    module does only if O(allow_restart) is set. A restart cuts the VMs on a network that libvirt made off until they are
    plugged in anew.
extends_documentation_fragment:
  - evergreen.virt.libvirt
  - evergreen.virt.attributes
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
  idempotent:
    support: full
options:
  name:
    description: The name of the network.
    type: str
    required: true
  state:
    description:
      - V(started) and V(stopped) define the network if need be.
      - V(present) defines it and leaves it running or not, as it is.
      - V(absent) stops and removes it.
    type: str
    choices: [present, started, stopped, absent]
    default: started
  mode:
    description:
      - How VMs reach the world. A new network needs it.
      - V(bridge) attaches VMs to a bridge that is there already, or by macvtap to O(device).
    type: str
    choices: [nat, route, open, isolated, bridge]
  bridge:
    description: The bridge to attach to in mode V(bridge), otherwise the name of the bridge that libvirt makes.
    type: str
  virtualport:
    description: The kind of the bridge's ports.
    type: str
    choices: [openvswitch, midonet]
  device:
    description: The network device that traffic may leave the host by.
    type: str
  domain:
    description: The DNS domain of the network.
    type: str
  mtu:
    description: The MTU in bytes.
    type: int
  addresses:
    description: The host's own addresses in the network, at most one for IPv4 and one for IPv6.
    type: list
    elements: dict
    suboptions:
      address:
        description: The address.
        type: str
        required: true
      prefix:
        description: The length of the subnet's prefix in bits.
        type: int
        required: true
      dhcp:
        description: What libvirt's DHCP server hands out.
        type: dict
        suboptions:
          start:
            description: The first address of the range.
            type: str
          end:
            description: The last address of the range.
            type: str
          hosts:
            description: Fixed addresses; a host is known by O(addresses[].dhcp.hosts[].mac), else by id, else by name.
            type: list
            elements: dict
            suboptions:
              mac:
                description: The host's MAC address.
                type: str
              id:
                description: The host's DUID, for IPv6.
                type: str
              name:
                description: The host's name.
                type: str
              address:
                description: The address it gets.
                type: str
                required: true
  portgroups:
    description: Named sets of VLANs that an interface can ask for.
    type: list
    elements: dict
    suboptions:
      name:
        description: The name of the port group.
        type: str
        required: true
      default:
        description: Whether interfaces that name no port group get this one.
        type: bool
      vlan:
        description: The VLAN of untagged traffic. If it or the trunks are set, both are.
        type: int
      trunks:
        description: The VLANs that are carried with their tag.
        type: list
        elements: int
  purge:
    description: Whether to remove what is missing in those of the lists addresses, hosts and portgroups that are set.
    type: bool
    default: false
  autostart:
    description: Whether it starts with its host.
    type: bool
  allow_restart:
    description: Whether to restart the network if a change needs that.
    type: bool
    default: false
seealso:
  - module: evergreen.virt.ovs_bridge
"""

EXAMPLES = r"""
- name: A network on the Open vSwitch bridge br0 with two port groups
  evergreen.virt.network:
    name: lan
    mode: bridge
    bridge: br0
    virtualport: openvswitch
    autostart: true
    portgroups:
      - {name: web, vlan: 10, default: true}
      - {name: routers, trunks: [10, 20, 30]}

- name: A network of the host's own, with DHCP
  evergreen.virt.network:
    name: lab
    mode: nat
    addresses:
      - address: 192.0.2.1
        prefix: 24
        dhcp:
          start: 192.0.2.100
          end: 192.0.2.200
          hosts:
            - {mac: "52:54:00:00:00:01", name: web1, address: 192.0.2.11}

- name: Remove the network that libvirt comes with
  evergreen.virt.network:
    name: default
    state: absent
"""

RETURN = r"""
restart_required:
  description: Options that the running network takes only when it is restarted.
  returned: success
  type: list
  elements: str
  sample: [mtu]
"""

import typing as t

from ansible_collections.evergreen.virt.plugins.module_utils._argspec import LIBVIRT as LIBVIRT_OPTIONS
from ansible_collections.evergreen.virt.plugins.module_utils._argspec import ArgSpec
from ansible_collections.evergreen.virt.plugins.module_utils._libvirt import network
from ansible_collections.evergreen.virt.plugins.module_utils._libvirt.connection import LIBVIRT, connect
from ansible_collections.evergreen.virt.plugins.module_utils._libvirt.lifecycle import STATES
from ansible_collections.evergreen.virt.plugins.module_utils._module import Task, run

_HOST = {
    "mac": {"type": "str"},
    "id": {"type": "str"},
    "name": {"type": "str"},
    "address": {"type": "str", "required": True},
}
_DHCP = {
    "start": {"type": "str"},
    "end": {"type": "str"},
    "hosts": {"type": "list", "elements": "dict", "options": _HOST},
}
_ADDRESS = {
    "address": {"type": "str", "required": True},
    "prefix": {"type": "int", "required": True},
    "dhcp": {"type": "dict", "options": _DHCP, "required_together": [["start", "end"]]},
}
_PORTGROUP = {
    "name": {"type": "str", "required": True},
    "default": {"type": "bool"},
    "vlan": {"type": "int"},
    "trunks": {"type": "list", "elements": "int"},
}
SPEC = LIBVIRT_OPTIONS + ArgSpec(
    options={
        "name": {"type": "str", "required": True},
        "state": {"type": "str", "choices": list(STATES), "default": "started"},
        "mode": {"type": "str", "choices": ["nat", "route", "open", "isolated", "bridge"]},
        "bridge": {"type": "str"},
        "virtualport": {"type": "str", "choices": ["openvswitch", "midonet"]},
        "device": {"type": "str"},
        "domain": {"type": "str"},
        "mtu": {"type": "int"},
        "addresses": {"type": "list", "elements": "dict", "options": _ADDRESS},
        "portgroups": {"type": "list", "elements": "dict", "options": _PORTGROUP},
        "purge": {"type": "bool", "default": False},
        "autostart": {"type": "bool"},
        "allow_restart": {"type": "bool", "default": False},
    }
)


def converge(task: Task) -> dict[str, t.Any]:
    """Bring the network to what was asked."""
    with connect(task.params["uri"]) as connection:
        plan = network.converge(connection, task.params, check_mode=task.check_mode)
    return {
        "changed": bool(plan.changes),
        "diff": plan.changes.diff(),
        "restart_required": list(plan.restart_required),
    }


def main() -> None:
    """Run the module."""
    run(SPEC, converge, requires=[LIBVIRT])


if __name__ == "__main__":
    main()
