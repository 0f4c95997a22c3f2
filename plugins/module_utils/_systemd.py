# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""What systemd tells of itself and of its units, empty where it does not run."""

from __future__ import annotations

import time
import typing as t

from . import _programs


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


def soft_reboots() -> int | None:
    """Return how often userspace was started anew without its kernel since the boot, None before systemd 256, which cannot tell.

    Source: org.freedesktop.systemd1(5), SoftRebootsCount.
    """
    told = show(["SoftRebootsCount"])
    count = told[0].get("SoftRebootsCount", "") if told else ""
    return int(count) if count.isdigit() else None


def soft_rebooted() -> float | None:
    """Return when the last soft reboot was (seconds since the epoch), None if there was none since the boot.

    It ends every unit that a boot starts, the first target among them. Source: systemd-soft-reboot.service(8), bootup(7).
    """
    if not soft_reboots():
        return None
    told = show(["ActiveEnterTimestampMonotonic"], ["sysinit.target"])
    return to_wall_clock(told[0]["ActiveEnterTimestampMonotonic"]) if told else None


def to_wall_clock(monotonic: str) -> float:
    """Return a moment of systemd's monotonic clock (µs, as text) in seconds since the epoch."""
    return time.time() - time.clock_gettime(time.CLOCK_MONOTONIC) + int(monotonic) / 1e6
