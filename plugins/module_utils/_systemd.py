# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""What systemd tells of itself and of its units, empty where it does not run.

`root` is the folder that holds the host's `/`: tests give one of their own.
"""

from __future__ import annotations

import pathlib
import time
import typing as t

from . import _programs
from ._errors import DeadlineError, UnavailableError
from ._wait import Deadline, wait_for

ROOT = pathlib.Path("/")
_PATIENCE_S = 60.0
"""systemctl gives up after 25 s by itself: enough for a systemd that is busy, as it is while it is updated, and for another try."""
_PAUSE_S = 1.0


def show(properties: t.Sequence[str], units: t.Sequence[str] = ()) -> list[dict[str, str]]:
    """Return the named properties of each unit, or those of systemd itself without units; one that it does not have is left out.

    Source: systemctl(1), show.
    """
    argv = ["systemctl", "--no-pager", "show", f"--property={','.join(properties)}", *units]
    return parse(_programs.answer(argv))


def is_active(unit: t.Mapping[str, str]) -> bool:
    """Tell from a unit's `ActiveState` whether it runs."""
    return unit.get("ActiveState") in ("active", "reloading")


def parse(answer: str) -> list[dict[str, str]]:
    """Read what systemctl has shown: a block of assignments for each unit."""
    blocks = [block.splitlines() for block in answer.split("\n\n") if block.strip()]
    return [dict(line.split("=", 1) for line in block if "=" in line) for block in blocks]


def runs(root: pathlib.Path = ROOT) -> bool:
    """Return whether systemd runs here. Source: sd_booted(3)."""
    return (root / "run/systemd/system").exists()


def soft_reboots(root: pathlib.Path = ROOT) -> int | None:
    """Return how often userspace was started anew without its kernel since the boot, None before systemd 256, which cannot tell.

    Source: org.freedesktop.systemd1(5), SoftRebootsCount.

    :raises UnavailableError: when systemd runs and does not answer.
    """
    told = _insist(["Version", "SoftRebootsCount"], [], root)  # each knows its version: no answer is empty
    count = told.get("SoftRebootsCount", "")
    return int(count) if count.isdigit() else None


def soft_rebooted(root: pathlib.Path = ROOT) -> float | None:
    """Return when the last soft reboot was (seconds since the epoch), None if there was none since the boot.

    It ends every unit that a boot starts, the first target among them. Source: systemd-soft-reboot.service(8), bootup(7).

    :raises UnavailableError: when systemd runs and does not answer.
    """
    if not soft_reboots(root):
        return None
    told = _insist(["ActiveEnterTimestampMonotonic"], ["sysinit.target"], root)
    return to_wall_clock(told["ActiveEnterTimestampMonotonic"])


def _insist(properties: t.Sequence[str], units: t.Sequence[str], root: pathlib.Path) -> dict[str, str]:
    """Return properties of a unit, or of systemd itself, empty where it does not run.

    :raises UnavailableError: when it runs and does not answer, asked again and again.
    """
    if not runs(root):
        return {}
    try:
        return wait_for(lambda: show(properties, units), "systemd", Deadline(_PATIENCE_S), interval=_PAUSE_S)[0]
    except DeadlineError as exc:
        raise UnavailableError(
            f"systemd does not answer: it was asked again and again for {_PATIENCE_S:g} s.",
            hint="The host's journal tells what keeps it busy (journalctl --boot --unit=init.scope). Try again when it is not.",
        ) from exc


def to_wall_clock(monotonic: str) -> float:
    """Return a moment of systemd's monotonic clock (µs, as text) in seconds since the epoch."""
    return time.time() - time.clock_gettime(time.CLOCK_MONOTONIC) + int(monotonic) / 1e6
