#!/usr/bin/python

# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A bridge's OpenFlow table."""

from __future__ import annotations

DOCUMENTATION = r"""
module: ovs_flows
short_description: Flows, groups and meters of an Open vSwitch bridge
version_added: 1.0.0
author: evergreen.virt contributors (@evergreen-virt)
description:
  - Makes a bridge's OpenFlow flows, groups and meters what the task says. What differs among flows and groups is changed in one bundle, all
    at once or not at all, so that no frame meets half of it. Flows that are as they should be are not touched and keep their counters and their age;
    those of which only the actions differ keep both as well; others that differ keep their counters.
  - Meters cannot be in a bundle. They are added and changed before it, and removed after it.
  - Flows are compared by their meaning. The order of fields, defaults, the way in which a mask or a number is written, and aliases such as C(dl_type)
    and C(eth_type) make no difference.
  - What the task lists is the whole table of the bridge, and what is not listed is removed, unless O(cookie) says otherwise. That includes the flow
    C(priority=0 actions=NORMAL) by which a bridge that was made with O(evergreen.virt.ovs_bridge#module:fail_mode=standalone), or without a fail mode, forwards
    frames like any switch, and flows that came from a controller or from the action C(learn).
  - Flows, groups and meters live as long as ovs-vswitchd. After it has been started again the task is needed again, unless what restarts it saves them.
extends_documentation_fragment:
  - evergreen.virt.run
  - evergreen.virt.attributes
attributes:
  check_mode:
    support: full
    details:
      - What only the switch itself can refuse, such as an action that its datapath does not know, is not found out in check mode.
      - A bridge that does not exist yet, because an earlier task of the same play would make it, is no error in check mode. What would be added is
        shown as it is written and not checked, and a warning says so.
  diff_mode:
    support: full
  idempotent:
    support: full
    details:
      - A flow with a timeout that has expired is added again.
options:
  bridge:
    description:
      - Name of the bridge, which must exist and speak OpenFlow 1.4 or later, as it does unless
        O(evergreen.virt.ovs_bridge#module:protocols) says otherwise. Selection methods of groups need OpenFlow 1.5.
    type: str
    required: true
  cookie:
    description:
      - Manage the flows with this cookie only, C(VALUE), or C(VALUE/MASK) for those whose cookie has these bits. All other flows stay as they are.
      - A flow that names no cookie of its own gets this one.
      - Groups and meters have no cookie. With this option those that are not listed stay.
    type: str
  flows:
    description:
      - The flows as C(ovs-ofctl add-flow) takes them, one each, see ovs-fields(7) and ovs-actions(7). Ports and tables may be given by their names.
      - Not set leaves flows as they are. A list replaces what is there, see O(cookie) and O(allow_empty).
      - An action C(learn) makes flows that no list contains. Give them a cookie, C(learn(cookie=0x2,...\)), and manage the others by O(cookie), else each
        task removes them. C(output:NXM_OF_IN_PORT[]) and the like inside of it stay as they are.
      - What has no effect in the match, such as C(nw_src) without C(ip), is refused, because the flow would match more than is written.
    type: list
    elements: str
  groups:
    description:
      - The groups. Not set leaves groups as they are.
    type: list
    elements: dict
    suboptions:
      id:
        description:
          - The number of the group.
        type: int
        required: true
      state:
        description:
          - C(absent) removes it.
        type: str
        choices: [present, absent]
        default: present
      type:
        description:
          - Whether a frame goes to all buckets, to a selected one, to the only one, or to the first that is alive. Needed for a group that is present.
        type: str
        choices: [all, select, indirect, ff]
      buckets:
        description:
          - The buckets as C(ovs-ofctl add-group) takes them behind C(bucket=), for example C(weight:50,actions=output:vm1).
        type: list
        elements: str
      selection_method:
        description:
          - How a bucket is selected, C(hash) or C(dp_hash). For O(groups[].type=select).
        type: str
      selection_param:
        description:
          - A parameter of the selection method.
        type: int
      fields:
        description:
          - The fields from which C(hash) is computed, each may have a mask.
        type: list
        elements: str
  meters:
    description:
      - The meters. Not set leaves meters as they are.
    type: list
    elements: dict
    suboptions:
      id:
        description:
          - The number of the meter.
        type: int
        required: true
      state:
        description:
          - C(absent) removes it.
        type: str
        choices: [present, absent]
        default: present
      unit:
        description:
          - Whether rates are kilobits or packets per second. Needed for a meter that is present.
        type: str
        choices: [kbps, pktps]
      stats:
        description:
          - Whether the meter counts what it sees.
        type: bool
        default: false
      bands:
        description:
          - What happens above which rate. Needed for a meter that is present.
        type: list
        elements: dict
        suboptions:
          type:
            description:
              - C(drop) drops what is above the rate, C(dscp_remark) lowers its precedence where the datapath can.
            type: str
            choices: [drop, dscp_remark]
            default: drop
          rate:
            description:
              - The rate in the meter's unit.
            type: int
            required: true
          burst_size:
            description:
              - How much may come at once, in kilobits or packets. All bands of a meter have it or none has.
            type: int
          prec_level:
            description:
              - How much C(dscp_remark) lowers the precedence.
            type: int
  allow_empty:
    description:
      - Allow O(flows) to be empty for a whole bridge, which then drops every frame.
    type: bool
    default: false
  target:
    description:
      - Where the bridge listens for controllers, as C(tcp:ADDRESS:PORT) or C(ssl:ADDRESS:PORT), for a bridge on another machine than the one that runs the
        module. The bridge listens by O(evergreen.virt.ovs_bridge#module:controllers), with a C(target) of C(ptcp) or C(pssl) and the C(type) C(service).
      - Not set takes the bridge's own socket on this host, see O(run_dir). O(bridge) must be the name of the bridge that listens there.
      - What goes without TLS can be read and changed by everybody on the way.
    type: str
  private_key:
    description:
      - The client's private key, for an C(ssl) target.
    type: path
  certificate:
    description:
      - The client's certificate, for an C(ssl) target.
    type: path
  ca_certificate:
    description:
      - The certificate of the authority that signed the switch's certificate, for an C(ssl) target. As with Open vSwitch's own tools, the name in the
        switch's certificate is not compared.
    type: path
  run_dir:
    description:
      - The folder of ovs-vswitchd's sockets, in which the bridge's is C(BRIDGE.mgmt).
    type: path
    default: /run/openvswitch
  timeout:
    description:
      - Seconds to wait for each answer.
    type: float
    default: 30.0
requirements:
  - ovs-ofctl (Debian package C(openvswitch-common))
seealso:
  - module: evergreen.virt.ovs_bridge
  - ref: ansible_collections.evergreen.virt.docsite.openflow
    description: Flows as data, and policies by type of frame.
"""

