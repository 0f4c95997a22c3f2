# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""What pending packages, and what was updated before without a restart, ask of a host (pure)."""

from __future__ import annotations

import dataclasses
import fnmatch
import re
import typing as t

from .._facts import IMPACTS
from .protocol import PendingPackage

_FOREIGN = re.compile(r":.*|\.i[3-6]86$")
"""How apt and dnf name the architecture of a foreign package."""


@dataclasses.dataclass(frozen=True)
class Row:
    """A rule: packages that match one of the patterns have this impact.

    :param source: the document that says so.
    """

    patterns: tuple[str, ...]
    impact: str
    source: str


KERNELS = (
    "linux-image-*",
    *(f"kernel{kind}{part}" for kind in ("", "-rt", "-64k") for part in ("", "-core", "-modules*")),
)
"""Packages of which each version is put beside the older ones. What they are built from and with is not among them."""

PACKAGES: tuple[Row, ...] = (
    Row(
        (
            *KERNELS,
            "linux-modules-*",
            "*-microcode",
            "microcode_ctl",
            "linux-firmware",
            "openvswitch-datapath-dkms",
            "kmod-openvswitch*",
        ),
        "reboot",
        "A kernel, its modules and the CPU's microcode are loaded at boot: needs-restarting(1) of dnf-plugins-core,"
        " https://access.redhat.com/solutions/27943",
    ),
    Row(
        ("libc6", "glibc", "systemd", "dbus", "dbus-daemon", "dbus-broker"),
        "reboot",
        "Every process, PID 1 among them, runs on the old one until boot, and D-Bus cannot be restarted under its"
        " clients: needs-restarting(1), https://access.redhat.com/solutions/27943 (glibc, systemd, dbus)",
    ),
    Row(
        (
            *("qemu-system-*", "qemu-block-extra", "qemu-kvm", "seabios", "ovmf", "qemu-efi-*", "ipxe-qemu"),
            *("qemu-kvm-*", "qemu-block-*", "qemu-device-*", "qemu-ui-*", "qemu-audio-*", "qemu-char-*"),
            *("seabios-bin", "seavgabios-bin", "edk2-ovmf", "edk2-aarch64", "ipxe-roms-qemu"),
        ),
        "empty",
        "A running VM keeps the old emulator, and cannot load the new one's modules:"
        " https://www.qemu.org/docs/master/devel/modules.html",
    ),
    Row(
        ("swtpm", "swtpm-libs", "virtiofsd", "libspice-server*", "spice-server", "*virglrenderer*", "libslirp*"),
        "empty",
        "Processes and libraries that each VM started with: https://libvirt.org/formatdomain.html (tpm, filesystem)",
    ),
    Row(
        ("librbd1", "librados2", "libiscsi*", "libgfapi*", "libnfs*", "liburing*", "libblkio*"),
        "empty",
        "QEMU's block drivers are linked to them: https://www.qemu.org/docs/master/system/images.html",
    ),
    Row(
        ("libvirt-daemon*", "libvirt0", "libvirt-libs"),
        "restart",
        "Running VMs survive the daemon, which finds them again: https://libvirt.org/daemons.html",
    ),
    Row(
        ("openvswitch-switch*", "openvswitch-common", "libopenvswitch*", "openvswitch", "openvswitch[0-9].[0-9]*"),
        "restart",
        "ovs-vswitchd takes its bridges and flows over from the database:"
        " https://docs.openvswitch.org/en/latest/intro/install/general/ (Hot Upgrading)",
    ),
)

PROCESSES: tuple[Row, ...] = (
    Row(("systemd", "dbus-daemon", "dbus-broker", "dbus-broker-launch"), "reboot", "as the packages"),
    Row(("qemu-system-*", "qemu-kvm", "swtpm", "virtiofsd"), "empty", "as the packages"),
    Row(("libvirtd", "virtqemud", "ovs-vswitchd", "ovsdb-server"), "restart", "as the packages"),
)
"""The same for processes whose program was replaced on disk: an update that was not finished."""


@dataclasses.dataclass(frozen=True)
class Running:
    """What runs on the host now.

    :param release: the operating system now ("Debian 12").
    :param reboot_flag: the packages that asked for a reboot, None if no reboot is asked for.
    :param stale: names of programs that run though they were replaced on disk.
    :param newer_kernel: the release of an installed kernel that is newer than the running one.
    :param since_boot: names of the packages that were installed after the last boot.
    """

    release: str | None = None
    reboot_flag: list[str] | None = None
    stale: list[str] = dataclasses.field(default_factory=list)
    newer_kernel: str | None = None
    since_boot: list[str] = dataclasses.field(default_factory=list)


def assess(
    packages: t.Sequence[PendingPackage], removed: t.Sequence[str], release: str | None, running: Running
) -> tuple[str, list[str]]:
    """Return the impact and its reasons, one sentence each, gravest first.

    :param release: the operating system after the upgrade.
    """
    found = [*_of_release(release, running), *_of_packages(packages, removed), *_of_running(running)]
    found.sort(key=lambda item: -IMPACTS.index(item[0]))
    impact = found[0][0] if found else "none"
    return impact, [f"{reason}: {each}" for each, reason in found]


def _of_release(release: str | None, running: Running) -> t.Iterator[tuple[str, str]]:
    if release and running.release and release != running.release:
        yield "reboot", f"{running.release} -> {release}"


def _of_packages(packages: t.Sequence[PendingPackage], removed: t.Sequence[str]) -> t.Iterator[tuple[str, str]]:
    for package in packages:
        impact = _look_up(PACKAGES, package.name)
        if impact:
            yield impact, f"{package.name} {package.installed or '(new)'} -> {package.candidate}"
    for name in removed:
        impact = _look_up(PACKAGES, name)
        # an old kernel that goes changes nothing that runs
        if impact and not name.startswith(("linux-", "kernel")):
            yield impact, f"{name} is removed"


def _of_running(running: Running) -> t.Iterator[tuple[str, str]]:
    if running.reboot_flag is not None:
        yield "reboot", f"a reboot is asked for by {', '.join(running.reboot_flag) or '/run/reboot-required'}"
    if running.newer_kernel:
        yield "reboot", f"kernel {running.newer_kernel} is installed and does not run yet"
    for name in running.since_boot:
        if _look_up(PACKAGES, name) == "reboot":
            yield "reboot", f"{name} was updated after the last boot"
    for name in running.stale:
        impact = _look_up(PROCESSES, name)
        if impact:
            yield impact, f"{name} was replaced on disk and the old one still runs"


def _look_up(rows: t.Sequence[Row], name: str) -> str | None:
    plain = _FOREIGN.sub("", name)
    for row in rows:
        if any(fnmatch.fnmatchcase(plain, pattern) for pattern in row.patterns):
            return row.impact
    return None
