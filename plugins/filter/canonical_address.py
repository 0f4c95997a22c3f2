# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The filter `canonical_address`."""

from __future__ import annotations

import ipaddress
import typing as t

DOCUMENTATION = r"""
name: canonical_address
short_description: An address as programs write it
version_added: 1.0.0
author: evergreen.virt contributors (@evergreen-virt)
description:
  - An address of IPv6 can be written in many ways. This is the one of RFC 5952, in which certificates and databases have it.
  - What is no address, such as the name of a host, is returned as it is.
options:
  _input:
    description: The address.
    type: str
    required: true
"""

EXAMPLES = r"""
- name: Show an address as a certificate has it
  ansible.builtin.debug:
    msg: "{{ '2001:0DB8::0:11' | evergreen.virt.canonical_address }}" # 2001:db8::11
"""

RETURN = r"""
_value:
  description: The address, or the text that is none.
  type: str
"""


def canonical_address(text: str) -> str:
    """Return an address in its canonical form, and any other text as it is."""
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        return text


class FilterModule:
    """What Ansible asks for the filters of this file."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """Return the filters by name."""
        return {"canonical_address": canonical_address}
