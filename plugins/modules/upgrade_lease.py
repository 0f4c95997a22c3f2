#!/usr/bin/python
# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Module upgrade_lease."""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: upgrade_lease
short_description: Give a host to a run
version_added: 1.0.0
description:
  - Writes down on a host which run may change it from now on. Modules that act on behalf of another run with the same epoch, or with an
    older one, are refused there.
  - A run takes a newer epoch than any that a host of its cluster knows, as M(evergreen.virt.upgrade_plan) returns it.
author:
  - evergreen.virt contributors (@evergreen-virt)
options:
  run_id:
    description: The run that the host is given to.
    type: str
    required: true
  epoch:
    description: Its epoch.
    type: int
    required: true
  controller:
    description: Where the run is controlled from, for messages.
    type: str
extends_documentation_fragment:
  - evergreen.virt.attributes
attributes:
  check_mode:
    support: full
  diff_mode:
    support: none
  idempotent:
    support: full
    details:
      - When the run was seen last is not counted as a change.
seealso:
  - module: evergreen.virt.hypervisor_info
"""

EXAMPLES = r"""
- name: This run may change the host from now on
  evergreen.virt.upgrade_lease:
    run_id: by-hand
    epoch: 42
    controller: "{{ lookup('ansible.builtin.pipe', 'hostname') }}"
"""

RETURN = r"""
before:
  description: The lease until now, null if no run was ever here.
  returned: success
  type: dict
lease:
  description: The lease as it is now, as RV(evergreen.virt.hypervisor_info#module:host.lease).
  returned: success
  type: dict
"""

import typing as t

from ansible_collections.evergreen.virt.plugins.module_utils._argspec import ArgSpec
from ansible_collections.evergreen.virt.plugins.module_utils._module import Task, run
from ansible_collections.evergreen.virt.plugins.module_utils._state import lease

SPEC = ArgSpec(
    options={
        "run_id": {"type": "str", "required": True},
        "epoch": {"type": "int", "required": True},
        "controller": {"type": "str"},
    }
)


def take(task: Task) -> dict[str, t.Any]:
    """Give the host to the run."""
    before = lease.read()
    now = lease.admit(
        task.params["run_id"],
        task.params["epoch"],
        controller=task.params["controller"],
        remember=not task.check_mode,
    )
    changed = before is None or before.epoch != now.epoch
    return {"changed": changed, "before": before.to_dict() if before else None, "lease": now.to_dict()}


def main() -> None:
    """Run the module."""
    run(SPEC, take, gated=False)


if __name__ == "__main__":
    main()
