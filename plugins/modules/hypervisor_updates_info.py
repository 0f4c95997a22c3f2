#!/usr/bin/python
# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Module hypervisor_updates_info."""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: hypervisor_updates_info
short_description: Pending updates of a host and their impact
version_added: 1.0.0
description:
  - Tells what a full upgrade (C(apt-get dist-upgrade), C(dnf upgrade)) would do to a host, as package versions that can be demanded from it
    later, and what it asks of the host; that its daemons restart, that no VM runs on it, or that it reboots.
  - Nothing is changed on the host, its package lists neither.
  - Told what an update was to bring, it compares that with what is installed.
  - Hosts with apt, or with dnf 4.
author:
  - evergreen.virt contributors (@evergreen-virt)
options:
  keep:
    description:
      - Whether what the update replaces is going to be kept before it (M(evergreen.virt.hypervisor_updates_kept)), which takes room as well.
    type: bool
    default: false
  manifest:
    description:
      - Package and version that an update was to bring, as RV(updates.manifest) had it before.
    type: dict
    default: {}
  removed:
    description:
      - Packages that it was to remove, as RV(updates.removed) had it before.
    type: list
    elements: str
    default: []
extends_documentation_fragment:
  - evergreen.virt.attributes
  - evergreen.virt.attributes.info
  - evergreen.virt.updates
requirements:
  - python-apt (Debian package C(python3-apt)), or dnf's Python library (C(python3-dnf))
seealso:
  - module: evergreen.virt.hypervisor_info
"""

EXAMPLES = r"""
- name: What is pending?
  evergreen.virt.hypervisor_updates_info:

- name: What would the next release bring?
  evergreen.virt.hypervisor_updates_info:
    repositories:
      - name: debian
        uris: ["{{ mirror }}"]
        suites: [trixie, trixie-updates]
        components: [main]
        signed_by: /usr/share/keyrings/debian-archive-keyring.gpg
    packages: [libvirt-daemon-plugin-lockd]

- name: Did the update bring what was planned?
  evergreen.virt.hypervisor_updates_info:
    refresh: false
    manifest: "{{ planned.updates.manifest }}"
    removed: "{{ planned.updates.removed }}"
  register: now
  failed_when: now.differences | default(['it cannot be told']) | length > 0

- name: What would the next minor release bring to a host with dnf?
  evergreen.virt.hypervisor_updates_info:
    repositories:
      - name: baseos
        types: [rpm]
        uris: ["{{ mirror }}/9.6/BaseOS/$basearch/os"]
        signed_by: /etc/pki/rpm-gpg/RPM-GPG-KEY-AlmaLinux-9
      - name: appstream
        types: [rpm]
        uris: ["{{ mirror }}/9.6/AppStream/$basearch/os"]
        signed_by: /etc/pki/rpm-gpg/RPM-GPG-KEY-AlmaLinux-9
"""

RETURN = r"""
updates:
  description: What is pending.
  returned: success
  type: dict
  contains:
    manager:
      description: The package manager that was asked, V(apt) or V(dnf).
      type: str
      sample: apt
    impact:
      description: What it asks of the host, V(none), V(restart), V(empty) or V(reboot).
      type: str
    reasons:
      description: Why, gravest first. Earlier updates that were not finished, like a program that still runs though it was
        replaced, are among them.
      type: list
      elements: str
      sample: ["libvirt-daemon 9.0.0-4 -> 11.3.0-3: restart"]
    unfinished:
      description: Which of the reasons earlier updates have left, as opposed to packages that are pending.
      type: list
      elements: str
      sample: ["libvirtd was replaced on disk and the old one still runs: restart"]
    full_boot:
      description: Which of the reasons for a reboot need a full one, as a soft one keeps the kernel; each without its impact.
      type: list
      elements: str
      sample: ["linux-image-amd64 6.12.43-1 -> 6.12.48-1"]
    passed_over:
      description:
        - The release of a newer kernel, of the same flavour as the running one, that was installed at the last boot and that the boot loader did not
          choose. No boot is owed for it. Null if there is none.
      type: str
    manifest:
      description: Package and version after the update, of every package that changes or is new.
      type: dict
    removed:
      description: Packages that go.
      type: list
      elements: str
    target:
      description: What runs after the update; C(kernel) is not told.
      type: dict
      sample: {"os": "Debian 13", "kernel": null, "libvirt": "11.3.0", "qemu": "10.0.13", "ovs": "3.5.0"}
    download_mib:
      description: How much is not on the host yet and has to be downloaded, in MiB.
      type: int
differences:
  description:
    - What of O(manifest) and O(removed) has not come true, one phrase for each package. A newer version than the one that was to come is as good.
  returned: success
  type: list
  elements: str
  sample: ["seabios is at 1.16.2-1, and 1.16.3-2 was planned"]
problems:
  description:
    - What stands in the way of the upgrade, one sentence each; packages that are held, kept back or half installed, packages
      of O(packages) that cannot be installed, file systems without room for the update, packages that VMs cannot be without and the
      update would remove, versions that an upgrade that broke off has left pinned, and a lock manager of libvirt that would be missing afterwards.
    - An update that its repository gives to a part of all machines at first, and to this one later (C(Phased-Update-Percentage)), is no problem.
  returned: success
  type: list
  elements: str
"""

from typing import Any

from ansible_collections.evergreen.virt.plugins.module_utils._argspec import UPDATES, ArgSpec
from ansible_collections.evergreen.virt.plugins.module_utils._module import Task, run
from ansible_collections.evergreen.virt.plugins.module_utils._state import kept
from ansible_collections.evergreen.virt.plugins.module_utils._updates import as_planned, repository
from ansible_collections.evergreen.virt.plugins.module_utils._updates.assessment import assessed
from ansible_collections.evergreen.virt.plugins.module_utils._updates.managers import package_manager
from ansible_collections.evergreen.virt.plugins.module_utils._updates.protocol import Pending

SPEC = UPDATES + ArgSpec(
    {
        "keep": {"type": "bool", "default": False},
        "manifest": {"type": "dict", "default": {}},
        "removed": {"type": "list", "elements": "str", "default": []},
    }
)


def read(task: Task) -> dict[str, Any]:
    """Ask the package manager, and judge its answer."""
    params = task.params
    manager = package_manager(refresh=params["refresh"], obsolete=params["obsolete_repositories"])
    pending = manager.pending(repository.asked(params), params["packages"])
    updates, problems = assessed(manager.name, pending, _keep_in(pending) if params["keep"] else None)
    planned = (params["manifest"], params["removed"])
    differences = as_planned.differences(*planned, manager.installed(), manager.is_older) if any(planned) else []
    return {"updates": updates.to_dict(), "problems": problems, "differences": differences}


def _keep_in(pending: Pending) -> str | None:
    """Return where what an update replaces is going to be kept; None if it is already."""
    known = kept.read()
    return None if known and known.packages == pending.replaced else str(kept.folder())


def main() -> None:
    """Run the module."""
    run(SPEC, read, reads_only=True)


if __name__ == "__main__":
    main()
