#!/usr/bin/python

# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The Open vSwitch of a host itself: its identity, managers, TLS and monitors."""

from __future__ import annotations

DOCUMENTATION = r"""
module: ovs_switch
short_description: The Open vSwitch of a host itself
version_added: 1.0.0
author: evergreen.virt contributors (@evergreen-virt)
description:
  - Sets what concerns the whole switch (its identity, who manages it and by which certificate) and to which collectors its
    bridges report their traffic, in one transaction of the switch's database.
  - What the task does not name is not touched. A list replaces what is there; of a dictionary only the named keys
    are set, and a key whose value is null is removed.
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
  system_id:
    description:
      - The switch's unique id, C(external_ids:system-id).
    type: str
  external_ids:
    description:
      - External ids of the switch.
    type: dict
  other_config:
    description:
      - Other configuration of the switch, for example that of DPDK, which is not tested.
      - Some of it is read when ovs-vswitchd starts only, see RV(restart_required). This module restarts nothing.
    type: dict
  managers:
    description:
      - Who may read and write the switch's database, known by their targets. Those that are not named stay, see O(purge).
      - The task that changes how it is connected itself may lose its connection.
    type: list
    elements: dict
    suboptions:
      target:
        description:
          - C(ssl:ADDRESS:PORT) or C(tcp:ADDRESS:PORT) to connect to, C(pssl:PORT[:ADDRESS]) or C(ptcp:PORT[:ADDRESS]) to listen.
          - What goes without TLS can be read and changed by everybody on the way.
        type: str
        required: true
      state:
        description:
          - C(absent) removes it.
        type: str
        choices: [present, absent]
        default: present
      inactivity_probe:
        description:
          - Milliseconds of silence after which the other side is asked whether it is there. C(0) never asks, C(-1) stands for the
            daemon's default.
        type: int
      max_backoff:
        description:
          - Milliseconds to wait at most before the next attempt to connect. C(-1) stands for the daemon's default.
        type: int
      external_ids:
        description:
          - External ids of the manager.
        type: dict
      other_config:
        description:
          - Other configuration of the manager, for example C(dscp).
        type: dict
  purge:
    description:
      - Remove managers that O(managers) does not name.
    type: bool
    default: false
  purge_keys:
    description:
      - Of the dictionaries that the task names, remove the keys that it does not name.
      - C(system-id), C(hostname) and C(rundir) of O(external_ids), which Open vSwitch writes when it starts, are never removed by this.
        O(system_id) names no dictionary.
    type: bool
    default: false
  tls:
    description:
      - By which files of the host the switch proves itself to managers and controllers, and checks them.
    type: dict
    suboptions:
      state:
        description:
          - C(absent) removes the setting; the files stay.
        type: str
        choices: [present, absent]
        default: present
      private_key:
        description:
          - The switch's private key.
        type: path
      certificate:
        description:
          - The certificate of that key.
        type: path
      ca_certificate:
        description:
          - The certificate of the authority that the other side must be signed by.
        type: path
      bootstrap_ca:
        description:
          - Whether to trust the first one who answers, and to write that authority's certificate to the file. Whoever is in between then
            is trusted for ever.
        type: bool
  monitors:
    description:
      - To which collectors bridges report their traffic. Bridges that are not named stay as they are. Of a monitor that several bridges have in
        common, one that is named gets its own.
    type: list
    elements: dict
    suboptions:
      bridge:
        description:
          - Name of the bridge, which must exist.
        type: str
        required: true
      sflow:
        description:
          - Samples of packets, and counters, by sFlow.
        type: dict
        suboptions:
          targets: &targets
            description:
              - The collectors, C(ADDRESS:PORT) each. An empty list removes the monitor.
            type: list
            elements: str
          agent:
            description:
              - The network device whose address tells the collector who reports. The empty text lets the daemon choose.
            type: str
          header:
            description:
              - Bytes of a packet that are sent. C(-1) stands for the daemon's default, here and below.
            type: int
          sampling:
            description:
              - One packet of this many is sent.
            type: int
          polling:
            description:
              - Seconds between two reports of the counters.
            type: int
      netflow:
        description:
          - Flows by NetFlow 5.
        type: dict
        suboptions:
          targets: *targets
          active_timeout:
            description:
              - Seconds after which a flow that goes on is reported. C(0) stands for the daemon's default, C(-1) for never.
            type: int
          add_id_to_interface:
            description:
              - Whether the interface's number carries the engine's id in its upper bits.
            type: bool
          engine_id:
            description:
              - The id that tells bridges apart, 0 to 255.
            type: int
          engine_type:
            description:
              - The type of the engine, 0 to 255.
            type: int
      ipfix:
        description:
          - Flows by IPFIX.
        type: dict
        suboptions:
          targets: *targets
          sampling:
            description:
              - One packet of this many is looked at.
            type: int
          obs_domain_id:
            description:
              - The observation domain.
            type: int
          obs_point_id:
            description:
              - The observation point.
            type: int
          cache_active_timeout:
            description:
              - Seconds that a flow is gathered before it is reported.
            type: int
          cache_max_flows:
            description:
              - Flows that are gathered at most.
            type: int
          other_config:
            description:
              - Other configuration, for example C(enable-tunnel-sampling).
            type: dict
          stats_interval: &stats_interval
            description:
              - Seconds between two reports of statistics. Open vSwitch 3.1 does not know it, nor O(monitors[].ipfix.template_interval).
            type: int
          template_interval: &template_interval
            description:
              - Seconds after which a template is sent again.
            type: int
      flow_samples:
        description:
          - Collectors for what flows with the action C(sample(collector_set_id=ID,...\)) choose, by IPFIX. How much of it is sampled, and
            the observation domain and point, are in the action.
          - Numbers that are not named stay. They go together with their bridge.
        type: list
        elements: dict
        suboptions:
          id:
            description:
              - The number by which flows name the collectors.
            type: int
            required: true
          state:
            description:
              - C(absent) removes it.
            type: str
            choices: [present, absent]
            default: present
          targets:
            description:
              - The collectors, C(ADDRESS:PORT) each. A new number needs them.
            type: list
            elements: str
          cache_active_timeout:
            description:
              - Seconds that a flow is gathered before it is reported. C(-1) stands for the daemon's default, here and below.
            type: int
          cache_max_flows:
            description:
              - Flows that are gathered at most.
            type: int
          stats_interval: *stats_interval
          template_interval: *template_interval
          other_config:
            description:
              - Other configuration, for example C(virtual_obs_id).
            type: dict
seealso:
  - module: evergreen.virt.ovs_bridge
  - module: evergreen.virt.ovs_info
"""

