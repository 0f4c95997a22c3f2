#!/usr/bin/python
# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Module network."""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: network
short_description: A virtual network of libvirt
version_added: 1.0.0
author: evergreen.virt contributors (@evergreen-virt)
description:
  - Defines, changes, starts, stops or removes a virtual network. What is not named is not touched.
  - DHCP ranges and hosts, DNS hosts and records, port groups, and the devices of macvtap are changed while the network runs;
    everything else takes effect when it is restarted, which the module does only if O(allow_restart) is set. A restart cuts
    the VMs on a network that libvirt made off until they are plugged in anew.
extends_documentation_fragment:
  - evergreen.virt.libvirt
  - evergreen.virt.run
  - evergreen.virt.attributes
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
  idempotent:
    support: full
options:
  name:
    description: The name of the network.
    type: str
    required: true
  state:
    description:
      - V(started) and V(stopped) define the network if need be.
      - V(present) defines it and leaves it running or not, as it is.
      - V(absent) stops and removes it.
    type: str
    choices: [present, started, stopped, absent]
    default: started
  mode:
    description:
      - How VMs reach the world. A new network needs it.
      - V(bridge) attaches VMs to a bridge that is there already, or by macvtap to O(devices).
      - V(private), V(vepa) and V(passthrough) attach them by macvtap to one of O(devices) each.
      - V(hostdev) gives each VM a virtual function of the network device O(pf) (SR-IOV).
    type: str
    choices: [nat, route, open, isolated, bridge, private, vepa, passthrough, hostdev]
  bridge:
    description: The bridge to attach to in mode V(bridge), otherwise the name of the bridge that libvirt makes.
    type: str
  stp:
    description: Whether the bridge that libvirt makes speaks the spanning tree protocol.
    type: bool
  stp_delay:
    description: Seconds for which a new port of that bridge listens before it forwards.
    type: int
  zone:
    description: The zone of firewalld that the bridge is in.
    type: str
  virtualport:
    description: The kind of the bridge's ports.
    type: str
    choices: [openvswitch, midonet]
  device:
    description: The network device that traffic may leave the host by.
    type: str
  devices:
    description:
      - The network devices that VMs are attached to, all of them, in their order. In the modes V(bridge), V(private), V(vepa)
        and V(passthrough) they are changed while the network runs.
    type: list
    elements: str
  pf:
    description: The network device whose virtual functions VMs get in mode V(hostdev).
    type: str
  managed:
    description: Whether libvirt takes a virtual function from its driver and gives it back, in mode V(hostdev).
    type: bool
  nat:
    description: How addresses are translated in mode V(nat).
    type: dict
    suboptions:
      start:
        description: The first address that VMs appear with.
        type: str
      end:
        description: The last address that VMs appear with.
        type: str
      port_start:
        description: The first port that is used for that.
        type: int
      port_end:
        description: The last port that is used for that.
        type: int
      ipv6:
        description: Whether IPv6 is translated as well.
        type: bool
  vlan:
    description:
      - The VLAN of untagged traffic, V(0) for none. If it or O(trunks) is set, both are.
      - For bridges of Open vSwitch and the mode V(hostdev) only.
    type: int
  trunks:
    description: The VLANs that are carried with their tag.
    type: list
    elements: int
  bandwidth:
    description:
      - The bandwidth of all VMs of the network together, or of each in mode V(bridge).
    type: dict
    suboptions:
      inbound:
        description: What the VMs receive.
        type: dict
        suboptions:
          average:
            description: The rate in KiB/s; V(0) removes the limit.
            type: int
          peak:
            description: The highest rate in KiB/s.
            type: int
          burst:
            description: How many KiB may be sent at the highest rate.
            type: int
      outbound:
        description: What the VMs send.
        type: dict
        suboptions:
          average:
            description: The rate in KiB/s; V(0) removes the limit.
            type: int
          peak:
            description: The highest rate in KiB/s.
            type: int
          burst:
            description: How many KiB may be sent at the highest rate.
            type: int
  isolated_ports:
    description: Whether the VMs of the network cannot reach one another.
    type: bool
  domain:
    description: The DNS domain of the network.
    type: str
  domain_local_only:
    description: Whether names of that domain that are not known here are asked of nobody else.
    type: bool
  mtu:
    description: The MTU in bytes.
    type: int
  dns:
    description: The DNS server that libvirt runs for the VMs. Hosts and records are changed while the network runs.
    type: dict
    suboptions:
      enable:
        description: Whether there is one.
        type: bool
      forward_plain_names:
        description: Whether names without a domain that are not known here are asked of others.
        type: bool
      forwarders:
        description: Whom to ask, all of them, instead of those whom the host asks.
        type: list
        elements: dict
        suboptions:
          address:
            description: The address of the server. With a domain alone, names in it are asked of those whom the host asks.
            type: str
          domain:
            description: Ask it for names in this domain only.
            type: str
      hosts:
        description:
          - Names of addresses; a host is known by its address.
          - The names of a host that shares one with another host change when the network is restarted.
        type: list
        elements: dict
        suboptions:
          address:
            description: The address.
            type: str
            required: true
          names:
            description: Its names, all of them.
            type: list
            elements: str
            required: true
      txt:
        description: TXT records, known by their name.
        type: list
        elements: dict
        suboptions:
          name:
            description: The name.
            type: str
            required: true
          value:
            description: The text.
            type: str
            required: true
      srv:
        description: SRV records, known by all but their priority and weight.
        type: list
        elements: dict
        suboptions:
          service:
            description: The service, without underscore.
            type: str
            required: true
          protocol:
            description: The protocol, without underscore.
            type: str
            choices: [tcp, udp]
            required: true
          domain:
            description: The domain; by default that of the network.
            type: str
          target:
            description: The host that serves; without it the service is said not to exist.
            type: str
          port:
            description: The port that it serves at.
            type: int
          priority:
            description: Its priority, lower ones are asked first.
            type: int
          weight:
            description: Its share among those of the same priority.
            type: int
  addresses:
    description: >-
      The host's own addresses in the network, at most one for IPv4 and one for IPv6. A network that has several of one family is refused
      with this option, and otherwise keeps them.
    type: list
    elements: dict
    suboptions:
      address:
        description: The address.
        type: str
        required: true
      prefix:
        description: The length of the subnet's prefix in bits.
        type: int
        required: true
      tftp_root:
        description: The directory that libvirt's TFTP server serves.
        type: path
      dhcp:
        description: What libvirt's DHCP server hands out. Ranges and hosts are changed while the network runs.
        type: dict
        suboptions:
          start:
            description: The first address of the range, if there is only one.
            type: str
          end:
            description: The last address of the range.
            type: str
          ranges:
            description: The ranges, known by their ends.
            type: list
            elements: dict
            suboptions:
              start:
                description: The first address.
                type: str
                required: true
              end:
                description: The last address.
                type: str
                required: true
          bootp_file:
            description: The file that hosts boot from. It is told to hosts that get an address.
            type: str
          bootp_server:
            description: The address of the TFTP server; by default the host itself.
            type: str
          hosts:
            description: Fixed addresses; a host is known by O(addresses[].dhcp.hosts[].mac), else by id, else by name.
            type: list
            elements: dict
            suboptions:
              mac:
                description: The host's MAC address.
                type: str
              id:
                description: The host's DUID, for IPv6.
                type: str
              name:
                description: The host's name.
                type: str
              address:
                description: The address it gets.
                type: str
                required: true
  routes:
    description: Static routes of the host to what lies behind VMs, known by where they lead.
    type: list
    elements: dict
    suboptions:
      address:
        description: The address of the subnet that it leads to.
        type: str
        required: true
      prefix:
        description: The length of that subnet's prefix in bits.
        type: int
        required: true
      gateway:
        description: The address of the VM that it leads by.
        type: str
        required: true
      metric:
        description: The metric of the route.
        type: int
  portgroups:
    description: Named sets of VLANs and bandwidths that an interface can ask for.
    type: list
    elements: dict
    suboptions:
      name:
        description: The name of the port group.
        type: str
        required: true
      default:
        description: Whether interfaces that name no port group get this one.
        type: bool
      vlan:
        description: The VLAN of untagged traffic, V(0) for none. If it or the trunks are set, both are.
        type: int
      trunks:
        description: The VLANs that are carried with their tag.
        type: list
        elements: int
      bandwidth:
        description:
          - The bandwidth of each VM.
        type: dict
        suboptions:
          inbound:
            description: What the VMs receive.
            type: dict
            suboptions:
              average:
                description: The rate in KiB/s; V(0) removes the limit.
                type: int
              peak:
                description: The highest rate in KiB/s.
                type: int
              burst:
                description: How many KiB may be sent at the highest rate.
                type: int
          outbound:
            description: What the VMs send.
            type: dict
            suboptions:
              average:
                description: The rate in KiB/s; V(0) removes the limit.
                type: int
              peak:
                description: The highest rate in KiB/s.
                type: int
              burst:
                description: How many KiB may be sent at the highest rate.
                type: int
  dnsmasq_options:
    description:
      - Lines for the configuration of dnsmasq, all of them, as they are, such as C(dhcp-option=option:ntp-server,192.0.2.1).
      - They can break the network in ways that libvirt does not notice.
    type: list
    elements: str
  purge:
    description:
      - Whether to remove what is missing in those of the lists addresses, ranges, hosts, txt, srv, routes and portgroups that are set.
    type: bool
    default: false
  autostart:
    description: Whether it starts with its host.
    type: bool
  allow_restart:
    description: Whether to restart the network if a change needs that.
    type: bool
    default: false