EXAMPLES = r"""
- name: Forward like a switch, except for IPv6, on the whole bridge
  evergreen.virt.ovs_flows:
    bridge: br0
    flows:
      - priority=0 actions=NORMAL
      - priority=100,ipv6 actions=drop

- name: Legacy frames pass between two VMs only; whatever else is there stays
  evergreen.virt.ovs_flows:
    bridge: br0
    cookie: "0x8137"
    flows:
      - priority=210,in_port=vm1,dl_type=0x8137 actions=output:vm2
      - priority=210,in_port=vm2,dl_type=0x8137 actions=output:vm1
      - priority=200,dl_type=0x8137 actions=drop

- name: Spread what comes from the uplink over two ports, at most 100 Mbit/s
  evergreen.virt.ovs_flows:
    bridge: br0
    cookie: 0x100/0xf00
    meters:
      - {id: 1, unit: kbps, bands: [{rate: 100000}]}
    groups:
      - id: 1
        type: select
        selection_method: hash
        fields: [ip_src, ip_dst]
        buckets: ["actions=output:fw1", "actions=output:fw2"]
    flows:
      - priority=50,ip,in_port=uplink actions=meter:1,group:1

- name: A bridge on another machine, by TLS
  evergreen.virt.ovs_flows:
    bridge: br0
    target: ssl:192.0.2.11:6654
    private_key: /etc/ssl/private/controller.pem
    certificate: /etc/ssl/controller.pem
    ca_certificate: /etc/ssl/switches-ca.pem
    cookie: "0x8137"
    flows: ["priority=200,dl_type=0x8137 actions=drop"]
  delegate_to: localhost

- name: Remove them
  evergreen.virt.ovs_flows:
    bridge: br0
    cookie: 0x100/0xf00
    flows: []
    groups: [{id: 1, state: absent}]
    meters: [{id: 1, state: absent}]
"""