EXAMPLES = r"""
- name: Let a manager read and write the database, by TLS
  evergreen.virt.ovs_switch:
    tls:
      private_key: /etc/openvswitch/switch-key.pem
      certificate: /etc/openvswitch/switch-cert.pem
      ca_certificate: /etc/openvswitch/ca.pem
    managers:
      - target: pssl:6640
        inactivity_probe: 30000
    purge: true

- name: Report the traffic of br0 to a collector
  evergreen.virt.ovs_switch:
    monitors:
      - bridge: br0
        sflow:
          targets: ["192.0.2.50:6343"]
          agent: eno1
          sampling: 400
          polling: 20

- name: Report what one VM sends, chosen by its flow
  evergreen.virt.ovs_switch:
    monitors:
      - bridge: br0
        flow_samples:
          - id: 7
            targets: ["192.0.2.50:4739"]

- name: The flow that chooses it
  evergreen.virt.ovs_flows:
    bridge: br0
    cookie: "0x7"
    flows:
      - priority=50,in_port=vnet3 actions=sample(probability=65535,collector_set_id=7,obs_domain_id=1,obs_point_id=1),NORMAL

- name: No longer
  evergreen.virt.ovs_switch:
    monitors:
      - bridge: br0
        sflow:
          targets: []
"""

