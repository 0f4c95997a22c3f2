# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the operating system tells, from files of our own."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from ansible_collections.evergreen.virt.plugins.module_utils import _systemd
from ansible_collections.evergreen.virt.plugins.module_utils._domain_xml.tree import parse
from ansible_collections.evergreen.virt.plugins.module_utils._errors import UnavailableError
from ansible_collections.evergreen.virt.plugins.module_utils._libvirt import operating_system
from ansible_collections.evergreen.virt.plugins.module_utils._libvirt.capabilities import (
    cpu_models,
    machine_aliases,
    machines,
    virt_types,
)


def test_files_that_are_missing(tmp_path: Path) -> None:
    assert operating_system.machine_id(tmp_path) == ""
    assert operating_system.mounts(tmp_path) == ()
    assert operating_system.linux_bridges(tmp_path) == []
    assert operating_system.ceph_fsid(tmp_path) is None


def test_free_space(tmp_path: Path) -> None:
    free = operating_system.free_mib(str(tmp_path))
    assert free is not None
    assert 0 < free * 2**20 <= shutil.disk_usage(tmp_path).total
    assert operating_system.free_mib(str(tmp_path / "none")) is None


def test_a_boot_is_the_kernels_and_that_of_the_first_process(tmp_path: Path) -> None:
    (tmp_path / "proc/sys/kernel/random").mkdir(parents=True)
    (tmp_path / "proc/1").mkdir()
    (tmp_path / "proc/sys/kernel/random/boot_id").write_text("b-1\n", encoding="utf-8")
    numbers = " ".join(str(number) for number in range(4, 30))
    (tmp_path / "proc/1/stat").write_text(f"1 (a) b) S {numbers}\n", encoding="utf-8")
    assert operating_system.boot_id(tmp_path) == "b-1.22"


@pytest.mark.parametrize(("count", "suffix"), [(None, ""), (0, ""), (2, "+2")])
def test_a_soft_reboot_begins_new_processes_and_no_boot(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, count: int | None, suffix: str
) -> None:
    monkeypatch.setattr(_systemd, "soft_reboots", lambda _root: count)
    assert operating_system.userspace_id(tmp_path) == operating_system.boot_id(tmp_path) + suffix


def test_no_answer_of_systemd_is_not_taken_for_no_soft_reboot(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "run/systemd/system").mkdir(parents=True)
    monkeypatch.setattr(_systemd, "_PATIENCE_S", 0.0, raising=False)
    monkeypatch.setattr(_systemd, "show", lambda *_asked: [])
    with pytest.raises(UnavailableError):
        operating_system.userspace_id(tmp_path)
    monkeypatch.setattr(_systemd, "show", lambda *_asked: [{"SoftRebootsCount": "2"}])
    assert operating_system.userspace_id(tmp_path) == operating_system.boot_id(tmp_path) + "+2"


def test_linux_bridges(tmp_path: Path) -> None:
    for name in ("sys/class/net/virbr0/bridge", "sys/class/net/br0/bridge", "sys/class/net/eth0/queues"):
        (tmp_path / name).mkdir(parents=True)
    assert operating_system.linux_bridges(tmp_path) == ["br0", "virbr0"]


def test_ceph_fsid(tmp_path: Path) -> None:
    (tmp_path / "etc/ceph").mkdir(parents=True)
    (tmp_path / "etc/ceph/ceph.conf").write_text(
        "[global]\n\tfsid = A7F64266-0894-4F1E-A635-D0AEACA0E993\n", encoding="utf-8"
    )
    assert operating_system.ceph_fsid(tmp_path) == "a7f64266-0894-4f1e-a635-d0aeaca0e993"


def test_this_process_runs_what_is_installed() -> None:
    assert not operating_system.is_replaced(Path("/proc/self/exe"))


def test_no_process_runs_nothing_that_was_replaced(tmp_path: Path) -> None:
    assert not operating_system.is_replaced(tmp_path / "exe")


def test_a_replaced_file(tmp_path: Path) -> None:
    (tmp_path / "exe").symlink_to(f"{tmp_path}/emulator (deleted)")
    assert operating_system.is_replaced(tmp_path / "exe")


def test_a_running_file_that_was_replaced(tmp_path: Path) -> None:
    program = tmp_path / "program"
    program.write_bytes(Path("/bin/sleep").read_bytes())
    program.chmod(0o755)
    with subprocess.Popen([str(program), "30"]) as process:
        executable = Path(f"/proc/{process.pid}/exe")
        assert not operating_system.is_replaced(executable)
        program.unlink()
        program.write_bytes(b"newer")
        replaced = operating_system.is_replaced(executable)
        process.kill()
    assert replaced


def test_capabilities() -> None:
    root = parse((Path(__file__).parent / "samples" / "capabilities.xml").read_text(encoding="utf-8"))
    assert virt_types(root, "x86_64") == ["kvm", "qemu"]
    assert machines(root, "x86_64") == ["pc-i440fx-7.2", "pc-q35-7.2"]
    assert machines(root, "aarch64") == []
    assert machine_aliases(root, "x86_64") == {"pc": "pc-i440fx-7.2", "q35": "pc-q35-7.2"}


def test_cpu_models_by_whether_they_can_be_given() -> None:
    root = parse(
        "<domainCapabilities><cpu><mode name='host-model'><model>Haswell</model></mode><mode name='custom'>"
        "<model usable='yes'>qemu64</model><model usable='no'>EPYC</model></mode></cpu></domainCapabilities>"
    )
    assert cpu_models(root, usable="yes") == ["qemu64"]
    assert cpu_models(root, usable="no") == ["EPYC"]


def test_a_container_s_own_boot_is_told_apart(tmp_path: Path) -> None:
    boots = set()
    for started in (4711, 9999):
        (tmp_path / "proc/sys/kernel/random").mkdir(parents=True, exist_ok=True)
        (tmp_path / "proc/sys/kernel/random/boot_id").write_text("same-kernel\n")
        (tmp_path / "proc/1").mkdir(exist_ok=True)
        fields = ["S", *"0" * 18, str(started), "0"]
        (tmp_path / "proc/1/stat").write_text(f"1 (init (odd) name) {' '.join(fields)}\n")
        boots.add(operating_system.boot_id(tmp_path))
    assert boots == {"same-kernel.4711", "same-kernel.9999"}
