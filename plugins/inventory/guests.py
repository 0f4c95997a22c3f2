# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Inventory plugin guests."""

from __future__ import annotations

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
  - C(virt_host) is the name of the host that the VM is on. C(virt_state) is C(virt_vm.state).
  - A VM that is called like a host or group that the inventory has already, like one of the hosts asked or like C(localhost), or whose name begins
    with a hyphen, is left out with a warning. It would take the place of other machines, or be an option to C(ssh).
  - What VMs bring along, as their names and labels, is never evaluated as a template.
  - Every host of the inventory, C(localhost) as well, has the variable C(virt_unreachable), a dictionary of the hosts that did not answer and why.
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
    default: {}
  host_groups:
    description:
      - Groups of the inventory whose hosts are asked besides, by O(uri).
      - The inventory has only what was read before. Sources are read in their order on the command line, and the files of a folder in the order of
        their names; V(vms.guests.yml) comes after V(hosts.yml).
    type: list
    elements: str
    default: []
  uri:
    description:
      - The connection URI of hosts that have none of their own, a template with the variables that the inventory has of the host, and
        C(inventory_hostname) in any case.
      - Without it C(qemu+tls://{{ inventory_hostname }}/system) is taken.
      - C(qemu+ssh) uses the controller's own SSH configuration and known host keys. Nobody is asked for a password.
    type: str
  timeout:
    description:
      - Seconds that a host has from the beginning of its connection to its last answer. What asks it is killed then.
      - Guest agents are asked in the first half of it only, so that a host is not lost for its guests.
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
      - With V(warn) its VMs are missing, and a warning names it and what libvirt says. It is asked again next time, whatever is cached.
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
  group:
    description:
      - The group of all VMs.
    type: str
    default: vms
  group_by:
    description:
      - What makes groups of VMs. V(host) makes C(host_hv1), V(state) makes C(state_running), and V(labels.tier), for any label, makes C(label_tier_web).
      - What no group can be called is replaced by an underscore, as in C(label_tier_a_b) of C(a-b).
    type: list
    elements: str
    default: [host, state]
  include:
    description:
      - Patterns as C(web*) for names of VMs. Only those are taken that match one of them.
    type: list
    elements: str
    default: ["*"]
  exclude:
    description:
      - Patterns for names of VMs that are not taken.
    type: list
    elements: str
    default: []
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
# vms.guests.yml beside hosts.yml; plugin and hosts, or host_groups, are enough.
plugin: evergreen.virt.guests

# Hypervisors that the inventory has already, as Ansible reaches them. Without uri it is TLS, as the role evergreen.virt.configure prepares it.
host_groups: [hypervisors]
uri: qemu+ssh://{{ ansible_user }}@{{ ansible_host }}/system

# Others, by uri or by a URI of their own.
hosts:
  hv9.example.org:
  lab: qemu+ssh://root@192.0.2.9/system?keyfile=/etc/ansible/lab_key

# A hypervisor that does not answer is no reason to go on without its VMs.
timeout: 20
unreachable: fail

# Running web servers but the old ones.
where: state == 'running' && labels.tier == 'web'
exclude: ["*-old"]

# By the address that their guests tell, in the network that the controller reaches.
addresses: [agent, lease]
address_networks: [192.0.2.0/24]

# Groups: vms, host_hv9_example_org, label_tier_web, large, and one for each machine type.
group_by: [host, labels.tier]
groups:
  large: virt_vm.memory_mib > 16384
keyed_groups:
  - key: virt_vm.machine
    prefix: machine
compose:
  ansible_user: "'admin'"

# Each hypervisor is asked once an hour.
cache: true
cache_plugin: ansible.builtin.jsonfile
cache_connection: /var/cache/ansible
cache_timeout: 3600
"""

import functools
import ipaddress
import time
import typing as t
from pathlib import Path

from ansible.errors import AnsibleError, AnsibleParserError
from ansible.inventory.data import InventoryData
from ansible.inventory.group import to_safe_group_name
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
from ansible_collections.evergreen.virt.plugins.plugin_utils import told
from ansible_collections.evergreen.virt.plugins.plugin_utils.found_vms import FoundVm, one_of_each_name
from ansible_collections.evergreen.virt.plugins.plugin_utils.inventory_hosts import members, variables_of
from ansible_collections.evergreen.virt.plugins.plugin_utils.processes import ask_each

_SUFFIXES = (".yml", ".yaml")
_TAKEN = {"localhost", "127.0.0.1", "::1"}
"""Names of the controller in every inventory."""
_UNREACHABLE = "virt_unreachable"


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
        unknown = self._read_config_data(path).keys() - self._options.keys()
        if unknown:
            raise AnsibleParserError(f"{path}: there is no option {', '.join(sorted(map(str, unknown)))}.")
        try:
            self._fill(inventory, self.get_cache_key(path), cache)
        except MissingDependencyError as exc:
            raise AnsibleParserError(f"{path}: {exc.message} Install it for the Python that runs Ansible.") from exc
        except VirtError as exc:
            raise AnsibleParserError(f"{path}: {exc}") from exc

    def _fill(self, inventory: InventoryData, key: str, may_read_cache: bool) -> None:
        uris, chosen = self._uris(inventory), self._chosen()
        taken = _TAKEN | uris.keys() | inventory.hosts.keys()
        found = [vm for vm in self._found(inventory, uris, key, may_read_cache) if chosen(vm)]
        inventory.add_group(self.get_option("group"))
        for vm in one_of_each_name(found, prefer_active=self.get_option("same_name") == "active"):
            if vm.name in taken or vm.name in inventory.groups or vm.name.startswith("-"):
                self.display.warning(
                    f"VM '{vm.name}' of host '{vm.host}' is left out: its name means something else here."
                )
            else:
                self._add(inventory, vm)

    def _uris(self, inventory: InventoryData) -> dict[str, str]:
        """Return the URI of each host to ask."""
        own = {str(name): uri for name, uri in self.get_option("hosts").items()}
        grouped = members(inventory, map(str, self.get_option("host_groups")))
        return {name: str(own.get(name) or self._uri(inventory, name)) for name in dict.fromkeys([*own, *grouped])}

    def _uri(self, inventory: InventoryData, name: str) -> str:
        template = self.get_option("uri")
        if template is None:
            return f"qemu+tls://{name}/system"
        known = variables_of(inventory, t.cast(DataLoader, self.loader), name)
        self.templar.available_variables = {"inventory_hostname": name, **known}
        try:
            return str(self.templar.template(template))
        except AnsibleError as exc:
            raise InvalidInputError(f"uri: it cannot be made for host '{name}': {exc}") from exc

    def _chosen(self) -> t.Callable[[FoundVm], bool]:
        where = self.get_option("where")
        selects = selector(where) if where is not None else bool
        include, exclude = self.get_option("include"), self.get_option("exclude")
        return lambda vm: vm.matches(include) and not vm.matches(exclude) and selects(vm.vm)

    def _found(
        self, inventory: InventoryData, uris: t.Mapping[str, str], key: str, may_read_cache: bool
    ) -> list[FoundVm]:
        """Return all VMs; those of a host out of the cache if that holds the answer to the very same question."""
        addressing, caches = self._addressing(), self.get_option("cache")
        questions = {host: repr((uri, addressing)) for host, uri in uris.items()}
        cached = self._cache.get(key) if caches and may_read_cache else None
        kept = told.still_true(cached or {}, questions, now=time.time(), seconds=self.get_option("cache_timeout"))
        answers = self._ask(inventory, {host: uri for host, uri in uris.items() if host not in kept}, addressing)
        known = {**kept, **{host: told.answer(questions[host], vms, now=time.time()) for host, vms in answers.items()}}
        if caches:
            self._cache[key] = known
        return [FoundVm(host, **vm) for host in uris if host in known for vm in known[host]["vms"]]

    def _ask(
        self, inventory: InventoryData, uris: t.Mapping[str, str], addressing: remote_vms.Addressing
    ) -> dict[str, t.Any]:
        """Return what remote_vms.read tells of each host that answers."""
        if uris:
            LIBVIRT.require()
        answers = ask_each(
            uris,
            functools.partial(remote_vms.read, addressing=addressing),
            at_a_time=max(1, self.get_option("workers")),
            seconds=self.get_option("timeout"),
        )
        problems = {host: answer.problem for host, answer in answers.items() if answer.problem is not None}
        sentences = [f"the VMs of host '{host}' are not known: {problem}" for host, problem in problems.items()]
        if sentences and self.get_option("unreachable") == "fail":
            raise AnsibleParserError(" ".join(sentences))
        for sentence in sentences:
            self.display.warning(sentence)
        of_others = inventory.groups["all"].get_vars().get(_UNREACHABLE, {})
        inventory.set_variable("all", _UNREACHABLE, wrap_var({**of_others, **problems}))
        return {host: answer.value for host, answer in answers.items() if answer.problem is None}

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
            agents_s=self.get_option("timeout") / 2,
        )

    def _add(self, inventory: InventoryData, vm: FoundVm) -> None:
        name = inventory.add_host(wrap_var(vm.name), self.get_option("group"))
        for variable, value in vm.variables().items():
            inventory.set_variable(name, variable, wrap_var(value))
        for group in vm.groups(self.get_option("group_by")):
            inventory.add_host(name, inventory.add_group(to_safe_group_name(group, force=True, silent=True)))
        strict, variables = self.get_option("strict"), inventory.hosts[name].get_vars()
        self._set_composite_vars(self.get_option("compose"), variables, name, strict=strict)
        self._add_host_to_composed_groups(self.get_option("groups"), variables, name, strict=strict)
        self._add_host_to_keyed_groups(self.get_option("keyed_groups"), variables, name, strict=strict)
