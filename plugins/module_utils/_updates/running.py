# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""What runs on this host and is older than what is installed."""

from __future__ import annotations

import contextlib
import os
import pathlib
import platform
import re
import time

from .. import _boot, _os_release, _systemd
from .impact import Running, settled_by_soft_reboot

ROOT = pathlib.Path("/")
_DELETED = " (deleted)"


def read(root: pathlib.Path = ROOT) -> Running:
    """Return what was updated on this host and not yet taken into use."""
    return Running(
        release=_os_release.name(_os_release.read(root)),
        reboot_flag=reboot_flag(root, _systemd.soft_rebooted(root)),
        stale=_stale_programs(root),
        newer_kernel=_newer_kernel(root, platform.release()),
    )


def booted(root: pathlib.Path = ROOT) -> float | None:
    """Return when the first process began (seconds since the epoch, of the clock as it goes now), None if nobody tells.

    The time of the folder `/proc/1` is what the clock said at the boot, right or wrong, or later when the kernel has made it anew; systemd's own
    times begin anew with a soft reboot, which is no boot.
    """
    ticks = _boot.start_ticks(root)
    if ticks is None:
        return None
    ago = time.clock_gettime(time.CLOCK_BOOTTIME) - ticks / os.sysconf("SC_CLK_TCK")
    return time.time() - ago


def reboot_flag(root: pathlib.Path, soft_rebooted: float | None) -> list[str] | None:
    """Return the packages that ask for a reboot, None if none does. Source: Debian Policy, section 9.11 (/run/reboot-required).

    :param soft_rebooted: when the last soft reboot was; it keeps /run, and settles what many of the packages ask for.
    """
    flag, names = root / "run/reboot-required", root / "run/reboot-required.pkgs"
    if not flag.exists():
        return None
    if not names.exists():
        return []
    asking = sorted(set(names.read_text(encoding="utf-8").split()))
    if soft_rebooted is None or max(file.stat().st_mtime for file in (flag, names)) > soft_rebooted:
        return asking
    return [name for name in asking if not settled_by_soft_reboot(name)] or None


def _stale_programs(root: pathlib.Path) -> list[str]:
    """Return the names of running programs whose file was replaced. Source: proc_pid_exe(5)."""
    names = set()
    for link in (process / "exe" for process in (root / "proc").glob("[0-9]*")):
        with contextlib.suppress(OSError):  # it has ended meanwhile, or is a kernel thread
            program = str(link.readlink())
            if program.endswith(_DELETED):
                name = pathlib.PurePath(program[: -len(_DELETED)]).name
                if name != "systemd" or link.parent.name == "1":  # the user's own manager is nobody's reboot
                    names.add(name)
    return sorted(names)


def _newer_kernel(root: pathlib.Path, release: str) -> str | None:
    """Return the newest kernel in /boot if it is newer than the running one; a container has no kernel of its own."""
    if (root / "run/systemd/container").exists() or not (root / f"boot/vmlinuz-{release}").exists():
        return None
    releases = [file.name[len("vmlinuz-") :] for file in (root / "boot").glob("vmlinuz-[0-9]*")]
    newest = max(releases, key=_kernel_key)
    return newest if _kernel_key(newest) > _kernel_key(release) else None


def _kernel_key(release: str) -> list[int]:
    """Order releases by their numbers: 6.1.0-9 < 6.1.0-37; the flavour (`-amd64`, `-rt`) does not count."""
    numbers = re.match(r"[\d.\-]+", release)
    return [int(number) for number in re.findall(r"\d+", numbers[0])] if numbers else []
