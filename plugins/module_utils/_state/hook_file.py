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
import typing as t

from .. import _systemd
from .._errors import OperationError
from .._files import refused, write_atomically
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
    return running(_systemd.show(["Id", "ActiveState", "StateChangeTimestampMonotonic"], DAEMONS))


def running(units: t.Iterable[t.Mapping[str, str]]) -> dict[str, float]:
    """Return of what systemd tells the units that are active, and when they last changed their state."""
    return {
        unit["Id"]: _systemd.to_wall_clock(unit["StateChangeTimestampMonotonic"])
        for unit in units
        if _systemd.is_active(unit)
    }


def _failed(verb: str, path: pathlib.Path, error: OSError) -> OperationError:
    return refused(f"{verb} libvirt's hook {path}", error, path=str(path))
