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
  - Once the update of a host in maintenance has begun, what was kept before it stays as it is, whoever asks, until the maintenance ends.
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
      - With V(absent) what was kept is removed. Where the update of the host has begun it stays, and a warning says so.
      - With V(gathered) only what was kept and RV(maintenance) are told. Neither libvirt nor the package manager is asked.
    type: str
    choices: [present, absent, gathered]
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

- name: Look how far an update came that has broken the host
  evergreen.virt.hypervisor_updates_kept:
    state: gathered
  register: update

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
  returned: with O(state=present) and O(state=gathered)
  type: dict
differences:
  description: What is not as it was kept, one phrase for each package.
  returned: with O(state=present), once the update has begun
  type: list
  elements: str
"""

import contextlib
import dataclasses
import pathlib
import typing as t

from ansible_collections.evergreen.virt.plugins.module_utils import _moment, _os_release
from ansible_collections.evergreen.virt.plugins.module_utils._argspec import RUN, UPDATES, ArgSpec
from ansible_collections.evergreen.virt.plugins.module_utils._facts import Kept
from ansible_collections.evergreen.virt.plugins.module_utils._files import refused
from ansible_collections.evergreen.virt.plugins.module_utils._module import Task, run
from ansible_collections.evergreen.virt.plugins.module_utils._state import kept as state
from ansible_collections.evergreen.virt.plugins.module_utils._state import record
from ansible_collections.evergreen.virt.plugins.module_utils._state.store import STATE_DIR
from ansible_collections.evergreen.virt.plugins.module_utils._updates import going_back, repository
from ansible_collections.evergreen.virt.plugins.module_utils._updates.managers import package_manager
from ansible_collections.evergreen.virt.plugins.module_utils._updates.protocol import PackageManager, Pending

SPEC = (
    UPDATES
    + RUN
    + ArgSpec(
        {
            "state": {"type": "str", "choices": ["present", "absent", "gathered"], "default": "present"},
            "files": {"type": "list", "elements": "path", "default": []},
        }
    )
)


def converge(task: Task) -> dict[str, t.Any]:
    """Keep what is pending, or forget what was kept."""
    params = task.params
    if params["state"] == "absent":
        return forget(task)
    if params["state"] == "gathered":
        return gather()
    manager = package_manager(refresh=params["refresh"], obsolete=params["obsolete_repositories"])
    return {**keep(task, manager, _os_release.name(_os_release.read())), **_maintenance(STATE_DIR)}


def gather(directory: pathlib.Path = STATE_DIR) -> dict[str, t.Any]:
    """Tell what lies on the host."""
    return {**_told(state.read(directory), None, changed=False), **_maintenance(directory)}


def keep(
    task: Task, manager: PackageManager, release: str | None, directory: pathlib.Path = STATE_DIR
) -> dict[str, t.Any]:
    """Keep what is pending, unless its update has begun.

    :param release: the operating system now.
    """
    if state.is_needed(directory):
        return _under_way(manager, directory)
    pending = manager.pending(repository.asked(task.params), task.params["packages"])
    reason = going_back.no_return(pending, release)
    wanted = None if reason else _wanted(pending, task.params["files"])
    with contextlib.nullcontext() if task.check_mode else state.locked(directory):
        known = state.read(directory)
        if _is_same(known, wanted):
            return _told(known, reason, changed=False)
        if not task.check_mode:
            wanted = _fetch(wanted, manager, directory) if wanted else None
            if not state.replace(wanted, directory):  # another run's has begun meanwhile
                return _under_way(manager, directory)
    return _told(wanted, reason, changed=True)


def forget(task: Task, directory: pathlib.Path = STATE_DIR) -> dict[str, t.Any]:
    """Remove what was kept, unless the host is in the middle of its update and may need it."""
    known = state.read(directory)
    if known is None:
        return _told(None, None, changed=False)
    if task.check_mode:
        goes = not state.is_needed(directory)
    else:
        with state.locked(directory):
            goes = state.replace(None, directory)
    if not goes:
        task.warn("What was kept stays: the host is in the middle of its update, and may have to go back to it.")
    return _told(None if goes else known, None, changed=goes)


def _maintenance(directory: pathlib.Path) -> dict[str, t.Any]:
    maintenance = record.read(directory)
    return {"maintenance": maintenance.to_dict() if maintenance else None}


def _told(kept: Kept | None, reason: str | None, *, changed: bool) -> dict[str, t.Any]:
    return {"changed": changed, "kept": kept.to_dict() if kept else None, "no_return": reason}


def _under_way(manager: PackageManager, directory: pathlib.Path) -> dict[str, t.Any]:
    known = state.read(directory)
    if known is None:
        return {**_told(None, "nothing was kept before its update began", changed=False), "differences": []}
    return {**_told(known, None, changed=False), "differences": going_back.differences(known, manager.installed())}


def _wanted(pending: Pending, files: t.Iterable[str]) -> Kept | None:
    """Return what is to be kept, None if no package is pending."""
    new = {package.name: package.candidate for package in pending.packages if package.installed is None}
    if not (new or pending.replaced):
        return None
    return Kept(_moment.now(), packages=dict(sorted(pending.replaced.items())), new=new, files=dict.fromkeys(files))


def _is_same(known: Kept | None, wanted: Kept | None) -> bool:
    """Return whether that is kept already, and still there."""
    if known is None or wanted is None:
        return known is wanted
    noted = (known.packages, known.new, list(known.files)) == (wanted.packages, wanted.new, list(wanted.files))
    return noted and all(pathlib.Path(path).is_file() for path in known.archives)


def _fetch(wanted: Kept, manager: PackageManager, directory: pathlib.Path) -> Kept:
    """Have it all on this host, beside what was kept before."""
    folder = state.new_folder(directory)
    try:
        archives = manager.keep(wanted.packages, folder)
        files = state.copy_files(wanted.files, folder / "files")
    except OSError as exc:
        raise refused(f"keep what the update replaces, {exc.filename2 or exc.filename or folder}", exc) from exc
    return dataclasses.replace(wanted, archives=archives.paths, automatic=archives.automatic, files=files)


def main() -> None:
    """Run the module."""
    run(SPEC, converge)


if __name__ == "__main__":
    main()
