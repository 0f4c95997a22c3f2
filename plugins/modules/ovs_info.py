#!/usr/bin/python

# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Facts of the Open vSwitch on a host."""

from __future__ import annotations

DOCUMENTATION = r"""
module: ovs_info
short_description: Facts of the Open vSwitch on a host
version_added: 1.0.0
author: evergreen.virt contributors (@evergreen-virt)
description:
  - Returns what is known of the switch itself and of its bridges with their ports, bonds and interfaces.
  - Everything is read from the switch's database in one go; no command is run.
extends_documentation_fragment:
  - evergreen.virt.ovsdb
  - evergreen.virt.attributes
  - evergreen.virt.attributes.info
options:
  bridges:
    description:
      - Names of the bridges to return. A bridge that does not exist is left out.
      - By default all are returned.
    type: list
    elements: str
seealso:
  - module: evergreen.virt.ovs_bridge
  - module: evergreen.virt.ovs_switch
"""

EXAMPLES = r"""
- name: Look at the switch
  evergreen.virt.ovs_info:
  register: ovs

- name: Name the ports that do not work
  ansible.builtin.debug:
    msg: "{{ ovs.bridges | map(attribute='ports') | flatten | map(attribute='interfaces') | flatten | selectattr('error') }}"
"""

RETURN = r"""
switch:
  description: The switch itself.
  returned: success
  type: dict
  contains:
    ovs_version:
      description: Version of the running ovs-vswitchd; null if it never ran.
      type: str
      sample: 3.1.0
    db_version:
      description: Version of the database's schema.
      type: str
      sample: 8.3.1
    system_id:
      description: The switch's unique id, C(external_ids:system-id).
      type: str
    hostname:
      description: The host's name as the switch knows it, C(external_ids:hostname).
      type: str
    system_type:
      description: The operating system.
      type: str
      sample: debian
    system_version:
      description: The operating system's version.
      type: str
      sample: "12"
    datapath_types:
      description: Datapath types that ovs-vswitchd can make.
      type: list
      elements: str
      sample: [netdev, system]
    iface_types:
      description: Interface types that ovs-vswitchd can make.
      type: list
      elements: str
    dpdk_initialized:
      description: Whether DPDK is in use.
      type: bool
    dpdk_version:
      description: Version of DPDK that ovs-vswitchd was built with.
      type: str
    external_ids:
      description: All external ids of the switch.
      type: dict
    other_config:
      description: All other configuration of the switch.
      type: dict
    cur_cfg:
      description: Number of the configuration that ovs-vswitchd has applied.
      type: int
    next_cfg:
      description: Number of the newest configuration in the database.
      type: int
    applied:
      description: Whether ovs-vswitchd has applied the newest configuration.
      type: bool
    managers:
      description:
        - Who may manage the switch's database, with the options of M(evergreen.virt.ovs_switch); what is null is the daemon's default.
        - Besides whether they are C(connected), and the C(status) that ovsdb-server tells.
      type: list
      elements: dict
    tls:
      description: Paths of the switch's key and certificates, as in O(evergreen.virt.ovs_switch#module:tls); null if there are none.
      type: dict
    monitors:
      description:
        - To which collectors each bridge reports, as in O(evergreen.virt.ovs_switch#module:monitors). C(sflow), C(netflow) and C(ipfix) are null
          where it does not.
      type: list
      elements: dict
    statistics:
      description: What ovs-vswitchd tells of the host's processors, memory and load, with C(enable-statistics) in C(other_config).
      type: dict
    bridges:
      description: Names of all bridges.
      type: list
      elements: str
bridges:
  description: The bridges, sorted by name.
  returned: success
  type: list
  elements: dict
  contains:
    name:
      description: The bridge's name.
      type: str
    datapath_type:
      description: C(system) or C(netdev).
      type: str
    fail_mode:
      description: What the bridge does without its controller; null stands for C(standalone).
      type: str
    stp:
      description: Whether the Spanning Tree Protocol is on.
      type: bool
    rstp:
      description: Whether the Rapid Spanning Tree Protocol is on.
      type: bool
    mcast_snooping:
      description: Whether multicast snooping is on.
      type: bool
    protocols:
      description: OpenFlow versions that are allowed; empty stands for the daemon's default.
      type: list
      elements: str
    flood_vlans:
      description: VLANs in which all packets are flooded.
      type: list
      elements: int
    external_ids:
      description: External ids.
      type: dict
    other_config:
      description: Other configuration.
      type: dict
    datapath_id:
      description: The bridge's id in OpenFlow.
      type: str
    datapath_version:
      description: Version of the datapath.
      type: str
    status:
      description: What ovs-vswitchd tells of the bridge, of STP for example.
      type: dict
    rstp_status:
      description: What ovs-vswitchd tells of RSTP.
      type: dict
    controllers:
      description:
        - The OpenFlow controllers, sorted by target, with the options of M(evergreen.virt.ovs_bridge); what is null is the daemon's default.
        - Besides whether they are C(connected), their C(role) and C(status).
      type: list
      elements: dict
    mirrors:
      description: The mirrors, sorted by name, with the options of M(evergreen.virt.ovs_bridge) and their C(statistics).
      type: list
      elements: dict
    ports:
      description: The ports and bonds, sorted by name.
      type: list
      elements: dict
      contains:
        name:
          description: The port's name.
          type: str
        tag:
          description: The VLAN of an access port.
          type: int
        trunks:
          description: VLANs that a trunk carries; empty stands for all.
          type: list
          elements: int
        cvlans:
          description: The customer's VLANs that a port in mode C(dot1q-tunnel) carries; empty stands for all.
          type: list
          elements: int
        vlan_mode:
          description: How VLANs are handled; null if tag and trunks decide.
          type: str
        protected:
          description: Whether the port is isolated from other protected ones.
          type: bool
        fake_bridge:
          description: Whether the port is a fake bridge, all of whose ports have its C(tag).
          type: bool
        updelay:
          description: Milliseconds that a bond's link must be up before it is used.
          type: int
        downdelay:
          description: Milliseconds that a bond's link must be down before it is no longer used.
          type: int
        qos:
          description: C(type), C(external_ids), C(other_config) and C(queues) of the port's QoS; null if it has none.
          type: dict
        active_interface:
          description: Name of the interface by which a bond sends.
          type: str
        status:
          description: What ovs-vswitchd tells of the port, of STP for example.
          type: dict
        rstp_status:
          description: What ovs-vswitchd tells of the port's RSTP.
          type: dict
        mode:
          description: How a bond spreads its traffic.
          type: str
        lacp:
          description: LACP of a bond.
          type: str
        external_ids:
          description: External ids of the port.
          type: dict
        other_config:
          description: Other configuration of the port.
          type: dict
        libvirt:
          description: Whether libvirt added the port for a VM.
          type: bool
        interfaces:
          description: The port's interfaces; a bond has several.
          type: list
          elements: dict
          contains:
            name:
              description: The interface's name.
              type: str
            type:
              description: The interface's type.
              type: str
            options:
              description: Options of the type, without the value of C(psk).
              type: dict
            mac:
              description: The MAC address that was asked for.
              type: str
            mtu_request:
              description: The MTU that was asked for.
              type: int
            ofport_request:
              description: The OpenFlow port number that was asked for.
              type: int
            ingress_policing_rate:
              description: Kilobits per second that the interface takes in at most; 0 stands for no limit.
              type: int
            ingress_policing_burst:
              description: Kilobits that may be saved up for C(ingress_policing_rate).
              type: int
            ingress_policing_kpkts_rate:
              description: Thousands of packets per second that the interface takes in at most; 0 stands for no limit.
              type: int
            ingress_policing_kpkts_burst:
              description: Thousands of packets that may be saved up for C(ingress_policing_kpkts_rate).
              type: int
            bfd:
              description: Settings of bidirectional forwarding detection.
              type: dict
            cfm_mpid:
              description: The interface's id for connectivity fault management; null if that is off.
              type: int
            lldp:
              description: Settings of LLDP.
              type: dict
            interface_external_ids:
              description: External ids of the interface.
              type: dict
            interface_other_config:
              description: Other configuration of the interface.
              type: dict
            ofport:
              description: The OpenFlow port number; -1 if the interface could not be made.
              type: int
            error:
              description: Why the interface does not work, in ovs-vswitchd's words.
              type: str
            mtu:
              description: The MTU in use.
              type: int
            mac_in_use:
              description: The MAC address in use.
              type: str
            admin_state:
              description: C(up) or C(down), as configured.
              type: str
            link_state:
              description: C(up) or C(down), as seen on the link.
              type: str
            ifindex:
              description: The interface's number in the kernel.
              type: int
            link_speed:
              description: Bits per second of the link.
              type: int
            duplex:
              description: C(half) or C(full).
              type: str
            link_resets:
              description: How often the link went up or down.
              type: int
            lacp_current:
              description: Whether the LACP partner is heard.
              type: bool
            cfm_fault:
              description: Whether connectivity fault management sees a fault.
              type: bool
            cfm_fault_status:
              description: Which faults.
              type: list
              elements: str
            cfm_remote_opstate:
              description: C(up) or C(down), as the other end tells it.
              type: str
            cfm_health:
              description: Percentage of heartbeats that arrive.
              type: int
            bfd_status:
              description: What ovs-vswitchd tells of BFD.
              type: dict
            status:
              description: What ovs-vswitchd tells of the interface, its driver for example.
              type: dict
            statistics:
              description: Counters.
              type: dict
"""

import typing as t

from ansible_collections.evergreen.virt.plugins.module_utils._argspec import OVSDB, ArgSpec
from ansible_collections.evergreen.virt.plugins.module_utils._module import Task, run
from ansible_collections.evergreen.virt.plugins.module_utils._ovs import bridge, switch
from ansible_collections.evergreen.virt.plugins.module_utils._ovs.connection import OVS, Remote, connect, joined

SPEC = OVSDB + ArgSpec(options={"bridges": {"type": "list", "elements": "str"}})


def read(task: Task) -> dict[str, t.Any]:
    """Return the facts."""
    names = task.params["bridges"]
    needed = {**bridge.NEEDED, **switch.NEEDED}
    wanted = joined(switch.WANTED, bridge.wanted_columns(details=True))
    with connect(Remote.of(task.params), needed=needed, wanted=wanted) as database:
        found = bridge.read(database, details=True).bridges
        chosen = [found[name].to_dict() for name in sorted(found) if names is None or name in names]
        return {"switch": switch.read(database), "bridges": chosen}


def main() -> None:
    """Run the module."""
    run(SPEC, read, requires=[OVS], reads_only=True)


if __name__ == "__main__":
    main()
