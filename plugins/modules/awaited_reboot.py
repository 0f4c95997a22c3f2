#!/usr/bin/python
# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Documentation of the action `awaited_reboot`, which is Ansible's own action `reboot` with a line each half minute."""

from __future__ import annotations

DOCUMENTATION = r"""
module: awaited_reboot
short_description: Boot a host, and tell meanwhile for how long it has been away
version_added: 1.0.0
author: evergreen.virt contributors (@evergreen-virt)
description:
  - Does what M(ansible.builtin.reboot) does, with the same options.
  - A server may take a quarter of an hour to boot. Each half minute a line says for how long that has been under way.
options:
  boot_time_command:
    description: Prints a text that is another one after each boot.
    type: str
    default: cat /proc/sys/kernel/random/boot_id
  connect_timeout:
    description: Seconds that one attempt to connect may take. Unset, what the connection plugin has.
    type: int
  msg:
    description: What users of the host are told.
    type: str
    default: Reboot initiated by Ansible
  post_reboot_delay:
    description: Seconds to wait after the boot was ordered before the host is looked for.
    type: int
    default: 0
  pre_reboot_delay:
    description: Seconds that the host is to wait before it boots.
    type: int
    default: 0
  reboot_command:
    description: Boots the host, where its system's own way is not wanted.
    type: str
    default: '[determined based on target OS]'
  reboot_timeout:
    description: Seconds that the boot may take, and once more as many until the host carries out O(test_command).
    type: int
    default: 600
  search_paths:
    description: Folders of the host in which C(shutdown) is looked for.
    type: list
    elements: str
    default: [/sbin, /bin, /usr/sbin, /usr/bin, /usr/local/sbin]
  test_command:
    description: Has to succeed before the host counts as back.
    type: str
    default: whoami
extends_documentation_fragment:
  - evergreen.virt.attributes
attributes:
  check_mode:
    support: full
    details:
      - Nothing is booted in check mode.
  diff_mode:
    support: none
  idempotent:
    support: none
    details:
      - The host is booted each time.
seealso:
  - module: ansible.builtin.reboot
"""

EXAMPLES = r"""
- name: Boot the host
  evergreen.virt.awaited_reboot:
    reboot_timeout: 900
"""

RETURN = r"""
rebooted:
  description: Whether the host was booted.
  returned: always
  type: bool
elapsed:
  description: Seconds that it took.
  returned: always
  type: int
  sample: 140
"""
