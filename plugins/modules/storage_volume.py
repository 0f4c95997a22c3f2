#!/usr/bin/python
# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Module storage_volume."""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: storage_volume
short_description: A volume in a storage pool of libvirt
version_added: 1.0.0
author: evergreen.virt contributors (@evergreen-virt)
description:
  - Creates, resizes, wipes or removes a volume. A volume is enlarged when it is smaller than asked; it is made smaller only if
    O(allow_shrink) is set.
  - The content of a volume that exists is never rewritten. What O(source) or O(upload) say counts
    for a new volume only.
  - A volume that a VM, a snapshot of one, or another volume of an active pool uses is neither removed nor wiped, and one that a
    running VM uses is not resized, by whichever path they name it. Links are followed on the host that the task runs on. What VMs of
    other hosts use in a shared pool is not known here.
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
      - O(state=wiped) wipes the volume, and is C(changed), each time.
options:
  pool:
    description: The name of the pool, which must be active.
    type: str
    required: true
  name:
    description: The name of the volume. It holds no slash.
    type: str
    required: true
  state:
    description:
      - V(absent) removes the volume with all that is stored in it.
      - V(wiped) overwrites all that is stored in a volume that exists, and keeps the volume. That is done again by every run, because
        nobody can tell; it cannot be undone. A V(qcow2) volume is no more than a raw one of the size of its file afterwards, so remove
        it then. Options other than O(wipe_algorithm) mean nothing with it.
    type: str
    choices: [present, absent, wiped]
    default: present
  wipe_algorithm:
    description:
      - How O(state=wiped) overwrites, as libvirt and scrub(1) name it; all but V(zero) and V(trim) need C(scrub) on the host.
      - V(zero) takes a sparse file's content away without overwriting its old blocks. Not every storage can do each of them.
    type: str
    choices: [zero, nnsa, dod, bsi, gutmann, schneier, pfitzner7, pfitzner33, random, trim]
    default: zero
  size_gib:
    description:
      - The size in GiB that a guest sees, rounded up to whole MiB.
      - A new volume needs it, unless O(backing), O(source) or O(upload) gives it the size of another one. One that is made from
        O(source) or O(upload) is not smaller than that.
    type: float
  format:
    description:
      - The format of a new volume, for pools of files; by default V(raw), or that of O(source), which is converted if it is of
        the other one. It cannot be changed.
      - The volumes of other pools, such as those of type C(logical), are all V(raw); V(qcow2) is refused there.
      - What O(upload) names must be of that format; it is not converted.
    type: str
    choices: [raw, qcow2]
  backing:
    description: The image that a new V(qcow2) volume is an overlay of. It cannot be changed.
    type: dict
    suboptions:
      volume:
        description: The name of a volume of the same pool.
        type: str
      path:
        description: The path of a volume of any active pool.
        type: str
      format:
        description: The format of the image.
        type: str
        choices: [raw, qcow2]
        default: qcow2
  source:
    description:
      - The volume that a new one is a copy of. If O(size_gib) is more, the copy is enlarged; what is in it stays as it is.
      - It must not be a disk of a VM that runs, and what lies below it must be in active pools. It is copied whole, and not
        needed afterwards. A pool of type C(rbd) clones its own volumes only.
      - A copy that fails is removed again.
    type: dict
    suboptions:
      pool:
        description: The name of its pool, by default O(pool).
        type: str
      volume:
        description: The name of the volume.
        type: str
        required: true
      checksum:
        description: C(sha256:), C(sha384:) or C(sha512:), and the digest that its content must have before it is copied.
        type: str
  upload:
    description:
      - The path of a file whose content a new volume gets, on the host that the task runs on, such as an ISO image. If
        O(size_gib) is more, the volume is enlarged.
      - A V(qcow2) file must stand for itself, without a backing file. The file must not be a disk of a VM that runs.
      - An upload that fails is removed again. If the task is killed, a volume that is not whole may be left.
      - libvirt uploads into pools of files and of block devices, not into those of type C(rbd).
    type: str
  preallocate:
    description: Whether a new, empty volume gets all its space at once, as one of a pool of type C(logical) always does.
    type: bool
    default: false
  allow_shrink:
    description: Whether the volume may be made smaller, which destroys what lies at its end.
    type: bool
    default: false
