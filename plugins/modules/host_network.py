#!/usr/bin/python
# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Module host_network."""

from __future__ import annotations

DOCUMENTATION = r"""
module: host_network
short_description: A host's bridges and interfaces, changed as one and undone unless the host can still be reached
version_added: 1.0.0
author: evergreen.virt contributors (@evergreen-virt)
description:
  - Makes bridges of Open vSwitch, and the files by which systemd-networkd or ifupdown brings interfaces up, as the task says.
    All of it is changed by one process on the host, which goes on when the connection to the host breaks. So the interface
    that carries this connection may be among what is changed.
  - After a change the controller makes a new connection to the host and confirms the change. If that has not happened within
    O(confirm_timeout) seconds, the host puts back what was there, and the task fails and says so. If a bridge or interface does
    not work, or cannot be made, everything is put back, too.
  - An interface works when it exists, is up and has its O(interfaces[].addresses). It need not have a carrier, nor what it gets by DHCP.
    That is asked in a task that changes nothing, too.
  - A host that is started anew before the change was confirmed comes up with what was there before.
  - What was put back is what the task named. Ports that libvirt added for VMs in the meantime, and what others did to
    other bridges, stay.
  - A bridge that was removed comes back with its flows, its monitors and the numbers of its ports; if it has controllers, these give it its flows.
    What does not come back is told, and RV(change.state) is C(broken).
  - One change at a time. A task fails while the change of another one is not confirmed yet.
  - Check mode, and a task that has nothing to change, wait for nothing.
extends_documentation_fragment:
  - evergreen.virt.ovsdb
  - evergreen.virt.run
  - evergreen.virt.attributes
attributes:
  check_mode:
    support: full
    details: A bridge that needs what an earlier one of O(bridges) brings is left out of the prediction.
  diff_mode:
    support: full
  idempotent:
    support: full
options:
  bridges:
    description:
      - The bridges, made one after another. Each has the options of M(evergreen.virt.ovs_bridge), but none of how to reach the database.
    type: list
    elements: dict
    default: []
  interfaces:
    description:
      - Interfaces to bring up at once and at every boot. The file of an interface that is not named stays.
      - Of an interface that is named, only this description counts. The file of systemd-networkd has a name that comes before
        those of others; from the files of ifupdown the stanzas of this interface are removed.
      - An interface that ifupdown brings up at boot is refused with systemd-networkd, as both would bring it up.
      - With ifupdown, an interface whose stanza has C(ovs_type) is refused. Open vSwitch's scripts would remove its bridge when it goes
        down. Take the lines that begin with C(ovs_) out of the stanzas of the bridge and its ports before, and name all of them.
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description:
          - Name of the interface.
        type: str
        required: true
      state:
        description:
          - C(absent) removes the file that this module wrote.
        type: str
        choices: [present, absent]
        default: present
      addresses:
        description:
          - Addresses with their prefix length or netmask, such as C(192.0.2.10/24). Without any, and without O(interfaces[].dhcp), the
            interface is only brought up.
        type: list
        elements: str
      dhcp:
        description:
          - Whether it gets addresses by DHCP.
        type: bool
        default: false
      mtu:
        description:
          - The MTU of a network card. That of an internal port is its C(mtu_request).
        type: int
      routes:
        description:
          - Routes through this interface.
        type: list
        elements: dict
        suboptions:
          to:
            description:
              - The destination with its prefix length; C(0.0.0.0/0) for the default route.
            type: str
            required: true
          via:
            description:
              - The gateway's address.
            type: str
            required: true
      dns:
        description:
          - Addresses of DNS servers. They need systemd-resolved, or resolvconf with ifupdown.
        type: list
        elements: str
  manager:
    description:
      - What keeps O(interfaces) over a reboot. C(auto) takes what runs on the host, systemd-networkd before ifupdown.
    type: str
    choices: [auto, systemd-networkd, ifupdown]
    default: auto
  confirm_timeout:
    description:
      - Seconds from the beginning of the change within which the host must be reached by a new connection.
      - C(0) changes without a guard. Then a mistake may cut the host off for good. Otherwise it takes 10 seconds at least.
    type: int
    default: 60
  confirm:
    description:
      - Confirms the change of this id, RV(change.id). This is what the task itself does by a new connection; there is no need to write it.
    type: str
seealso:
  - module: evergreen.virt.ovs_bridge
  - module: evergreen.virt.ovs_switch
"""

EXAMPLES = r"""
- name: Put the card with the host's own address under a bridge
  evergreen.virt.host_network:
    bridges:
      - name: br0
        fail_mode: standalone
        ports:
          - name: eno1
          - {name: mgmt0, type: internal}
    interfaces:
      - name: eno1
      - name: mgmt0
        addresses: [192.0.2.11/24]
        routes:
          - {to: 0.0.0.0/0, via: 192.0.2.1}
"""

