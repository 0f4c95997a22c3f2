# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""Names of operating system releases that an update brings, and of upstream versions (pure)."""

from __future__ import annotations

import fnmatch
import re
import typing as t

from .. import _os_release
from .._facts import Versions

_PACKAGES: t.Mapping[str, tuple[str, ...]] = {
    "libvirt": ("libvirt-daemon", "libvirt-daemon-driver-qemu", "libvirt0"),
    "qemu": (
        *("qemu-system-x86", "qemu-system-arm", "qemu-system-ppc", "qemu-system-s390x", "qemu-system-riscv"),
        *("qemu-kvm-core", "qemu-system-x86-core", "qemu-system-aarch64-core"),
    ),
    "ovs": ("openvswitch-switch", "openvswitch", "openvswitch[0-9].[0-9]*"),
}
"""Which packages' version is the version of the software, first one installed."""


def os_after(
    os_release: t.Mapping[str, str], base_files: str, repository: tuple[str, str] | None, *, changes: bool
) -> str | None:
    """Return the name of the release that a version of the package `base-files` brings.

    Debian numbers base-files like its releases ("13.8+deb13u7" is Debian 13); others are named by their repository.

    :param repository: Origin and Version of the Release file that the version comes from.
    :param changes: False if the version is the installed one.
    """
    if not changes:
        return _os_release.name(os_release)
    major = re.match(r"(\d+)(?:\.|\+|$)", base_files)
    if os_release.get("ID") == "debian" and major:
        return f"Debian {major[1]}"
    if repository:
        return f"{repository[0]} {repository[1]}"
    return _os_release.name(os_release)


def os_after_package(os_release: t.Mapping[str, str], version: str, *, changes: bool) -> str | None:
    """Return the name of the release that a version of an RPM system's release package (`almalinux-release`) brings.

    Its version is the release's, maybe longer: "9.0" of centos-stream-release is "9".

    :param changes: False if the version is the installed one.
    """
    if not changes or not os_release.get("VERSION_ID"):
        return _os_release.name(os_release)
    parts = len(os_release["VERSION_ID"].split("."))
    return _os_release.name({**os_release, "VERSION_ID": ".".join(version.split(".")[:parts])})


def upstream(version: str) -> str:
    """Return the upstream part of a version: "1:7.2+dfsg-7+deb12u18" is 7.2, "17:8.2.0-11.el9" is 8.2.0 (deb-version(7))."""
    without_epoch = version.split(":", 1)[-1]
    return re.split(r"[+~]", without_epoch.rsplit("-", 1)[0])[0]


def versions_after(packages: t.Mapping[str, str], release: str | None) -> Versions:
    """Return what will run on the host.

    :param packages: package -> version after the upgrade.
    """
    found = {
        software: next((upstream(packages[name]) for each in names for name in fnmatch.filter(packages, each)), None)
        for software, names in _PACKAGES.items()
    }
    return Versions(os=release, **found)
