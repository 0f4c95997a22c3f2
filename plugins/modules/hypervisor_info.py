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
  - With O(members), also what a VM can have that is to run on each host of a cluster.
  - Fails on a host whose libvirt does not answer, in check mode as well.
extends_documentation_fragment:
  - evergreen.virt.libvirt
  - evergreen.virt.attributes
  - evergreen.virt.attributes.info
options:
  members:
    description:
      - The facts of all hosts of the cluster, this one included, by the names that the messages are to use. Of each, only
        C(machine_id), C(versions) and C(capacity) are read.
      - The task has to run on the host with the oldest libvirt, which P(evergreen.virt.oldest_host#filter) finds, because a
        newer one may use names that an older one does not know.
    type: dict
seealso:
  - module: evergreen.virt.vm_info
  - plugin: evergreen.virt.oldest_host
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Read the facts of every host
  evergreen.virt.hypervisor_info:
  register: hypervisor

- name: Refuse to go on with an unhealthy host
  ansible.builtin.assert:
    that: not hypervisor.host.health.problems
    fail_msg: "{{ hypervisor.host.health.problems | join(' ') }}"

- name: Work out what VMs can have that are to run on each of the hosts
  evergreen.virt.hypervisor_info:
    members: "{{ members }}"
  delegate_to: "{{ members | evergreen.virt.oldest_host }}"
  run_once: true
  register: common
  vars:
    members: "{{ dict(ansible_play_hosts | zip(ansible_play_hosts | map('extract', hostvars, ['hypervisor', 'host']))) }}"

- name: A VM that can run on each of them
  evergreen.virt.vm:
    name: web1
    memory_mib: 1024
    cpu:
      mode: baseline
    cluster: "{{ common.cluster }}"
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
    soft_reboots:
      description: How often the host was soft-rebooted since then, null where its systemd cannot tell (before 256).
      type: int
      returned: always
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
          (C(virt_types), C(machines), C(machine_aliases), C(cpu_models)).
        - C(partial_cpu_models) are models that it has, and can give only without some of their features.
        - C(cpus) has for each of C(virt_types) the most that a VM can be given, libvirt's V(host-model), with C(model),
          C(vendor) and C(features), in which every feature is named.
        - C(nodes) are its NUMA nodes with C(number), C(memory_mib), and C(pages), the MiB that are set aside for huge pages by
          their size in KiB.
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
    filters:
      description: libvirt's network filters, null if its driver has none.
      type: list
      elements: str
      returned: always
    secrets:
      description: UUID and usage of each of libvirt's secrets, null if its driver has none.
      type: list
      elements: str
      returned: always
    save_free_mib:
      description: What is free where libvirt saves the memory of VMs, null where that is not known.
      type: int
      returned: always
    maintenance:
      description: The maintenance record of the host, null if it is not in maintenance.
      type: dict
      returned: always
    went_down:
      description:
        - Names of the VMs that ran when the maintenance began, or were started again since, went down with the host when it booted or was
          soft-rebooted, and are off (O(evergreen.virt.maintenance_vms#module:state=recovered)).
      type: list
      elements: str
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
    kept:
      description: Whether what an update replaced lies on the host to go back to, see M(evergreen.virt.hypervisor_updates_kept).
      type: bool
      returned: always
    health:
      description: C(problems) has one sentence for each reason why the host should not take VMs.
      type: dict
      returned: always
cluster:
  description: What a VM that is to run on each of O(members) can have. The value of O(evergreen.virt.vm#module:cluster).
  returned: with O(members)
  type: dict
  contains:
    oldest: {description: The host with the oldest libvirt., type: str, returned: always}
    cpus:
      description:
        - The baseline for each type of VM that all hosts can run, with C(model), C(vendor) and C(features). Features are
          those in which it differs from the model.
      type: dict
      returned: always
      sample:
        kvm: {model: EPYC, vendor: AMD, features: {umip: require, sha-ni: disable}}
    cpu_problems: {description: Why there is no such CPU for a type., type: dict, returned: always}
    machine_aliases:
      description: The newest version that all hosts have of the machine that an alias stands for.
      type: dict
      returned: always
      sample: {q35: pc-q35-7.2}
    lacking:
      description: The machines that not all hosts have, each with the hosts that do not have it.
      type: dict
      returned: always
"""

import dataclasses
import typing as t

from ansible_collections.evergreen.virt.plugins.module_utils._argspec import LIBVIRT as LIBVIRT_OPTIONS
from ansible_collections.evergreen.virt.plugins.module_utils._argspec import ArgSpec
from ansible_collections.evergreen.virt.plugins.module_utils._errors import InvalidInputError, UnavailableError
from ansible_collections.evergreen.virt.plugins.module_utils._facts import ClusterFacts, Health, Host
from ansible_collections.evergreen.virt.plugins.module_utils._libvirt import cpus, host_facts
from ansible_collections.evergreen.virt.plugins.module_utils._libvirt.connection import LIBVIRT, connect
from ansible_collections.evergreen.virt.plugins.module_utils._libvirt.cpus import Guests
from ansible_collections.evergreen.virt.plugins.module_utils._libvirt.operating_system import userspace_id
from ansible_collections.evergreen.virt.plugins.module_utils._module import Task, run
from ansible_collections.evergreen.virt.plugins.module_utils._ovs import connection as ovs_connection
from ansible_collections.evergreen.virt.plugins.module_utils._plan import common
from ansible_collections.evergreen.virt.plugins.module_utils._state import kept, lease, ran, record
from ansible_collections.evergreen.virt.plugins.module_utils._state.moves import Moves

SPEC = LIBVIRT_OPTIONS + ArgSpec({"members": {"type": "dict"}})


def read(task: Task) -> dict[str, t.Any]:
    """Return the host's facts as `host`, and what it has in common with the other hosts as `cluster`."""
    members = task.params["members"]
    with connect(task.params["uri"]) as connection:
        host = host_facts.read(connection, task.params["uri"])
        shared = {} if members is None else {"cluster": in_common(connection, host, members).to_dict()}
    return {"host": with_switch(with_state(host)).to_dict(), **shared}


def in_common(connection: t.Any, host: Host, facts: t.Mapping[str, t.Any]) -> ClusterFacts:
    """Return what the hosts have in common."""
    members = common.members_of(facts)
    oldest = common.oldest(members)
    if members[oldest].machine_id != host.machine_id:
        raise InvalidInputError(
            f"members: '{oldest}' has the oldest libvirt, and this is not that host.",
            hint=f"Let the task run on '{oldest}': a newer libvirt may use names that an older one does not know.",
        )
    return common.in_common(
        members,
        lambda virt_type, own, others: cpus.baseline(Guests(connection, host.capacity.arch, virt_type), own, others),
    )


def with_state(host: Host) -> Host:
    """Add what the collection keeps on the host."""
    known, maintenance = lease.read(), record.read()
    leaving = movers(Moves())
    return dataclasses.replace(
        host,
        moving=[vm.name for vm in host.vms if vm.uuid in leaving or vm.name in host.moving],
        maintenance=maintenance,
        went_down=[vm.name for vm in ran.went_down(maintenance, userspace_id(), host.vms)],
        lease=known,
        kept=kept.read() is not None,
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
