# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The filter `deb822`."""

from __future__ import annotations

import typing as t

from ansible.errors import AnsibleFilterError
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.evergreen.virt.plugins.module_utils._argspec import REPOSITORY
from ansible_collections.evergreen.virt.plugins.module_utils._errors import VirtError
from ansible_collections.evergreen.virt.plugins.module_utils._updates.repository import read, stanza

DOCUMENTATION = r"""
name: deb822
short_description: A package source as apt reads it from a file
version_added: 1.0.0
author: evergreen.virt contributors (@evergreen-virt)
description:
  - Writes what the modules of this collection ask under the option O(evergreen.virt.hypervisor_updates_info#module:repositories), so that
    what a host is given is what its update was planned with.
  - Refuses a package source that makes no sense, and options that it does not know.
options:
  _input:
    description:
      - A package source with the options of O(evergreen.virt.hypervisor_updates_info#module:repositories). Its types are C(deb) and C(deb-src).
    type: dict
    required: true
seealso:
  - module: evergreen.virt.hypervisor_updates_info
  - module: ansible.builtin.deb822_repository
    description: Does the same on hosts with C(python3-debian).
"""

EXAMPLES = r"""
- name: Show what a file in /etc/apt/sources.list.d would say
  ansible.builtin.debug:
    msg: "{{ debian | evergreen.virt.deb822 }}"
  vars:
    debian:
      name: debian
      uris: [https://deb.example.org/debian]
      suites: [trixie, trixie-updates]
      components: [main]
      signed_by: /usr/share/keyrings/debian-archive-keyring.gpg
"""

RETURN = r"""
_value:
  description: One stanza.
  type: str
"""


def deb822(repository: t.Mapping[str, t.Any]) -> str:
    """Return a package source as one stanza."""
    asked = ArgumentSpecValidator(REPOSITORY).validate(dict(repository))
    if asked.error_messages:
        raise AnsibleFilterError(f"repository '{repository.get('name')}': {'; '.join(asked.error_messages)}.")
    try:
        return stanza(read(asked.validated_parameters))
    except VirtError as exc:
        raise AnsibleFilterError(str(exc)) from exc


class FilterModule:
    """What Ansible asks for the filters of this file."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """Return the filters by name."""
        return {"deb822": deb822}
