#!/usr/bin/python

# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The running Open vSwitch of a host, kept and started again."""

from __future__ import annotations

DOCUMENTATION = r"""
module: ovs_daemons
short_description: Keep Open vSwitch running during an update, and start it again with its flows
version_added: 1.0.0
author: evergreen.virt contributors (@evergreen-virt)
description:
  - Updates Open vSwitch below running VMs. Debian's package stops the daemons before it is unpacked, which may be minutes before it
    starts them again, and all flows are gone then; a bridge with O(evergreen.virt.ovs_bridge#module:fail_mode=secure) carries nothing
    after that. With V(held) before the update and V(restarted) after it, the daemons carry on while packages are unpacked, and are away
    for the moment of their start only.
  - Flows, groups, meters and the options of tunnels that flows name are read before the daemons are started again and given back
    before the first packet is carried. They are compared afterwards, and so are the numbers of ports. The task fails, and says what it is,
    if something differs.
  - Lost with the old daemon are counters and ages of flows (a timeout begins anew), the MAC addresses that bridges have learnt, and,
    of bridges of the datapath C(netdev) only, the connections that the action C(ct) tracks.
  - A task that was interrupted in the middle is finished by the next one.
extends_documentation_fragment:
  - evergreen.virt.run
  - evergreen.virt.attributes
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
  idempotent:
    support: full
    details:
      - With O(force) the daemons are started again each time.
options:
  state:
    description:
      - V(held) lets nobody stop the daemons, neither a package's script nor C(systemctl stop), until V(restarted) or until the host boots. Before that it
        proves that what is to be kept can be read.
      - V(restarted) ends that, and starts daemons again that were replaced on disk while they ran.
      - On a host where ovs-vswitchd does not run nothing is done.
    type: str
    choices: [held, restarted]
    required: true
  force:
    description:
      - Start the daemons again though the installed ones run.
    type: bool
    default: false
  run_dir:
    description:
      - The folder of the daemons' sockets and pid files.
    type: path
    default: /run/openvswitch
  timeout:
    description:
      - Seconds to wait for each answer.
    type: float
    default: 60.0
requirements:
  - ovs (Debian package C(python3-openvswitch))
  - ovs-ofctl (Debian package C(openvswitch-common))
  - systemd
  - Bridges that speak OpenFlow 1.4 or later, as they do unless O(evergreen.virt.ovs_bridge#module:protocols) says otherwise.
seealso:
  - module: evergreen.virt.ovs_flows
  - module: evergreen.virt.ovs_switch
"""

EXAMPLES = r"""
- name: Carry on while packages are unpacked
  evergreen.virt.ovs_daemons:
    state: held

- name: Update
  ansible.builtin.apt:
    name: openvswitch-switch
    state: latest

- name: Run what was installed
  evergreen.virt.ovs_daemons:
    state: restarted

- name: Start it again to take the settings of DPDK
  evergreen.virt.ovs_daemons:
    state: restarted
    force: true
  when: switch.restart_required | length > 0
"""

RETURN = r"""
running:
  description: Whether ovs-vswitchd ran before the task.
  returned: success
  type: bool
replaced:
  description: Daemons that ran before the task though their program was replaced on disk.
  returned: success
  type: list
  elements: str
  sample: [ovsdb-server, ovs-vswitchd]
restarted:
  description: Whether the daemons were, or would be, started again.
  returned: success
  type: bool
bridges:
  description: What each bridge keeps.
  returned: when O(state=held) or when the daemons were, or would be, started again
  type: list
  elements: dict
  contains:
    name:
      description: The bridge's name.
      type: str
    flows:
      description: How many flows.
      type: int
    groups:
      description: How many groups.
      type: int
    meters:
      description: How many meters.
      type: int
seconds:
  description:
    - From the moment when the old daemons begin to stop to the moment when the new ones carry packets. The kernel's datapath goes on with the
      connections that it knows meanwhile, the datapath C(netdev) carries nothing.
  returned: when the daemons were started again
  type: float
"""

import typing as t
from pathlib import Path

from ansible_collections.evergreen.virt.plugins.module_utils._argspec import RUN, ArgSpec
from ansible_collections.evergreen.virt.plugins.module_utils._module import Task, run
from ansible_collections.evergreen.virt.plugins.module_utils._ovs import ofctl
from ansible_collections.evergreen.virt.plugins.module_utils._ovs.connection import OVS, Remote
from ansible_collections.evergreen.virt.plugins.module_utils._ovs.daemons import Daemons
from ansible_collections.evergreen.virt.plugins.module_utils._ovs.restart import Restart

SPEC = RUN + ArgSpec(
    options={
        "state": {"type": "str", "choices": ["held", "restarted"], "required": True},
        "force": {"type": "bool", "default": False},
        "run_dir": {"type": "path", "default": "/run/openvswitch"},
        "timeout": {"type": "float", "default": 60.0},
    }
)


def converge(task: Task) -> dict[str, t.Any]:
    """Hold the daemons, or start them again."""
    ofctl.require()
    run_dir, timeout = Path(task.params["run_dir"]), task.params["timeout"]
    daemons = Daemons(run_dir)
    remote = Remote(database=f"unix:{run_dir}/db.sock", timeout=timeout)
    restart = Restart(daemons, remote, run_dir, timeout, "evergreen.virt.ovs_daemons: restart")
    before = {"held": daemons.held, "replaced": daemons.replaced}
    result: dict[str, t.Any] = {"running": daemons.running, "replaced": daemons.replaced, "restarted": False}
    if task.params["state"] == "restarted":
        result.update(_restart(task, daemons, restart))
    elif daemons.running:
        result.update(_hold(task, daemons, restart))
    after = {
        "held": task.params["state"] == "held" and result["running"],
        "replaced": [] if result["restarted"] else before["replaced"],
    }
    return {**result, "diff": {"before": before, "after": after}}


def _hold(task: Task, daemons: Daemons, restart: Restart) -> dict[str, t.Any]:
    kept = restart.look().counts()
    changed = not daemons.held
    if changed and not task.check_mode:
        daemons.hold()
    return {"changed": changed, "bridges": kept}


def _restart(task: Task, daemons: Daemons, restart: Restart) -> dict[str, t.Any]:
    held = daemons.held
    needed = restart.interrupted or (daemons.running and (task.params["force"] or bool(daemons.replaced)))
    saved = restart.look() if needed else None
    if held and not task.check_mode:
        daemons.release()
    if saved is None:
        return {"changed": held}
    seconds = {} if task.check_mode else {"seconds": round(restart.run(saved), 3)}
    return {"changed": True, "restarted": True, "bridges": saved.counts(), **seconds}


def main() -> None:
    """Run the module."""
    run(SPEC, converge, requires=[OVS])


if __name__ == "__main__":
    main()
