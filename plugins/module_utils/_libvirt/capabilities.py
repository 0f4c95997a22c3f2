# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""What a host has and what its emulator can run.

Sources: virNodeGetInfo, virConnectGetCapabilities (https://libvirt.org/formatcaps.html) and
virConnectGetDomainCapabilities (https://libvirt.org/formatdomaincaps.html).
"""

from __future__ import annotations

import typing as t
import xml.etree.ElementTree as ET

from .._domain_xml import tree
from .._facts import Capacity, NumaNode
from . import cpus
from .connection import explaining
from .cpus import Guests

if t.TYPE_CHECKING:
    import libvirt

_PREFERRED = ("kvm", "hvf", "qemu")
_KIB_OF_A_MIB = 2**10


def read(connection: libvirt.virConnect) -> Capacity:
    """Return the host's capacity.

    :raises OperationError: when libvirt refuses; a driver without domain capabilities (LXC) yields no CPU models.
    """
    with explaining("read the capabilities of the host"):
        node = connection.getInfo()
        root = tree.parse(connection.getCapabilities())
    arch = root.findtext("host/cpu/arch") or str(node[0])
    types = virt_types(root, arch)
    guests = {virt_type: Guests(connection, arch, virt_type) for virt_type in types}
    told = {virt_type: cpus.capabilities(those) for virt_type, those in guests.items()}
    found = {virt_type: cpus.of_host(those, told[virt_type]) for virt_type, those in guests.items()}
    preferred = told[types[0]] if types else ET.Element("domainCapabilities")
    return Capacity(
        memory_mib=int(node[1]),
        threads=int(node[2]),
        arch=arch,
        virt_types=types,
        machines=machines(root, arch),
        cpu_models=cpu_models(preferred, usable="yes"),
        partial_cpu_models=cpu_models(preferred, usable="no"),
        cpus={virt_type: cpu for virt_type, cpu in found.items() if cpu is not None},
        machine_aliases=machine_aliases(root, arch),
        nodes=numa_nodes(root),
    )


def virt_types(capabilities: ET.Element, arch: str) -> list[str]:
    """Return the `type` that a VM of this architecture may have, hardware acceleration first."""
    found = {domain.get("type", "") for guest in _guests(capabilities, arch) for domain in guest.iterfind("domain")}
    return sorted(found, key=lambda name: (_PREFERRED.index(name) if name in _PREFERRED else len(_PREFERRED), name))


def machines(capabilities: ET.Element, arch: str) -> list[str]:
    """Return the machine types, each alias (`q35`) replaced by what it stands for."""
    names = (machine.get("canonical") or machine.text or "" for machine in _machines(capabilities, arch))
    return sorted(set(names))


def machine_aliases(capabilities: ET.Element, arch: str) -> dict[str, str]:
    """Return what each alias of a machine type stands for."""
    found = {machine.text or "": machine.get("canonical", "") for machine in _machines(capabilities, arch)}
    return {alias: found[alias] for alias in sorted(found) if found[alias]}


def _machines(capabilities: ET.Element, arch: str) -> list[ET.Element]:
    return [machine for guest in _guests(capabilities, arch) for machine in guest.iterfind(".//machine")]


def _guests(capabilities: ET.Element, arch: str) -> list[ET.Element]:
    return [element for element in capabilities.iterfind("guest/arch") if element.get("name") == arch]


def numa_nodes(capabilities: ET.Element) -> list[NumaNode]:
    """Return the host's NUMA nodes with what is set aside for huge pages; the smallest pages are the ordinary ones."""
    return [_numa_node(cell) for cell in capabilities.iterfind("host/topology/cells/cell")]


def _numa_node(cell: ET.Element) -> NumaNode:
    sizes = {int(pages.get("size", "0")): int(pages.text or 0) for pages in cell.iterfind("pages")}
    huge = sorted(size for size, count in sizes.items() if count and size > min(sizes))
    return NumaNode(
        number=int(cell.get("id", "0")),
        memory_mib=(tree.size_in_bytes(cell.find("memory")) or 0) // _KIB_OF_A_MIB**2,
        pages={str(size): size * sizes[size] // _KIB_OF_A_MIB for size in huge},
    )


def cpu_models(domain_capabilities: ET.Element, *, usable: str) -> list[str]:
    """Return the CPU models that the emulator has.

    :param usable: yes: those that it can give to a guest here; no: those that it could only give without some features.
    """
    return [
        model.text or ""
        for model in domain_capabilities.iterfind("cpu/mode[@name='custom']/model")
        if model.get("usable") == usable
    ]
