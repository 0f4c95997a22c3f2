# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""A VM's facts out of its domain XML. Pure.

Source: https://libvirt.org/formatdomain.html
"""

from __future__ import annotations

import dataclasses
import typing as t
import xml.etree.ElementTree as ET

from .._domain_xml import metadata, vlans
from .._domain_xml.tree import size_in_bytes
from .._facts import Disk, Interface, Vm
from .storage_identity import Storage
from .vm_memory_xml import backing
from .vm_obstacles_xml import emulation, obstacles
from .vm_ways_xml import tied, unmovable, unsavable

_MIB = 2**20


@dataclasses.dataclass(frozen=True)
class Status:
    """What libvirt tells of a VM beside its XML.

    :param capacities: bytes by disk target.
    :param qemu: the version of the host's QEMU as a number (virConnectGetVersion), None if it was not asked.
    :param cpu_features: what its CPU has (cpus.py).
    :param driver: libvirt's name of it (virConnectGetType).
    :param trouble: why it stands still although nobody wanted it, empty if it does not.
    """

    state: str = "shutoff"
    persistent: bool = True
    autostart: bool = False
    has_snapshots: bool = False
    emulator_stale: t.Optional[bool] = False
    capacities: t.Mapping[str, int] = dataclasses.field(default_factory=dict)
    qemu: t.Optional[int] = None
    cpu_features: t.Sequence[str] = ()
    driver: str = "QEMU"
    trouble: str = ""


def vm_from_xml(root: ET.Element, status: Status, storage: Storage) -> Vm:
    """Return the facts of the `<domain>` element `root`."""
    labels, policy = metadata.read(root)
    disks = [_disk(element, status, storage) for element in root.iterfind("devices/disk")]
    trouble = [f"it {status.trouble}: bring it back to life, or stop it."] if status.trouble else []
    unclear = metadata.problems(root)  # where it may go and how is not known, and not guessed
    trouble += unclear
    machine, cpu = root.find("os/type"), root.find("cpu")
    vcpu = root.find("vcpu")
    return Vm(
        name=root.findtext("name", ""),
        uuid=root.findtext("uuid", ""),
        state=status.state,
        persistent=status.persistent,
        memory_mib=(size_in_bytes(root.find("memory")) or 0) // _MIB,
        vcpus=1 if vcpu is None else int(vcpu.get("current") or vcpu.text or 1),
        autostart=status.autostart,
        machine=None if machine is None else machine.get("machine"),
        cpu_mode=None if cpu is None else cpu.get("mode"),
        cpu_model=None if cpu is None else cpu.findtext("model"),
        cpu_features=list(status.cpu_features),
        virt_type=root.get("type", ""),
        disks=disks,
        interfaces=[_interface(element) for element in root.iterfind("devices/interface")],
        labels=labels,
        policy=policy,
        backing=backing(root),
        secrets=_secrets(root),
        obstacles=[
            *trouble,
            *_snapshots(status),
            *obstacles(root, storage),
            *emulation(root, status.qemu),
            *unmovable(status.driver),
        ],
        unsavable=trouble + unsavable(root, storage, status.driver),
        tied=_snapshots(status) + unclear + tied(root, storage, status.driver, disks),
        emulator_stale=status.emulator_stale,
    )


def _snapshots(status: Status) -> list[str]:
    return ["it has snapshots, and libvirt does not migrate a VM with snapshots."] if status.has_snapshots else []


def _secrets(root: ET.Element) -> list[str]:
    """A disk, or a layer of it, names a secret in an element, a TPM in an attribute."""
    named = [element.get("uuid") or element.get("usage") for element in root.iterfind("devices//secret")]
    return sorted(
        {name for name in [*named, *(one.get("secret") for one in root.iterfind("devices/tpm//encryption"))] if name}
    )


def _disk(element: ET.Element, status: Status, storage: Storage) -> Disk:
    target, driver = element.find("target"), element.find("driver")
    name = "" if target is None else target.get("dev", "")
    device = element.get("device", "disk")
    source, backend = storage.of_source(element.find("source"))
    return Disk(
        target=name,
        source=source,
        backend=backend if storage.tells(backend) else None,
        format=None if driver is None else driver.get("type"),
        size_mib=status.capacities.get(name, 0) // _MIB,
        device=device,
        readonly=element.find("readonly") is not None or device == "cdrom",
    )


def _interface(element: ET.Element) -> Interface:
    mac, source, filtered = element.find("mac"), element.find("source"), element.find("filterref")
    network = None if source is None else source.get("network")
    bridge = None if source is None or network else source.get("bridge")
    return Interface(
        mac="" if mac is None else mac.get("address", ""),
        bridge=bridge,
        network=network,
        vlan=vlans.untagged(element),
        filter=None if filtered is None else filtered.get("filter"),
        type=_bridge_type(element) if bridge else None,
    )


def _bridge_type(element: ET.Element) -> str:
    return "ovs" if element.find("virtualport[@type='openvswitch']") is not None else "linux"
