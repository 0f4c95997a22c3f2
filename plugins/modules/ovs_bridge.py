#!/usr/bin/python

# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One Open vSwitch bridge with its ports and bonds."""

from __future__ import annotations

DOCUMENTATION = r"""
module: ovs_bridge
short_description: One Open vSwitch bridge with its ports and bonds
version_added: 1.0.0
author: evergreen.virt contributors (@evergreen-virt)
description:
  - Makes a bridge, its controllers, ports and bonds as the task says, in one transaction of the switch's database.
    Either all of it happens or nothing.
  - The task ends when ovs-vswitchd has applied the configuration, and fails with the daemon's own words if one of the
    named interfaces does not work. That holds for a task that had nothing to change, too.
  - What the task does not name is not touched. A list replaces what is there; of a dictionary only the named keys
    are set, and a key whose value is null is removed.
extends_documentation_fragment:
  - evergreen.virt.ovsdb
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
    description:
      - The bridge's name.
    type: str
    required: true
  state:
    description:
      - C(present) makes the bridge as described, C(absent) removes it with all its ports.
    type: str
    choices: [present, absent]
    default: present
  datapath_type:
    description:
      - C(system) is the kernel's datapath, C(netdev) the one in user space.
    type: str
  fail_mode:
    description:
      - What the bridge does without its controller. C(none) removes the setting.
    type: str
    choices: [standalone, secure, none]
  stp:
    description:
      - Whether the Spanning Tree Protocol is on.
    type: bool
  rstp:
    description:
      - Whether the Rapid Spanning Tree Protocol is on.
    type: bool
  mcast_snooping:
    description:
      - Whether multicast snooping is on.
    type: bool
  protocols:
    description:
      - The OpenFlow versions to allow. An empty list stands for the daemon's default.
    type: list
    elements: str
    choices: [OpenFlow10, OpenFlow11, OpenFlow12, OpenFlow13, OpenFlow14, OpenFlow15]
  controllers:
    description:
      - All targets of OpenFlow controllers, such as C(tcp:192.0.2.1:6653).
      - Settings of a controller that stays are kept.
    type: list
    elements: str
  external_ids:
    description:
      - External ids of the bridge.
    type: dict
  other_config:
    description:
      - Other configuration of the bridge.
    type: dict
  ports:
    description:
      - Ports with one interface each, which has the port's name. Ports that are not named stay, see O(purge).
      - The bridge's own port, which has the bridge's name, may be named to set its options.
    type: list
    elements: dict
    suboptions:
      name:
        description:
          - Name of the port and of its interface.
        type: str
        required: true
      state:
        description:
          - C(absent) takes the port off this bridge. A port on another bridge is left alone.
        type: str
        choices: [present, absent]
        default: present
      tag:
        description:
          - The VLAN of an access port, 0 to 4095. C(-1) removes the tag.
        type: int
      trunks:
        description:
          - All VLANs that the port carries with their tags. An empty list stands for every VLAN.
        type: list
        elements: int
      vlan_mode:
        description:
          - How VLANs are handled. C(none) lets O(ports[].tag) and O(ports[].trunks) decide.
        type: str
        choices: [access, dot1q-tunnel, native-tagged, native-untagged, trunk, none]
      external_ids:
        description:
          - External ids of the port.
        type: dict
      other_config:
        description:
          - Other configuration of the port.
        type: dict
      type:
        description:
          - Type of the interface, such as C(system) (a network card that exists), C(internal), C(patch), C(vxlan), C(geneve), C(gre).
        type: str
      options:
        description:
          - Options of the interface's type, such as C(peer) of C(patch) or C(remote_ip) and C(key) of a tunnel.
        type: dict
      mtu_request:
        description:
          - The MTU that the interface is to have. C(0) removes the request.
        type: int
      interface_external_ids:
        description:
          - External ids of the interface.
        type: dict
      interface_other_config:
        description:
          - Other configuration of the interface.
        type: dict
  bonds:
    description:
      - Ports with two or more interfaces. Bonds that are not named stay, see O(purge).
    type: list
    elements: dict
    suboptions:
      name:
        description:
          - Name of the bond.
        type: str
        required: true
      state:
        description:
          - C(absent) takes the bond off this bridge. A bond on another bridge is left alone.
        type: str
        choices: [present, absent]
        default: present
      interfaces:
        description:
          - Names of all interfaces of the bond, two or more.
        type: list
        elements: str
      mode:
        description:
          - How the bond spreads its traffic. C(none) stands for the daemon's default.
        type: str
        choices: [active-backup, balance-slb, balance-tcp, none]
      lacp:
        description:
          - Link aggregation by LACP. C(none) removes the setting.
        type: str
        choices: [active, passive, "off", none]
      tag:
        description:
          - As O(ports[].tag).
        type: int
      trunks:
        description:
          - As O(ports[].trunks).
        type: list
        elements: int
      vlan_mode:
        description:
          - As O(ports[].vlan_mode).
        type: str
        choices: [access, dot1q-tunnel, native-tagged, native-untagged, trunk, none]
      external_ids:
        description:
          - As O(ports[].external_ids).
        type: dict
      other_config:
        description:
          - As O(ports[].other_config), for example C(bond-detect-mode).
        type: dict
  purge:
    description:
      - Remove ports and bonds of the bridge that the task does not name. Ports that libvirt added for VMs are never removed by this.
    type: bool
    default: false
  purge_keys:
    description:
      - Of the dictionaries that the task names, remove the keys that it does not name. libvirt's keys are never removed by this.
    type: bool
    default: false
  allow_move:
    description:
      - Take a port that is on another bridge, or an interface that belongs to another port, from there. Without this the task fails.
    type: bool
    default: false
  force:
    description:
      - Remove or move ports, or remove a bridge, though VMs use them.
    type: bool
    default: false
seealso:
  - module: evergreen.virt.ovs_info
"""

