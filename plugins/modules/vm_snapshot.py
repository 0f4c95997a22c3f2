#!/usr/bin/python
# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Module vm_snapshot."""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: vm_snapshot
short_description: Snapshots and checkpoints of a VM
version_added: 1.0.0
author: evergreen.virt contributors (@evergreen-virt)
description:
  - Makes, describes and deletes one snapshot or checkpoint of a VM, or reverts the VM to a snapshot.
  - What the driver or the version of libvirt cannot do is refused before anything is changed, with the version that can.
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
    support: partial
    details:
      - A snapshot that exists is found by its name; only its description is compared, because it is a moment of the past.
      - O(state=reverted) is a change each time, because the VM loses what it has written since.
options:
  vm:
    description: The name of the VM.
    type: str
    required: true
  name:
    description:
      - The name of the snapshot or checkpoint.
      - libvirt 10.10 and newer, so that of Debian 13, makes and deletes an internal snapshot of a running VM only if its name has nothing but letters,
        digits, and C(-._).
    type: str
    required: true
  state:
    description:
      - V(present) makes it unless there is one of that name.
      - V(absent) deletes it. What the VM has written since is kept.
      - V(reverted) brings the VM back to it. What the VM has written since is lost.
    type: str
    choices: [present, absent, reverted]
    default: present
  kind:
    description:
      - A V(snapshot) is what a VM can be reverted to.
      - A V(checkpoint) is a point in time from which libvirt remembers what is written, for incremental backups.
        Checkpoints are made and deleted in running VMs only.
    type: str
    choices: [snapshot, checkpoint]
    default: snapshot
  description:
    description: A text for people. The empty text removes it.
    type: str
  location:
    description:
      - V(internal) keeps the snapshot inside of the VM's images, which must be qcow2; while the VM runs with its memory.
        Every libvirt reverts to it and deletes it.
      - V(external) lets overlay files take what is written from now on. libvirt deletes it, by writing the overlays back
        into the images below them, since 9.0 (Debian 12), and reverts to it since 9.9 (Debian 13).
      - libvirt deletes no external snapshot that comes after an internal one; use one kind for a VM.
    type: str
    choices: [internal, external]
    default: internal
  memory:
    description:
      - Whether the snapshot of a running VM holds its memory, so that it goes on from there when it is reverted.
      - Internal snapshots of a running VM always do, external ones only with V(true), which needs O(memory_path).
    type: bool
  memory_path:
    description:
      - The file for the memory of an external snapshot. libvirt leaves it there when the snapshot is deleted.
    type: path
  disks:
    description:
      - What is particular about single disks, for external snapshots and checkpoints. All others that the guest can write to
        are taken along.
    type: list
    elements: dict
    suboptions:
      target:
        description: The disk's name in the VM, such as V(vda).
        type: str
        required: true
      include:
        description: Whether the disk is taken along.
        type: bool
        default: true
      path:
        description:
          - The overlay file of an external snapshot. For a file, or a volume that is one, it is by default beside the image,
            with the snapshot's name for its suffix; other disks need one, such as volumes of pools of type C(logical) and C(rbd).
        type: path
  quiesce:
    description:
      - Whether the guest agent freezes the guest's filesystems while an external snapshot or a checkpoint of a running VM is
        made. They are thawed however that ends. Without an agent that answers the task fails, and nothing is changed.
    type: bool
    default: false
  children:
    description:
      - Whether O(state=absent) also deletes the snapshots that came after it, the last one first.
        Without it they are kept, and follow the one before it.
    type: bool
    default: false
  power:
    description:
      - Whether the VM runs after O(state=reverted). V(saved) leaves it as it was when the snapshot was made.
    type: str
    choices: [saved, running, paused]
    default: saved
  force:
    description:
      - Lets O(state=reverted) replace the running QEMU by a new one where the VM has changed too much, which ends the
        connections to its consoles.
    type: bool
    default: false
seealso:
  - module: evergreen.virt.vm
  - module: evergreen.virt.vm_info
"""

EXAMPLES = r"""
- name: A snapshot before an upgrade
  evergreen.virt.vm_snapshot:
    vm: web1
    name: before-upgrade
    description: Before the upgrade to 2.0

