#!/usr/bin/python
# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Module maintenance_hook."""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: maintenance_hook
short_description: The libvirt hook that enforces maintenance on a host
version_added: 1.0.0
description:
  - Installs or removes C(/etc/libvirt/hooks/qemu.d/evergreen-maintenance). While a host is in maintenance
    (M(evergreen.virt.hypervisor_maintenance)), libvirt asks this script and it refuses every start, restore and incoming
    migration of a VM, whoever wants it. On a host that is not in maintenance it refuses nothing.
  - The role P(evergreen.virt.configure#role) does this once, early. libvirt's daemon looks for hooks only when it starts or is
    reloaded, so a hook that was added while it runs is ignored until then; RV(reload_required) tells.
author:
  - evergreen.virt contributors (@evergreen-virt)
options:
  state:
    description:
      - Whether the hook is installed.
      - A host that is in maintenance keeps its hook, V(absent) fails there.
    type: str
    choices: [present, absent]
    default: present
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
  idempotent:
    support: full
extends_documentation_fragment:
  - evergreen.virt.run
  - evergreen.virt.attributes
seealso:
  - module: evergreen.virt.hypervisor_maintenance
"""

EXAMPLES = r"""
- name: Install the hook
  evergreen.virt.maintenance_hook:
  register: hook

- name: Let the running daemon see it (VMs keep running)
  ansible.builtin.systemd_service:
    name: "{{ item }}"
    state: reloaded
  loop: "{{ hook.reload_units }}"
"""

RETURN = r"""
path:
  description: Where the hook lies.
  returned: success
  type: str
  sample: /etc/libvirt/hooks/qemu.d/evergreen-maintenance
reload_required:
  description: A running daemon has not looked for hooks since this one came, and must be reloaded.
  returned: success
  type: bool
reload_units:
  description: The systemd units of these daemons.
  returned: success
  type: list
  elements: str
  sample: [libvirtd.service]
"""

from typing import Any

from ansible_collections.evergreen.virt.plugins.module_utils._argspec import RUN, STATE, ArgSpec
from ansible_collections.evergreen.virt.plugins.module_utils._changes import Change, ChangeSet
from ansible_collections.evergreen.virt.plugins.module_utils._errors import ConflictError
from ansible_collections.evergreen.virt.plugins.module_utils._module import Task, run
from ansible_collections.evergreen.virt.plugins.module_utils._state import hook_file, record
from ansible_collections.evergreen.virt.plugins.module_utils._state.hook import HOOK_PATH

SPEC = RUN + ArgSpec(options={"state": STATE})


def changes(known: hook_file.Hook | None, state: str) -> ChangeSet:
    """Return what differs between the installed hook and the wanted one."""
    if state == "absent":
        return ChangeSet.of(Change("state", "present", "absent")) if known else ChangeSet()
    if known is None:
        return ChangeSet.of(Change("state", "absent", "present"))
    return ChangeSet.between(
        {"mode": f"{known.mode:04o}", "text": known.text},
        {"mode": f"{hook_file.WANTED.mode:04o}", "text": hook_file.WANTED.text},
    )


def apply(state: str) -> None:
    """Put the hook into its place, or take it away."""
    if state == "present":
        hook_file.install()
    else:
        hook_file.remove()


def refuse_in_maintenance() -> None:
    """Raise ConflictError if the host is in maintenance."""
    known = record.read()
    if known is not None:
        raise ConflictError(
            f"the maintenance hook cannot be removed: {known.owner} maintains this host since {known.since}"
            f" (reason: {known.reason or 'none given'}).",
            hint="End the maintenance first (evergreen.virt.hypervisor_maintenance with state: disabled).",
        )


def converge(task: Task) -> dict[str, Any]:
    """Bring the hook's file to the wanted state."""
    state = task.params["state"]
    todo = changes(hook_file.read(), state)
    if todo and state == "absent":
        refuse_in_maintenance()
    if todo and not task.check_mode:
        apply(state)
    units = hook_file.daemons_to_reload() if state == "present" else []
    return {
        "changed": bool(todo),
        "diff": todo.diff(),
        "path": str(HOOK_PATH),
        "reload_required": bool(units),
        "reload_units": units,
    }


def main() -> None:
    """Run the module."""
    run(SPEC, converge)


if __name__ == "__main__":
    main()
