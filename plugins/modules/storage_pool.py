#!/usr/bin/python
# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Module storage_pool."""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: storage_pool
short_description: A storage pool of libvirt
version_added: 1.0.0
author: evergreen.virt contributors (@evergreen-virt)
description:
  - Defines, changes, starts, stops or removes a storage pool. What is not named is not touched.
  - It never removes or formats what is stored; the only thing it makes is the directory of a V(dir) or V(netfs) pool.
  - A running pool takes changes when it is restarted, which the module does only if O(allow_restart) is set.
extends_documentation_fragment:
  - evergreen.virt.libvirt
  - evergreen.virt.run
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
    description: The name of the pool.
    type: str
    required: true
  state:
    description:
      - V(started) and V(stopped) define the pool if need be.
      - V(present) defines it and leaves it running or not, as it is.
      - V(absent) stops it and removes its definition; its volumes stay where they are.
    type: str
    choices: [present, started, stopped, absent]
    default: started
  type:
    description:
      - What it is made of. A new pool needs it, and it cannot be changed.
      - V(dir) needs O(path), V(netfs) O(path), O(source.hosts) and O(source.dir), V(logical) O(source.name), V(rbd)
        O(source.hosts) and O(source.name), V(iscsi) O(source.hosts) and O(source.devices).
    type: str
    choices: [dir, netfs, logical, rbd, iscsi]
  path:
    description: The directory in which its volumes appear. Slashes at its end, and all but one of several, mean nothing.
    type: path
  source:
    description: Where the storage is.
    type: dict
    suboptions:
      hosts:
        description: Servers or monitors, each as C(host) or C(host:port).
        type: list
        elements: str
      dir:
        description: The exported directory. Slashes at its end, and all but one of several, mean nothing.
        type: str
      name:
        description: The volume group, or the pool of the Ceph cluster.
        type: str
      devices:
        description: The iSCSI target, or the physical volumes.
        type: list
        elements: str
      format:
        description: The kind of network filesystem or volume group, V(nfs) for example.
        type: str
      protocol_version:
        description: The version of NFS.
        type: str
      initiator:
        description: The IQN of this host.
        type: str
      username:
        description: The user to authenticate as; needs O(source.secret).
        type: str
      secret:
        description: The UUID of the libvirt secret that holds the user's key or password.
        type: str
  autostart:
    description: Whether it starts with its host.
    type: bool
  allow_restart:
    description: Whether to restart the pool if a change needs that.
    type: bool
    default: false
seealso:
  - module: evergreen.virt.storage_volume
"""

EXAMPLES = r"""
- name: A directory
  evergreen.virt.storage_pool:
    name: images
    type: dir
    path: /var/lib/libvirt/images
    autostart: true

- name: A directory that an NFS server exports to all hosts of the cluster
  evergreen.virt.storage_pool:
    name: shared
    type: netfs
    path: /srv/shared
    source:
      hosts: [nfs.example.com]
      dir: /export/vms
      format: nfs
      protocol_version: "4.2"
    autostart: true

- name: A pool of a Ceph cluster
  evergreen.virt.storage_pool:
    name: ceph
    type: rbd
    source:
      hosts: [mon1.example.com, mon2.example.com, mon3.example.com]
      name: vms
      username: libvirt
      secret: 3e3f7b0a-4a5c-4d3c-9d3f-3d7c1d0a3c55
"""

RETURN = r"""
restart_required:
  description: Options that the running pool takes only when it is restarted.
  returned: success
  type: list
  elements: str
  sample: [path]
"""

import typing as t

from ansible_collections.evergreen.virt.plugins.module_utils._argspec import LIBVIRT as LIBVIRT_OPTIONS
from ansible_collections.evergreen.virt.plugins.module_utils._argspec import RUN, ArgSpec
from ansible_collections.evergreen.virt.plugins.module_utils._libvirt import storage
from ansible_collections.evergreen.virt.plugins.module_utils._libvirt.connection import LIBVIRT, connect
from ansible_collections.evergreen.virt.plugins.module_utils._libvirt.lifecycle import STATES
from ansible_collections.evergreen.virt.plugins.module_utils._libvirt.storage_pool_xml import NEEDS
from ansible_collections.evergreen.virt.plugins.module_utils._module import Task, run

_SOURCE = {
    "hosts": {"type": "list", "elements": "str"},
    "dir": {"type": "str"},
    "name": {"type": "str"},
    "devices": {"type": "list", "elements": "str"},
    "format": {"type": "str"},
    "protocol_version": {"type": "str"},
    "initiator": {"type": "str"},
    "username": {"type": "str"},
    "secret": {"type": "str", "no_log": False},
}
SPEC = (
    LIBVIRT_OPTIONS
    + RUN
    + ArgSpec(
        options={
            "name": {"type": "str", "required": True},
            "state": {"type": "str", "choices": list(STATES), "default": "started"},
            "type": {"type": "str", "choices": list(NEEDS)},
            "path": {"type": "path"},
            "source": {"type": "dict", "options": _SOURCE, "required_together": [["username", "secret"]]},
            "autostart": {"type": "bool"},
            "allow_restart": {"type": "bool", "default": False},
        }
    )
)


def converge(task: Task) -> dict[str, t.Any]:
    """Bring the pool to what was asked."""
    with connect(task.params["uri"]) as connection:
        plan = storage.converge_pool(connection, task.params, check_mode=task.check_mode)
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
