#!/usr/bin/python

# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A probe that looks at VMs from outside."""

from __future__ import annotations

DOCUMENTATION = r"""
module: vm_probe
short_description: Measure from outside how long VMs do not answer
version_added: 1.0.0
author: evergreen.virt contributors (@evergreen-virt)
description:
  - Starts, reads and stops a probe on a host of your choice. The probe asks many addresses by ICMP echo, by a conversation over one TCP
    connection that is kept open, or by both, and goes on after the task and its SSH session have ended.
  - A gap is the distance between the arrivals of two successive answers of one target by one way of asking.
    It begins with an answer, so a target has no gap before its first answer, and RV(ignore:worst_gap_ms) is null.
    A target that is still silent has an open gap, which reaches up to the moment of reading.
    A quiet target's worst gap is about O(interval_ms), as requests have that distance.
  - Time in which the probe itself did not run is recorded. It is taken off a gap and returned beside it, so that the host of the probe
    is not mistaken for the VM.
  - A TCP connection that cannot be established is tried again until it can. It counts as lost only when it was established and then broke,
    and is opened again then.
    A peer that vanishes without a word is noticed by TCP's own retransmissions, which take about as long again as the silence lasted.
  - A probe that no task has asked for in 24 hours ends by itself. What it has measured stays.
  - The probe's data lie in C(/run/evergreen.virt/probes/NAME) and are gone after a boot of its host.
notes:
  - Needs root, and nothing but Python on the host; no libvirt.
  - The probe runs with real-time priority where its host allows that.
extends_documentation_fragment:
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
      - The probe's name.
    type: str
    required: true
  state:
    description:
      - C(started) starts the probe, or gives a running one the targets that it does not have yet, and returns what it has measured so far.
        Targets that the task does not name stay.
      - C(stopped) ends it and returns what it has measured. Its data stay until a probe of this name is started again.
    type: str
    choices: [started, stopped]
    default: started
  targets:
    description:
      - Whom to ask. May be left out to read a running probe.
    type: list
    elements: dict
    suboptions:
      name:
        description:
          - Under which name the result is returned, usually the VM's.
        type: str
        required: true
      address:
        description:
          - The IPv4 or IPv6 address. Names are not resolved.
        type: str
        required: true
      icmp:
        description:
          - Ask by ICMP echo.
        type: bool
        default: true
      tcp_port:
        description:
          - Ask over a TCP connection to this port.
        type: int
      tcp_request:
        description:
          - What is sent each time. Each line that comes back is an answer.
        type: str
        default: "q\n"
      track:
        description:
          - Keys of answers that are JSON objects, whose distinct values are recorded, such as C(boot_id).
        type: list
        elements: str
  interval_ms:
    description:
      - How often each target is asked, in milliseconds; V(10) if it is not set. A running probe keeps its interval.
    type: int
  gap_ms:
    description:
      - The length in milliseconds from which gaps are listed; at least two intervals. V(100) if it is not set, or two intervals if these are longer.
    type: int
  since:
    description:
      - Return what was measured from this time on, ISO 8601. A time without a zone is UTC. A gap is cut there.
    type: str
  until:
    description:
      - Return what was measured up to this time, ISO 8601. A time without a zone is UTC. A gap is cut there.
    type: str
"""

EXAMPLES = r"""
- name: Watch two VMs
  evergreen.virt.vm_probe:
    name: upgrade
    targets:
      - {name: web, address: 192.0.2.10, tcp_port: 7000, track: [boot_id]}
      - {name: db, address: 192.0.2.11}

- name: What happened during one move
  evergreen.virt.vm_probe:
    name: upgrade
    since: "2026-01-31T12:00:00Z"
    until: "2026-01-31T12:00:30Z"
  register: looked

- name: Name the VMs that were silent for long
  ansible.builtin.debug:
    msg: "{{ looked.probe.targets | selectattr('icmp.worst_gap_ms', '>', 500) | map(attribute='name') }}"

- name: Enough
  evergreen.virt.vm_probe:
    name: upgrade
    state: stopped
"""

