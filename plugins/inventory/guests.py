# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Inventory plugin guests."""

from __future__ import annotations

import functools
import ipaddress
import typing as t
from pathlib import Path

from ansible.errors import AnsibleParserError
from ansible.inventory.data import InventoryData
from ansible.parsing.dataloader import DataLoader
from ansible.plugins.inventory import BaseInventoryPlugin, Cacheable, Constructable
from ansible.utils.unsafe_proxy import wrap_var

from ansible_collections.evergreen.virt.plugins.module_utils._errors import (
    InvalidInputError,
    MissingDependencyError,
    VirtError,
)
from ansible_collections.evergreen.virt.plugins.module_utils._libvirt import remote_vms
from ansible_collections.evergreen.virt.plugins.module_utils._libvirt.connection import LIBVIRT
from ansible_collections.evergreen.virt.plugins.module_utils._where import selector
from ansible_collections.evergreen.virt.plugins.plugin_utils.found_vms import FoundVm, one_of_each_name
from ansible_collections.evergreen.virt.plugins.plugin_utils.processes import ask_each

DOCUMENTATION = r"""
name: guests
short_description: The VMs of many hosts as an inventory
version_added: 1.0.0
author: evergreen.virt contributors (@evergreen-virt)
description:
  - Asks the libvirt of many hosts at a time for their VMs, running or not, and makes each of them a host of the inventory, by its name.
  - Its file is named C(guests.yml) or ends in C(.guests.yml); C(.yaml) will do as well.
  - Each VM has the variables C(virt_vm), C(virt_host), C(virt_state), and C(ansible_host) if an address of it is known.
  - C(virt_vm) is what M(evergreen.virt.hypervisor_info) returns of it. What only its own host can tell is not known, as it is asked over the
    network. The C(backend) of a disk is V(null) where that would take the host's mounts, and C(emulator_stale) is V(null).
  - C(virt_host) is the name in O(hosts) of the host that the VM is on. C(virt_state) is C(virt_vm.state).
  - A VM that is called like one of O(hosts), like C(localhost) or like a group of every inventory, or whose name begins with a hyphen, is left out
    with a warning. It would take the place of another machine, or be an option to C(ssh).
  - What VMs bring along, as their names and labels, is never evaluated as a template.
extends_documentation_fragment:
  - constructed
  - inventory_cache
requirements:
  - libvirt-python on the controller (Debian package C(python3-libvirt))
  - jmespath on the controller, for O(where)
options:
  plugin:
    description:
      - Says that the file is meant for this plugin.
    type: str
    required: true
    choices: [evergreen.virt.guests]
  hosts:
    description:
      - The hosts by their names, each with its connection URI as the controller reaches it, or with nothing to take O(uri).
    type: dict
    required: true
  uri:
    description:
      - The connection URI of hosts that have none of their own. C({name}) stands for the name of the host.
      - C(qemu+ssh) uses the controller's own SSH configuration and known host keys. Nobody is asked for a password.
    type: str
    default: qemu+tls://{name}/system
  timeout:
    description:
      - Seconds that a host has from the beginning of its connection to its last answer. What asks it is killed then.
    type: int
    default: 30
  workers:
    description:
      - How many hosts are asked at a time, each by a process.
    type: int
    default: 20
  unreachable:
    description:
      - What becomes of a host that does not answer, or not in its O(timeout).
      - With V(warn) its VMs are missing, and a warning names it and what libvirt says. Then nothing is cached.
      - With V(fail) the inventory fails.
    type: str
    choices: [warn, fail]
    default: warn
  same_name:
    description:
      - What becomes of VMs of the same name on several hosts. While a VM is being moved its copy that stands still never counts.
      - With V(fail) the inventory fails, and names them.
      - With V(active) the one that is not off is taken; the inventory fails if that is none of them, or more than one.
    type: str
    choices: [fail, active]
    default: fail
  where:
    description:
      - A JMESPath expression; only VMs for which it is true are taken. It is evaluated on C(virt_vm), as O(evergreen.virt.vm_info#module:where) is.
    type: str
  addresses:
    description:
      - Where to look for the address of a VM, in this order. The first one found becomes C(ansible_host); the others are not asked then.
      - V(label) is the VM's label O(address_label). An address or a host name is taken from it, any other text is passed over.
      - V(agent) asks the guest agent, V(lease) the DHCP servers of libvirt's networks, and V(arp) the host's ARP table.
      - Loopback and link-local addresses are passed over.
    type: list
    elements: str
    choices: [label, agent, lease, arp]
    default: [label, agent, lease, arp]
  address_label:
    description:
      - The name of the label that holds a VM's address.
    type: str
    default: address
  address_networks:
    description:
      - Networks as C(192.0.2.0/24) or C(2001:db8::/64). An address in one of them is preferred to those of sources before it; without such an address
        the first one is taken. A host name counts as preferred.
    type: list
    elements: str
    default: []
  agent_timeout:
    description:
      - Seconds that a guest agent has for its answer. Four of a host are asked at a time.
    type: int
    default: 2
seealso:
  - module: evergreen.virt.vm_info
"""