seealso:
  - module: evergreen.virt.ovs_bridge
"""

EXAMPLES = r"""
- name: A network on the Open vSwitch bridge br0 with two port groups
  evergreen.virt.network:
    name: lan
    mode: bridge
    bridge: br0
    virtualport: openvswitch
    autostart: true
    portgroups:
      - {name: web, vlan: 10, default: true}
      - {name: routers, trunks: [10, 20, 30]}

- name: A network of the host's own, with DHCP
  evergreen.virt.network:
    name: lab
    mode: nat
    addresses:
      - address: 192.0.2.1
        prefix: 24
        dhcp:
          start: 192.0.2.100
          end: 192.0.2.200
          hosts:
            - {mac: "52:54:00:00:00:01", name: web1, address: 192.0.2.11}

- name: A network with names, two ranges, boot from the network, and a limit
  evergreen.virt.network:
    name: lab
    domain: lab.example
    domain_local_only: true
    dns:
      forwarders:
        - {address: 198.51.100.53}
        - {address: 203.0.113.53, domain: corp.example}
      hosts:
        - {address: 192.0.2.1, names: [gw, gw.lab.example]}
      srv:
        - {service: ldap, protocol: tcp, domain: lab.example, target: ldap.lab.example, port: 389}
    addresses:
      - address: 192.0.2.1
        prefix: 24
        tftp_root: /srv/tftp
        dhcp:
          ranges:
            - {start: 192.0.2.100, end: 192.0.2.149}
            - {start: 192.0.2.200, end: 192.0.2.249}
          bootp_file: pxelinux.0
    routes:
      - {address: 198.51.100.0, prefix: 24, gateway: 192.0.2.2}
    bandwidth:
      inbound: {average: 102400, peak: 204800, burst: 10240}

