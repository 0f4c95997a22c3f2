# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The filter `host_settings`."""

from __future__ import annotations

import typing as t

DOCUMENTATION = r"""
name: host_settings
short_description: What variables come to on another host
version_added: 1.0.0
author: evergreen.virt contributors (@evergreen-virt)
description:
  - For a host that asks in the place of another one, as C(delegate_to) has it. A task then sees the variables of the host that asks, and the other
    one may have others in the inventory, such as the package sources of another operating system.
  - A value that the asking host does not have from the inventory is the play's, and counts for every host.
positional: defaults, hostvars, asked, asker
options:
  _input:
    description: The variables by their names, with the values that they have for the asking host.
    type: dict
    required: true
  defaults:
    description: The same with the values that they have where nobody sets them.
    type: dict
    required: true
  hostvars:
    description: The variables of all hosts, C(hostvars), as the inventory and set_fact have them.
    type: dict
    required: true
  asked:
    description: The host that is asked.
    type: str
    required: true
  asker:
    description: The host that asks.
    type: str
    required: true
"""

EXAMPLES = r"""
- name: Show the package sources of a host that is not in the play
  ansible.builtin.debug:
    msg: "{{ own | evergreen.virt.host_settings({'upgrade_repositories': []}, hostvars, 'kvm2', inventory_hostname) }}"
  vars:
    own: {upgrade_repositories: "{{ upgrade_repositories | default([]) }}"}
"""

RETURN = r"""
_value:
  description: The variables by their names, with the values that they have for the host that is asked.
  type: dict
"""

Settings = t.Mapping[str, t.Any]


def host_settings(
    own: Settings, defaults: Settings, hostvars: t.Mapping[str, Settings], asked: str, asker: str
) -> dict[str, t.Any]:
    """Return the values of variables on the host that is asked."""
    if asked == asker:
        return dict(own)
    theirs, mine = hostvars[asked], hostvars[asker]
    return {
        name: theirs.get(name, default) if own[name] == mine.get(name, default) else own[name]
        for name, default in defaults.items()
    }


class FilterModule:
    """What Ansible asks for the filters of this file."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """Return the filters by name."""
        return {"host_settings": host_settings}
