# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""What is pending on this host, judged: its facts, and what stands in its way."""

from __future__ import annotations

import dataclasses

from .. import _qemu_conf
from .._facts import Updates
from . import going_back, impact, lock_manager, running, space
from .protocol import Pending
from .release import versions_after


def assessed(manager: str, pending: Pending, keep_in: str | None = None) -> tuple[Updates, list[str]]:
    """Return the facts of what is pending, and its problems, one sentence each.

    :param manager: the name of the package manager that told it.
    :param keep_in: the folder that what it replaces is going to be kept in, where that can be; None: it is not kept.
    """
    now = dataclasses.replace(running.read(), since_boot=pending.since_boot)
    found = impact.assess(pending.packages, pending.removed, pending.release, now)
    no_return = going_back.no_return(pending, now.release)
    updates = Updates(
        manager=manager,
        **found._asdict(),
        manifest={package.name: package.candidate for package in pending.packages},
        removed=pending.removed,
        target=versions_after(pending.versions, pending.release),
        download_mib=pending.download_mib,
        passed_over=now.passed_over,
        no_return=no_return,
    )
    needs = space.needed(pending, None if no_return else keep_in)
    problems = [
        *pending.problems,
        *space.problems(needs, {folder: space.room(folder) for folder in needs}),
        *impact.losses(pending.removed),
        *lock_manager.problems(_qemu_conf.read() or "", pending.offered),
    ]
    return updates, problems
