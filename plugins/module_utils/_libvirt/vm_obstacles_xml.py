# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""What keeps a VM from being migrated live, read from its domain XML. Pure.

Sources: https://libvirt.org/formatdomain.html and the refusals of libvirt's QEMU driver when a migration begins.
That a CPU is `host-passthrough` is no obstacle: whether another host has the same CPU is for the plan to say.
"""

from __future__ import annotations

import re
import typing as t
import xml.etree.ElementTree as ET

from .._domain_xml import arguments, hostdevs
from .storage_identity import Storage

_QEMU_9 = 9_000_000
_DIRTY_LOG_WORD_KIB = 256
"""Memory that one word of QEMU's dirty log stands for: 64 pages."""


def obstacles(root: ET.Element, storage: Storage) -> list[str]:
    """Return one sentence for each obstacle, in the order of the XML; empty means that it can be migrated live."""
    return of_devices(root.iterfind("devices/*"), storage) + of_the_processor(root)


def of_devices(devices: t.Iterable[ET.Element], storage: Storage) -> list[str]:
    """Return one sentence for each obstacle that these devices are."""
    found: list[str] = []
    for device in devices:
        reader = _DEVICES.get(device.tag)
        found += reader(device, storage) if reader else []
    return found


def of_the_processor(root: ET.Element) -> list[str]:
    """Return one sentence for each obstacle that is in the VM's processor and memory."""
    return _cpu(root) + _launch_security(root)


def emulation(root: ET.Element, qemu: int | None) -> list[str]:
    """Return the obstacle of a VM whose processor is emulated by a QEMU before 9: a move can lose what it writes to memory.

    QEMU then reads its dirty log word by word, and forgets the emulator's TLB over it; memory that does not end with such a
    word is read page by page. Source: QEMU's commit 03bfc2188f06, "physmem: Fix migration dirty bitmap coherency with TCG
    memory access".

    :param qemu: its version as a number (virConnectGetVersion), None if it is not known.
    """
    if (
        root.get("type") != "qemu"
        or qemu is None
        or qemu >= _QEMU_9
        or _memory_argument_kib(root) % _DIRTY_LOG_WORD_KIB
    ):
        return []
    return [
        (
            "it is emulated, and a QEMU before 9 can lose what such a VM writes to its memory while it moves; the guide"
            " 'Upgrade a cluster' has a way around that."
        )
    ]


def _memory_argument_kib(root: ET.Element) -> int:
    """Return the KiB of the last `-m` that QEMU is given past libvirt, 0 if there is none or it is not in KiB."""
    words = arguments.read(root)
    sizes = [value for name, value in zip(words, words[1:]) if name == "-m"]
    found = re.fullmatch(r"(\d+)K", sizes[-1]) if sizes else None
    return int(found[1]) if found else 0


def _hostdev(device: ET.Element, _storage: Storage) -> list[str]:
    if device.find("teaming[@type='transient']") is not None:
        return []  # QEMU unplugs it for the move and the guest goes on over its partner
    kind = device.get("type", device.get("mode", "host"))
    kind = "pci" if device.tag == "interface" else kind
    address = device.find("source/address")
    others = "" if address is None else ":".join(address.attrib.values())
    name = hostdevs.name_of(device) or others
    return [f"host device {f'{kind} {name}'.rstrip()} belongs to this host."]


def _disk(device: ET.Element, storage: Storage) -> list[str]:
    target = device.find("target")
    name = "?" if target is None else target.get("dev", "?")
    if device.find("transient") is not None:
        return [f"disk {name} is transient: what was written to it cannot go along."]
    source, kind = device.find("source"), device.get("device", "disk")
    if source is None or (kind not in ("cdrom", "floppy") and device.find("readonly") is None):
        return []
    path, backend = storage.of_source(source)
    droppable = source.get("startupPolicy") in ("optional", "requisite")
    if path is None or droppable or backend != storage.local:
        return []
    if storage.afar:
        return [f"{kind} {name} holds {path}, and only its own host can tell whether others have that."]
    way_out = "take it away" if kind == "disk" else "eject it"
    return [f"{kind} {name} holds {path}, which only this host has and which is not copied: {way_out}."]


def _interface(device: ET.Element, storage: Storage) -> list[str]:
    if device.get("type") == "hostdev":
        return _hostdev(device, storage)
    if device.get("type") == "vdpa":
        return ["a vDPA interface belongs to this host."]
    return []


def _filesystem(device: ET.Element, _storage: Storage) -> list[str]:
    target = device.find("target")
    name = "?" if target is None else target.get("dir", "?")
    return [f"filesystem '{name}' is a directory of this host."]


def _shmem(device: ET.Element, _storage: Storage) -> list[str]:
    if device.get("role") == "master":
        return []
    return [f"shared memory '{device.get('name', '?')}' belongs to this host."]


def _character(device: ET.Element, _storage: Storage) -> list[str]:
    source = device.find("source")
    if device.get("type") != "dev" or source is None:
        return []
    return [f"{device.tag} port uses {source.get('path', 'a device')} of this host."]


def _smartcard(device: ET.Element, _storage: Storage) -> list[str]:
    return [] if device.get("mode") == "passthrough" else ["the smartcard reader belongs to this host."]


def _tpm(device: ET.Element, _storage: Storage) -> list[str]:
    passed = device.find("backend[@type='passthrough']") is not None
    return ["the TPM is the one of this host."] if passed else []


_DEVICES: dict[str, t.Callable[[ET.Element, Storage], list[str]]] = {
    "hostdev": _hostdev,
    "disk": _disk,
    "interface": _interface,
    "filesystem": _filesystem,
    "shmem": _shmem,
    "serial": _character,
    "parallel": _character,
    "console": _character,
    "channel": _character,
    "smartcard": _smartcard,
    "tpm": _tpm,
}


def _cpu(root: ET.Element) -> list[str]:
    required = {
        feature.get("name")
        for feature in root.iterfind("cpu/feature")
        if feature.get("policy", "require") in ("require", "force")
    }
    if "invtsc" not in required or root.find("clock/timer[@name='tsc'][@frequency]") is not None:
        return []
    return ["CPU feature invtsc needs a fixed TSC frequency to be migrated."]


def _launch_security(root: ET.Element) -> list[str]:
    element = root.find("launchSecurity")
    return [] if element is None else [f"memory encryption ({element.get('type', '?')}) ties it to this host."]
