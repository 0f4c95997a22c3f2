# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""Who is on a host when its maintenance begins, when it must be empty, and when its maintenance ends."""

from __future__ import annotations

import typing as t

from .._errors import ConflictError
from .._facts import OFF, RUNS, Ran
from .connection import connect
from .domain_list import find_all
from .operating_system import userspace_id

_RUNS = (*RUNS, "suspended")
"""A VM that is paused stands still because somebody wants it, or because it is on its way."""


def running(uri: str) -> list[Ran]:
    """Return the VMs that run on this host in its present boot, without those that leave nothing behind when they stop."""
    boot = userspace_id()
    with connect(uri) as connection:
        return [
            Ran(name, vm.domain.UUIDString(), boot)
            for name, vm in sorted(find_all(connection).items())
            if vm.state in _RUNS and vm.persistent
        ]


def off(uri: str, those: t.Iterable[Ran]) -> list[str]:
    """Return the names of the VMs, of `those`, that are on this host and do not run."""
    uuids = {one.uuid for one in those}
    with connect(uri) as connection:
        found = find_all(connection)
    return sorted(name for name, vm in found.items() if vm.state == OFF and vm.domain.UUIDString() in uuids)


def check_none(uri: str) -> None:
    """Refuse a host with active VMs.

    :raises ConflictError: when there are any.
    """
    with connect(uri) as connection:
        active = sorted(name for name, vm in find_all(connection).items() if vm.state != OFF)
    if active:
        raise ConflictError(
            f"the host is not empty: VMs are active on it: {', '.join(active)}.",
            hint="Move them away, or stop them, and try again.",
            active=active,
        )