RETURN = r"""
probe:
  description: What the probe has measured in the window.
  returned: success
  type: dict
  contains:
    name:
      description: The probe's name.
      type: str
    running:
      description: Whether the probe's process lives.
      type: bool
    started:
      description: When it began, ISO 8601; null if it never did.
      type: str
    interval_ms:
      description: How often each target is asked; 0 if there is no such probe.
      type: int
    since:
      description: Where the window begins, ISO 8601.
      type: str
    until:
      description: Where the window ends, ISO 8601.
      type: str
    own_stall:
      description: Times in which the probe itself was late by 5 ms or more, from the window.
      type: dict
      contains:
        count:
          description: How many.
          type: int
        worst_ms:
          description: The longest one in milliseconds.
          type: float
        total_ms:
          description: All together in milliseconds.
          type: float
    targets:
      description: The targets in the order in which they were named.
      type: list
      elements: dict
      contains:
        name:
          description: The target's name.
          type: str
        address:
          description: Its address.
          type: str
        icmp:
          description: What ICMP echo showed; null if it is not asked so.
          type: dict
          contains:
            sent:
              description: Requests sent. Counts are of those whole seconds that touch the window.
              type: int
            received:
              description: Answers received.
              type: int
            worst_gap_ms:
              description: The longest gap in milliseconds; null if the target never answered.
              type: float
            gaps:
              description: Gaps of O(gap_ms) or more, oldest first.
              type: list
              elements: dict
              contains:
                start:
                  description: When the last answer before it arrived, ISO 8601.
                  type: str
                end:
                  description: When the first answer after it arrived, ISO 8601.
                  type: str
                ms:
                  description: Its length in milliseconds without RV(ignore:own_stall_ms).
                  type: float
                own_stall_ms:
                  description: For how many milliseconds of it the probe itself did not run.
                  type: float
                open:
                  description: Whether the target is silent still.
                  type: bool
        tcp:
          description: What the conversation over TCP showed; null if it is not asked so.
          type: dict
          contains:
            connected:
              description: When the connection was established first, ISO 8601; null if it never was.
              type: str
            lost:
              description: How often the established connection broke.
              type: int
            first_lost:
              description: When it broke first, ISO 8601.
              type: str
            requests:
              description: Requests sent.
              type: int
            answers:
              description: Answers received.
              type: int
            worst_gap_ms:
              description: As that of RV(ignore:icmp).
              type: float
            gaps:
              description: As those of RV(ignore:icmp).
              type: list
              elements: dict
            tracked:
              description: For each tracked key its distinct values, oldest first, with the one that held when the window began.
              type: dict
              sample: {"boot_id": ["0d0a9e1c-0d9f-4f4e-9f0c-0a1b2c3d4e5f"]}
            last_answer:
              description: The newest answer, whatever the window is.
              type: str
"""

import typing as t

from ansible_collections.evergreen.virt.plugins.module_utils._argspec import ArgSpec
from ansible_collections.evergreen.virt.plugins.module_utils._module import Task, run
from ansible_collections.evergreen.virt.plugins.module_utils._probe import probe
from ansible_collections.evergreen.virt.plugins.module_utils._probe.folder import Folder

TARGET = {
    "name": {"type": "str", "required": True},
    "address": {"type": "str", "required": True},
    "icmp": {"type": "bool", "default": True},
    "tcp_port": {"type": "int"},
    "tcp_request": {"type": "str", "default": "q\n"},
    "track": {"type": "list", "elements": "str", "no_log": False},
}
SPEC = ArgSpec(
    options={
        "name": {"type": "str", "required": True},
        "state": {"type": "str", "choices": ["started", "stopped"], "default": "started"},
        "targets": {"type": "list", "elements": "dict", "options": TARGET},
        "interval_ms": {"type": "int"},
        "gap_ms": {"type": "int"},
        "since": {"type": "str"},
        "until": {"type": "str"},
    }
)


def converge(task: Task) -> dict[str, t.Any]:
    """Start, extend, read or stop the probe."""
    folder = Folder(task.params["name"])
    settings, running = folder.settings(), folder.running()
    wanted = probe.wanted_probe(task.params, settings, running=running)
    changes = probe.plan(wanted, settings, running=running)
    if running:
        probe.refresh(folder)
    if not task.check_mode:
        probe.apply(folder, wanted, changes)
    result = probe.read(folder, wanted.question, name=task.params["name"])
    return {"changed": bool(changes), "diff": changes.diff(), "probe": result}


def main() -> None:
    """Run the module."""
    run(SPEC, converge)


if __name__ == "__main__":
    main()
