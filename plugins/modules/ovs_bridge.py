#!/usr/bin/python

# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One Open vSwitch bridge with all that belongs to it."""

from __future__ import annotations

DOCUMENTATION = r"""
module: ovs_bridge
short_description: One Open vSwitch bridge with its ports, bonds, mirrors, QoS and controllers
version_added: 1.0.0
author: evergreen.virt contributors (@evergreen-virt)
description:
  - Makes a bridge, its controllers, ports, bonds, mirrors and QoS as the task says, in one transaction of the switch's database.
    Either all of it happens or nothing. The database's log tells that this module did it, to which bridge.
  - The task ends when ovs-vswitchd has applied the configuration, and fails with the daemon's own words if one of the
    named interfaces does not work. That holds for a task that had nothing to change, too.
  - What the task does not name is not touched. A list of values replaces what is there; of a dictionary only the named keys
    are set, and a key whose value is null is removed, with O(purge_keys) each key that is not named. Ports, bonds, mirrors and
    queues are known by their names or numbers, and those that are not named stay, see O(purge).
  - A single value is removed by the value that its description names; then the daemon's default holds.
extends_documentation_fragment:
  - evergreen.virt.ovsdb
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
    description:
      - The bridge's name.
    type: str
    required: true
  state:
    description:
      - C(present) makes the bridge as described, C(absent) removes it with all its ports.
    type: str
    choices: [present, absent]
    default: present
  datapath_type:
    description:
      - C(system) is the kernel's datapath, C(netdev) the one in user space.
    type: str
  fail_mode:
    description:
      - What the bridge does without its controller. C(none) removes the setting.
    type: str
    choices: [standalone, secure, none]
  stp:
    description:
      - Whether the Spanning Tree Protocol is on.
    type: bool
  rstp:
    description:
      - Whether the Rapid Spanning Tree Protocol is on.
    type: bool
  mcast_snooping:
    description:
      - Whether multicast snooping is on.
    type: bool
  protocols:
    description:
      - The OpenFlow versions to allow. An empty list stands for the daemon's default.
    type: list
    elements: str
    choices: [OpenFlow10, OpenFlow11, OpenFlow12, OpenFlow13, OpenFlow14, OpenFlow15]
  flood_vlans:
    description:
      - VLANs in which the bridge learns no addresses and floods all packets, as it takes to monitor them. An empty list removes it.
    type: list
    elements: int
  parent:
    description:
      - Makes a fake bridge, which is one VLAN of the bridge of this name. It has ports, bonds and external ids, and what else it is to be is
        that bridge's. Its own port is an internal one of its name, and all its ports are access ports of its VLAN.
      - Names its parent and VLAN to remove it, too.
    type: str
  vlan:
    description:
      - The VLAN of a fake bridge, 0 to 4095. It cannot be changed, as it would take all ports into another network.
    type: int
  controllers:
    description:
      - All OpenFlow controllers of the bridge, known by their targets. Those that are not named are removed.
    type: list
    elements: dict
    suboptions:
      target:
        description:
          - C(ssl:ADDRESS:PORT), C(tcp:ADDRESS:PORT) or C(unix:PATH) to connect to, C(pssl:PORT[:ADDRESS]), C(ptcp:PORT[:ADDRESS]) or
            C(punix:PATH) to listen.
          - For C(ssl) and C(pssl) the switch's key and certificates are those of O(evergreen.virt.ovs_switch#module:tls).
        type: str
        required: true
      type:
        description:
          - A C(primary) controller decides what the bridge does, a C(service) one only looks and asks. C(none) stands for the daemon's default.
        type: str
        choices: [primary, service, none]
      connection_mode:
        description:
          - Whether the bridge itself carries the connection to the controller (C(in-band)). C(none) stands for the daemon's default.
        type: str
        choices: [in-band, out-of-band, none]
      inactivity_probe:
        description:
          - Milliseconds of silence after which the controller is asked whether it is there. C(0) never asks, C(-1) stands for the
            daemon's default.
        type: int
      max_backoff:
        description:
          - Milliseconds to wait at most before the next attempt to connect, 1000 or more. C(-1) stands for the daemon's default.
        type: int
      local_ip:
        description:
          - The address of the bridge's own port in C(in-band) mode. The empty text removes it.
        type: str
      local_netmask:
        description:
          - The netmask to O(controllers[].local_ip). The empty text removes it.
        type: str
      local_gateway:
        description:
          - The gateway to O(controllers[].local_ip). The empty text removes it.
        type: str
      enable_async_messages:
        description:
          - Whether the controller gets messages that it did not ask for.
        type: bool
      queue_size:
        description:
          - Packets that wait for the controller at most, 1 to 512. C(-1) stands for the daemon's default.
        type: int
      rate_limit:
        description:
          - Packets per second that are sent to the controller at most, 100 or more. C(-1) removes the limit.
        type: int
      burst_limit:
        description:
          - Packets that may be saved up for O(controllers[].rate_limit), 25 or more. C(-1) removes it.
        type: int
      external_ids:
        description:
          - External ids of the controller.
        type: dict
      other_config:
        description:
          - Other configuration of the controller, for example C(dscp).
        type: dict
  external_ids:
    description:
      - External ids of the bridge.
    type: dict
  other_config:
    description:
      - Other configuration of the bridge, for example C(hwaddr), C(mac-table-size), C(forward-bpdu), C(stp-priority), C(rstp-priority) or
        C(mcast-snooping-disable-flood-unregistered).
    type: dict
  ports:
    description:
      - Ports with one interface each, which has the port's name. Ports that are not named stay, see O(purge).
      - The bridge's own port, which has the bridge's name, may be named to set its options.
    type: list
    elements: dict
    suboptions:
      name:
        description:
          - Name of the port and of its interface.
        type: str
        required: true
      state:
        description:
          - C(absent) takes the port off this bridge. A port on another bridge is left alone.
        type: str
        choices: [present, absent]
        default: present
      tag: &tag
        description:
          - The VLAN of an access port, or the native VLAN of a trunk, 0 to 4095. C(-1) removes the tag.
        type: int
      trunks: &trunks
        description:
          - All VLANs that the port carries with their tags. An empty list stands for every VLAN.
        type: list
        elements: int
      cvlans: &cvlans
        description:
          - All customers' VLANs that a port of O(ports[].vlan_mode=dot1q-tunnel) takes. An empty list stands for every VLAN.
        type: list
        elements: int
      vlan_mode: &vlan_mode
        description:
          - How VLANs are handled. C(none) lets O(ports[].tag) and O(ports[].trunks) decide.
          - C(dot1q-tunnel) is QinQ. The port puts O(ports[].tag) around what comes in.
        type: str
        choices: [access, dot1q-tunnel, native-tagged, native-untagged, trunk, none]
      protected: &protected
        description:
          - Whether the port is kept from sending to other protected ports of the bridge.
        type: bool
      qos: &qos
        description:
          - Limits and shares of what is sent by the port. If other ports have the same QoS, they keep it as it is and this port gets its own.
          - QoS and queues that this task leaves without use are deleted.
        type: dict
        suboptions:
          state:
            description:
              - C(absent) removes the port's QoS.
            type: str
            choices: [present, absent]
            default: present
          type:
            description:
              - How it is done, for example C(linux-htb), C(linux-hfsc), C(linux-sfq), C(linux-fq_codel), C(linux-netem) or C(egress-policer).
                New QoS needs it.
            type: str
          external_ids:
            description:
              - External ids of the QoS.
            type: dict
          other_config:
            description:
              - Settings of the type, for example C(max-rate) in bits per second.
            type: dict
          queues:
            description:
              - Queues, known by their numbers. Queues that are not named stay, see O(purge).
            type: list
            elements: dict
            suboptions:
              id:
                description:
                  - Number of the queue, as flows name it. Queue 0 takes what no flow gives to another one.
                type: int
                required: true
              state:
                description:
                  - C(absent) removes the queue.
                type: str
                choices: [present, absent]
                default: present
              dscp:
                description:
                  - The DSCP mark that packets of this queue get, 0 to 63. C(-1) leaves them as they are.
                type: int
              external_ids:
                description:
                  - External ids of the queue.
                type: dict
              other_config:
                description:
                  - Settings of the queue, for example C(min-rate) and C(max-rate) in bits per second, C(burst) and C(priority).
                type: dict
      external_ids: &port_external_ids
        description:
          - External ids of the port.
        type: dict
      other_config: &port_other_config
        description:
          - Other configuration of the port, for example C(qinq-ethtype), C(stp-path-cost), C(rstp-port-admin-edge) or C(priority-tags); of
            a bond C(bond-detect-mode), C(bond-primary) or C(lacp-time).
        type: dict
      type: &type
        description:
          - Type of the interface, such as C(system) (a network card that exists), C(internal), C(patch), C(vxlan), C(geneve), C(gre), C(erspan).
          - C(dpdk), C(dpdkvhostuserclient) and C(afxdp) are written as they are asked for; they are not tested.
          - A type that the host's ovs-vswitchd does not know is refused before anything is changed.
        type: str
      options: &options
        description:
          - Options of the interface's type, such as C(peer) of C(patch) or C(remote_ip) and C(key) of a tunnel.
          - The C(psk) of a tunnel with IPsec is shown in no result. Ansible writes the options of each task into the log of the host, too,
            unless it has C(no_log) or is configured with C(no_target_syslog).
        type: dict
      mac: &mac
        description:
          - The MAC address that the interface is to have. The empty text removes it.
        type: str
      mtu_request: &mtu_request
        description:
          - The MTU that the interface is to have. C(0) removes the request.
        type: int
      ofport_request: &ofport_request
        description:
          - The OpenFlow port number that the interface is to have, 1 to 65279. C(0) removes the request.
          - ovs-vswitchd gives another one if that number is in use.
        type: int
      ingress_policing_rate: &ingress_policing_rate
        description:
          - Kilobits per second that the interface takes in at most. C(0) removes the limit, here and below.
        type: int
      ingress_policing_burst: &ingress_policing_burst
        description:
          - Kilobits that may be saved up for O(ports[].ingress_policing_rate).
        type: int
      ingress_policing_kpkts_rate: &ingress_policing_kpkts_rate
        description:
          - Thousands of packets per second that the interface takes in at most.
        type: int
      ingress_policing_kpkts_burst: &ingress_policing_kpkts_burst
        description:
          - Thousands of packets that may be saved up for O(ports[].ingress_policing_kpkts_rate).
        type: int
      bfd: &bfd
        description:
          - Bidirectional forwarding detection, for example C(enable), C(min_rx) and C(min_tx).
        type: dict
      cfm_mpid: &cfm_mpid
        description:
          - The interface's id for connectivity fault management, 1 to 8191. C(0) switches it off.
          - Its other settings, such as C(cfm_interval), are in O(ports[].interface_other_config).
        type: int
      lldp: &lldp
        description:
          - Settings of LLDP, for example C(enable).
        type: dict
      interface_external_ids: &interface_external_ids
        description:
          - External ids of the interface.
        type: dict
      interface_other_config: &interface_other_config
        description:
          - Other configuration of the interface.
        type: dict
  bonds:
    description:
      - Ports with two or more interfaces. Bonds that are not named stay, see O(purge).
    type: list
    elements: dict
    suboptions:
      name:
        description:
          - Name of the bond.
        type: str
        required: true
      state:
        description:
          - C(absent) takes the bond off this bridge. A bond on another bridge is left alone.
        type: str
        choices: [present, absent]
        default: present
      interfaces:
        description:
          - Names of all interfaces of the bond, two or more. A new bond needs them.
        type: list
        elements: str
      interface_settings:
        description:
          - Settings of some of the bond's interfaces.
        type: list
        elements: dict
        suboptions:
          name:
            description:
              - Name of the interface.
            type: str
            required: true
          type: *type
          options: *options
          mac: *mac
          mtu_request: *mtu_request
          ofport_request: *ofport_request
          ingress_policing_rate: *ingress_policing_rate
          ingress_policing_burst: *ingress_policing_burst
          ingress_policing_kpkts_rate: *ingress_policing_kpkts_rate
          ingress_policing_kpkts_burst: *ingress_policing_kpkts_burst
          bfd: *bfd
          cfm_mpid: *cfm_mpid
          lldp: *lldp
          interface_external_ids: *interface_external_ids
          interface_other_config: *interface_other_config
      mode:
        description:
          - How the bond spreads its traffic. C(none) stands for the daemon's default.
        type: str
        choices: [active-backup, balance-slb, balance-tcp, none]
      lacp:
        description:
          - Link aggregation by LACP. C(none) removes the setting.
        type: str
        choices: [active, passive, "off", none]
      updelay:
        description:
          - Milliseconds that a link must be up before it is used. C(0) is at once.
        type: int
      downdelay:
        description:
          - Milliseconds that a link must be down before it is no longer used. C(0) is at once.
        type: int
      tag: *tag
      trunks: *trunks
      cvlans: *cvlans
      vlan_mode: *vlan_mode
      protected: *protected
      qos: *qos
      external_ids: *port_external_ids
      other_config: *port_other_config
  mirrors:
    description:
      - Copies of what ports receive and send. Mirrors that are not named stay, see O(purge).
      - A packet is copied if it is in one of the selected VLANs and comes by one of the selected ports or goes by one of them.
      - Open vSwitch 3.1 copies packets of a connection that it carries already only when it looks at that anew, as after 10 seconds of
        silence, any change of flows, or C(ovs-appctl revalidator/purge).
    type: list
    elements: dict
    suboptions:
      name:
        description:
          - Name of the mirror.
        type: str
        required: true
      state:
        description:
          - C(absent) removes the mirror.
        type: str
        choices: [present, absent]
        default: present
      select_all:
        description:
          - Whether the packets of all ports are copied.
        type: bool
      select_src_ports:
        description:
          - All ports whose arriving packets are copied.
        type: list
        elements: str
      select_dst_ports:
        description:
          - All ports whose departing packets are copied.
        type: list
        elements: str
      select_vlans:
        description:
          - The VLANs whose packets are copied. An empty list stands for every VLAN.
        type: list
        elements: int
      output_port:
        description:
          - The port that sends the copies, and is then used for nothing else. The empty text removes it.
        type: str
      output_vlan:
        description:
          - The VLAN that the copies are put into, 1 to 4095. C(0) removes it.
        type: int
      snaplen:
        description:
          - Bytes of a packet that are copied, 14 to 65535. C(0) stands for all.
        type: int
      external_ids:
        description:
          - External ids of the mirror.
        type: dict
  purge:
    description:
      - Remove what the lists of the task do not name. With O(ports) or O(bonds) these are ports and bonds of the bridge, with O(mirrors) mirrors, with
        O(ports[].qos.queues) queues of the port. What the task has no list for stays; an empty list names nothing.
      - Ports that libvirt added for VMs are never removed by this, nor are fake bridges and what is on them.
    type: bool
    default: false
  purge_keys:
    description:
      - Of the dictionaries that the task names, remove the keys that it does not name. libvirt's keys are never removed by this.
      - The O(external_ids) of a fake bridge and those of the port that bears its name are two dictionaries.
    type: bool
    default: false
  allow_move:
    description:
      - Take a port that is on another bridge, or an interface that belongs to another port, from there. Without this the task fails.
    type: bool
    default: false
  force:
    description:
      - Remove or move ports, or remove a bridge, though VMs use them.
    type: bool
    default: false
seealso:
  - module: evergreen.virt.host_network
  - module: evergreen.virt.ovs_info
  - module: evergreen.virt.ovs_switch
"""

