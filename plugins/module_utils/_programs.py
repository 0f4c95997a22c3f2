# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""Programs, and those that must do what they are asked for.

The one place in which what runs on hosts starts a program and waits for it. It is no module's `run_command`: much of it runs without a module, in
processes that outlive one (`_detach`).
"""

from __future__ import annotations

import subprocess
import typing as t

from ._errors import OperationError


def run(
    argv: t.Sequence[str], text: str = "", environment: t.Mapping[str, str] | None = None, timeout: float | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a program, and return its status and what it said.

    :param text: what it is given to read.
    :param environment: instead of this process's own.
    :param timeout: in seconds.
    :raises OSError: when it cannot be started.
    :raises subprocess.TimeoutExpired: when it has not ended in time; it is killed.
    """
    return subprocess.run(  # pylint: disable=ansible-bad-function
        argv,
        input=text,
        env=environment,
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        timeout=timeout,
        check=False,
    )


def answer(argv: t.Sequence[str], environment: t.Mapping[str, str] | None = None, timeout: float = 30) -> str:
    """Return what a program prints, empty if it is not there, fails, or has not ended in time."""
    try:
        done = run(argv, environment=environment, timeout=timeout)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout if done.returncode == 0 else ""


def output(argv: t.Sequence[str], problem: str, hint: str = "") -> str:
    """Run a program and return what it prints.

    :param problem: what it means if that fails, for the message: "cannot save the switch's database".
    :raises OperationError: when it cannot be started, or ends with another status than 0; it says what the program said.
    """
    try:
        done = run(argv)
    except OSError as exc:
        raise OperationError(f"{problem}: {exc}.", hint=hint) from exc
    if done.returncode:
        said = done.stderr.strip() or f"{argv[0]} ends with status {done.returncode}"
        raise OperationError(f"{problem}: {said.rstrip('.')}.", hint=hint)
    return done.stdout