EXAMPLES = r"""
- name: A bridge with an uplink that carries two VLANs
  evergreen.virt.ovs_bridge:
    name: br0
    fail_mode: standalone
    ports:
      - name: eno1
        trunks: [10, 20]
      - name: mgmt0
        type: internal
        tag: 10
        interface_external_ids:
          mac-of-owner: "52:54:00:12:34:56"

- name: A bond as the uplink, and a tunnel
  evergreen.virt.ovs_bridge:
    name: br0
    bonds:
      - name: uplink
        interfaces: [eno1, eno2]
        mode: balance-tcp
        lacp: active
    ports:
      - name: vx0
        type: vxlan
        options:
          remote_ip: 192.0.2.7
          key: 42

- name: No port but these and those of VMs
  evergreen.virt.ovs_bridge:
    name: br0
    purge: true
    ports:
      - name: eno1

- name: No such bridge
  evergreen.virt.ovs_bridge:
    name: br0
    state: absent
"""

RETURN = r"""
bridge:
  description:
    - The bridge as it is after the task, in the form that M(evergreen.virt.ovs_info) returns; null if there is none.
    - In check mode the bridge as it is.
  returned: success
  type: dict
changes:
  description: Names of the options that differed.
  returned: success
  type: list
  elements: str
  sample: ["ports[eno1].trunks"]
"""

import typing as t

from ansible_collections.evergreen.virt.plugins.module_utils._argspec import OVSDB, ArgSpec
from ansible_collections.evergreen.virt.plugins.module_utils._module import Task, run
from ansible_collections.evergreen.virt.plugins.module_utils._ovs import bridge
from ansible_collections.evergreen.virt.plugins.module_utils._ovs.connection import OVS, Remote, connect

STATE = {"type": "str", "choices": ["present", "absent"], "default": "present"}
VLAN_MODES = ["access", "dot1q-tunnel", "native-tagged", "native-untagged", "trunk", "none"]
PORT = {
    "name": {"type": "str", "required": True},
    "state": STATE,
    "tag": {"type": "int"},
    "trunks": {"type": "list", "elements": "int"},
    "vlan_mode": {"type": "str", "choices": VLAN_MODES},
    "external_ids": {"type": "dict"},
    "other_config": {"type": "dict"},
}
INTERFACE = {
    "type": {"type": "str"},
    "options": {"type": "dict"},
    "mtu_request": {"type": "int"},
    "interface_external_ids": {"type": "dict"},
    "interface_other_config": {"type": "dict"},
}
BOND = {
    "interfaces": {"type": "list", "elements": "str"},
    "mode": {"type": "str", "choices": ["active-backup", "balance-slb", "balance-tcp", "none"]},
    "lacp": {"type": "str", "choices": ["active", "passive", "off", "none"]},
}
SPEC = OVSDB + ArgSpec(
    options={
        "name": {"type": "str", "required": True},
        "state": STATE,
        "datapath_type": {"type": "str"},
        "fail_mode": {"type": "str", "choices": ["standalone", "secure", "none"]},
        "stp": {"type": "bool"},
        "rstp": {"type": "bool"},
        "mcast_snooping": {"type": "bool"},
        "protocols": {
            "type": "list",
            "elements": "str",
            "choices": ["OpenFlow10", "OpenFlow11", "OpenFlow12", "OpenFlow13", "OpenFlow14", "OpenFlow15"],
        },
        "controllers": {"type": "list", "elements": "str"},
        "external_ids": {"type": "dict"},
        "other_config": {"type": "dict"},
        "ports": {"type": "list", "elements": "dict", "options": {**PORT, **INTERFACE}},
        "bonds": {"type": "list", "elements": "dict", "options": {**PORT, **BOND}},
        "purge": {"type": "bool", "default": False},
        "purge_keys": {"type": "bool", "default": False},
        "allow_move": {"type": "bool", "default": False},
        "force": {"type": "bool", "default": False},
    }
)


def converge(task: Task) -> dict[str, t.Any]:
    """Make the bridge as the options say."""
    name = task.params["name"]
    comment = f"evergreen.virt.ovs_bridge: bridge {name} {task.params['state']}"
    with connect(Remote.of(task.params), needed=bridge.NEEDED, wanted=bridge.WANTED) as database:
        result = bridge.converge(database, task.params, comment=comment, check_mode=task.check_mode)
    changes = result.plan.changes
    return {
        "changed": bool(changes),
        "diff": changes.diff(),
        "changes": [change.path for change in changes],
        "bridge": result.bridge and result.bridge.to_dict(),
    }


def main() -> None:
    """Run the module."""
    run(SPEC, converge, requires=[OVS])


if __name__ == "__main__":
    main()
