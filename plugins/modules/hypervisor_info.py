#!/usr/bin/python
# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Module hypervisor_info."""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: hypervisor_info
short_description: Everything that is known of a hypervisor
version_added: 1.0.0
author: evergreen.virt contributors (@evergreen-virt)
description:
  - Returns versions, capacity, storage pools, networks, bridges, VMs with their labels, policies and obstacles,
    maintenance and health of one host. These facts are what the plan of an upgrade is computed from.
  - Fails on a host whose libvirt does not answer, in check mode as well.
extends_documentation_fragment:
  - evergreen.virt.libvirt
  - evergreen.virt.attributes
  - evergreen.virt.attributes.info
seealso:
  - module: evergreen.virt.vm_info
"""

EXAMPLES = r"""
- name: Read the facts of every host
  evergreen.virt.hypervisor_info:
  register: hypervisor

- name: Refuse to go on with an unhealthy host
  ansible.builtin.assert:
    that: not hypervisor.host.health.problems
    fail_msg: "{{ hypervisor.host.health.problems | join(' ') }}"
"""

RETURN = r"""
host:
  description: The facts of the host. Sizes are MiB.
  returned: success
  type: dict
  contains:
    schema: {description: The version of this structure., type: int, returned: always}
    hostname: {description: The name that libvirt tells., type: str, returned: always}
    machine_id: {description: The id of the installation., type: str, returned: always}
    boot_id: {description: The id of this boot., type: str, returned: always}
    uri: {description: The connection., type: str, returned: always}
    driver: {description: "libvirt's driver, V(QEMU) or another.", type: str, returned: always}
    unsupported:
      description: What that driver cannot do, each a phrase such as V(have secrets) or V(start a VM paused).
      type: list
      elements: str
      returned: always
    versions:
      description: Versions of C(os), C(kernel), C(libvirt), C(qemu), C(ovs).
      type: dict
      returned: always
    capacity:
      description:
        - What the host has (C(memory_mib), C(threads), C(arch)) and what its emulator can run
          (C(virt_types), C(machines), C(cpu_models)).
      type: dict
      returned: always
    vms:
      description: The VMs, as returned by M(evergreen.virt.vm_info).
      type: list
      elements: dict
      returned: always
    pools:
      description:
        - The storage pools with C(name), C(type), C(active), C(backend), C(path), C(capacity_mib), C(free_mib).
        - C(backend) names the storage itself, so that two hosts share a pool if and only if it is the same on both and
          does not begin with V(local:).
      type: list
      elements: dict
      returned: always
    networks: {description: Active libvirt networks., type: list, elements: str, returned: always}
    bridges:
      description: Open vSwitch and Linux bridges that a VM can be attached to.
      type: list
      elements: str
      returned: always
    maintenance:
      description: The maintenance record of the host, null if it is not in maintenance.
      type: dict
      returned: always
    moving:
      description: Names of the VMs that are leaving the host at this moment, or arriving, see M(evergreen.virt.vm_migrate).
      type: list
      elements: str
      returned: always
    lease:
      description: The newest run that the host knows, null if no run was ever there.
      type: dict
      returned: always
    health:
      description: C(problems) has one sentence for each reason why the host should not take VMs.
      type: dict
      returned: always
"""

import dataclasses
import typing as t

from ansible_collections.evergreen.virt.plugins.module_utils._argspec import LIBVIRT as LIBVIRT_OPTIONS
from ansible_collections.evergreen.virt.plugins.module_utils._errors import UnavailableError
from ansible_collections.evergreen.virt.plugins.module_utils._facts import Health, Host, Lease
from ansible_collections.evergreen.virt.plugins.module_utils._libvirt import host_facts
from ansible_collections.evergreen.virt.plugins.module_utils._libvirt.connection import LIBVIRT, connect
from ansible_collections.evergreen.virt.plugins.module_utils._module import Task, run
from ansible_collections.evergreen.virt.plugins.module_utils._ovs import connection as ovs_connection
from ansible_collections.evergreen.virt.plugins.module_utils._state import lease, record
from ansible_collections.evergreen.virt.plugins.module_utils._state.moves import Moves

SPEC = LIBVIRT_OPTIONS


def read(task: Task) -> dict[str, t.Any]:
    """Return the host's facts as `host`."""
    with connect(task.params["uri"]) as connection:
        host = host_facts.read(connection, task.params["uri"])
    return {"host": with_switch(with_state(host)).to_dict()}


def with_state(host: Host) -> Host:
    """Add what the collection keeps on the host."""
    known = lease.read()
    leaving = movers(Moves())
    return dataclasses.replace(
        host,
        moving=[vm.name for vm in host.vms if vm.uuid in leaving or vm.name in host.moving],
        maintenance=record.read(),
        lease=None if known is None else Lease.from_dict(known.to_dict()),
    )


def movers(moves: Moves) -> set[str]:
    """Return the UUIDs of the VMs whose movers live; makes nothing on a host that has never moved a VM."""
    if not moves.directory.exists():
        return set()
    with moves.locked():
        return set(moves.running())


def with_switch(host: Host) -> Host:
    """Add the bridges of Open vSwitch if it is installed; that it does not answer is a problem of the host."""
    if host.versions.ovs is None:
        return host
    ovs_connection.OVS.require()
    try:
        with ovs_connection.connect(ovs_connection.Remote(), needed={"Bridge": ["name"]}, wanted={}) as database:
            names = {row.name for row in database.rows("Bridge")}
    except UnavailableError as exc:
        problem = f"Open vSwitch is installed and does not answer: {exc.message}"
        return dataclasses.replace(host, health=Health(problems=[*host.health.problems, problem]))
    return dataclasses.replace(host, bridges=sorted(names.union(host.bridges)))


def main() -> None:
    """Run the module."""
    run(SPEC, read, requires=[LIBVIRT], reads_only=True)


if __name__ == "__main__":
    main()
