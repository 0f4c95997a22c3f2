#!/usr/bin/python
# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Module hypervisor_updates_kept."""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: hypervisor_updates_kept
short_description: Keep what a host's pending updates replace, to go back to it
version_added: 1.0.0
description:
  - Puts the packages that a full upgrade (C(apt-get dist-upgrade), C(dnf upgrade)) would replace or remove, in the versions that are installed, into
    a folder of the host (C(/var/lib/evergreen.virt/kept)), and notes them. What is installed is not changed.
  - They are copied from where apt once downloaded them to, or downloaded from the host's own repositories. Where one of them can be had nowhere any more,
    nothing is kept, and RV(no_return) says so. So it is with an upgrade to another release, and with one that brings a new kernel.
  - Once the update of a host in maintenance has begun, what was kept before it stays as it is.
  - The role P(evergreen.virt.upgrade#role) brings such packages back.
author:
  - evergreen.virt contributors (@evergreen-virt)
extends_documentation_fragment:
  - evergreen.virt.attributes
  - evergreen.virt.run
  - evergreen.virt.updates
options:
  state:
    description:
      - With V(absent) what was kept is removed.
    type: str
    choices: [present, absent]
    default: present
  files:
    description:
      - Files of package sources that are going to be changed, added or removed together with the update. They are kept as well.
    type: list
    elements: path
    default: []
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
- name: Keep what is installed before it is updated
  evergreen.virt.hypervisor_updates_kept:

- name: Forget it, the update was good
  evergreen.virt.hypervisor_updates_kept:
    state: absent
"""

RETURN = r"""
kept:
  description: What is kept (in check mode, what would be), null if there is nothing to go back to.
  returned: success
  type: dict
  contains:
    since:
      description: When it was kept (ISO 8601, UTC).
      type: str
    packages:
      description: Package and version of all that the update replaces or removes.
      type: dict
    new:
      description: Package and version of all that the update brings and that was not there.
      type: dict
    automatic:
      description: Those of the packages that nobody asked for by name.
      type: list
      elements: str
    archives:
      description: The files with the packages; none in check mode.
      type: list
      elements: str
    files:
      description: For each of O(files) its copy, null if there was no such file.
      type: dict
no_return:
  description: Why there is no way back, null if there is one or if nothing is pending.
  returned: success
  type: str
maintenance:
  description:
    - The maintenance record of the host, null if it is not in maintenance, as M(evergreen.virt.hypervisor_maintenance) returns it. It is read without
      asking libvirt, which may be what does not work.
  returned: with O(state=present)
  type: dict
differences:
  description: What is not as it was kept, one phrase for each package.
  returned: once the update has begun
  type: list
  elements: str
"""

import dataclasses
import datetime as dt
import pathlib
import typing as t

from ansible_collections.evergreen.virt.plugins.module_utils._argspec import RUN, UPDATES, ArgSpec
from ansible_collections.evergreen.virt.plugins.module_utils._facts import Kept
from ansible_collections.evergreen.virt.plugins.module_utils._module import Task, run
from ansible_collections.evergreen.virt.plugins.module_utils._state import kept as state
from ansible_collections.evergreen.virt.plugins.module_utils._state import record
from ansible_collections.evergreen.virt.plugins.module_utils._state.store import STATE_DIR
from ansible_collections.evergreen.virt.plugins.module_utils._updates import going_back, repository, running
from ansible_collections.evergreen.virt.plugins.module_utils._updates.managers import package_manager
from ansible_collections.evergreen.virt.plugins.module_utils._updates.protocol import PackageManager, Pending
from ansible_collections.evergreen.virt.plugins.module_utils._updates.release import os_name

SPEC = (
    UPDATES
    + RUN
    + ArgSpec(
        {
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
            "files": {"type": "list", "elements": "path", "default": []},
        }
    )
)


def converge(task: Task) -> dict[str, t.Any]:
    """Keep what is pending, or forget what was kept."""
    params = task.params
    if params["state"] == "absent":
        return forget(task)
    manager = package_manager(refresh=params["refresh"], obsolete=params["obsolete_repositories"])
    maintenance = record.read()
    return {
        **keep(task, manager, os_name(running.read_os_release())),
        "maintenance": maintenance.to_dict() if maintenance else None,
    }


def keep(
    task: Task, manager: PackageManager, release: str | None, directory: pathlib.Path = STATE_DIR
) -> dict[str, t.Any]:
    """Keep what is pending, unless its update has begun.

    :param release: the operating system now.
    """
    known, maintenance = state.read(directory), record.read(directory)
    if maintenance and maintenance.stage:
        return _under_way(known, manager)
    given = task.params["repositories"]
    pending = manager.pending(None if given is None else repository.parse(given), task.params["packages"])
    reason = going_back.no_return(pending, release)
    wanted = None if reason else _wanted(pending, task.params["files"])
    if wanted is None:
        return {**forget(task, directory), "no_return": reason}
    if known and _is_same(known, wanted):
        return {"changed": False, "kept": known.to_dict(), "no_return": None}
    if not task.check_mode:
        wanted = _fetch(wanted, manager, directory)
    return {"changed": True, "kept": wanted.to_dict(), "no_return": None}


def forget(task: Task, directory: pathlib.Path = STATE_DIR) -> dict[str, t.Any]:
    """Remove what was kept."""
    known = state.read(directory)
    if known and not task.check_mode:
        state.clear(directory)
    return {"changed": known is not None, "kept": None, "no_return": None}


def _under_way(known: Kept | None, manager: PackageManager) -> dict[str, t.Any]:
    if known is None:
        why = "nothing was kept before its update began"
        return {"changed": False, "kept": None, "no_return": why, "differences": []}
    differences = going_back.differences(known, manager.installed())
    return {"changed": False, "kept": known.to_dict(), "no_return": None, "differences": differences}


def _wanted(pending: Pending, files: t.Iterable[str]) -> Kept | None:
    """Return what is to be kept, None if no package is pending."""
    new = {package.name: package.candidate for package in pending.packages if package.installed is None}
    if not (new or pending.replaced):
        return None
    now = dt.datetime.now(dt.timezone.utc).isoformat(timespec="seconds")
    return Kept(now, packages=dict(sorted(pending.replaced.items())), new=new, files=dict.fromkeys(files))


def _is_same(known: Kept, wanted: Kept) -> bool:
    """Return whether that is kept already, and still there."""
    noted = (known.packages, known.new, list(known.files)) == (wanted.packages, wanted.new, list(wanted.files))
    return noted and all(pathlib.Path(path).is_file() for path in known.archives)


def _fetch(wanted: Kept, manager: PackageManager, directory: pathlib.Path) -> Kept:
    """The note comes last: without it there is nothing to go back to."""
    state.clear(directory)
    archives = manager.keep(wanted.packages, state.folder(directory))
    files = state.copy_files(wanted.files, directory)
    kept = dataclasses.replace(wanted, archives=archives.paths, automatic=archives.automatic, files=files)
    state.write(kept, directory)
    return kept


def main() -> None:
    """Run the module."""
    run(SPEC, converge)


if __name__ == "__main__":
    main()
