#!/usr/bin/python
# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Module nwfilter."""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: nwfilter
short_description: A network filter of libvirt
version_added: 1.0.0
author: evergreen.virt contributors (@evergreen-virt)
description:
  - Defines, changes or removes a network filter, a named firewall that a VM's interfaces ask for. What is not named is not touched.
  - libvirt changes the firewall of the VMs that run with the filter at once.
  - A filter that a VM or another filter uses is not removed.
  - What libvirt would drop without a word, such as an attribute that its version does not know, fails the task, and the filter is
    then as it was before.
extends_documentation_fragment:
  - evergreen.virt.libvirt
  - evergreen.virt.run
  - evergreen.virt.attributes
attributes:
  check_mode:
    support: full
    details:
      - Whether included filters exist is not looked at in check mode; an earlier task may make them.
  diff_mode:
    support: full
  idempotent:
    support: full
options:
  name:
    description: The name of the filter.
    type: str
    required: true
  state:
    description: Whether the filter exists.
    type: str
    choices: [present, absent]
    default: present
  chain:
    description:
      - The chain that the rules are in; V(root) for a new filter.
      - Any other begins with C(mac), C(stp), C(vlan), C(arp), C(rarp), C(ipv4) or C(ipv6), and sees the packets of that protocol.
    type: str
  priority:
    description:
      - The place of the chain among the others, from -1000 to 1000; lower ones come first.
      - By default it depends on the protocol that O(chain) begins with.
    type: int
  rules:
    description:
      - The rules, all of them. A packet is judged by the first one that it matches.
      - Rules of different priority may be listed in any order.
    type: list
    elements: dict
    suboptions:
      action:
        description: What becomes of the packet. V(return) leaves the chain, V(continue) asks the next rule.
        type: str
        choices: [accept, drop, reject, return, continue]
        required: true
      direction:
        description: Which packets are looked at, as seen from the VM.
        type: str
        choices: [in, out, inout]
        required: true
      priority:
        description: The place of the rule, from -1000 to 1000; lower ones come first.
        type: int
        default: 500
      protocol:
        description: The packets' protocol; without it the rule is for all.
        type: str
        choices:
          - ah
          - ah-ipv6
          - all
          - all-ipv6
          - arp
          - esp
          - esp-ipv6
          - icmp
          - icmpv6
          - igmp
          - ip
          - ipv6
          - mac
          - rarp
          - sctp
          - sctp-ipv6
          - stp
          - tcp
          - tcp-ipv6
          - udp
          - udp-ipv6
          - udplite
          - udplite-ipv6
          - vlan
      match:
        description:
          - What the packets must have, by the names of libvirt's attributes, such as C(dstportstart), C(srcipaddr), C(srcipmask),
            C(state), C(flags), C(comment). See U(https://libvirt.org/formatnwfilter.html#supported-protocols).
          - A name that O(rules[].protocol) does not have is refused.
          - Values may be variables, such as V($IP). Lists are allowed where libvirt separates by commas.
        type: dict
      negate:
        description: Whether the rule is for packets that do not match.
        type: bool
        default: false
      state_match:
        description: Whether packets of connections that were accepted are accepted as well.
        type: bool
        default: true
  references:
    description:
      - The filters that this one includes, all of them, in their order. Rules of the same priority come in the order in which they and
        the references are written in libvirt; references of a new filter come after its own rules.
    type: list
    elements: dict
    suboptions:
      filter:
        description: The name of the filter.
        type: str
        required: true
      parameters:
        description: Variables for it, each a value or a list of values.
        type: dict
seealso:
  - module: evergreen.virt.vm
  - name: Network filters
    description: libvirt's own description.
    link: https://libvirt.org/formatnwfilter.html
"""

EXAMPLES = r"""
- name: A VM that answers to SSH and HTTPS only
  evergreen.virt.nwfilter:
    name: web
    rules:
      - {action: accept, direction: in, priority: 100, protocol: tcp, match: {dstportstart: 22}}
      - {action: accept, direction: in, priority: 100, protocol: tcp, match: {dstportstart: 443}}
      - {action: drop, direction: in, priority: 900, protocol: all}
    references:
      - filter: clean-traffic

- name: A VM that uses no address but its own
  evergreen.virt.nwfilter:
    name: own-address
    references:
      - filter: no-ip-spoofing
        parameters:
          IP: [192.0.2.11, 192.0.2.12]
      - filter: no-mac-spoofing

- name: Forget a filter
  evergreen.virt.nwfilter:
    name: web
    state: absent
"""

RETURN = r"""
filter:
  description: The filter as it is after the task (in check mode, as it would be), null if there is none.
  returned: success
  type: dict
  contains:
    chain:
      description: The chain that the rules are in.
      type: str
    priority:
      description: The place of the chain, if the filter names one.
      type: int
    rules:
      description: The rules, with the keys of O(rules).
      type: list
      elements: dict
    references:
      description: The filters that it includes, with the keys of O(references).
      type: list
      elements: dict
"""

import typing as t

from ansible_collections.evergreen.virt.plugins.module_utils._argspec import LIBVIRT as LIBVIRT_OPTIONS
from ansible_collections.evergreen.virt.plugins.module_utils._argspec import RUN, STATE, ArgSpec
from ansible_collections.evergreen.virt.plugins.module_utils._libvirt import nwfilter, nwfilter_match, nwfilter_xml
from ansible_collections.evergreen.virt.plugins.module_utils._libvirt.connection import LIBVIRT, connect
from ansible_collections.evergreen.virt.plugins.module_utils._module import Task, run

_RULE = {
    "action": {"type": "str", "choices": list(nwfilter_xml.ACTIONS), "required": True},
    "direction": {"type": "str", "choices": list(nwfilter_xml.DIRECTIONS), "required": True},
    "priority": {"type": "int", "default": 500},
    "protocol": {"type": "str", "choices": sorted(nwfilter_match.PROTOCOLS)},
    "match": {"type": "dict"},
    "negate": {"type": "bool", "default": False},
    "state_match": {"type": "bool", "default": True},
}
_REFERENCE = {"filter": {"type": "str", "required": True}, "parameters": {"type": "dict"}}
SPEC = (
    LIBVIRT_OPTIONS
    + RUN
    + ArgSpec(
        options={
            "name": {"type": "str", "required": True},
            "state": STATE,
            "chain": {"type": "str"},
            "priority": {"type": "int"},
            "rules": {"type": "list", "elements": "dict", "options": _RULE},
            "references": {"type": "list", "elements": "dict", "options": _REFERENCE},
        }
    )
)


def converge(task: Task) -> dict[str, t.Any]:
    """Bring the filter to what was asked."""
    nwfilter_xml.check(task.params)
    with connect(task.params["uri"]) as connection:
        plan, after = nwfilter.converge(connection, task.params, check_mode=task.check_mode)
    return {"changed": bool(plan.changes), "diff": plan.changes.diff(), "filter": after}


def main() -> None:
    """Run the module."""
    run(SPEC, converge, requires=[LIBVIRT])


if __name__ == "__main__":
    main()
