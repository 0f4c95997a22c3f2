# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.evergreen.virt.plugins.module_utils._facts import Versions
from ansible_collections.evergreen.virt.plugins.module_utils._updates.release import (
    os_after,
    os_after_package,
    upstream,
    versions_after,
)

DEBIAN = {"ID": "debian", "NAME": "Debian GNU/Linux", "VERSION_ID": "12"}
UBUNTU = {"ID": "ubuntu", "NAME": "Ubuntu", "VERSION_ID": "22.04"}


@pytest.mark.parametrize(
    ("os_release", "base_files", "repository", "changes", "name"),
    [
        (DEBIAN, "13.8+deb13u7", None, True, "Debian 13"),
        (DEBIAN, "12.4+deb12u12", ("Debian", "12.12"), True, "Debian 12"),
        (DEBIAN, "14", ("", ""), True, "Debian 14"),
        (DEBIAN, "13.8", None, False, "Debian 12"),
        (UBUNTU, "13ubuntu10", ("Ubuntu", "24.04"), True, "Ubuntu 24.04"),
        (UBUNTU, "13ubuntu10", None, True, "Ubuntu 22.04"),
    ],
)
def test_os_after(
    os_release: dict[str, str], base_files: str, repository: tuple[str, str] | None, changes: bool, name: str
) -> None:
    assert os_after(os_release, base_files, repository, changes=changes) == name


@pytest.mark.parametrize(
    ("number", "version", "changes", "name"),
    [
        ("9.4", "9.5", True, "AlmaLinux 9.5"),
        ("9.4", "9.5", False, "AlmaLinux 9.4"),
        ("9", "9.0", True, "AlmaLinux 9"),
        ("9", "10.0", True, "AlmaLinux 10"),
    ],
)
def test_os_after_package(number: str, version: str, changes: bool, name: str) -> None:
    assert os_after_package({"NAME": "AlmaLinux", "VERSION_ID": number}, version, changes=changes) == name


def test_a_release_without_a_number_keeps_its_name() -> None:
    assert os_after_package({"NAME": "Arch Linux"}, "40", changes=True) == "Arch Linux"
    assert os_after_package({}, "40", changes=True) is None


@pytest.mark.parametrize(
    ("version", "expected"),
    [
        ("1:7.2+dfsg-7+deb12u18+b3", "7.2"),
        ("1:10.0.13+ds-0+deb13u1", "10.0.13"),
        ("9.0.0-4+deb12u2", "9.0.0"),
        ("3.1.0~git20240101-1", "3.1.0"),
        ("2.0-rc1-3", "2.0-rc1"),
        ("11", "11"),
        ("17:8.2.0-11.el9_4.6", "8.2.0"),
        ("3.3.0-62.el9fdp", "3.3.0"),
    ],
)
def test_upstream(version: str, expected: str) -> None:
    assert upstream(version) == expected


def test_versions_after() -> None:
    packages = {"libvirt0": "9.0.0-1", "libvirt-daemon": "9.1.0-1", "qemu-system-arm": "1:7.2-1"}
    assert versions_after(packages, "Debian 12") == Versions(os="Debian 12", libvirt="9.1.0", qemu="7.2")


def test_versions_of_rpms() -> None:
    packages = {"libvirt-daemon": "10.0.0-6.el9", "qemu-kvm-core": "17:8.2.0-11.el9", "openvswitch3.3": "3.3.0-62.el9"}
    expected = Versions(os="Rhel 9.4", libvirt="10.0.0", qemu="8.2.0", ovs="3.3.0")
    assert versions_after(packages, "Rhel 9.4") == expected
