# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The filter `may_pass`."""

from __future__ import annotations

import re
import typing as t

DOCUMENTATION = r"""
name: may_pass
short_description: Whether the reason why a host has failed may pass by itself
version_added: 1.0.0
author: evergreen.virt contributors (@evergreen-virt)
description:
  - A rolling upgrade tries a host again whose reason may pass. These are a host that did not answer or did not come back, moves that did not end as
    wanted, VMs that went down with the host (it starts them then) or that another task is just stopping, a lock of the package manager that
    somebody holds, and a repository that cannot be reached.
  - Among the moves that is not one after which its VM runs on two hosts.
  - Everything else is as it is until somebody mends it. A health check has had its time already, and a hook knows what it says.
options:
  _input:
    description: The name of the step that failed and what it said, as the report has it.
    type: str
    required: true
seealso:
  - ref: ansible_collections.evergreen.virt.docsite.windows_and_budgets
    description: What a run does when something goes wrong.
"""

EXAMPLES = r"""
- name: Wait, and try once more
  ansible.builtin.wait_for:
    timeout: 60
  when: reason | evergreen.virt.may_pass
  vars:
    reason: "Packages | Update: apt-get ended with 100: E: Could not get lock /var/lib/dpkg/lock-frontend"
"""

RETURN = r"""
_value:
  description: Whether it may.
  type: bool
"""

_LOST = re.compile(r"the host was lost")
"""What every step says that needs its host."""
_PASSING = re.compile(
    r"unreachable|Failed to connect|(?:did|does) not answer|did not come back|Timed out waiting for"
    r"|moves did not end as wanted|VMs? (?:'[^']*' )?went down with this host|VMs are being stopped or started here just now"
    r"|Could not get lock|Unable to (?:acquire|lock)|another process|lock is held|waiting for \S+ lock"
    r"|Failed to (?:fetch|download|update apt cache)|cannot (?:all )?(?:be downloaded|read its repositories)"
    r"|Temporary failure resolving|Could not (?:resolve|connect)|Unable to fetch|Curl error"
)
"""A host that is silent, moves, VMs, a lock, a repository: sentences of Ansible, apt, dnf and this collection."""
_TWICE = re.compile(r"VM '[^']*' is \w+ on '[^']*' and \w+ on '[^']*' at the same time")
"""How a move tells that its VM runs on two hosts: nothing may go on before somebody has ended one of the two."""
_OF_OTHERS = re.compile(r"(?:Hook|Healthy|Clock|Trial) \|")
"""Steps that had their time, or tell what somebody else has decided, in whatever words."""


def may_pass(reason: str) -> bool:
    """Return whether a host that failed for this reason may do so no more after a while."""
    if _TWICE.search(reason):
        return False
    return bool(_LOST.search(reason) or (_PASSING.search(reason) and not _OF_OTHERS.match(reason)))


class FilterModule:
    """What Ansible asks for the filters of this file."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """Return the filters by name."""
        return {"may_pass": may_pass}