EXAMPLES = r"""
# site.guests.yml: three hosts by TLS, as the role evergreen.virt.configure prepares them
plugin: evergreen.virt.guests
hosts:
  hv1.example.org:
  hv2.example.org:
  hv3.example.org:

# by SSH, with one URI for all and another one for the last
---
plugin: evergreen.virt.guests
uri: qemu+ssh://ansible@{name}/system
hosts:
  hv1:
  hv2:
  lab: qemu+ssh://root@192.0.2.9/system?keyfile=/etc/ansible/lab_key

# running web servers, by their addresses in one network, in groups by their hosts and tiers
---
plugin: evergreen.virt.guests
hosts:
  hv1:
  hv2:
where: state == 'running' && labels.tier == 'web'
addresses: [agent, lease]
address_networks: [192.0.2.0/24]
compose:
  ansible_user: "'admin'"
groups:
  large: virt_vm.memory_mib > 16384
keyed_groups:
  - key: virt_host
    prefix: on
  - key: virt_vm.labels.tier
    prefix: tier
    default_value: none

# a host that does not answer is no reason to go on without its VMs; the rest is asked once an hour
---
plugin: evergreen.virt.guests
hosts:
  hv1:
  hv2:
unreachable: fail
cache: true
cache_plugin: ansible.builtin.jsonfile
cache_connection: /var/cache/ansible
cache_timeout: 3600
"""

_SUFFIXES = (".yml", ".yaml")
_TAKEN = {"all", "ungrouped", "localhost", "127.0.0.1", "::1"}
"""Names that mean something else in every inventory."""


class InventoryModule(BaseInventoryPlugin, Constructable, Cacheable):
    """Makes each VM of the hosts a host of the inventory."""

    NAME = "evergreen.virt.guests"

    def verify_file(self, path: str) -> bool:
        """Return whether the file is named as one of this plugin's."""
        file = Path(path)
        named = file.suffix in _SUFFIXES and (file.stem == "guests" or file.stem.endswith(".guests"))
        return named and bool(super().verify_file(path))

    def parse(self, inventory: InventoryData, loader: DataLoader, path: str, cache: bool = True) -> None:
        """Add the VMs to the inventory."""
        super().parse(inventory, loader, path, cache)
        self._read_config_data(path)
        try:
            where = self.get_option("where")
            selects = selector(where) if where is not None else bool
            found = [vm for vm in self._found(self.get_cache_key(path), cache) if selects(vm.vm)]
            for vm in one_of_each_name(found, prefer_active=self.get_option("same_name") == "active"):
                self._add(inventory, vm)
        except MissingDependencyError as exc:
            raise AnsibleParserError(f"{path}: {exc.message} Install it for the Python that runs Ansible.") from exc
        except VirtError as exc:
            raise AnsibleParserError(f"{path}: {exc}") from exc

    def _found(self, key: str, may_read_cache: bool) -> list[FoundVm]:
        """Return all VMs; out of the cache if that holds the answer to the very same question."""
        uris, addressing = self._uris(), self._addressing()
        caches = self.get_option("cache")
        question = repr((uris, addressing))
        cached = self._cache.get(key) if caches and may_read_cache else None
        if not cached or cached["question"] != question:
            answers = self._ask(uris, addressing)
            cached = {"question": question, "answers": answers}
            if caches and answers.keys() == uris.keys():
                self._cache[key] = cached
        return [FoundVm(host, **vm) for host, vms in cached["answers"].items() for vm in vms]

    def _ask(self, uris: t.Mapping[str, str], addressing: remote_vms.Addressing) -> dict[str, t.Any]:
        """Return what remote_vms.read tells of each host that answers."""
        LIBVIRT.require()
        answers = ask_each(
            uris,
            functools.partial(remote_vms.read, addressing=addressing),
            at_a_time=max(1, self.get_option("workers")),
            seconds=self.get_option("timeout"),
        )
        problems = [
            f"the VMs of host '{host}' are not known: {answer.problem}"
            for host, answer in answers.items()
            if answer.problem is not None
        ]
        if problems and self.get_option("unreachable") == "fail":
            raise AnsibleParserError(" ".join(problems))
        for problem in problems:
            self.display.warning(problem)
        return {host: answer.value for host, answer in answers.items() if answer.problem is None}

    def _uris(self) -> dict[str, str]:
        template = self.get_option("uri")
        return {
            str(name): str(uri or template.replace("{name}", str(name)))
            for name, uri in self.get_option("hosts").items()
        }

    def _addressing(self) -> remote_vms.Addressing:
        networks = tuple(map(str, self.get_option("address_networks")))
        for network in networks:
            try:
                ipaddress.ip_network(network, strict=False)
            except ValueError as exc:
                raise InvalidInputError(f"address_networks: {exc}.", hint="Write it as 192.0.2.0/24.") from exc
        return remote_vms.Addressing(
            sources=tuple(map(str, self.get_option("addresses"))),
            label=str(self.get_option("address_label")),
            networks=networks,
            agent_timeout=self.get_option("agent_timeout"),
        )

    def _add(self, inventory: InventoryData, vm: FoundVm) -> None:
        if vm.name in _TAKEN or vm.name in self.get_option("hosts") or vm.name.startswith("-"):
            self.display.warning(f"VM '{vm.name}' of host '{vm.host}' is left out: its name means something else here.")
            return
        name = inventory.add_host(wrap_var(vm.name))
        for variable, value in vm.variables().items():
            inventory.set_variable(name, variable, wrap_var(value))
        strict, variables = self.get_option("strict"), inventory.hosts[name].get_vars()
        self._set_composite_vars(self.get_option("compose"), variables, name, strict=strict)
        self._add_host_to_composed_groups(self.get_option("groups"), variables, name, strict=strict)
        self._add_host_to_keyed_groups(self.get_option("keyed_groups"), variables, name, strict=strict)
