# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""A process of its own that outlives the one that starts it, its terminal and its SSH session."""

from __future__ import annotations

import contextlib
import os
import pathlib
import signal
import sys
import typing as t


def start(function: t.Callable[[], None], *, log: pathlib.Path, keep: t.Collection[int]) -> None:
    """Run `function` in a daemon: double fork, a session of its own, no open files.

    Everything that `function` needs must have been imported: the files of an Ansible module are gone when it runs. No
    connection to libvirt may be open.

    :param log: where a traceback goes.
    :param keep: the descriptors that it inherits, the lock that tells of its life among them.
    """
    child = os.fork()
    if child:
        os.waitpid(child, 0)
        return
    try:
        os.setsid()
        if os.fork() == 0:
            _become_daemon(log, keep)
            function()
    finally:
        if sys.exc_info()[0] is not None:
            sys.excepthook(*t.cast("tuple[t.Any, t.Any, t.Any]", sys.exc_info()))
            sys.stderr.flush()
        os._exit(0)  # not sys.exit: what the parent registered to run at its exit is not the child's


def _become_daemon(log: pathlib.Path, keep: t.Collection[int]) -> None:
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    os.chdir("/")
    _close_all_but(keep)  # locks among them, which would be held as long as this process lives
    null = os.open(os.devnull, os.O_RDWR)
    stderr = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    for descriptor, stream in ((null, 0), (null, 1), (stderr, 2)):
        os.dup2(descriptor, stream)
    sys.stderr = os.fdopen(2, "w", encoding="utf-8", errors="backslashreplace", closefd=False)


def _close_all_but(keep: t.Collection[int]) -> None:
    for name in os.listdir("/proc/self/fd"):  # noqa: PTH208 - as many as are open, not as many as may be
        if int(name) > 2 and int(name) not in keep:
            with contextlib.suppress(OSError):  # the listing's own
                os.close(int(name))
