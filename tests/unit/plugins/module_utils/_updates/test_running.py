# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import os
import pathlib
import time

import pytest

from ansible_collections.evergreen.virt.plugins.module_utils._updates import running
from ansible_collections.evergreen.virt.plugins.module_utils._updates.impact import Running


@pytest.fixture
def root(tmp_path: pathlib.Path) -> pathlib.Path:
    for part in ("etc", "run", "boot", "proc/1", "proc/20", "proc/30", "proc/self"):
        (tmp_path / part).mkdir(parents=True)
    (tmp_path / "etc/os-release").write_text(
        'NAME="Debian GNU/Linux"\nID=debian\nVERSION_ID="12"\n# a comment\n', encoding="utf-8"
    )
    return tmp_path


def test_a_host_that_is_up_to_date(root: pathlib.Path) -> None:
    (root / "proc/20/exe").symlink_to("/usr/sbin/libvirtd")
    assert running.read(root) == Running(release="Debian 12")


def test_a_boot_is_when_the_first_process_began(root: pathlib.Path) -> None:
    assert running.booted(root) is None
    fields = ["S", *"0" * 18, str(5 * os.sysconf("SC_CLK_TCK")), "0"]
    (root / "proc/1/stat").write_text(f"1 (init (odd) name) {' '.join(fields)}\n", encoding="utf-8")
    os.utime(root / "proc/1", (100.0, 100.0))
    kernel = time.time() - time.clock_gettime(time.CLOCK_BOOTTIME)
    assert running.booted(root) == pytest.approx(kernel + 5, abs=1)


@pytest.mark.parametrize(("packages", "expected"), [(None, []), ("libc6\nlibc6\ndbus\n", ["dbus", "libc6"])])
def test_reboot_flag(root: pathlib.Path, packages: str | None, expected: list[str]) -> None:
    (root / "run/reboot-required").touch()
    if packages is not None:
        (root / "run/reboot-required.pkgs").write_text(packages, encoding="utf-8")
    assert running.read(root).reboot_flag == expected


@pytest.mark.parametrize(
    ("packages", "soft_rebooted", "expected"),
    [
        ("libc6\ndbus\n", None, ["dbus", "libc6"]),
        ("libc6\ndbus\n", 99.0, ["dbus", "libc6"]),
        ("libc6\ndbus\n", 101.0, None),
        ("libc6\nlinux-image-6.12.48-amd64\nunknown\n", 101.0, ["linux-image-6.12.48-amd64", "unknown"]),
        (None, 101.0, []),
    ],
    ids=["never", "before they asked", "after it", "for which it does not do", "nobody knows what for"],
)
def test_a_soft_reboot_settles_what_was_asked_for_before(
    root: pathlib.Path, packages: str | None, soft_rebooted: float | None, expected: list[str] | None
) -> None:
    for name, text in (("reboot-required", ""), ("reboot-required.pkgs", packages)):
        if text is not None:
            (root / "run" / name).write_text(text, encoding="utf-8")
            os.utime(root / "run" / name, (100.0, 100.0))
    assert running.reboot_flag(root, soft_rebooted) == expected


def test_programs_that_were_replaced(root: pathlib.Path) -> None:
    (root / "proc/1/exe").symlink_to("/usr/lib/systemd/systemd (deleted)")
    (root / "proc/20/exe").symlink_to("/usr/bin/qemu-system-x86_64 (deleted)")
    (root / "proc/30/exe").symlink_to("/usr/sbin/libvirtd")
    assert running.read(root).stale == ["qemu-system-x86_64", "systemd"]


def test_a_users_systemd_is_nobodys_reboot(root: pathlib.Path) -> None:
    (root / "proc/20/exe").symlink_to("/usr/lib/systemd/systemd (deleted)")
    assert running.read(root).stale == []


@pytest.mark.parametrize(
    ("installed", "runs", "container", "newer"),
    [
        (["6.1.0-9-amd64", "6.1.0-37-amd64"], "6.1.0-9-amd64", False, "6.1.0-37-amd64"),
        (["6.1.0-9-amd64", "6.1.0-37-amd64"], "6.1.0-37-amd64", False, None),
        (["6.1.0-37-amd64", "6.12.0-1-amd64"], "6.1.0-37-amd64", False, "6.12.0-1-amd64"),
        (["6.1.0-37-amd64", "6.1.0-37-rt-amd64"], "6.1.0-37-amd64", False, None),
        (["6.1.0-9-amd64", "6.1.0-37-amd64"], "6.1.0-9-amd64", True, None),
        (["6.1.0-37-amd64", "6.12.41+deb13-amd64"], "6.1.0-37-amd64", False, "6.12.41+deb13-amd64"),
        (["6.1.0-37-amd64", "6.12.41+deb13-cloud-amd64"], "6.1.0-37-amd64", False, None),
        (["6.1.0-37-amd64"], "5.10.0-1-cloud", False, None),
        (["5.14.0-427.el9.x86_64", "5.15.0-205.149.5.4.el9uek.x86_64"], "5.14.0-427.el9.x86_64", False, None),
        (["5.14.0-427.el9.x86_64", "5.14.0-503.el9.x86_64+rt"], "5.14.0-427.el9.x86_64", False, None),
        ([], "6.1.0-9-amd64", False, None),
        (
            ["0-rescue-1b2c", "5.14.0-427.13.1.el9_4.x86_64", "5.14.0-503.el9.x86_64"],
            "5.14.0-427.13.1.el9_4.x86_64",
            False,
            "5.14.0-503.el9.x86_64",
        ),
        (["5.14.0-427.13.1.el9_4.x86_64", "5.14.0-427.el9.x86_64"], "5.14.0-427.13.1.el9_4.x86_64", False, None),
    ],
)
def test_a_kernel_that_does_not_run_yet(  # noqa: PLR0917
    root: pathlib.Path,
    monkeypatch: pytest.MonkeyPatch,
    installed: list[str],
    runs: str,
    container: bool,
    newer: str | None,
) -> None:
    monkeypatch.setattr("platform.release", lambda: runs)
    for release in installed:
        (root / f"boot/vmlinuz-{release}").touch()
    if container:
        (root / "run/systemd").mkdir()
        (root / "run/systemd/container").touch()
    assert running.read(root).newer_kernel == newer


@pytest.mark.parametrize("since_boot", [True, False])
def test_a_kernel_that_the_boot_loader_did_not_choose_is_owed_no_boot(
    root: pathlib.Path, monkeypatch: pytest.MonkeyPatch, since_boot: bool
) -> None:
    monkeypatch.setattr("platform.release", lambda: "6.1.0-9-amd64")
    for release in ("6.1.0-9-amd64", "6.1.0-37-amd64"):
        (root / f"boot/vmlinuz-{release}").touch()
    monkeypatch.setattr(running, "booted", lambda _root: time.time() + (-60 if since_boot else 60))
    found = running.read(root)
    assert [found.newer_kernel, found.passed_over] == ["6.1.0-37-amd64", None][:: 1 if since_boot else -1]
