# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""Asking a host that may be silent for a while: its network fails, or it boots."""

from __future__ import annotations

import multiprocessing
import os
import time
import typing as t

from ansible.errors import AnsibleConnectionFailure, AnsibleError

from ..module_utils._wait import Deadline

Answer = dict[str, t.Any]


def asked(question: t.Callable[[], Answer]) -> Answer:
    """Return the answer, or `unreachable` with `msg` if there is none.

    :raises AnsibleError: when the playbook has ended for which this process asks. A host takes questions for the run's signs of life.
    """
    if _is_orphaned():
        raise AnsibleError("ansible-playbook has ended, and nobody waits for the answer any more.")
    try:
        return question()
    except AnsibleConnectionFailure as exc:
        return {"unreachable": True, "msg": str(exc)}


def ask_patiently(
    question: t.Callable[[], Answer], seconds: float, told: t.Callable[[str], None], *, pause: float = 2.0
) -> Answer:
    """Ask until there is an answer; return `unreachable` with `msg` when there was none for too long.

    :param told: is given the reason each time that there is no answer.
    :param pause: seconds between two questions.
    """
    deadline = Deadline(seconds)
    while (answer := asked(question)).get("unreachable") and not deadline.expired:
        told(str(answer.get("msg")))
        time.sleep(min(pause, deadline.remaining))
    return answer


def _is_orphaned() -> bool:
    """Whether `ansible-playbook` has started this process for a task, and was killed since: its processes go on, in sessions of their own."""
    playbook = multiprocessing.parent_process()
    return playbook is not None and playbook.pid != os.getppid()
