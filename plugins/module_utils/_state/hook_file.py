# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""Putting the maintenance hook into its place, and telling whether libvirt's daemon has seen it.

The daemon looks for hooks when it starts and when it is reloaded, never in between (virhook.c, virHookInitialize).
"""

from __future__ import annotations

import dataclasses
import pathlib
import shutil
import subprocess
import time

from .._errors import OperationError
from .._files import write_atomically
from .hook import HOOK_PATH, HOOK_TEXT

MODE = 0o755

DAEMONS = ("libvirtd.service", "virtqemud.service")


@dataclasses.dataclass(frozen=True)
class Hook:
    """The hook's file as it is, or as it shall be."""

    text: str
    mode: int


WANTED = Hook(HOOK_TEXT, MODE)


def read(path: pathlib.Path = HOOK_PATH) -> Hook | None:
    """Return the installed hook, None if there is none.

    :raises OperationError: when the file cannot be read.
    """
    try:
        return Hook(path.read_text(encoding="utf-8", errors="replace"), path.stat().st_mode & 0o7777)
    except FileNotFoundError:
        return None
    except OSError as exc:
        raise _failed("read", path, exc) from exc


def install(path: pathlib.Path = HOOK_PATH) -> None:
    """Write the hook in one step: libvirt runs the old one or the new one, never half of it.

    :raises OperationError: when it cannot be written.
    """
    try:
        path.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
        write_atomically(path, WANTED.text, mode=WANTED.mode)
    except OSError as exc:
        raise _failed("write", path, exc) from exc


def remove(path: pathlib.Path = HOOK_PATH) -> None:
    """Remove the hook; it is no error if there is none.

    :raises OperationError: when it cannot be removed.
    """
    try:
        path.unlink()
    except FileNotFoundError:
        return
    except OSError as exc:
        raise _failed("remove", path, exc) from exc


def daemons_to_reload(path: pathlib.Path = HOOK_PATH) -> list[str]:
    """Return the units of libvirt's QEMU daemons that run and were last started or reloaded before the hook came.

    A hook that does not exist yet comes later than everything. Source: systemctl(1), StateChangeTimestampMonotonic.
    """
    came = path.stat().st_mtime if path.exists() else None
    return [unit for unit, loaded in _running_daemons().items() if came is None or loaded < came]


def _running_daemons() -> dict[str, float]:
    """Return unit -> when it was last started or reloaded (seconds since the epoch)."""
    if shutil.which("systemctl") is None:
        return {}
    answer = subprocess.run(
        ["systemctl", "--no-pager", "show", "--property=Id,ActiveState,StateChangeTimestampMonotonic", *DAEMONS],  # noqa: S607
        capture_output=True,
        text=True,
        check=False,
    )
    return parse_units(answer.stdout, boot=time.time() - time.clock_gettime(time.CLOCK_MONOTONIC))


def parse_units(answer: str, *, boot: float) -> dict[str, float]:
    """Read what systemctl has shown: the active units and when they last changed their state.

    :param boot: the moment at which the monotonic clock was zero, in seconds since the epoch.
    """
    units = {}
    for block in answer.split("\n\n"):
        values = dict(line.split("=", 1) for line in block.splitlines() if "=" in line)
        if values.get("ActiveState") in ("active", "reloading"):
            units[values["Id"]] = boot + int(values["StateChangeTimestampMonotonic"]) / 1e6
    return units


def _failed(verb: str, path: pathlib.Path, error: OSError) -> OperationError:
    return OperationError(
        f"cannot {verb} libvirt's hook {path}: {error.strerror or error}.",
        hint="The task must run as root (become: true), and the file system must be writable.",
        path=str(path),
    )
