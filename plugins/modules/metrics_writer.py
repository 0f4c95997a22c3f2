#!/usr/bin/python
# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Module metrics_writer."""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: metrics_writer
short_description: The program that writes a host's metrics for Prometheus
version_added: 1.0.0
description:
  - Installs or removes C(/usr/local/lib/evergreen.virt/metrics.pyz), a program that writes files for the textfile collector of C(node_exporter); the host's
    maintenance and who has it, the rolling upgrade that was here last, the state of Open vSwitch, and pending updates with their impact.
  - The program is made of this collection's own code, so that what it says is what M(evergreen.virt.hypervisor_updates_info) and the others say.
    Install it again after the collection was updated.
  - The role P(evergreen.virt.observe#role) does this, and makes the timers that run it.
author:
  - evergreen.virt contributors (@evergreen-virt)
options:
  state:
    description:
      - Whether the program is installed.
    type: str
    choices: [present, absent]
    default: present
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
  idempotent:
    support: full
extends_documentation_fragment:
  - evergreen.virt.run
  - evergreen.virt.attributes
requirements:
  - python-apt (Debian package C(python3-apt)), when the program runs
  - the Open vSwitch Python library (Debian package C(python3-openvswitch)), when it runs on a host with Open vSwitch
seealso:
  - module: evergreen.virt.hypervisor_updates_info
  - module: evergreen.virt.ovs_info
"""

EXAMPLES = r"""
- name: Install the program
  evergreen.virt.metrics_writer:
  register: writer

- name: Write the metrics once
  ansible.builtin.command:
    argv: [/usr/bin/python3, -I, "{{ writer.path }}", /var/lib/prometheus/node-exporter, state, ovs, updates]
  changed_when: true
"""

RETURN = r"""
path:
  description: Where the program lies.
  returned: success
  type: str
  sample: /usr/local/lib/evergreen.virt/metrics.pyz
collectors:
  description: What it can write, the names that it takes after the folder.
  returned: success
  type: list
  elements: str
  sample: [ovs, state, updates]
"""

import hashlib
import pathlib
from typing import Any

from ansible_collections.evergreen.virt.plugins.module_utils._argspec import RUN, STATE, ArgSpec
from ansible_collections.evergreen.virt.plugins.module_utils._bundle import bundle
from ansible_collections.evergreen.virt.plugins.module_utils._changes import Change, ChangeSet
from ansible_collections.evergreen.virt.plugins.module_utils._files import refused, write_atomically
from ansible_collections.evergreen.virt.plugins.module_utils._metrics.program import COLLECTORS
from ansible_collections.evergreen.virt.plugins.module_utils._module import Task, run

PROGRAM = pathlib.Path("/usr/local/lib/evergreen.virt/metrics.pyz")
MODE = 0o755
SPEC = RUN + ArgSpec(options={"state": STATE})


def read() -> dict[str, str] | None:
    """Return the installed program's mode and checksum, None if there is none."""
    if not PROGRAM.exists():
        return None
    return described(PROGRAM.read_bytes(), PROGRAM.stat().st_mode & 0o7777)


def described(content: bytes, mode: int) -> dict[str, str]:
    """Return what is compared of a program."""
    return {"mode": f"{mode:04o}", "sha256": hashlib.sha256(content).hexdigest()}


def changes(known: dict[str, str] | None, wanted: dict[str, str] | None) -> ChangeSet:
    """Return what differs between the program that is there and the one that shall be."""
    if known is not None and wanted is not None:
        return ChangeSet.between(known, wanted)
    if known == wanted:
        return ChangeSet()
    before, after = ("absent" if program is None else "present" for program in (known, wanted))
    return ChangeSet.of(Change("state", before, after))


def apply(content: bytes | None) -> None:
    """Put the program into its place, or take it away."""
    try:
        if content is None:
            PROGRAM.unlink()
        else:
            PROGRAM.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
            write_atomically(PROGRAM, content, mode=MODE)
    except OSError as exc:
        raise refused(f"write or remove {PROGRAM}", exc) from exc


def converge(task: Task) -> dict[str, Any]:
    """Bring the program to the wanted state."""
    content = bundle("_metrics.program") if task.params["state"] == "present" else None
    todo = changes(read(), None if content is None else described(content, MODE))
    if todo and not task.check_mode:
        apply(content)
    return {"changed": bool(todo), "diff": todo.diff(), "path": str(PROGRAM), "collectors": sorted(COLLECTORS)}


def main() -> None:
    """Run the module."""
    run(SPEC, converge)


if __name__ == "__main__":
    main()
