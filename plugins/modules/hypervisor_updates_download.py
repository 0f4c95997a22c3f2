#!/usr/bin/python
# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Module hypervisor_updates_download."""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: hypervisor_updates_download
short_description: Download a host's pending updates without installing them
version_added: 1.0.0
description:
  - Downloads the packages that a full upgrade (C(apt-get dist-upgrade), C(dnf upgrade)) would install to where it looks for them first, so that a
    repository that is slow or gone cannot stop a host that is out of service.
  - What the repositories hold is left there as well, the host's package lists or metadata, beside what other sources hold. So the upgrade needs to ask
    none of them (O(refresh=false) of M(evergreen.virt.hypervisor_updates_info)), and it does not count as a change.
  - What is installed, and the host's package sources, are not changed. Packages that lie on a medium of the host are not copied.
  - Hosts with apt, or with dnf 4.
author:
  - evergreen.virt contributors (@evergreen-virt)
extends_documentation_fragment:
  - evergreen.virt.run
  - evergreen.virt.attributes
  - evergreen.virt.updates
attributes:
  check_mode:
    support: full
  diff_mode:
    support: none
  idempotent:
    support: full
requirements:
  - python-apt (Debian package C(python3-apt)), or dnf's Python library (C(python3-dnf))
seealso:
  - module: evergreen.virt.hypervisor_updates_info
"""

EXAMPLES = r"""
- name: Have what is pending at hand
  evergreen.virt.hypervisor_updates_download:
"""

RETURN = r"""
downloaded_mib:
  description: How much was missing and has been downloaded, or in check mode would be, in MiB, rounded up.
  returned: success
  type: int
"""

import typing as t

from ansible_collections.evergreen.virt.plugins.module_utils._argspec import RUN, UPDATES
from ansible_collections.evergreen.virt.plugins.module_utils._module import Task, run
from ansible_collections.evergreen.virt.plugins.module_utils._updates import repository
from ansible_collections.evergreen.virt.plugins.module_utils._updates.managers import package_manager

SPEC = UPDATES + RUN
_MIB = 2**20


def download(task: Task) -> dict[str, t.Any]:
    """Fetch what is missing."""
    missing = package_manager(refresh=task.params["refresh"], obsolete=task.params["obsolete_repositories"]).download(
        repository.asked(task.params), task.params["packages"], check_mode=task.check_mode
    )
    return {"changed": missing > 0, "downloaded_mib": -(-missing // _MIB)}


def main() -> None:
    """Run the module."""
    run(SPEC, download)


if __name__ == "__main__":
    main()