RETURN = r"""
flows:
  description: The flows that differed, as C(ovs-ofctl dump-flows --no-stats --names) shows them.
  returned: success
  type: dict
  contains:
    added:
      description: Flows that were added.
      type: list
      elements: str
      sample: ["cookie=0x8137, priority=200,dl_type=0x8137 actions=drop"]
    modified:
      description: Flows that were there with the same table, priority and match.
      type: list
      elements: dict
      contains:
        before:
          description: The flow as it was.
          type: str
        after:
          description: The flow as it is now.
          type: str
    removed:
      description: Flows that were removed.
      type: list
      elements: str
    unchanged:
      description: How many were as they should be.
      type: int
groups:
  description: The groups that differed, as C(ovs-ofctl dump-groups --names) shows them; the shape is that of RV(flows).
  returned: success
  type: dict
meters:
  description: The meters that differed, as C(ovs-ofctl dump-meters) shows them; the shape is that of RV(flows).
  returned: success
  type: dict
"""

import typing as t

from ansible_collections.evergreen.virt.plugins.module_utils._argspec import RUN, STATE, ArgSpec
from ansible_collections.evergreen.virt.plugins.module_utils._module import Task, run
from ansible_collections.evergreen.virt.plugins.module_utils._ovs.flows import Result, Told
from ansible_collections.evergreen.virt.plugins.module_utils._ovs.flows import converge as converge_flows

GROUP = {
    "id": {"type": "int", "required": True},
    "state": STATE,
    "type": {"type": "str", "choices": ["all", "select", "indirect", "ff"]},
    "buckets": {"type": "list", "elements": "str"},
    "selection_method": {"type": "str"},
    "selection_param": {"type": "int"},
    "fields": {"type": "list", "elements": "str"},
}
BAND = {
    "type": {"type": "str", "choices": ["drop", "dscp_remark"], "default": "drop"},
    "rate": {"type": "int", "required": True},
    "burst_size": {"type": "int"},
    "prec_level": {"type": "int"},
}
METER = {
    "id": {"type": "int", "required": True},
    "state": STATE,
    "unit": {"type": "str", "choices": ["kbps", "pktps"]},
    "stats": {"type": "bool", "default": False},
    "bands": {"type": "list", "elements": "dict", "options": BAND},
}
SPEC = RUN + ArgSpec(
    options={
        "bridge": {"type": "str", "required": True},
        "cookie": {"type": "str"},
        "flows": {"type": "list", "elements": "str"},
        "groups": {"type": "list", "elements": "dict", "options": GROUP},
        "meters": {"type": "list", "elements": "dict", "options": METER},
        "allow_empty": {"type": "bool", "default": False},
        "target": {"type": "str"},
        "private_key": {"type": "path", "no_log": False},
        "certificate": {"type": "path"},
        "ca_certificate": {"type": "path"},
        "run_dir": {"type": "path", "default": "/run/openvswitch"},
        "timeout": {"type": "float", "default": 30.0},
    },
    required_together=(("private_key", "certificate", "ca_certificate"),),
)


def converge(task: Task) -> dict[str, t.Any]:
    """Make the bridge's flows, groups and meters as the options say."""
    result: Result = converge_flows(task.params, check_mode=task.check_mode)
    if not result.checked:
        task.warn(f"bridge '{task.params['bridge']}' does not exist yet: what would be added to it was not checked.")
    return {
        "changed": result.changed,
        "diff": result.diff(),
        "flows": _shown(result.flows),
        "groups": _shown(result.groups),
        "meters": _shown(result.meters),
    }


def _shown(told: Told) -> dict[str, t.Any]:
    return {
        "added": told.added,
        "modified": [{"before": before, "after": after} for before, after in told.modified],
        "removed": told.removed,
        "unchanged": told.unchanged,
    }


def main() -> None:
    """Run the module."""
    run(SPEC, converge)


if __name__ == "__main__":
    main()
