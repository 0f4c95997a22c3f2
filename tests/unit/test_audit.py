# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the lab's audit sees on a host, and what the fault tests make of it."""

from __future__ import annotations

import shutil
import typing as t
from pathlib import Path

import pytest

from ansible_collections.evergreen.virt.tests.faults.toll import left_behind
from ansible_collections.evergreen.virt.tests.lab.audit import Audit
from ansible_collections.evergreen.virt.tests.lab.remote import inspect_host

TIDY: dict[str, t.Any] = {
    "in_maintenance": False,
    "failed_units": [],
    "moving": [],
    "stray_ports": [],
    "helpers": [],
    "stray_emulators": [],
    "files_of_a_run": [],
}


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A host with VM vm1, which is active."""
    monkeypatch.setattr(inspect_host, "ROOT", tmp_path)
    monkeypatch.setattr(inspect_host, "run", host_with("vm1\n\n"))
    begin(tmp_path, 11, "/usr/bin/qemu-system-x86_64", "-name", "guest=vm1,debug-threads=on", "-S")
    begin(tmp_path, 12, "/usr/sbin/sshd", "-D")
    write(tmp_path, "etc/os-release", 'VERSION_ID="12"\n')
    write(tmp_path, "run/libvirt/qemu/vm1.pid", "11\n")
    write(tmp_path, "run/libvirt/qemu/driver.pid", "10\n")
    return tmp_path


def host_with(
    active: str, persistent: str = "vm1\n\n", meanwhile: t.Callable[[], None] = lambda: None
) -> t.Callable[..., str]:
    """What the programs of a host print whose VMs rest."""

    def run(*argv: str) -> str:
        if argv[:2] == ("virsh", "list"):
            meanwhile()
            return persistent if "--persistent" in argv else active
        return "Job type:         None\n" if "domjobinfo" in argv else ""

    return run


def write(root: Path, path: str, text: str = "") -> None:
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    (root / path).write_text(text)


def begin(root: Path, process: int, *argv: str) -> None:
    write(root, f"proc/{process}/cmdline", "".join(f"{word}\0" for word in argv))


def test_a_host_with_one_vm_is_tidy(root: Path) -> None:
    found = inspect_host.look()
    assert {key: found[key] for key in TIDY} == TIDY
    assert found["active"] == found["defined"] == ["vm1"]
    assert found["os"] == "12"


@pytest.mark.parametrize("name", ["vm1", "vm2"], ids=["a second one of an active VM", "one of a VM that is off"])
def test_a_qemu_is_a_stray_that_libvirt_does_not_know(name: str, root: Path) -> None:
    begin(root, 13, "qemu-system-x86_64", "-name", f"guest={name},debug-threads=on")
    write(root, "run/libvirt/qemu/vm2.pid", "13\n")  # of a VM that is not active
    assert inspect_host.look()["stray_emulators"] == [name]


def test_a_qemu_that_ends_while_libvirt_is_asked_is_no_stray(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    begin(root, 13, "qemu-system-x86_64", "-name", "guest=vm2,debug-threads=on")

    def ends() -> None:
        shutil.rmtree(root / "proc/13", ignore_errors=True)

    monkeypatch.setattr(inspect_host, "run", host_with("vm1\n", meanwhile=ends))
    assert inspect_host.look()["stray_emulators"] == []


def test_only_the_vms_that_an_upgrade_makes_are_helpers(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    host = host_with("vm1\nevergreen-maintenance-proof-07\n", "evergreen-trial-h1\nvm1\nmy-evergreen-shop\n")
    monkeypatch.setattr(inspect_host, "run", host)
    assert inspect_host.look()["helpers"] == ["evergreen-maintenance-proof-07", "evergreen-trial-h1"]


@pytest.mark.parametrize(
    "path",
    [
        "/etc/apt/preferences.d/evergreen-virt-manifest",
        "/run/openvswitch/evergreen.virt-flows.json",
        "/run/systemd/system/apt-.service.d/evergreen-virt.conf",
        "/run/systemd/system/ovs-vswitchd.service.d/evergreen-hold.conf",
    ],
)
def test_a_file_that_is_there_only_during_a_run_is_seen(path: str, root: Path) -> None:
    write(root, "etc/apt/preferences.d/ours")
    write(root, "run/systemd/system/ssh.service.d/ours.conf")
    assert inspect_host.files_of_a_run() == []
    write(root, path.lstrip("/"))
    assert inspect_host.files_of_a_run() == [path]


@pytest.mark.parametrize(
    ("found", "sentence"),
    [
        ({"in_maintenance": True}, "h2 is in maintenance"),
        ({"failed_units": ["libvirtd.service"]}, "libvirtd.service has failed on h2"),
        ({"moving": ["vm1"]}, "vm1 moves on h2"),
        ({"stray_ports": ["vnet7"]}, "vnet7 on h2 is no VM's"),
        ({"helpers": ["evergreen-trial-h2"]}, "evergreen-trial-h2 is still there on h2"),
        ({"stray_emulators": ["vm1"]}, "QEMU of vm1 runs on h2 without libvirt"),
        ({"files_of_a_run": ["/etc/a"]}, "/etc/a is still there on h2"),
    ],
)
def test_each_thing_that_should_have_gone_is_told(found: dict[str, t.Any], sentence: str) -> None:
    assert left_behind(Audit({"h1": TIDY, "h2": {**TIDY, **found}}, {})) == [sentence]


def test_nothing_is_told_of_hosts_that_are_tidy() -> None:
    assert left_behind(Audit({"h1": TIDY, "watch": TIDY}, {})) == []
