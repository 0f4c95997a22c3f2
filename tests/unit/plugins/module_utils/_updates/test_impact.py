# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.evergreen.virt.plugins.module_utils._facts import IMPACTS
from ansible_collections.evergreen.virt.plugins.module_utils._updates import impact
from ansible_collections.evergreen.virt.plugins.module_utils._updates.impact import Running, assess, losses
from ansible_collections.evergreen.virt.plugins.module_utils._updates.protocol import PendingPackage

PACKAGE_IMPACTS = {
    "linux-image-6.1.0-37-amd64": "reboot",
    "intel-microcode": "reboot",
    "libc6": "reboot",
    "libc6:i386": "reboot",
    "systemd": "reboot",
    "dbus": "reboot",
    "qemu-system-x86": "empty",
    "qemu-block-extra": "empty",
    "seabios": "empty",
    "ovmf": "empty",
    "librbd1": "empty",
    "libvirt-daemon": "restart",
    "libvirt-daemon-driver-qemu": "restart",
    "openvswitch-switch": "restart",
    "qemu-utils": "none",
    "libc6-dev": "none",
    "systemd-container": "none",
    "vim": "none",
    "linux-libc-dev": "none",
    "kernel-core": "reboot",
    "kernel-rt-modules-extra": "reboot",
    "kernel-uek": "reboot",
    "kernel-uek-modules-extra-netfilter": "reboot",
    "kernel-uek-devel": "none",
    "kernel-lt-core": "reboot",
    "kernel-ml-modules": "reboot",
    "kernel-ml-headers": "none",
    "microcode_ctl": "reboot",
    "glibc": "reboot",
    "glibc.i686": "reboot",
    "qemu-kvm-core": "empty",
    "qemu-kvm-block-rbd": "empty",
    "qemu-device-display-virtio-gpu": "empty",
    "seabios-bin": "empty",
    "edk2-ovmf": "empty",
    "libvirt-libs": "restart",
    "openvswitch": "restart",
    "openvswitch3.3": "restart",
    "openvswitch3.3-devel": "restart",
    "kernel-headers": "none",
    "kernel-devel": "none",
    "glibc-devel": "none",
    "qemu-img": "none",
}


def package(name: str) -> PendingPackage:
    return PendingPackage(name, "1", "2")


@pytest.mark.parametrize(("name", "expected"), PACKAGE_IMPACTS.items())
def test_of_a_package(name: str, expected: str) -> None:
    reasons = [] if expected == "none" else [f"{name} 1 -> 2: {expected}"]
    assert assess([package(name)], [], None, Running())[:2] == (expected, reasons)


@pytest.mark.parametrize(
    ("removed", "expected"),
    [("libvirt-daemon", "restart"), ("linux-image-6.1.0-1-amd64", "none"), ("kernel-core", "none"), ("vim", "none")],
)
def test_of_a_package_that_goes(removed: str, expected: str) -> None:
    assert assess([], [removed], None, Running())[0] == expected


@pytest.mark.parametrize(
    ("release", "running", "expected", "says"),
    [
        (None, Running(), "none", None),
        ("Debian 12", Running(release="Debian 12"), "none", None),
        ("Debian 13", Running(release="Debian 12"), "reboot", "Debian 12 -> Debian 13: reboot"),
        (None, Running(release="Debian 12"), "none", None),
        (None, Running(reboot_flag=[]), "reboot", "/run/reboot-required"),
        (None, Running(reboot_flag=["libc6", "dbus"]), "reboot", "libc6, dbus"),
        (None, Running(newer_kernel="6.1.0-37-amd64"), "reboot", "6.1.0-37-amd64"),
        (
            None,
            Running(since_boot=["glibc", "qemu-kvm-core", "vim"]),
            "reboot",
            "glibc was updated after the last boot",
        ),
        (None, Running(since_boot=["qemu-kvm-core", "vim"]), "none", None),
        (None, Running(stale=["qemu-system-x86_64"]), "empty", "qemu-system-x86_64 was replaced"),
        (None, Running(stale=["libvirtd"]), "restart", "libvirtd was replaced"),
        (None, Running(stale=["virtnetworkd"]), "restart", "virtnetworkd was replaced"),
        (None, Running(stale=["virtlogd"]), "restart", "virtlogd was replaced"),
        (None, Running(stale=["virtiofsd"]), "empty", "virtiofsd was replaced"),
        (None, Running(stale=["dbus-daemon", "libvirtd"]), "reboot", "dbus-daemon was replaced"),
        (None, Running(stale=["sshd"]), "none", None),
    ],
)
def test_of_what_runs(release: str | None, running: Running, expected: str, says: str | None) -> None:
    level, reasons, _full, _unfinished = assess([], [], release, running)
    assert level == expected
    assert bool(reasons) is bool(says)
    assert says is None or says in reasons[0]


