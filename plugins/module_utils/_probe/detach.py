# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""Letting a function go on in a process of its own after the task and the SSH session have ended."""

from __future__ import annotations

import os
import traceback
import typing as t
from pathlib import Path


def detach(function: t.Callable[[], None], *, keep: t.Iterable[int], errors: Path) -> None:
    """Run `function` in a new session without a terminal; return at once.

    All that it imports must be imported already: the module's files are gone when the task has ended.

    :param keep: file descriptors that it needs; all others are closed.
    :param errors: where its standard error goes, also the traceback if it fails.
    """
    child = os.fork()
    if child:
        os.waitpid(child, 0)
        return
    os.setsid()
    if os.fork():
        os._exit(0)
    code = 1
    try:
        _let_go(set(keep), errors)
        function()
        code = 0
    except BaseException:
        traceback.print_exc()
        raise
    finally:
        os._exit(code)


def _let_go(keep: set[int], errors: Path) -> None:
    os.chdir("/")
    os.umask(0o022)
    nothing = os.open(os.devnull, os.O_RDWR)
    told = os.open(errors, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    for target, source in ((0, nothing), (1, nothing), (2, told)):
        os.dup2(source, target)
    for name in os.listdir("/proc/self/fd"):  # noqa: PTH208
        if int(name) > 2 and int(name) not in keep:
            try:
                os.close(int(name))
            except OSError:  # the listing's own
                continue