EXAMPLES = r"""
- name: A bridge with an uplink that carries two VLANs
  evergreen.virt.ovs_bridge:
    name: br0
    fail_mode: standalone
    ports:
      - name: eno1
        trunks: [10, 20]
      - name: mgmt0
        type: internal
        tag: 10
        interface_external_ids:
          mac-of-owner: "52:54:00:12:34:56"

- name: A bond as the uplink, and a tunnel
  evergreen.virt.ovs_bridge:
    name: br0
    bonds:
      - name: uplink
        interfaces: [eno1, eno2]
        mode: balance-tcp
        lacp: active
    ports:
      - name: vx0
        type: vxlan
        options:
          remote_ip: 192.0.2.7
          key: 42

- name: A customer's VLANs inside of VLAN 100, and a card whose number and rate are fixed
  evergreen.virt.ovs_bridge:
    name: br0
    ports:
      - name: customer1
        vlan_mode: dot1q-tunnel
        tag: 100
        cvlans: [10, 20]
        other_config:
          qinq-ethtype: 802.1q
      - name: eno3
        ofport_request: 3
        ingress_policing_rate: 100000
        ingress_policing_burst: 10000

- name: Copy what VM web1 sends and receives to an analyser
  evergreen.virt.ovs_bridge:
    name: br0
    ports:
      - name: span0
        type: internal
    mirrors:
      - name: web1
        select_src_ports: [vnet3]
        select_dst_ports: [vnet3]
        output_port: span0

- name: Share the uplink out
  evergreen.virt.ovs_bridge:
    name: br0
    ports:
      - name: eno1
        qos:
          type: linux-htb
          other_config:
            max-rate: 1000000000
          queues:
            - id: 0
              other_config: {min-rate: 100000000}
            - id: 1
              dscp: 46
              other_config: {min-rate: 400000000, priority: 1}

- name: OpenFlow controllers, one of them by TLS
  evergreen.virt.ovs_bridge:
    name: br0
    fail_mode: secure
    protocols: [OpenFlow13]
    controllers:
      - target: ssl:192.0.2.1:6653
        connection_mode: out-of-band
        inactivity_probe: 30000
      - target: ptcp:6654:127.0.0.1
        type: service

- name: VLAN 10 of br0 as a bridge of its own
  evergreen.virt.ovs_bridge:
    name: vlan10
    parent: br0
    vlan: 10
    ports:
      - name: tap7

- name: No port but these and those of VMs
  evergreen.virt.ovs_bridge:
    name: br0
    purge: true
    ports:
      - name: eno1

- name: No such bridge
  evergreen.virt.ovs_bridge:
    name: br0
    state: absent
"""

