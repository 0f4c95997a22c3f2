# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""VM facts out of domain XML as libvirt 9.0 writes it."""

from __future__ import annotations

from pathlib import Path

import pytest

from ansible_collections.evergreen.virt.plugins.module_utils._domain_xml.arguments import OPTIONS
from ansible_collections.evergreen.virt.plugins.module_utils._domain_xml.tree import parse
from ansible_collections.evergreen.virt.plugins.module_utils._facts import Disk, Interface, Pool, Vm
from ansible_collections.evergreen.virt.plugins.module_utils._libvirt.storage_identity import Mount, Storage
from ansible_collections.evergreen.virt.plugins.module_utils._libvirt.vm_facts_xml import Status, vm_from_xml

SAMPLES = Path(__file__).parent / "samples"
STORAGE = Storage(
    machine_id="m1",
    mounts=(Mount("/", "ext4", "/dev/sda1"), Mount("/mnt/shared", "nfs4", "nfs.example.com:/export/vms")),
    pools={"ceph": Pool("ceph", "rbd", active=True, backend="rbd:mon1/vms")},
)


def read(name: str, status: Status | None = None) -> Vm:
    root = parse((SAMPLES / f"vm_{name}.xml").read_text(encoding="utf-8"))
    return vm_from_xml(root, status or Status(), STORAGE)


def test_plain() -> None:
    vm = read("plain", Status(state="running", autostart=True, capacities={"vda": 3 * 2**30}))
    assert (vm.name, vm.uuid) == ("plain", "85ff7217-c239-4a3a-a8d9-59fe14812fde")
    assert (vm.state, vm.active, vm.autostart, vm.persistent) == ("running", True, True, True)
    assert (vm.memory_mib, vm.vcpus) == (128, 2)
    assert (vm.machine, vm.cpu_mode, vm.cpu_model, vm.virt_type) == ("pc-q35-7.2", "custom", "qemu64", "qemu")
    assert vm.labels == {"tier": "web"}
    assert (vm.policy.anti_affinity, vm.policy.priority, vm.policy.evacuation) == (["web"], 5, "live")
    assert vm.disks == [
        Disk("vda", "/var/lib/libvirt/images/plain.qcow2", "local:m1", "qcow2", 3072),
        Disk("sda", None, None, device="cdrom", readonly=True),
    ]
    assert vm.interfaces == [
        Interface("52:54:00:00:00:01", bridge="br0", vlan=10, type="ovs"),
        Interface("52:54:00:00:00:02", network="lan"),
    ]
    assert vm.obstacles == []


@pytest.mark.parametrize(
    ("name", "target", "source", "backend"),
    [
        ("rbd", "vda", "rbd:mon1.example.com:6789,mon2.example.com:6789/vms/web1", None),
        ("rbd", "vdb", "rbd:mon1/vms/web1-data", None),
        ("nbd", "vda", "nbd://10.213.0.9:10809/vm1", None),
        ("nbd", "vdb", "nbd://[fd00::9]:10809/vm2", None),
        ("nbd", "vdc", None, "local:m1"),
        ("uefi", "vda", "/mnt/shared/uefi.qcow2", "nfs:nfs.example.com:/export/vms"),
        ("uefi", "vdb", "/dev/vg0/data", "local:m1"),
    ],
)
def test_disk(name: str, target: str, source: str | None, backend: str | None) -> None:
    disk = next(disk for disk in read(name).disks if disk.target == target)
    assert (disk.source, disk.backend) == (source, backend or source)
    assert disk.shared is not (backend or "").startswith("local:")


def test_units_of_memory() -> None:
    assert {name: read(name).memory_mib for name in ("rbd", "nbd", "hostdev")} == {
        "rbd": 4096,
        "nbd": 128,
        "hostdev": 8192,
    }


def test_secrets_and_filters() -> None:
    assert read("rbd").secrets == ["3e3f7b0a-4a5c-4d3c-9d3f-3d7c1d0a3c55"]
    xml = """<domain><devices>
      <disk><source><encryption><secret type='passphrase' usage='/luks'/></encryption></source></disk>
      <interface type='bridge'><source bridge='br0'/><filterref filter='clean-traffic'/></interface>
      <tpm><backend type='emulator'><encryption secret='1-2'/></backend></tpm>
    </devices></domain>"""
    vm = vm_from_xml(parse(xml), Status(), STORAGE)
    assert (vm.secrets, vm.interfaces[0].filter) == (["/luks", "1-2"], "clean-traffic")


def test_a_trunk_is_no_vlan() -> None:
    assert read("uefi").interfaces == [Interface("52:54:00:00:00:03", bridge="br0", type="linux")]


@pytest.mark.parametrize("name", ["plain", "rbd", "nbd", "uefi"])
def test_no_obstacles(name: str) -> None:
    assert read(name).obstacles == []


def test_snapshots_are_an_obstacle() -> None:
    assert "snapshots" in read("plain", Status(has_snapshots=True)).obstacles[0]


def test_every_obstacle_is_one_sentence_that_names_it() -> None:
    found = read("hostdev").obstacles
    named = [
        "/srv/iso/debian.iso",
        "'share'",
        "pci 0000:3b:00.0",
        "usb 0529:0001",
        "TPM",
        "'ivshmem'",
        "/dev/ttyS0",
        "invtsc",
        "sev",
    ]
    assert len(found) == len(named)
    for sentence, name in zip(found, named):
        assert name in sentence
        assert sentence.endswith(".")


@pytest.mark.parametrize(
    ("name", "qemu", "arguments", "safe"),
    [
        ("plain", 7_002_022, [], False),
        ("plain", 7_002_022, ["-m", "131072K"], False),
        ("plain", 7_002_022, ["-m", "129M"], False),
        ("plain", 7_002_022, ["-m", "131072K", "-m", "131080K"], True),
        ("plain", 9_000_000, [], True),
        ("plain", None, [], True),
        ("rbd", 7_002_022, [], True),
    ],
)
def test_an_emulated_vm_is_not_moved_by_a_qemu_that_loses_its_writes(
    name: str, qemu: int | None, arguments: list[str], *, safe: bool
) -> None:
    root = parse((SAMPLES / f"vm_{name}.xml").read_text(encoding="utf-8"))
    (option,) = OPTIONS
    option.write(root, arguments)
    obstacles = vm_from_xml(root, Status(qemu=qemu), STORAGE).obstacles
    assert [("emulated" in sentence) for sentence in obstacles] == ([] if safe else [True])


def test_facts_survive_json() -> None:
    vm = read("plain")
    assert Vm.from_dict(vm.to_dict()) == vm