RETURN = r"""
changes:
  description: Names of the options and files that differed.
  returned: success
  type: list
  elements: str
  sample: ["bridges[br0].ports[eno1]", "files[/etc/systemd/network/05-evergreen-virt-mgmt0.network]"]
change:
  description: The change, if there was one that had to be confirmed.
  returned: when there was one
  type: dict
  contains:
    id:
      description: By which the host knows it.
      type: str
    began:
      description: When it began (ISO 8601, UTC).
      type: str
    state:
      description: C(kept), C(undone), or C(broken) if not everything could be undone.
      type: str
    problem:
      description: Why it was undone.
      type: str
"""

import typing as t

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.evergreen.virt.plugins.module_utils._argspec import OVSDB, RUN, STATE, ArgSpec
from ansible_collections.evergreen.virt.plugins.module_utils._errors import InvalidInputError
from ansible_collections.evergreen.virt.plugins.module_utils._host_network import HostNetwork, confirm
from ansible_collections.evergreen.virt.plugins.module_utils._interfaces import managers
from ansible_collections.evergreen.virt.plugins.module_utils._interfaces.interface import wanted_interfaces
from ansible_collections.evergreen.virt.plugins.module_utils._module import Task, run
from ansible_collections.evergreen.virt.plugins.module_utils._ovs.bridge_options import (
    OPTIONS,
    REQUIRED_TOGETHER,
    secrets,
)
from ansible_collections.evergreen.virt.plugins.module_utils._ovs.connection import OVS, Remote
from ansible_collections.evergreen.virt.plugins.module_utils._state.network_change import Change

LEAST_TIMEOUT_S = 10
"""What a change and a new connection take on a busy host."""
_ROUTE = {"to": {"type": "str", "required": True}, "via": {"type": "str", "required": True}}
_INTERFACE = {
    "name": {"type": "str", "required": True},
    "state": STATE,
    "addresses": {"type": "list", "elements": "str"},
    "dhcp": {"type": "bool", "default": False},
    "mtu": {"type": "int"},
    "routes": {"type": "list", "elements": "dict", "options": _ROUTE},
    "dns": {"type": "list", "elements": "str"},
}
SPEC = (
    OVSDB
    + RUN
    + ArgSpec(
        options={
            "bridges": {"type": "list", "elements": "dict", "default": []},
            "interfaces": {"type": "list", "elements": "dict", "default": [], "options": _INTERFACE},
            "manager": {"type": "str", "choices": ["auto", "systemd-networkd", "ifupdown"], "default": "auto"},
            "confirm_timeout": {"type": "int", "default": 60},
            "confirm": {"type": "str"},
        }
    )
)
_BRIDGE = ArgumentSpecValidator(OPTIONS, required_together=[list(group) for group in REQUIRED_TOGETHER])


def bridge_options(entry: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    """Return a bridge's options as `ovs_bridge` gets them.

    :raises InvalidInputError: for what that module does not take.
    """
    found = _BRIDGE.validate(dict(entry))
    if found.error_messages:
        raise InvalidInputError(f"bridges[{entry.get('name', '?')}]: {'; '.join(found.error_messages)}.")
    return dict(found.validated_parameters)


def network(params: t.Mapping[str, t.Any]) -> HostNetwork:
    """Return the host's network as the options say it shall be.

    :raises MissingDependencyError: when bridges are named, and Open vSwitch's library is missing.
    """
    interfaces = wanted_interfaces(params["interfaces"])
    bridges = [bridge_options(entry) for entry in params["bridges"]]
    if bridges:
        OVS.require()
    return HostNetwork(Remote.of(params), bridges, interfaces, managers.find(params["manager"]) if interfaces else None)


def told(change: Change) -> dict[str, str]:
    """Return what a user is told of a change."""
    return {"id": change.id, "began": change.began, "state": change.state, "problem": change.problem}


def converge(task: Task) -> dict[str, t.Any]:
    """Begin the change, or keep one that was begun."""
    params = task.params
    if params["confirm"] is not None:
        return {"change": told(confirm(params["confirm"]))}
    if 0 != params["confirm_timeout"] < LEAST_TIMEOUT_S:
        raise InvalidInputError(f"confirm_timeout must be 0 or at least {LEAST_TIMEOUT_S}.")
    wanted = network(params)
    changes = wanted.foresee()
    result = {
        "changed": bool(changes),
        "diff": changes.diff(),
        "changes": [change.path for change in changes],
    }
    if task.check_mode:
        return result
    if changes and params["confirm_timeout"] > 0:
        return {**result, "change": told(wanted.begin(params["confirm_timeout"]))}
    wanted.converge()
    return result


def main() -> None:
    """Run the module."""
    run(SPEC, converge, secrets=secrets)


if __name__ == "__main__":
    main()
