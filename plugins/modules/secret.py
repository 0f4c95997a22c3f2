#!/usr/bin/python
# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Module secret."""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: secret
short_description: A secret that libvirt keeps
version_added: 1.0.0
author: evergreen.virt contributors (@evergreen-virt)
description:
  - Defines, changes or removes a secret of libvirt, and sets its value. VMs and storage pools name the secret instead of the
    password, key or passphrase itself.
  - A secret is known by what it is for (O(usage) and O(usage_id)), or by its O(uuid). What is not named is not touched.
  - The value is neither logged nor shown in a diff.
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
      - The value of a private secret cannot be read. With O(update_value=always) it is written by each run.
options:
  usage:
    description:
      - What the secret is for. It cannot be changed.
      - A secret without it is known by its O(uuid) alone.
    type: str
    choices: [ceph, iscsi, tls, volume, vtpm]
  usage_id:
    description:
      - The name of what the secret is for; for V(volume) the path of an encrypted volume.
      - libvirt allows one secret for each O(usage) and O(usage_id).
    type: str
  uuid:
    description: The UUID of the secret. libvirt makes one for a new secret. It cannot be changed.
    type: str
  state:
    description:
      - V(absent) removes the secret with its value. VMs that run with it go on, and do not start again without it.
    type: str
    choices: [present, absent]
    default: present
  description:
    description: What people should know of it. The empty text removes it.
    type: str
  private:
    description:
      - Whether nobody can read the value, not even root by libvirt; by default it can be read.
      - A private secret can never be made readable again.
    type: bool
  ephemeral:
    description: Whether the secret is kept in memory only and is gone when libvirt stops; by default it is kept on disk.
    type: bool
  value:
    description: The value.
    type: str
  encoding:
    description:
      - How O(value) is written. The keys that Ceph prints are V(base64).
    type: str
    choices: [text, base64]
    default: text
  update_value:
    description:
      - When to write the value of a private secret, which cannot be compared with O(value).
      - The value of any other secret is compared, and written when it differs.
    type: str
    choices: [on_create, always]
    default: on_create
seealso:
  - module: evergreen.virt.vm
  - module: evergreen.virt.storage_pool
"""

EXAMPLES = r"""
- name: The key by which VMs reach Ceph
  evergreen.virt.secret:
    usage: ceph
    usage_id: client.libvirt
    private: true
    value: "{{ vault_ceph_key }}"
    encoding: base64
  register: ceph_key

- name: The storage pool that uses it
  evergreen.virt.storage_pool:
    name: vms
    type: rbd
    source:
      name: vms
      hosts: [192.0.2.11, 192.0.2.12, 192.0.2.13]
      username: libvirt
      secret: "{{ ceph_key.uuid }}"

- name: The passphrase of an encrypted volume
  evergreen.virt.secret:
    usage: volume
    usage_id: /var/lib/libvirt/images/vault.img
    description: LUKS passphrase of vault
    value: "{{ vault_luks }}"

- name: Rotate a private value
  evergreen.virt.secret:
    usage: iscsi
    usage_id: iqn.2026-01.example:target
    value: "{{ vault_chap }}"
    update_value: always

- name: Forget it
  evergreen.virt.secret:
    usage: iscsi
    usage_id: iqn.2026-01.example:target
    state: absent
"""

RETURN = r"""
uuid:
  description:
    - The UUID of the secret, null if there is none.
    - In check mode a secret that would be made has one only if O(uuid) names it.
  returned: success
  type: str
  sample: 6a4e2b1e-5d0c-4b8e-9a3f-0c1d2e3f4a5b
"""

import typing as t

from ansible_collections.evergreen.virt.plugins.module_utils._argspec import LIBVIRT as LIBVIRT_OPTIONS
from ansible_collections.evergreen.virt.plugins.module_utils._argspec import RUN, STATE, ArgSpec
from ansible_collections.evergreen.virt.plugins.module_utils._libvirt import secret, secret_xml
from ansible_collections.evergreen.virt.plugins.module_utils._libvirt.connection import LIBVIRT, connect
from ansible_collections.evergreen.virt.plugins.module_utils._module import Task, run

SPEC = (
    LIBVIRT_OPTIONS
    + RUN
    + ArgSpec(
        options={
            "usage": {"type": "str", "choices": list(secret_xml.USAGES)},
            "usage_id": {"type": "str"},
            "uuid": {"type": "str"},
            "state": STATE,
            "description": {"type": "str"},
            "private": {"type": "bool"},
            "ephemeral": {"type": "bool"},
            "value": {"type": "str", "no_log": True},
            "encoding": {"type": "str", "choices": list(secret_xml.ENCODINGS), "default": "text"},
            "update_value": {"type": "str", "choices": list(secret_xml.UPDATES), "default": "on_create"},
        },
        required_together=(("usage", "usage_id"),),
        required_one_of=(("usage", "uuid"),),
    )
)


def converge(task: Task) -> dict[str, t.Any]:
    """Bring the secret to what was asked."""
    secret_xml.check(task.params)
    with connect(task.params["uri"]) as connection:
        plan, uuid = secret.converge(connection, task.params, check_mode=task.check_mode)
    return {"changed": bool(plan.changes), "diff": plan.changes.diff(), "uuid": uuid}


def main() -> None:
    """Run the module."""
    run(SPEC, converge, requires=[LIBVIRT])


if __name__ == "__main__":
    main()
