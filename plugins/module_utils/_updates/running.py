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
_KERNEL = "vmlinuz-"
_BUILDS = {"bpo", "deb", "el", "fc", "rc"}
"""Words in a kernel's release that tell for which system it was built, or how ready it is, and not of which flavour it is."""


def read(root: pathlib.Path = ROOT) -> Running:
    """Return what was updated on this host and not yet taken into use."""
    kernel = _newer_kernel(root, platform.release())
    boot = booted(root)
    passed_over = kernel is not None and boot is not None and kernel.stat().st_ctime < boot
    name = kernel.name[len(_KERNEL) :] if kernel else None
    return Running(
        release=_os_release.name(_os_release.read(root)),
        reboot_flag=reboot_flag(root, _systemd.soft_rebooted(root)),
        stale=_stale_programs(root),
        newer_kernel=None if passed_over else name,
        passed_over=name if passed_over else None,
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


def _newer_kernel(root: pathlib.Path, release: str) -> pathlib.Path | None:
    """Return the newest kernel in /boot of the flavour that runs, if it is newer; a container has no kernel of its own."""
    runs = root / "boot" / f"{_KERNEL}{release}"
    if (root / "run/systemd/container").exists() or not runs.exists():
        return None
    kernels = [file for file in (root / "boot").glob(f"{_KERNEL}[0-9]*") if _flavour(file) == _flavour(runs)]
    newest = max(kernels, key=_age)
    return newest if _age(newest) > _age(runs) else None


def _flavour(kernel: pathlib.Path) -> set[str]:
    """Return the words that tell a kernel from those that are installed beside it on purpose: `rt`, `cloud`, `uek`."""
    return set(re.findall(r"[a-z]+", kernel.name[len(_KERNEL) :])) - _BUILDS


def _age(kernel: pathlib.Path) -> list[int]:
    """Order releases by their numbers: 6.1.0-9 < 6.1.0-37."""
    numbers = re.match(r"[\d.\-]+", kernel.name[len(_KERNEL) :])
    return [int(number) for number in re.findall(r"\d+", numbers[0])] if numbers else []
