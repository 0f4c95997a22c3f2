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
    :param soft: for a reboot: one of everything but the kernel does.
    """

    patterns: tuple[str, ...]
    impact: str
    source: str
    soft: bool = False


class Finding(t.NamedTuple):
    """Something that asks for an impact, and why; `soft` as in `Row`."""

    impact: str
    reason: str
    soft: bool = False


_RPM_KERNELS = (
    "kernel",
    "kernel-rt",
    "kernel-64k",
    "kernel-rt-64k",
    "kernel-uek",
    "kernel-uek64k",
    "kernel-lt",
    "kernel-ml",
)
KERNELS = (
    "linux-image-*",
    *(f"{name}{part}" for name in _RPM_KERNELS for part in ("", "-core", "-modules*")),
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
        " clients: needs-restarting(1), https://access.redhat.com/solutions/27943 (glibc, systemd, dbus)."
        " All of them start anew in a soft reboot: systemd-soft-reboot.service(8)",
        soft=True,
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
    Row(("systemd", "dbus-daemon", "dbus-broker", "dbus-broker-launch"), "reboot", "as the packages", soft=True),
    Row(("qemu-system-*", "qemu-kvm", "swtpm", "virtiofsd"), "empty", "as the packages"),
    Row(
        (
            *("libvirtd", "virtqemud", "virtlxcd", "virtproxyd", "virtlockd", "virtlogd"),
            *("virtinterfaced", "virtnetworkd", "virtnodedevd", "virtnwfilterd", "virtsecretd", "virtstoraged"),
        ),
        "restart",
        "https://libvirt.org/daemons.html",
    ),
    Row(("ovs-vswitchd", "ovsdb-server"), "restart", "as the packages"),
)
"""The same for processes whose program was replaced on disk: an update that was not finished."""


VITAL = (
    "libvirt-daemon-system",
    "libvirt-daemon-driver-qemu",
    "qemu-system-x86",
    "qemu-kvm-core",
    "openvswitch-switch",
)
"""What VMs cannot be without. libvirt-daemon-system of Debian stops them when it is removed (libvirt-guests.service)."""


@dataclasses.dataclass(frozen=True)
class Running:
    """What runs on the host now.

    :param release: the operating system now ("Debian 12").
    :param reboot_flag: the packages that asked for a reboot, None if no reboot is asked for.
    :param stale: names of programs that run though they were replaced on disk.
    :param newer_kernel: the release of a kernel that was installed after the last boot and is newer than the running one, of the same flavour.
    :param passed_over: the same of one that was there already, and that the boot loader did not choose.
    :param since_boot: names of the packages that were installed after the last boot.
    """

    release: str | None = None
    reboot_flag: list[str] | None = None
    stale: list[str] = dataclasses.field(default_factory=list)
    newer_kernel: str | None = None
    passed_over: str | None = None
    since_boot: list[str] = dataclasses.field(default_factory=list)


class Assessment(t.NamedTuple):
    """What an update asks of its host, and why, as the fact Updates has it."""

    impact: str
    reasons: list[str]
    full_boot: list[str]
    unfinished: list[str]


def assess(
    packages: t.Sequence[PendingPackage], removed: t.Sequence[str], release: str | None, running: Running
) -> Assessment:
    """Judge what is pending, together with what earlier updates have left to do.

    :param release: the operating system after the upgrade.
    """
    before = sorted(_of_running(running), key=_gravest_first)
    found = sorted([*_of_release(release, running), *_of_packages(packages, removed), *before], key=_gravest_first)
    return Assessment(
        impact=found[0].impact if found else "none",
        reasons=[_sentence(item) for item in found],
        full_boot=[item.reason for item in found if item.impact == "reboot" and not item.soft],
        unfinished=[_sentence(item) for item in before],
    )


def _gravest_first(finding: Finding) -> int:
    return -IMPACTS.index(finding.impact)


def _sentence(finding: Finding) -> str:
    return f"{finding.reason}: {finding.impact}"


def settled_by_soft_reboot(package: str) -> bool:
    """Return whether nothing of the package that was installed before a soft reboot waits for a boot after it."""
    row = _look_up(PACKAGES, package)
    return row is not None and (row.soft or row.impact != "reboot")


def losses(removed: t.Sequence[str]) -> list[str]:
    """Return one sentence for each package without which there would be no VMs any more."""
    return [
        f"the update would remove {name}, without which no VM runs: another package does not go with its version."
        for name in removed
        if name in VITAL
    ]


def _of_release(release: str | None, running: Running) -> t.Iterator[Finding]:
    if release and running.release and release != running.release:
        yield Finding("reboot", f"{running.release} -> {release}")


def _of_packages(packages: t.Sequence[PendingPackage], removed: t.Sequence[str]) -> t.Iterator[Finding]:
    for package in packages:
        row = _look_up(PACKAGES, package.name)
        if row:
            yield Finding(row.impact, f"{package.name} {package.installed or '(new)'} -> {package.candidate}", row.soft)
    for name in removed:
        row = _look_up(PACKAGES, name)
        # an old kernel that goes changes nothing that runs
        if row and not name.startswith(("linux-", "kernel")):
            yield Finding(row.impact, f"{name} is removed", row.soft)


def _of_running(running: Running) -> t.Iterator[Finding]:
    if running.reboot_flag is not None:
        names = running.reboot_flag
        soft = bool(names) and all(map(settled_by_soft_reboot, names))
        yield Finding("reboot", f"a reboot is asked for by {', '.join(names) or '/run/reboot-required'}", soft)
    if running.newer_kernel:
        yield Finding("reboot", f"kernel {running.newer_kernel} is installed and does not run yet")
    for name in running.since_boot:
        row = _look_up(PACKAGES, name)
        if row and row.impact == "reboot":
            yield Finding("reboot", f"{name} was updated after the last boot", row.soft)
    for name in running.stale:
        row = _look_up(PROCESSES, name)
        if row:
            yield Finding(row.impact, f"{name} was replaced on disk and the old one still runs", row.soft)


def _look_up(rows: t.Sequence[Row], name: str) -> Row | None:
    plain = _FOREIGN.sub("", name)
    for row in rows:
        if any(fnmatch.fnmatchcase(plain, pattern) for pattern in row.patterns):
            return row
    return None
