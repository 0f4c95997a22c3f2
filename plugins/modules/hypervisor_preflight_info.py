#!/usr/bin/python
# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Module hypervisor_preflight_info."""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: hypervisor_preflight_info
short_description: What would stop a host in the middle of a rolling upgrade
version_added: 1.0.0
description:
  - Tries in fact what a rolling upgrade relies on and what a host's facts do not tell. The way of libvirt over TLS to the hosts
    that its VMs are to move to, the migration ports there, QEMU's keys and certificates, and that they last, a clock that is right, and an interpreter
    that is still there after the upgrade.
  - Nothing is changed. Problems are told, and are no failure of the task.
  - Warns of VMs with disks on shared files on a host without a lock manager, see RV(unlocked).
author:
  - evergreen.virt contributors (@evergreen-virt)
options:
  peers:
    description: The hosts that VMs of this host are to move to.
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description: The host's name, for messages.
        type: str
        required: true
      address:
        description: The address at which it takes VMs, as in O(evergreen.virt.vm_migrate#module:moves[].address).
        type: str
        required: true
      ports:
        description: Its migration ports to knock at. Default is O(ports).
        type: list
        elements: int
  ports:
    description: Migration ports of the peers to knock at. A port where nobody listens counts as open, one that is silent does not.
    type: list
    elements: int
    default: [49152]
  tls_ends:
    description:
      - Of moves of running VMs over TLS, the ends that this host is, for which its QEMU must have keys and certificates.
      - V(client) if VMs are to leave it, V(server) if they are to come to it.
      - They are looked for where C(/etc/libvirt/qemu.conf) says that they are, and not at all by a user who may not read it.
    type: list
    elements: str
    choices: [client, server]
    default: []
  certificate_days:
    description: For how many days the certificates of libvirt and QEMU must be valid still.
    type: int
    default: 7
  controller_time:
    description:
      - The time on the controller as seconds since 1970, which the host's clock is compared with. It is not when not given.
      - The time that the connection to the host takes counts as well.
    type: float
  clock_skew_s:
    description: By how many seconds the two may differ.
    type: int
    default: 60
extends_documentation_fragment:
  - evergreen.virt.libvirt
  - evergreen.virt.attributes
  - evergreen.virt.attributes.info
requirements:
  - C(openssl), for hosts with certificates
seealso:
  - module: evergreen.virt.hypervisor_info
  - module: evergreen.virt.hypervisor_updates_info
"""

EXAMPLES = r"""
- name: Could VMs of this host move to the others?
  evergreen.virt.hypervisor_preflight_info:
    peers:
      - {name: kvm2, address: 192.0.2.12}
      - {name: kvm3, address: 192.0.2.13}
    controller_time: "{{ now().timestamp() }}"
  register: preflight
  failed_when: preflight.problems | length > 0
"""

RETURN = r"""
problems:
  description: What would stop it, one sentence each.
  returned: success
  type: list
  elements: str
  sample: ["nothing gets through to port 49152 of target 'kvm2' (192.0.2.12): open its migration ports to the other hosts of the cluster."]
unlocked:
  description:
    - VMs of this host with disks on shared files, if C(/etc/libvirt/qemu.conf) names no C(lock_manager). Nothing but the maintenance of hosts keeps
      them from being started on two hosts at the same time.
  returned: success
  type: list
  elements: str
certificates:
  description: The end of the validity of each of libvirt's certificates that can be read, by its path, ISO 8601 in UTC.
  returned: success
  type: dict
  sample: {"/etc/pki/CA/cacert.pem": "2036-11-24T02:11:06+00:00"}
"""

import datetime as dt
import sys
import typing as t

from ansible_collections.evergreen.virt.plugins.module_utils import _argspec, _qemu_conf
from ansible_collections.evergreen.virt.plugins.module_utils._argspec import ArgSpec
from ansible_collections.evergreen.virt.plugins.module_utils._facts import Vm
from ansible_collections.evergreen.virt.plugins.module_utils._libvirt import (
    certificates,
    host_facts,
    peers,
    surroundings,
    vm_facts,
)
from ansible_collections.evergreen.virt.plugins.module_utils._libvirt.connection import LIBVIRT, connect, explaining
from ansible_collections.evergreen.virt.plugins.module_utils._module import Task, run
from ansible_collections.evergreen.virt.plugins.module_utils._updates.lock_manager import unlocked

PEER = {
    "name": {"type": "str", "required": True},
    "address": {"type": "str", "required": True},
    "ports": {"type": "list", "elements": "int"},
}
SPEC = _argspec.LIBVIRT + ArgSpec(
    options={
        "peers": {"type": "list", "elements": "dict", "options": PEER, "default": []},
        "ports": {"type": "list", "elements": "int", "default": [49152]},
        "tls_ends": {"type": "list", "elements": "str", "choices": list(certificates.ENDS), "default": []},
        "certificate_days": {"type": "int", "default": 7},
        "controller_time": {"type": "float"},
        "clock_skew_s": {"type": "int", "default": 60},
    }
)


def read(task: Task) -> dict[str, t.Any]:
    """Try everything."""
    params, now = task.params, dt.datetime.now(dt.timezone.utc)
    qemu_conf = _qemu_conf.read()
    ends, unreadable = certificates.expiries(certificates.qemu_folder(qemu_conf or ""))
    problems = [
        *surroundings.clock_problems(now.timestamp(), params["controller_time"], params["clock_skew_s"]),
        *surroundings.interpreter_problems(sys.executable),
        *([] if qemu_conf is None else certificates.missing(qemu_conf, params["tls_ends"])),
        *unreadable,
        *certificates.problems(ends, now, params["certificate_days"]),
        *(problem for peer in params["peers"] for problem in _way_to(peer, params["ports"])),
    ]
    hostname, vms = _vms(params["uri"])
    unsafe = unlocked(qemu_conf or "", vms)
    if unsafe:
        task.warn(
            f"host '{hostname}' has no lock manager, so that nothing keeps its VMs with disks on shared files from being started on two"
            f" hosts at the same time: {', '.join(unsafe)}. Give it one (configure_lock_manager: lockd)."
        )
    return {
        "problems": problems,
        "unlocked": unsafe,
        "certificates": {file: end.isoformat() for file, end in ends.items()},
    }


def _way_to(peer: t.Mapping[str, t.Any], ports: list[int]) -> list[str]:
    return peers.problems(peers.Peer(peer["name"], peer["address"]), ports if peer["ports"] is None else peer["ports"])


def _vms(uri: str) -> tuple[str, list[Vm]]:
    """Return the host's name and its VMs, none of a driver that has no lock manager."""
    with connect(uri) as connection:
        with explaining("ask libvirt for its driver"):
            driver, hostname = connection.getType(), connection.getHostname()
        if driver != "QEMU":
            return hostname, []
        records = vm_facts.read_all(connection, host_facts.read_storage(connection))
    return hostname, [record.vm for record in records]


def main() -> None:
    """Run the module."""
    run(SPEC, read, requires=[LIBVIRT], reads_only=True)


if __name__ == "__main__":
    main()
