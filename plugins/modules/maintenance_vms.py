#!/usr/bin/python
# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Module maintenance_vms."""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: maintenance_vms
short_description: Stop VMs for the maintenance of their host, and start them again
version_added: 1.0.0
description:
  - For VMs that wait on their host until it is back, because they cannot move or because their policy says so.
  - Each is noted in the record of the host's maintenance before it is stopped. Whoever comes later, from whatever controller, starts
    those that are noted, and never one that somebody else had stopped.
  - No power is ever cut. A guest that does not shut down in time keeps running, and the task fails.
author:
  - evergreen.virt contributors (@evergreen-virt)
options:
  state:
    description:
      - With V(stopped) the VMs are stopped. The host must be in maintenance, and none of them may have gone down with it (V(recovered)).
      - With V(recovered) the VMs are started that went down with the host after its maintenance had begun, and that nobody has stopped. The
        maintenance goes on. One whose own policy is to be saved or shut down is noted as stopped instead; one that runs on another host,
        because its move had ended there, is left alone, and its definition is removed here.
      - With V(started) all VMs are started again that were stopped for the maintenance, while the host still takes no other one.
        They are dropped from the record; then the maintenance can end. One that has left to be started on another host, and was not seen
        to start there, fails the task, its move has to be finished first (M(evergreen.virt.vm_migrate) with C(kind=offline)).
    type: str
    choices: [stopped, started, recovered]
    required: true
  owner:
    description:
      - Whose maintenance it is, as in O(evergreen.virt.hypervisor_maintenance#module:owner).
    type: str
    required: true
  vms:
    description:
      - The VMs to stop.
      - Required with O(state=stopped).
    type: list
    elements: dict
    suboptions:
      vm:
        description: The name of the VM.
        type: str
        required: true
      way:
        description:
          - With V(suspend) its memory is saved to the host's disk and restored later, so that its guest goes on where it was.
          - With V(shutdown) its guest is asked to shut down.
        type: str
        choices: [suspend, shutdown]
        required: true
      why:
        description:
          - Why it is stopped, for people who meet it.
        type: str
        default: ''
  peers:
    description:
      - What every other host of the cluster says of the VMs of this one, as the filter P(evergreen.virt.vms_elsewhere#filter) makes it out of
        their facts. Those that have none of them may be left out.
      - Required with O(state=recovered), which starts a VM only if each of them has said that it does not have it.
      - With O(state=started), a VM is not started that one of them has.
    type: list
    elements: dict
    suboptions:
      host:
        description: The name of the host.
        type: str
        required: true
      runs:
        description: UUIDs of the VMs that run there, and are defined there. Leave it out if the host did not say.
        type: list
        elements: str
      unsure:
        description: UUIDs of the VMs that it has in another way, for example on their way to it, or paused.
        type: list
        elements: str
        default: []
  timeout:
    description:
      - Seconds that each VM has to shut down, or to be saved. With O(state=started), a guest is waited for so long, from when it was noted, that may
        have been asked to shut down by a task that was ended over it.
    type: float
    default: 300
  busy_timeout:
    description:
      - Seconds to wait for what is under way, which is a backup or a block job of a VM before it is saved, its save or its shutdown before
        it is started, and another task that stops or starts VMs of this host.
    type: float
    default: 300
notes:
  - One task at a time stops or starts VMs of a host. It asks before each VM whether its run (O(run_id)) still has the host and whether the VM
    is still noted, so that what is left of a run that was ended stops no further VM.
  - A VM that somebody stopped by hand on a host in maintenance counts as gone down with it, if the host boots later on without having been
    proven empty (O(evergreen.virt.hypervisor_maintenance#module:empty)).
  - With O(state=recovered), ports that such VMs have left on Open vSwitch, and whose interfaces do not exist any more, are removed.
  - A VM with autostart does not start with its host while its memory is saved. It gets that back when it is started.
  - Guests shut down beside each other, while memory is saved one VM after another.
  - A VM that was asked to shut down and did not in time stays noted, because it may still do so.
attributes:
  check_mode:
    support: full
    details:
      - The host need not be in maintenance then.
  diff_mode:
    support: none
    details:
      - What changes is which VMs run, which RV(vms) tells.
  idempotent:
    support: full
extends_documentation_fragment:
  - evergreen.virt.libvirt
  - evergreen.virt.run
  - evergreen.virt.attributes
seealso:
  - module: evergreen.virt.hypervisor_maintenance
  - module: evergreen.virt.upgrade_plan
  - plugin: evergreen.virt.vms_elsewhere
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Save one VM to disk, and shut another one down
  evergreen.virt.maintenance_vms:
    state: stopped
    owner: storage team
    vms:
      - {vm: db1, way: suspend, why: its disk is on this host}
      - {vm: batch, way: shutdown}

- name: The host lost its power in the middle of it, start what ran there
  evergreen.virt.maintenance_vms:
    state: recovered
    owner: storage team
    peers:
      - {host: kvm2, runs: [52dc39e4-6d2c-4e66-8ea5-ab6ed0c26a4a]}
      - {host: kvm3, runs: []}

- name: The host is well again, let them go on
  evergreen.virt.maintenance_vms:
    state: started
    owner: storage team
"""

RETURN = r"""
vms:
  description:
    - One entry for each VM. If the task fails because of some of them, it is C(error.details.vms).
  returned: success
  type: list
  elements: dict
  contains:
    vm:
      description: The name of the VM.
      type: str
    way:
      description: In which way it was stopped; V(offline) of one that was to move while it was off and stayed; V(crash) of one that went down.
      type: str
    why:
      description: Why.
      type: str
    result:
      description:
        - V(stopped); V(off) if somebody else had stopped it; V(failed), it keeps running.
        - With O(state=started), V(restored) with its memory, V(started) anew, V(running) if it ran already, V(moved) if it runs on the
          host that it was to move to while it was off, V(gone) if it is not on this host any more, V(elsewhere) if another host has it, so
          that it is not started here; V(failed), it stays noted.
        - With O(state=recovered), V(started) or V(restored); V(waits) if it is noted as stopped; V(elsewhere) if it runs on
          another host; V(failed), it is as it was.
        - V(would_stop) and V(would_start) in check mode, for what would be done to a VM; the others as without it.
      type: str
    since:
      description: When it was stopped (ISO 8601, UTC).
      type: str
      returned: with O(state=started)
    runs_on:
      description: The other host that has it, null if none does.
      type: str
      returned: with O(state=started) and O(state=recovered)
    seconds:
      description: How long that took.
      type: float
    changed:
      description: Whether anything was done to it.
      type: bool
    error:
      description: Why it failed, null if it did not.
      type: str
"""

import typing as t

from ansible_collections.evergreen.virt.plugins.module_utils import _argspec
from ansible_collections.evergreen.virt.plugins.module_utils._argspec import ArgSpec
from ansible_collections.evergreen.virt.plugins.module_utils._errors import InvalidInputError
from ansible_collections.evergreen.virt.plugins.module_utils._libvirt.connection import LIBVIRT
from ansible_collections.evergreen.virt.plugins.module_utils._libvirt.operating_system import ovs_version
from ansible_collections.evergreen.virt.plugins.module_utils._module import Task, run
from ansible_collections.evergreen.virt.plugins.module_utils._names import refuse_twice
from ansible_collections.evergreen.virt.plugins.module_utils._ovs.connection import OVS, Remote
from ansible_collections.evergreen.virt.plugins.module_utils._stopping.peers import ELSEWHERE, Peer
from ansible_collections.evergreen.virt.plugins.module_utils._stopping.recover import recover
from ansible_collections.evergreen.virt.plugins.module_utils._stopping.start import GONE, start
from ansible_collections.evergreen.virt.plugins.module_utils._stopping.stop import Wish, stop
from ansible_collections.evergreen.virt.plugins.module_utils._stopping.terms import Row, Terms

_VM = {
    "vm": {"type": "str", "required": True},
    "way": {"type": "str", "required": True, "choices": ["suspend", "shutdown"]},
    "why": {"type": "str", "default": ""},
}
_PEER = {
    "host": {"type": "str", "required": True},
    "runs": {"type": "list", "elements": "str"},
    "unsure": {"type": "list", "elements": "str", "default": []},
}
SPEC = (
    _argspec.LIBVIRT
    + _argspec.RUN
    + ArgSpec(
        options={
            "state": {"type": "str", "choices": ["stopped", "started", "recovered"], "required": True},
            "owner": {"type": "str", "required": True},
            "vms": {"type": "list", "elements": "dict", "options": _VM},
            "peers": {"type": "list", "elements": "dict", "options": _PEER},
            "timeout": {"type": "float", "default": 300},
            "busy_timeout": {"type": "float", "default": 300},
        },
        required_if=(("state", "stopped", ["vms"]), ("state", "recovered", ["peers"])),
    )
)


def check(params: t.Mapping[str, t.Any]) -> None:
    """Refuse what cannot be meant.

    :raises InvalidInputError: for a VM that is named twice, and for times that are no times.
    """
    refuse_twice("vms", [one["vm"] for one in params["vms"] or []], hint="A VM is stopped in one way.")
    if params["timeout"] <= 0 or params["busy_timeout"] < 0:
        raise InvalidInputError("timeout must be more than 0, and busy_timeout not less.")


def started(task: Task, terms: Terms) -> list[Row]:
    """Start the VMs that were stopped, and name those that are not there any more."""
    rows = start(terms, peers_of(task), check_mode=task.check_mode)
    for row in rows:
        if row["result"] == ELSEWHERE:
            task.warn(
                f"VM '{row['vm']}' was stopped for the maintenance, and host '{row['runs_on']}' has it by now: it is not started here, where it is"
                " still defined."
            )
        if row["result"] == GONE:
            task.warn(
                f"VM '{row['vm']}' was stopped for the maintenance and is not on this host any more: look where it runs."
            )
    return rows


def peers_of(task: Task) -> list[Peer]:
    """Return what the other hosts say."""
    return [Peer(**peer) for peer in task.params["peers"] or []]


def recovered(task: Task, terms: Terms) -> list[Row]:
    """Start the VMs that went down with the host, and name those that other hosts run."""
    rows = recover(peers_of(task), terms, switch(), check_mode=task.check_mode)
    for row in rows:
        if row["result"] == ELSEWHERE:
            task.warn(
                f"VM '{row['vm']}' had come to host '{row['runs_on']}' when this host went down: it runs there, and is not defined here any more."
            )
    return rows


def switch() -> Remote | None:
    """Return where the host's Open vSwitch is reached, None if it has none."""
    if ovs_version() is None:
        return None
    OVS.require()
    return Remote()


def converge(task: Task) -> dict[str, t.Any]:
    """Stop VMs, or start those that were stopped or went down."""
    params = task.params
    check(params)
    run_id = params["run_id"]
    own = None if run_id is None else (run_id, params["epoch"])
    terms = Terms(params["uri"], params["owner"], params["timeout"], params["busy_timeout"], run=own)
    if params["state"] == "started":
        rows = started(task, terms)
    elif params["state"] == "recovered":
        rows = recovered(task, terms)
    else:
        wishes = [Wish(one["vm"], one["way"], one["why"]) for one in params["vms"]]
        rows = stop(wishes, terms, check_mode=task.check_mode)
    return {"changed": any(row["changed"] for row in rows), "vms": rows}


def main() -> None:
    """Run the module."""
    run(SPEC, converge, requires=[LIBVIRT])


if __name__ == "__main__":
    main()
