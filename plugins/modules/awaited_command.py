#!/usr/bin/python
# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Documentation of the action `awaited_command`, which starts Ansible's own module `command` on the host."""

from __future__ import annotations

DOCUMENTATION = r"""
module: awaited_command
short_description: Run a command that takes long, and notice a host that is lost meanwhile
version_added: 1.0.0
author: evergreen.virt contributors (@evergreen-virt)
description:
  - Starts a command on the host and waits for its end. The command needs neither the connection nor the controller to go on.
  - When the host does not answer, it is asked again for O(silence) seconds. Then the task fails, where a task with C(async) would make the host
    unreachable, which no C(rescue) answers, and only after a multiple of its time.
  - Each half minute a line says for how long the command has been under way.
  - With O(run_id), the run is seen by the host every few seconds as long as the command is waited for (RV(evergreen.virt.hypervisor_info#module:host.lease)).
  - C(environment) of the task is what the command finds in its environment.
options:
  argv:
    description: The program with its arguments. No shell reads them.
    type: list
    elements: str
    required: true
  stdin:
    description: What the command reads from its standard input.
    type: str
  timeout:
    description: Seconds that the command may take. It is killed after that.
    type: int
    default: 600
  silence:
    description: Seconds that the host may be silent before it is given up.
    type: int
    default: 120
extends_documentation_fragment:
  - evergreen.virt.attributes
  - evergreen.virt.run
attributes:
  check_mode:
    support: none
    details:
      - The task is skipped in check mode.
  diff_mode:
    support: none
  idempotent:
    support: none
    details:
      - The command is run each time. What becomes of it is left to C(changed_when).
notes:
  - Where C(ansible_async_dir) is a folder that a boot empties, a host that was booted meanwhile is noticed at once.
seealso:
  - module: ansible.builtin.command
"""

EXAMPLES = r"""
- name: Update the packages
  evergreen.virt.awaited_command:
    argv: [apt-get, --yes, dist-upgrade]
    timeout: 3600
  environment:
    DEBIAN_FRONTEND: noninteractive
  vars:
    ansible_async_dir: /run/jobs
"""

RETURN = r"""
rc:
  description: The status that the command ended with.
  returned: when the command has ended
  type: int
stdout:
  description: What it printed.
  returned: when the command has ended
  type: str
stdout_lines:
  description: The same, line by line.
  returned: when the command has ended
  type: list
  elements: str
stderr:
  description: What it printed as errors.
  returned: when the command has ended
  type: str
stderr_lines:
  description: The same, line by line.
  returned: when the command has ended
  type: list
  elements: str
msg:
  description: What went wrong.
  returned: failure
  type: str
  sample: "apt-get ended with 100: E: Could not get lock /var/lib/dpkg/lock-frontend"
"""