@given(st.lists(st.sampled_from(sorted(PACKAGE_IMPACTS)), unique=True))
def test_the_gravest_decides_and_comes_first(names: list[str]) -> None:
    level, reasons, _full, _unfinished = assess([package(name) for name in names], [], None, Running())
    expected = [IMPACTS.index(PACKAGE_IMPACTS[name]) for name in names]
    assert IMPACTS.index(level) == max(expected, default=0)
    told = [IMPACTS.index(reason.rsplit(": ", 1)[1]) for reason in reasons]
    assert told == sorted((each for each in expected if each), reverse=True)


def test_what_earlier_updates_left_is_told_from_what_is_pending() -> None:
    found = assess([package("libc6")], [], None, Running(stale=["libvirtd"], newer_kernel="6.12.48"))
    assert found.unfinished == [
        "kernel 6.12.48 is installed and does not run yet: reboot",
        "libvirtd was replaced on disk and the old one still runs: restart",
    ]
    assert set(found.unfinished) < set(found.reasons)
    assert len(found.reasons) == 3


def test_every_row_has_a_known_impact_and_a_source() -> None:
    for row in (*impact.PACKAGES, *impact.PROCESSES):
        assert row.impact in IMPACTS
        assert row.source


def test_what_vms_cannot_be_without_is_missed() -> None:
    assert losses(["libvirt-daemon-system-systemd", "libvirt0", "linux-image-6.1.0-37-amd64"]) == []
    [told] = losses(["libvirt-daemon-system", "vim"])
    assert told.startswith("the update would remove libvirt-daemon-system, ")


@pytest.mark.parametrize(
    ("names", "removed", "release", "running", "full"),
    [
        ([], [], None, Running(), []),
        (["libc6", "systemd", "dbus", "qemu-system-x86"], [], None, Running(), []),
        (["libc6:i386"], ["dbus"], None, Running(), []),
        (["libc6", "linux-image-amd64"], [], None, Running(), ["linux-image-amd64 1 -> 2"]),
        (["intel-microcode"], [], None, Running(), ["intel-microcode 1 -> 2"]),
        ([], ["openvswitch-datapath-dkms"], None, Running(), ["openvswitch-datapath-dkms is removed"]),
        (["libc6"], [], "Debian 13", Running(release="Debian 12"), ["Debian 12 -> Debian 13"]),
        ([], [], None, Running(reboot_flag=["dbus", "libc6"]), []),
        ([], [], None, Running(reboot_flag=["libc6", "unknown"]), ["a reboot is asked for by libc6, unknown"]),
        ([], [], None, Running(reboot_flag=[]), ["a reboot is asked for by /run/reboot-required"]),
        ([], [], None, Running(newer_kernel="6.12.48"), ["kernel 6.12.48 is installed and does not run yet"]),
        ([], [], None, Running(since_boot=["glibc"], stale=["systemd"]), []),
        ([], [], None, Running(since_boot=["glibc", "kernel-core"]), ["kernel-core was updated after the last boot"]),
    ],
)
def test_what_a_soft_reboot_is_not_enough_for(
    names: list[str], removed: list[str], release: str | None, running: Running, full: list[str]
) -> None:
    assert assess([package(name) for name in names], removed, release, running).full_boot == full
