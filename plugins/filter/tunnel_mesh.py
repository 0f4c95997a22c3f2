# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The filter `tunnel_mesh`."""

from __future__ import annotations

import hashlib
import ipaddress
import typing as t

from ansible.errors import AnsibleFilterError

DOCUMENTATION = r"""
name: tunnel_mesh
short_description: A host's bridges with the tunnels to all other hosts
version_added: 1.0.0
author: evergreen.virt contributors (@evergreen-virt)
description:
  - Gives each bridge that a mesh names a port with a tunnel to each other host of that mesh, and adds bridges that are missing.
  - The tunnels' ports are protected. What a host receives by one tunnel it sends into none, as every host has a tunnel to every other
    one. So a full mesh has no loop, and needs no spanning tree.
  - A host that a mesh does not name gets nothing of it. If it has that bridge, this names its ports, if none then as an empty list, so that C(purge)
    removes the tunnels of a host that has left the mesh.
positional: meshes, hostvars, host
options:
  _input:
    description:
      - The bridges as M(evergreen.virt.host_network) takes them.
    type: list
    elements: dict
    required: true
  meshes:
    description:
      - The meshes, as O(evergreen.virt.switch#role:main:switch_tunnels) describes them.
    type: list
    elements: dict
    required: true
  hostvars:
    description:
      - The variables of all hosts. A host's end of its tunnels is C(switch_tunnel_address), and C(ansible_host) without that.
    type: dict
    required: true
  host:
    description:
      - The host that the bridges are on, as the inventory calls it.
    type: str
    required: true
seealso:
  - module: evergreen.virt.host_network
"""

EXAMPLES = r"""
- name: Show the tunnels of this host
  ansible.builtin.debug:
    msg: "{{ [] | evergreen.virt.tunnel_mesh([{'name': 'lan', 'bridge': 'br-lan', 'key': 100, 'hosts': groups['hypervisors']}],
      hostvars, inventory_hostname) }}"
"""

RETURN = r"""
_value:
  description: The bridges with their tunnels.
  type: list
  elements: dict
"""

_LONGEST = 15
"""Characters in the name of an interface."""
_DIGITS = 6

Entry = dict[str, t.Any]


def tunnel_mesh(
    bridges: t.Sequence[t.Mapping[str, t.Any]],
    meshes: t.Sequence[t.Mapping[str, t.Any]],
    hostvars: t.Mapping[str, t.Any],
    host: str,
) -> list[Entry]:
    """Return the bridges of a host with its tunnels to the others."""
    found = [dict(bridge) for bridge in bridges]
    for mesh in meshes:
        member = host in mesh["hosts"]
        if member or any(bridge["name"] == mesh["bridge"] for bridge in found):
            _bridge(found, mesh["bridge"])["ports"] += _tunnels(mesh, hostvars, host) if member else []
    return found


def _bridge(bridges: list[Entry], name: str) -> Entry:
    """Return the bridge with ports of its own, made if need be."""
    entry = next((bridge for bridge in bridges if bridge["name"] == name), None)
    if entry is None:
        entry = {"name": name}
        bridges.append(entry)
    entry["ports"] = list(entry.get("ports") or ())
    return entry


def _tunnels(mesh: t.Mapping[str, t.Any], hostvars: t.Mapping[str, t.Any], host: str) -> list[Entry]:
    others = [other for other in mesh["hosts"] if other != host]
    addresses = {other: _address(mesh, hostvars, other) for other in others}
    return [
        {
            "name": _port_name(mesh["name"], other),
            "type": mesh.get("type", "vxlan"),
            "options": {**mesh.get("options", {}), "remote_ip": addresses[other], "key": mesh["key"]},
            "protected": True,
        }
        for other in others
    ]


def _port_name(mesh: str, other: str) -> str:
    """Return a name that tells where the tunnel leads, as far as the kernel takes it."""
    if len(f"{mesh}-{other}") <= _LONGEST:
        return f"{mesh}-{other}"
    if len(mesh) > _LONGEST - _DIGITS - 1:
        raise AnsibleFilterError(
            f"The tunnel mesh '{mesh}' needs a name of at most {_LONGEST - _DIGITS - 1} characters: its ports are named after it."
        )
    return f"{mesh}-{hashlib.sha256(other.encode()).hexdigest()[:_DIGITS]}"


def _address(mesh: t.Mapping[str, t.Any], hostvars: t.Mapping[str, t.Any], other: str) -> str:
    variables = hostvars[other] if other in hostvars else {}  # noqa: SIM401 (an unknown host is undefined there, and get() returns that)
    address = str(variables.get("switch_tunnel_address") or variables.get("ansible_host") or "")
    try:
        return str(ipaddress.ip_address(address))
    except ValueError as exc:
        raise AnsibleFilterError(
            f"Host '{other}' of the tunnel mesh '{mesh['name']}' has no address for it: '{address}' is none."
            " Set its variable switch_tunnel_address."
        ) from exc


class FilterModule:
    """What Ansible asks for the filters of this file."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """Return the filters by name."""
        return {"tunnel_mesh": tunnel_mesh}