seealso:
  - module: evergreen.virt.storage_pool
  - module: evergreen.virt.vm
"""

EXAMPLES = r"""
- name: A disk of 20 GiB
  evergreen.virt.storage_volume:
    pool: images
    name: web1.qcow2
    size_gib: 20
    format: qcow2

- name: A disk over a base image
  evergreen.virt.storage_volume:
    pool: images
    name: web2.qcow2
    size_gib: 20
    format: qcow2
    backing:
      volume: debian-12.qcow2

- name: A disk that is a copy of another one, and larger
  evergreen.virt.storage_volume:
    pool: fast
    name: web3.qcow2
    size_gib: 40
    source:
      pool: images
      volume: debian-12.qcow2

- name: The image of an installer
  evergreen.virt.storage_volume:
    pool: images
    name: debian-12.iso
    upload: /srv/iso/debian-12.iso

- name: Overwrite a disk before it is given back
  evergreen.virt.storage_volume:
    pool: vg0
    name: web4
    state: wiped

- name: Remove a disk
  evergreen.virt.storage_volume:
    pool: images
    name: web1.qcow2
    state: absent
"""

RETURN = r"""
path:
  description: The path of the volume, null if there is none.
  returned: success
  type: str
  sample: /var/lib/libvirt/images/web1.qcow2
"""

import typing as t

from ansible_collections.evergreen.virt.plugins.module_utils._argspec import LIBVIRT as LIBVIRT_OPTIONS
from ansible_collections.evergreen.virt.plugins.module_utils._argspec import RUN, ArgSpec
from ansible_collections.evergreen.virt.plugins.module_utils._libvirt import storage
from ansible_collections.evergreen.virt.plugins.module_utils._libvirt.connection import LIBVIRT, connect
from ansible_collections.evergreen.virt.plugins.module_utils._libvirt.storage_volume_xml import WIPE_ALGORITHMS
from ansible_collections.evergreen.virt.plugins.module_utils._module import Task, run

_BACKING = {
    "volume": {"type": "str"},
    "path": {"type": "str"},
    "format": {"type": "str", "choices": ["raw", "qcow2"], "default": "qcow2"},
}
_SOURCE = {
    "pool": {"type": "str"},
    "volume": {"type": "str", "required": True},
    "checksum": {"type": "str"},
}
_BACKING_RULES = {"mutually_exclusive": [["volume", "path"]], "required_one_of": [["volume", "path"]]}
SPEC = (
    LIBVIRT_OPTIONS
    + RUN
    + ArgSpec(
        options={
            "pool": {"type": "str", "required": True},
            "name": {"type": "str", "required": True},
            "state": {"type": "str", "choices": ["present", "absent", "wiped"], "default": "present"},
            "wipe_algorithm": {"type": "str", "choices": list(WIPE_ALGORITHMS), "default": "zero"},
            "size_gib": {"type": "float"},
            "format": {"type": "str", "choices": ["raw", "qcow2"]},
            "backing": {"type": "dict", "options": _BACKING, **_BACKING_RULES},
            "source": {"type": "dict", "options": _SOURCE},
            "upload": {"type": "str"},
            "preallocate": {"type": "bool", "default": False},
            "allow_shrink": {"type": "bool", "default": False},
        },
        mutually_exclusive=(("backing", "source", "upload"),),
    )
)


def converge(task: Task) -> dict[str, t.Any]:
    """Bring the volume to what was asked."""
    with connect(task.params["uri"]) as connection:
        plan, path = storage.converge_volume(connection, task.params, check_mode=task.check_mode)
    return {"changed": bool(plan.changes), "diff": plan.changes.diff(), "path": path}


def main() -> None:
    """Run the module."""
    run(SPEC, converge, requires=[LIBVIRT])


if __name__ == "__main__":
    main()