- name: Virtual functions of a network card
  evergreen.virt.network:
    name: sriov
    mode: hostdev
    pf: enp4s0
    managed: true
    vlan: 42

- name: Remove the network that libvirt comes with
  evergreen.virt.network:
    name: default
    state: absent
"""

RETURN = r"""
restart_required:
  description: Options that the running network takes only when it is restarted.
  returned: success
  type: list
  elements: str
  sample: [mtu]
"""

import typing as t

from ansible_collections.evergreen.virt.plugins.module_utils._argspec import LIBVIRT as LIBVIRT_OPTIONS
from ansible_collections.evergreen.virt.plugins.module_utils._argspec import RUN, ArgSpec
from ansible_collections.evergreen.virt.plugins.module_utils._libvirt import network
from ansible_collections.evergreen.virt.plugins.module_utils._libvirt.connection import LIBVIRT, connect
from ansible_collections.evergreen.virt.plugins.module_utils._libvirt.lifecycle import STATES
from ansible_collections.evergreen.virt.plugins.module_utils._libvirt.network_forward import MODES
from ansible_collections.evergreen.virt.plugins.module_utils._libvirt.network_ports import DIRECTIONS, RATES
from ansible_collections.evergreen.virt.plugins.module_utils._module import Task, run

_HOST = {
    "mac": {"type": "str"},
    "id": {"type": "str"},
    "name": {"type": "str"},
    "address": {"type": "str", "required": True},
}
_RANGE = {"start": {"type": "str", "required": True}, "end": {"type": "str", "required": True}}
_DHCP = {
    "start": {"type": "str"},
    "end": {"type": "str"},
    "ranges": {"type": "list", "elements": "dict", "options": _RANGE},
    "bootp_file": {"type": "str"},
    "bootp_server": {"type": "str"},
    "hosts": {"type": "list", "elements": "dict", "options": _HOST},
}
_DHCP_RULES = {
    "required_together": [["start", "end"]],
    "mutually_exclusive": [["start", "ranges"]],
    "required_by": {"bootp_server": ["bootp_file"]},
}
_ADDRESS = {
    "address": {"type": "str", "required": True},
    "prefix": {"type": "int", "required": True},
    "tftp_root": {"type": "path"},
    "dhcp": {"type": "dict", "options": _DHCP, **_DHCP_RULES},
}
_ROUTE = {
    "address": {"type": "str", "required": True},
    "prefix": {"type": "int", "required": True},
    "gateway": {"type": "str", "required": True},
    "metric": {"type": "int"},
}
_RATES = {rate: {"type": "int"} for rate in RATES}
_BANDWIDTH = {"type": "dict", "options": {way: {"type": "dict", "options": _RATES} for way in DIRECTIONS}}
_PORTGROUP = {
    "name": {"type": "str", "required": True},
    "default": {"type": "bool"},
    "vlan": {"type": "int"},
    "trunks": {"type": "list", "elements": "int"},
    "bandwidth": _BANDWIDTH,
}
_NAT = {
    "start": {"type": "str"},
    "end": {"type": "str"},
    "port_start": {"type": "int"},
    "port_end": {"type": "int"},
    "ipv6": {"type": "bool"},
}
_FORWARDER = {"address": {"type": "str"}, "domain": {"type": "str"}}
_SRV = {
    "service": {"type": "str", "required": True},
    "protocol": {"type": "str", "choices": ["tcp", "udp"], "required": True},
    "domain": {"type": "str"},
    "target": {"type": "str"},
    "port": {"type": "int"},
    "priority": {"type": "int"},
    "weight": {"type": "int"},
}
_DNS_HOST = {
    "address": {"type": "str", "required": True},
    "names": {"type": "list", "elements": "str", "required": True},
}
_TXT = {"name": {"type": "str", "required": True}, "value": {"type": "str", "required": True}}
_DNS = {
    "enable": {"type": "bool"},
    "forward_plain_names": {"type": "bool"},
    "forwarders": {
        "type": "list",
        "elements": "dict",
        "options": _FORWARDER,
        "required_one_of": [["address", "domain"]],
    },
    "hosts": {"type": "list", "elements": "dict", "options": _DNS_HOST},
    "txt": {"type": "list", "elements": "dict", "options": _TXT},
    "srv": {
        "type": "list",
        "elements": "dict",
        "options": _SRV,
        "required_by": {name: ["target"] for name in ("port", "priority", "weight")},
    },
}
SPEC = (
    LIBVIRT_OPTIONS
    + RUN
    + ArgSpec(
        options={
            "name": {"type": "str", "required": True},
            "state": {"type": "str", "choices": list(STATES), "default": "started"},
            "mode": {"type": "str", "choices": list(MODES)},
            "bridge": {"type": "str"},
            "stp": {"type": "bool"},
            "stp_delay": {"type": "int"},
            "zone": {"type": "str"},
            "virtualport": {"type": "str", "choices": ["openvswitch", "midonet"]},
            "device": {"type": "str"},
            "devices": {"type": "list", "elements": "str"},
            "pf": {"type": "str"},
            "managed": {"type": "bool"},
            "nat": {
                "type": "dict",
                "options": _NAT,
                "required_together": [["start", "end"], ["port_start", "port_end"]],
            },
            "vlan": {"type": "int"},
            "trunks": {"type": "list", "elements": "int"},
            "bandwidth": _BANDWIDTH,
            "isolated_ports": {"type": "bool"},
            "domain": {"type": "str"},
            "domain_local_only": {"type": "bool"},
            "mtu": {"type": "int"},
            "dns": {"type": "dict", "options": _DNS},
            "addresses": {"type": "list", "elements": "dict", "options": _ADDRESS},
            "routes": {"type": "list", "elements": "dict", "options": _ROUTE},
            "portgroups": {"type": "list", "elements": "dict", "options": _PORTGROUP},
            "dnsmasq_options": {"type": "list", "elements": "str"},
            "purge": {"type": "bool", "default": False},
            "autostart": {"type": "bool"},
            "allow_restart": {"type": "bool", "default": False},
        },
        mutually_exclusive=(("device", "devices"),),
    )
)


def converge(task: Task) -> dict[str, t.Any]:
    """Bring the network to what was asked."""
    with connect(task.params["uri"]) as connection:
        plan = network.converge(connection, task.params, check_mode=task.check_mode)
    return {
        "changed": bool(plan.changes),
        "diff": plan.changes.diff(),
        "restart_required": list(plan.restart_required),
    }


def main() -> None:
    """Run the module."""
    run(SPEC, converge, requires=[LIBVIRT])


if __name__ == "__main__":
    main()