RETURN = r"""
changes:
  description: Names of the options that differed.
  returned: success
  type: list
  elements: str
  sample: ["managers[pssl:6640].inactivity_probe"]
restart_required:
  description: Options among them that ovs-vswitchd takes only when it is started again.
  returned: success
  type: list
  elements: str
  sample: ["other_config.dpdk-init"]
"""

import typing as t

from ansible_collections.evergreen.virt.plugins.module_utils._argspec import OVSDB, RUN, STATE, ArgSpec
from ansible_collections.evergreen.virt.plugins.module_utils._module import Task, run
from ansible_collections.evergreen.virt.plugins.module_utils._ovs import switch_settings
from ansible_collections.evergreen.virt.plugins.module_utils._ovs.connection import OVS, Remote, connect
from ansible_collections.evergreen.virt.plugins.module_utils._ovs.switch_plan import restart_required

TARGETS = {"targets": {"type": "list", "elements": "str"}}
MANAGER = {
    "target": {"type": "str", "required": True},
    "state": STATE,
    "inactivity_probe": {"type": "int"},
    "max_backoff": {"type": "int"},
    "external_ids": {"type": "dict"},
    "other_config": {"type": "dict"},
}
TLS = {
    "state": STATE,
    "private_key": {"type": "path", "no_log": False},
    "certificate": {"type": "path"},
    "ca_certificate": {"type": "path"},
    "bootstrap_ca": {"type": "bool"},
}
SFLOW = {
    **TARGETS,
    "agent": {"type": "str"},
    "header": {"type": "int"},
    "sampling": {"type": "int"},
    "polling": {"type": "int"},
}
NETFLOW = {
    **TARGETS,
    "active_timeout": {"type": "int"},
    "add_id_to_interface": {"type": "bool"},
    "engine_id": {"type": "int"},
    "engine_type": {"type": "int"},
}
CACHED = {
    **TARGETS,
    "cache_active_timeout": {"type": "int"},
    "cache_max_flows": {"type": "int"},
    "stats_interval": {"type": "int"},
    "template_interval": {"type": "int"},
    "other_config": {"type": "dict"},
}
IPFIX = {
    **CACHED,
    "sampling": {"type": "int"},
    "obs_domain_id": {"type": "int"},
    "obs_point_id": {"type": "int"},
}
FLOW_SAMPLE = {"id": {"type": "int", "required": True}, "state": STATE, **CACHED}
MONITOR = {
    "bridge": {"type": "str", "required": True},
    "sflow": {"type": "dict", "options": SFLOW},
    "netflow": {"type": "dict", "options": NETFLOW},
    "ipfix": {"type": "dict", "options": IPFIX},
    "flow_samples": {"type": "list", "elements": "dict", "options": FLOW_SAMPLE},
}
SPEC = (
    OVSDB
    + RUN
    + ArgSpec(
        options={
            "system_id": {"type": "str"},
            "external_ids": {"type": "dict"},
            "other_config": {"type": "dict"},
            "managers": {"type": "list", "elements": "dict", "options": MANAGER},
            "purge": {"type": "bool", "default": False},
            "purge_keys": {"type": "bool", "default": False},
            "tls": {"type": "dict", "options": TLS},
            "monitors": {"type": "list", "elements": "dict", "options": MONITOR},
        }
    )
)


def converge(task: Task) -> dict[str, t.Any]:
    """Make the switch's settings as the options say."""
    columns = {"needed": switch_settings.NEEDED, "wanted": switch_settings.WANTED}
    with connect(Remote.of(task.params), **columns) as database:
        plan = switch_settings.converge(
            database, task.params, comment="evergreen.virt.ovs_switch", check_mode=task.check_mode
        )
    return {
        "changed": bool(plan.changes),
        "diff": plan.changes.diff(),
        "changes": [change.path for change in plan.changes],
        "restart_required": restart_required(plan),
    }


def main() -> None:
    """Run the module."""
    run(SPEC, converge, requires=[OVS])


if __name__ == "__main__":
    main()