- name: Back to it
  evergreen.virt.vm_snapshot:
    vm: web1
    name: before-upgrade
    state: reverted

- name: Remove it
  evergreen.virt.vm_snapshot:
    vm: web1
    name: before-upgrade
    state: absent

- name: The disks of a running VM, consistent for its filesystems
  evergreen.virt.vm_snapshot:
    vm: db1
    name: nightly
    location: external
    quiesce: true
    disks:
      - target: vdb
        include: false

- name: A point in time for incremental backups
  evergreen.virt.vm_snapshot:
    vm: db1
    name: monday
    kind: checkpoint
    quiesce: true
"""

RETURN = r"""
snapshots:
  description: All snapshots of the VM, or with O(kind=checkpoint) all its checkpoints, parents before their children.
  returned: success
  type: list
  elements: dict
  contains:
    name:
      description: Its name.
      type: str
      returned: always
    parent:
      description: The one before it, V(null) for a first one.
      type: str
      returned: always
    description:
      description: Its description.
      type: str
      returned: always
    state:
      description: The state of the VM then, V(disk-snapshot) without its memory; V(null) for a checkpoint.
      type: str
      returned: always
    created:
      description: When it was made (ISO 8601, UTC).
      type: str
      returned: always
      sample: "2026-11-25T19:07:56Z"
    location:
      description: V(internal) or V(external).
      type: str
      returned: always
    memory:
      description: Whether it holds the memory.
      type: bool
      returned: always
    memory_path:
      description: The file of an external memory.
      type: str
      returned: always
    disks:
      description: Its disks with C(target), C(location) (V(internal), V(external), V(bitmap) or V(no)) and the C(path) of the overlay.
      type: list
      elements: dict
      returned: always
    current:
      description: Whether it is the last one that was made or reverted to; always V(false) for a checkpoint.
      type: bool
      returned: always
"""

from typing import Any

from ansible_collections.evergreen.virt.plugins.module_utils._argspec import LIBVIRT as LIBVIRT_GROUP
from ansible_collections.evergreen.virt.plugins.module_utils._argspec import RUN, ArgSpec
from ansible_collections.evergreen.virt.plugins.module_utils._libvirt import moments
from ansible_collections.evergreen.virt.plugins.module_utils._libvirt.connection import LIBVIRT, connect
from ansible_collections.evergreen.virt.plugins.module_utils._libvirt.moments_plan import POWER, STATES
from ansible_collections.evergreen.virt.plugins.module_utils._libvirt.moments_xml import KINDS, LOCATIONS
from ansible_collections.evergreen.virt.plugins.module_utils._module import Task, run

DISK = {
    "target": {"type": "str", "required": True},
    "include": {"type": "bool", "default": True},
    "path": {"type": "path"},
}
SPEC = (
    LIBVIRT_GROUP
    + RUN
    + ArgSpec(
        options={
            "vm": {"type": "str", "required": True},
            "name": {"type": "str", "required": True},
            "state": {"type": "str", "choices": list(STATES), "default": "present"},
            "kind": {"type": "str", "choices": list(KINDS), "default": "snapshot"},
            "description": {"type": "str"},
            "location": {"type": "str", "choices": list(LOCATIONS), "default": "internal"},
            "memory": {"type": "bool"},
            "memory_path": {"type": "path"},
            "disks": {"type": "list", "elements": "dict", "options": DISK},
            "quiesce": {"type": "bool", "default": False},
            "children": {"type": "bool", "default": False},
            "power": {"type": "str", "choices": list(POWER), "default": "saved"},
            "force": {"type": "bool", "default": False},
        }
    )
)


def converge(task: Task) -> dict[str, Any]:
    """Bring the snapshot to the wanted state."""
    with connect(task.params["uri"]) as connection:
        plan, found = moments.converge(connection, task.params, check_mode=task.check_mode)
    for path in plan.left:
        task.warn(f"libvirt leaves the file {path} with the memory of a deleted snapshot")
    return {
        "changed": bool(plan.changes),
        "diff": plan.changes.diff(),
        "snapshots": [moment.to_dict() for moment in found],
    }


def main() -> None:
    """Run the module."""
    run(SPEC, converge, requires=[LIBVIRT])


if __name__ == "__main__":
    main()
