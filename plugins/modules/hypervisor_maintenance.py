#!/usr/bin/python
# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Module hypervisor_maintenance."""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: hypervisor_maintenance
short_description: Maintenance of a host, so that it takes no VM
version_added: 1.0.0
description:
  - A host in maintenance takes no VM, nothing starts on it and nothing migrates to it, whoever asks. VMs that already run
    there keep running, can be resumed and reset, and can be moved away.
  - The maintenance is a record on the host itself (C(/var/lib/evergreen.virt/maintenance.json)). It has an owner, and only its
    owner changes or ends it.
  - For C(qemu:///system) it is enforced by the hook that M(evergreen.virt.maintenance_hook) installed, and it is proven each
    time that maintenance is enabled, by asking libvirt to start a VM that has no disk and no network and must be refused.
author:
  - evergreen.virt contributors (@evergreen-virt)
options:
  state:
    description:
      - Whether the host is in maintenance.
      - With V(disabled) VMs that went down with the host, and are off (RV(maintenance.ran)), fail a task that belongs to a run (O(run_id)).
        Any other task ends the maintenance, and a warning names them.
    type: str
    choices: [enabled, disabled]
    default: enabled
  owner:
    description:
      - Who maintains the host; a person, a team, or a run.
      - The task fails if somebody else does already.
    type: str
    required: true
  reason:
    description:
      - Why, for those who meet the maintenance.
    type: str
  allow:
    description:
      - Names of VMs that may start here, or migrate to here, nevertheless.
    type: list
    elements: str
  empty:
    description:
      - Prove that no VM is active on the host, and note it in the record, so that nothing of it counts as gone down with the host later
        on. The task fails if there are any, and if VMs have gone down with it that are still off (RV(maintenance.ran)).
      - With O(state=enabled) only.
    type: bool
    default: false
  before:
    description:
      - The versions that ran on the host when its maintenance began. Once recorded they are kept until it ends.
    type: dict
    suboptions:
      os:
        description: The operating system's release.
        type: str
      kernel:
        description: The kernel's release.
        type: str
      libvirt:
        description: The version of libvirt.
        type: str
      qemu:
        description: The version of QEMU.
        type: str
      ovs:
        description: The version of Open vSwitch.
        type: str
  stage:
    description:
      - The last stage of a run that the host has behind it.
    type: str
  impact:
    description:
      - What the pending updates asked of the host when the run came to it. A run that goes on later owes it no less.
    type: str
    choices: [none, restart, empty, reboot]
  boot_id:
    description:
      - The boot in which the host was updated, RV(evergreen.virt.hypervisor_info#module:host). As long as it lasts, the host is owed
        its reboot.
    type: str
  boot:
    description:
      - The reboot that it is owed. A soft one (C(systemctl soft-reboot)) begins no new boot, it changes O(soft_reboots) only.
    type: str
    choices: [full, soft]
  soft_reboots:
    description:
      - The soft reboots that this boot had when the host was updated, as RV(evergreen.virt.hypervisor_info#module:host).
    type: int
attributes:
  check_mode:
    support: full
    details:
      - Nothing is proven in check mode, RV(proven) is then false.
  diff_mode:
    support: full
  idempotent:
    support: full
extends_documentation_fragment:
  - evergreen.virt.libvirt
  - evergreen.virt.run
  - evergreen.virt.attributes
seealso:
  - module: evergreen.virt.maintenance_hook
  - module: evergreen.virt.maintenance_vms
"""

EXAMPLES = r"""
- name: Let nothing start on this host
  evergreen.virt.hypervisor_maintenance:
    owner: storage team
    reason: a disk is replaced

- name: No VM may be left on it before its cables are pulled
  evergreen.virt.hypervisor_maintenance:
    owner: storage team
    empty: true

- name: The host is back
  evergreen.virt.hypervisor_maintenance:
    state: disabled
    owner: storage team
"""

RETURN = r"""
maintenance:
  description: The record as it is after the task (in check mode, as it would be), null if the host is not in maintenance.
  returned: success
  type: dict
  contains:
    owner:
      description: Who maintains the host.
      type: str
    reason:
      description: Why.
      type: str
    since:
      description: When it began (ISO 8601, UTC).
      type: str
    run_id:
      description: The run on whose behalf it was set.
      type: str
    epoch:
      description: The epoch of that run.
      type: int
    allow:
      description: VMs that may come nevertheless.
      type: list
      elements: str
    stopped:
      description:
        - VMs that were stopped for this maintenance and are owed a start (M(evergreen.virt.maintenance_vms)). As long as there are any,
          the maintenance cannot end.
      type: list
      elements: dict
    ran:
      description:
        - VMs that ran when it began, or were started again since, each with C(vm), C(uuid) and C(boot_id), the boot in which it ran, with
          the number of soft reboots that it had. One that is off in a later boot, or after a soft reboot, went down with the host, and is
          started again by M(evergreen.virt.maintenance_vms) with C(state=recovered).
        - Empty as soon as the host was proven empty (O(empty)).
      type: list
      elements: dict
    before:
      description: The versions that ran when it began.
      type: dict
    stage:
      description: The last stage of the run that the host has behind it.
      type: str
    impact:
      description: What the pending updates asked of the host.
      type: str
    boot_id:
      description: The boot in which the host was updated.
      type: str
    boot:
      description: The reboot that it is owed, V(full) or V(soft); null is a full one.
      type: str
    soft_reboots:
      description: The soft reboots that this boot had when the host was updated.
      type: int
proven:
  description:
    - Whether libvirt has just refused to start a VM because of this maintenance.
    - False if maintenance is disabled, in check mode, and with other drivers than QEMU's, which do not ask this hook; a warning says so.
    - False with a warning also where a maintenance goes on and libvirt does not answer, and where a run has begun to update the host (O(stage))
      and what it has brought cannot tell. That a VM did start fails the task each time.
  returned: success
  type: bool
"""

import contextlib
from typing import Any

from ansible_collections.evergreen.virt.plugins.module_utils import _argspec
from ansible_collections.evergreen.virt.plugins.module_utils._argspec import ArgSpec
from ansible_collections.evergreen.virt.plugins.module_utils._errors import UnavailableError, VirtError
from ansible_collections.evergreen.virt.plugins.module_utils._facts import BOOTS, IMPACTS, Maintenance, Ran
from ansible_collections.evergreen.virt.plugins.module_utils._libvirt import (
    maintenance_proof,
    occupants,
    operating_system,
)
from ansible_collections.evergreen.virt.plugins.module_utils._libvirt.connection import LIBVIRT, connect
from ansible_collections.evergreen.virt.plugins.module_utils._module import Task, run
from ansible_collections.evergreen.virt.plugins.module_utils._state import lease, ran, record
from ansible_collections.evergreen.virt.plugins.module_utils._state.hook import MARK
from ansible_collections.evergreen.virt.plugins.module_utils._state.maintenance import changes, decide

SPEC = (
    _argspec.LIBVIRT
    + _argspec.RUN
    + ArgSpec(
        options={
            "state": {"type": "str", "choices": ["enabled", "disabled"], "default": "enabled"},
            "owner": {"type": "str", "required": True},
            "reason": {"type": "str"},
            "allow": {"type": "list", "elements": "str"},
            "empty": {"type": "bool", "default": False},
            "before": {
                "type": "dict",
                "options": {name: {"type": "str"} for name in ("os", "kernel", "libvirt", "qemu", "ovs")},
            },
            "stage": {"type": "str"},
            "impact": {"type": "str", "choices": list(IMPACTS)},
            "boot_id": {"type": "str"},
            "boot": {"type": "str", "choices": list(BOOTS)},
            "soft_reboots": {"type": "int"},
        }
    )
)


def asks_who_is_there(params: dict[str, Any], known: Maintenance | None) -> bool:
    """Return whether the task cannot do without libvirt: a record that is there is changed without it."""
    return known is None or params["empty"] or params["state"] == "disabled"


def running(params: dict[str, Any], known: Maintenance | None) -> list[Ran]:
    """Return the VMs that a maintenance which begins finds running."""
    return occupants.running(params["uri"]) if known is None and params["state"] == "enabled" else []


def check_lost(task: Task, known: Maintenance | None) -> None:
    """Name the VMs that went down with the host: when the record forgets them, nobody knows of them any more.

    :raises ConflictError: when there are any, and it is no operator who ends the maintenance.
    """
    before = ran.of_earlier_boots(known, operating_system.userspace_id())
    lost = occupants.off(task.params["uri"], before) if before else []
    if lost and (task.params["empty"] or task.params["run_id"] is not None):
        raise ran.unrecovered(lost)
    if lost:
        task.warn(
            f"VMs went down with this host during its maintenance, and are off: {', '.join(lost)}. See where they run, and start"
            " them if they do not."
        )


def apply(wanted: Maintenance | None) -> None:
    """Write the record, or remove it."""
    if wanted is None:
        record.clear()
    else:
        record.write(wanted)


def prove(task: Task) -> bool:
    """Return whether libvirt has refused a VM; False with drivers that do not ask the hook."""
    LIBVIRT.require()
    with connect(task.params["uri"]) as connection:
        if maintenance_proof.has_hook(connection):
            maintenance_proof.prove(connection, MARK)
            return True
        task.warn(
            f"libvirt asks no hook at {task.params['uri']}: the maintenance is recorded, but nothing stops a VM from"
            " being started there by others."
        )
        return False


def goes_on(error: VirtError, wanted: Maintenance) -> bool:
    """Return whether a maintenance goes on that could not be proven.

    A run updates libvirt itself, and what its update has broken must not keep it from going back, or on.
    """
    if isinstance(error, maintenance_proof.TakesVmsError):
        return False
    return isinstance(error, UnavailableError) or wanted.stage is not None


def enter(task: Task, known: Maintenance | None, wanted: Maintenance) -> bool:
    """Write the record and prove that it holds; a new record that does not hold is taken away again.

    :raises TakesVmsError: when the host still takes VMs.
    :raises VirtError: when that cannot be found out, and the maintenance only begins, or what was updated is not to blame.
    """
    apply(wanted)
    try:
        return prove(task)
    except VirtError as exc:
        if known is None:
            apply(None)
            raise
        if not goes_on(exc, wanted):
            raise
        task.warn(f"the maintenance goes on, but it is not proven now: {exc.message}")
        return False


def converge(task: Task) -> dict[str, Any]:
    """Bring the maintenance record to the wanted state."""
    with contextlib.nullcontext() if task.check_mode else record.locked():
        if task.params["run_id"] is not None:  # once more: the lock may have been waited for
            lease.admit(task.params["run_id"], task.params["epoch"], remember=False)
        known = record.read()
        if asks_who_is_there(task.params, known):
            LIBVIRT.require()
        wanted = decide(known, task.params, running(task.params, known))
        if task.params["empty"]:
            occupants.check_none(task.params["uri"])
        if task.params["empty"] or wanted is None:
            check_lost(task, known)
        todo = changes(known, wanted)
        proven = False
        if not task.check_mode:
            if wanted is not None:
                proven = enter(task, known, wanted)
            elif todo:
                apply(None)
    maintenance = wanted.to_dict() if wanted else None
    return {"changed": bool(todo), "diff": todo.diff(), "maintenance": maintenance, "proven": proven}


def main() -> None:
    """Run the module."""
    run(SPEC, converge)


if __name__ == "__main__":
    main()
