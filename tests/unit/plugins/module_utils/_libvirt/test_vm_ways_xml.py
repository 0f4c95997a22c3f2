# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.evergreen.virt.plugins.module_utils._domain_xml import metadata
from ansible_collections.evergreen.virt.plugins.module_utils._domain_xml.tree import parse
from ansible_collections.evergreen.virt.plugins.module_utils._facts import Disk, Policy, Pool
from ansible_collections.evergreen.virt.plugins.module_utils._libvirt.storage_identity import Storage
from ansible_collections.evergreen.virt.plugins.module_utils._libvirt.vm_facts_xml import Status, vm_from_xml
from ansible_collections.evergreen.virt.plugins.module_utils._libvirt.vm_ways_xml import tied, unmovable, unsavable

POOLS = {"p": Pool("p", "dir", True, "local:m1", "/p"), "n": Pool("n", "netfs", True, "nfs:s:/e", "/n")}
STORAGE = Storage(machine_id="m1", pools=POOLS)
PCI = "<hostdev mode='subsystem' type='pci'><source><address domain='0' bus='1' slot='0' function='0'/></source></hostdev>"
USB = "<hostdev mode='subsystem' type='usb'><source><vendor id='0x1'/><product id='0x2'/></source></hostdev>"
CD = "<disk device='cdrom' type='file'><source file='/srv/a.iso'/><target dev='sda'/></disk>"
CONFIG = "<disk device='disk' type='file'><source file='/srv/c.img'/><target dev='vdb'/><readonly/></disk>"
VOLUME = "<disk device='cdrom' type='volume'><source pool='p' volume='seed.iso'/><target dev='sdb'/></disk>"
TRANSIENT = "<disk type='network'><source protocol='nbd' name='x'/><target dev='vda'/><transient/></disk>"
SHARE = "<filesystem><target dir='share'/></filesystem>"
PORT = "<serial type='dev'><source path='/dev/ttyS0'/></serial>"


@pytest.mark.parametrize(
    ("devices", "saved", "started"),
    [
        (PCI, ["host device pci"], ["host device pci"]),
        (USB, [], ["host device usb"]),
        (CD, [], ["cdrom sda holds /srv/a.iso, which only this host has and which is not copied: eject it."]),
        (CONFIG, [], ["disk vdb holds /srv/c.img, which only this host has and which is not copied: take it away."]),
        (VOLUME, [], ["cdrom sdb holds /p/seed.iso, which only this host has"]),
        (VOLUME.replace("'p'", "'n'"), [], []),
        (CONFIG.replace("file='/srv", "startupPolicy='optional' file='/srv"), [], []),
        (TRANSIENT, ["disk vda is transient"], []),
        (SHARE, ["filesystem 'share'"], ["filesystem 'share'"]),
        (PORT, [], ["serial port uses /dev/ttyS0"]),
        ("<tpm><backend type='passthrough'/></tpm>", ["the TPM is"], ["the TPM is"]),
        ("<tpm><backend type='emulator'/></tpm>", [], ["its TPM state is on this host only"]),
        ("<interface type='vdpa'/>", ["a vDPA interface"], ["a vDPA interface"]),
    ],
)
def test_what_hinders_which_way(devices: str, saved: list[str], started: list[str]) -> None:
    root = parse(f"<domain><devices>{devices}</devices></domain>")
    found = unsavable(root, STORAGE, "QEMU"), tied(root, STORAGE, "QEMU", [])
    assert [len(found[0]), len(found[1])] == [len(saved), len(started)]
    assert all(sentence.startswith(start) for sentence, start in zip([*found[0], *found[1]], [*saved, *started]))


def test_what_else_lies_on_the_host() -> None:
    root = parse("<domain><os><nvram>/n</nvram></os></domain>")
    disks = [Disk("vda", "/p/a", "local:m1"), Disk("vdb", "rbd:x", "rbd:x")]
    assert tied(root, STORAGE, "QEMU", disks) == [
        "disk vda (/p/a) is on this host only.",
        "its NVRAM is on this host only.",
    ]


def test_the_processor() -> None:
    root = parse("<domain><cpu><feature name='invtsc' policy='require'/></cpu><launchSecurity type='sev'/></domain>")
    assert [("invtsc" in one, "sev" in one) for one in unsavable(root, STORAGE, "QEMU")] == [
        (True, False),
        (False, True),
    ]
    assert tied(root, STORAGE, "QEMU", []) == []


@pytest.mark.parametrize(
    ("driver", "moves", "saves"), [("QEMU", True, True), ("LXC", False, False), ("Xen", False, True)]
)
def test_what_drivers_do(driver: str, moves: bool, saves: bool) -> None:
    root = parse("<domain/>")
    assert (unmovable(driver) == [], unsavable(root, STORAGE, driver) == []) == (moves, saves)
    assert tied(root, STORAGE, driver, []) == unmovable(driver)


def test_snapshots_and_trouble_are_facts_of_the_vm() -> None:
    root = parse("<domain type='kvm'><name>a</name></domain>")
    vm = vm_from_xml(root, Status(has_snapshots=True, trouble="is paused by an I/O error"), STORAGE)
    assert [("I/O error" in one) for one in vm.obstacles] == [True, False]
    assert [("I/O error" in one) for one in vm.unsavable] == [True]
    assert [("snapshots" in one) for one in vm.tied] == [True]


def test_a_vm_whose_policy_cannot_be_meant_goes_nowhere() -> None:
    text = '{"policy": {"hosts": "kvm1"}}'
    root = parse(
        f"<domain type='kvm'><name>a</name><metadata><vm xmlns='{metadata.NAMESPACE}'>{text}</vm></metadata></domain>"
    )
    vm = vm_from_xml(root, Status(), STORAGE)
    for ways in (vm.obstacles, vm.unsavable, vm.tied):
        assert any("'kvm1' as 'hosts'" in one for one in ways)
    assert vm.policy == Policy()
