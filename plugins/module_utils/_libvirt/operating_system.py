# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""What the operating system of a host tells about itself; each function names the file that it reads.

`root` is the folder that holds the host's `/`: tests give one of their own.
"""

from __future__ import annotations

import functools
import os
import re
import typing as t
from pathlib import Path

from .. import _boot, _programs, _systemd
from .storage_identity import Mount, parse_mounts

ROOT = Path("/")


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def machine_id(root: Path = ROOT) -> str:
    """Return the id of the installation: `/etc/machine-id`."""
    return _text(root / "etc/machine-id").strip()


def boot_id(root: Path = ROOT) -> str:
    """Return the id of this boot: the kernel's (`/proc/sys/kernel/random/boot_id`) and the start of its first process.

    A container shares the kernel's boot with its host and boots on its own. A soft reboot changes neither (`userspace_id`).
    """
    started = _boot.start_ticks(root)
    return f"{_text(root / 'proc/sys/kernel/random/boot_id').strip()}.{'' if started is None else started}"


@functools.cache
def userspace_id(root: Path = ROOT) -> str:
    """Return the id of all processes that run: that of the boot, and how many soft reboots came after it.

    A soft reboot ends every VM, and this process too, so that it is asked once.

    :raises UnavailableError: when systemd does not answer: without the count, VMs that run would look as if they had gone down.
    """
    count = _systemd.soft_reboots(root)
    return f"{boot_id(root)}+{count}" if count else boot_id(root)


def free_mib(folder: str) -> int | None:
    """Return the MiB that a process of root can still write into a folder, None if it is not there: statvfs(3)."""
    try:
        state = os.statvfs(folder)
    except OSError:
        return None
    return state.f_bfree * state.f_frsize // 2**20


def mounts(root: Path = ROOT) -> tuple[Mount, ...]:
    """Return what is mounted: `/proc/self/mountinfo`."""
    return parse_mounts(_text(root / "proc/self/mountinfo"))


def ceph_fsid(root: Path = ROOT) -> str | None:
    """Return the id of the Ceph cluster that this host is a client of: `/etc/ceph/ceph.conf`."""
    match = re.search(r"^\s*fsid\s*=\s*([0-9a-fA-F-]{36})\s*$", _text(root / "etc/ceph/ceph.conf"), re.MULTILINE)
    return match.group(1).lower() if match else None


def linux_bridges(root: Path = ROOT) -> list[str]:
    """Return the kernel's bridges: `/sys/class/net/*/bridge`."""
    return sorted(path.parent.name for path in (root / "sys/class/net").glob("*/bridge"))


def unit_problems(root: Path = ROOT) -> list[str]:
    """Return what is wrong with the host's services, one sentence each; empty without systemd."""
    if not _systemd.runs(root):
        return []
    told = _systemd.show(["SystemState"])
    state = told[0]["SystemState"] if told else ""
    if state not in ("running", "degraded"):
        return [f"systemd is {state}." if state else "systemd does not answer."]
    failed = _run(["systemctl", "--no-pager", "list-units", "--state=failed", "--plain", "--no-legend"])
    return [f"systemd unit {line.split()[0]} failed." for line in failed.splitlines() if line.strip()]


def ovs_version() -> str | None:
    """Return the version of the installed Open vSwitch, None if there is none: `ovs-vswitchd --version`."""
    match = re.search(r"\(Open vSwitch\)\s+(\S+)", _run(["ovs-vswitchd", "--version"]))
    return match.group(1) if match else None


def _run(argv: t.Sequence[str]) -> str:
    path = os.pathsep.join((os.environ.get("PATH", ""), "/usr/sbin", "/sbin"))
    return _programs.answer(argv, {**os.environ, "LC_ALL": "C", "PATH": path})


def is_replaced(executable: Path) -> bool:
    """Return whether the file behind a running process (`/proc/PID/exe`) is no longer the one at that path."""
    try:
        running, installed = executable.stat(), executable.readlink().stat()
    except FileNotFoundError:
        return executable.is_symlink()  # the link ends in " (deleted)"; without a process there is no link
    except OSError:
        return False
    return (running.st_dev, running.st_ino) != (installed.st_dev, installed.st_ino)
