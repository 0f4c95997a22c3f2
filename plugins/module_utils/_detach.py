# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""A process of its own that outlives the one that starts it, its terminal and its SSH session."""

from __future__ import annotations

import os
import pathlib
import signal
import sys
import typing as t


def start(function: t.Callable[[], None], *, log: pathlib.Path, keep: int) -> None:
    """Run `function` in a daemon: double fork, a session of its own, no open files.

    Everything that `function` needs must have been imported: the files of an Ansible module are gone when it runs. No
    connection to libvirt may be open.

    :param log: where a traceback goes.
    :param keep: the one descriptor that it inherits.
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


def _become_daemon(log: pathlib.Path, keep: int) -> None:
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    os.chdir("/")
    os.closerange(3, keep)  # locks among them, which would be held as long as this process lives
    os.closerange(keep + 1, os.sysconf("SC_OPEN_MAX"))
    null = os.open(os.devnull, os.O_RDWR)
    stderr = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    for descriptor, stream in ((null, 0), (null, 1), (stderr, 2)):
        os.dup2(descriptor, stream)
    sys.stderr = os.fdopen(2, "w", encoding="utf-8", errors="backslashreplace", closefd=False)