RETURN = r"""
bridge:
  description:
    - The bridge as it is after the task, in the form that M(evergreen.virt.ovs_info) returns, without what that reads for itself only
      (counters and the like); null if there is none.
    - Of a fake bridge C(name), C(parent), C(vlan), C(external_ids) and its C(ports).
    - In check mode the bridge as it is.
  returned: success
  type: dict
changes:
  description: Names of the options that differed.
  returned: success
  type: list
  elements: str
  sample: ["ports[eno1].trunks"]
"""

import typing as t

from ansible_collections.evergreen.virt.plugins.module_utils._argspec import OVSDB, RUN, ArgSpec
from ansible_collections.evergreen.virt.plugins.module_utils._module import Task, run
from ansible_collections.evergreen.virt.plugins.module_utils._ovs import bridge
from ansible_collections.evergreen.virt.plugins.module_utils._ovs.bridge_options import (
    OPTIONS,
    REQUIRED_TOGETHER,
    secrets,
)
from ansible_collections.evergreen.virt.plugins.module_utils._ovs.connection import OVS, Remote, connect

SPEC = OVSDB + RUN + ArgSpec(options=OPTIONS, required_together=REQUIRED_TOGETHER)


def converge(task: Task) -> dict[str, t.Any]:
    """Make the bridge as the options say."""
    name = task.params["name"]
    comment = f"evergreen.virt.ovs_bridge: bridge {name} {task.params['state']}"
    with connect(Remote.of(task.params), needed=bridge.NEEDED, wanted=bridge.wanted_columns()) as database:
        result = bridge.converge(database, task.params, comment=comment, check_mode=task.check_mode)
    changes = result.plan.changes
    return {
        "changed": bool(changes),
        "diff": changes.diff(),
        "changes": [change.path for change in changes],
        "bridge": result.bridge,
    }


def main() -> None:
    """Run the module."""
    run(SPEC, converge, requires=[OVS], secrets=secrets)


if __name__ == "__main__":
    main()
