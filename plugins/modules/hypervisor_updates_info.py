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
  - Tells what a full upgrade (C(apt-get dist-upgrade)) would do to a host, as package versions that can be demanded from it
    later, and what it asks of the host; that its daemons restart, that no VM runs on it, or that it reboots.
  - Nothing is changed on the host, its package lists neither.
  - Hosts with apt only.
author:
  - evergreen.virt contributors (@evergreen-virt)
options:
  repositories:
    description:
      - Ask what would be pending with exactly these sources instead of the host's own. What is installed, pinned, held and
        trusted is still the host's.
      - The options of an entry are those of M(ansible.builtin.deb822_repository).
    type: list
    elements: dict
    suboptions:
      name:
        description: A name, for messages.
        type: str
        required: true
      types:
        description: Binary packages, sources or both.
        type: list
        elements: str
        choices: [deb, deb-src]
        default: [deb]
      uris:
        description: Where it is.
        type: list
        elements: str
        required: true
      suites:
        description: The suites, or a path that ends with C(/).
        type: list
        elements: str
        required: true
      components:
        description: The components; none if the suite is a path.
        type: list
        elements: str
      architectures:
        description: The architectures, by default the host's.
        type: list
        elements: str
      trusted:
        description: Whether it is trusted without a valid signature.
        type: bool
      signed_by:
        description: The path of a keyring on the host, a fingerprint, or the armored key itself. No URL.
        type: str
      enabled:
        description: Entries that are not enabled are left out.
        type: bool
        default: true
  packages:
    description:
      - Names of packages that shall be installed together with the update, without those that they only recommend. They
        and what they need are part of what is pending as long as they are not installed.
      - For what a release has moved to a package of its own that an upgrade does not bring.
    type: list
    elements: str
    default: []
  refresh:
    description:
      - Whether to ask the host's own sources for what they hold now. Otherwise the lists that the host has are believed,
        which may be old.
      - The sources of O(repositories) are always asked.
    type: bool
    default: true
extends_documentation_fragment:
  - evergreen.virt.attributes
  - evergreen.virt.attributes.info
requirements:
  - python-apt (Debian package C(python3-apt))
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
"""

RETURN = r"""
updates:
  description: What is pending.
  returned: success
  type: dict
  contains:
    manager:
      description: The package manager that was asked.
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
      description: How much comes over a network, in MiB.
      type: int
problems:
  description:
    - What stands in the way of the upgrade, one sentence each; packages that are held, kept back or half installed, packages
      of O(packages) that cannot be installed, and a lock manager of libvirt that would be missing afterwards.
  returned: success
  type: list
  elements: str
"""

import shutil
from typing import Any

from ansible_collections.evergreen.virt.plugins.module_utils._argspec import ArgSpec
from ansible_collections.evergreen.virt.plugins.module_utils._errors import UnsupportedError
from ansible_collections.evergreen.virt.plugins.module_utils._facts import Updates
from ansible_collections.evergreen.virt.plugins.module_utils._module import Task, run
from ansible_collections.evergreen.virt.plugins.module_utils._updates import impact, lock_manager, repository, running
from ansible_collections.evergreen.virt.plugins.module_utils._updates.apt import Apt
from ansible_collections.evergreen.virt.plugins.module_utils._updates.protocol import PackageManager, Pending
from ansible_collections.evergreen.virt.plugins.module_utils._updates.release import versions_after

REPOSITORY: dict[str, Any] = {
    "name": {"type": "str", "required": True},
    "types": {"type": "list", "elements": "str", "choices": ["deb", "deb-src"], "default": ["deb"]},
    "uris": {"type": "list", "elements": "str", "required": True},
    "suites": {"type": "list", "elements": "str", "required": True},
    "components": {"type": "list", "elements": "str"},
    "architectures": {"type": "list", "elements": "str"},
    "trusted": {"type": "bool"},
    "signed_by": {"type": "str", "no_log": False},
    "enabled": {"type": "bool", "default": True},
}

SPEC = ArgSpec(
    options={
        "repositories": {"type": "list", "elements": "dict", "options": REPOSITORY},
        "packages": {"type": "list", "elements": "str", "default": []},
        "refresh": {"type": "bool", "default": True},
    }
)


def package_manager(*, refresh: bool) -> PackageManager:
    """Return the host's package manager.

    :raises UnsupportedError: when it is none that is known here.
    """
    if shutil.which("apt-get") is None:
        raise UnsupportedError(
            "this host has no apt, and no other package manager is supported.",
            hint="Update it by other means, with its maintenance set by evergreen.virt.hypervisor_maintenance.",
        )
    return Apt(running.read_os_release(), refresh=refresh)


def summary(name: str, pending: Pending, now: impact.Running) -> Updates:
    """Return the facts of what is pending."""
    level, reasons = impact.assess(pending.packages, pending.removed, pending.release, now)
    return Updates(
        manager=name,
        impact=level,
        reasons=reasons,
        manifest={package.name: package.candidate for package in pending.packages},
        removed=pending.removed,
        target=versions_after(pending.versions, pending.release),
        download_mib=pending.download_mib,
    )


def read(task: Task) -> dict[str, Any]:
    """Ask the package manager, and judge its answer."""
    given = task.params["repositories"]
    manager = package_manager(refresh=task.params["refresh"])
    pending = manager.pending(None if given is None else repository.parse(given), task.params["packages"])
    updates = summary(manager.name, pending, running.read())
    unlocked = lock_manager.problems(running.read_qemu_conf(), pending.offered)
    return {"updates": updates.to_dict(), "problems": pending.problems + unlocked}


def main() -> None:
    """Run the module."""
    run(SPEC, read, reads_only=True)


if __name__ == "__main__":
    main()
