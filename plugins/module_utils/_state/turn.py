# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""Whose turn it is to stop or start the VMs of a host in maintenance: one task's at a time.

A task may outlive the one who sent it. It holds a lock (flock(2)) on `turn.lock` as long as it lives; the kernel lets go of it when
the task ends, however it ends.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import pathlib
import typing as t

from .._errors import ConflictError, DeadlineError
from .._files import refused
from .._wait import Deadline, wait_for
from .store import STATE_DIR

NAME = "turn.lock"


@contextlib.contextmanager
def taken(seconds: float, directory: pathlib.Path = STATE_DIR) -> t.Iterator[None]:
    """Let no other task stop or start VMs during the body.

    :param seconds: how long one that does is waited for.
    :param directory: is there: a host in maintenance has its record in it.
    :raises ConflictError: when it still does after that time.
    :raises OperationError: when the lock's file cannot be made.
    """
    path = directory / NAME
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as exc:
        raise refused(f"make {path}", exc) from exc
    try:
        _wait(descriptor, seconds)
        yield
    finally:
        os.close(descriptor)


def _wait(descriptor: int, seconds: float) -> None:
    try:
        wait_for(lambda: _lock(descriptor), "the VMs", Deadline(seconds))
    except DeadlineError as exc:
        raise ConflictError(
            f"VMs are being stopped or started here just now by another task, and it was waited for {seconds:g} s.",
            hint="It may be what is left of a run that was ended: it ends by itself. Wait for that, then try again.",
        ) from exc


def _lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
