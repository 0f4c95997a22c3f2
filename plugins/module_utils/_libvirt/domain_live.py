# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""The calls that change a running VM.

Sources: virDomainSetMemoryFlags, virDomainSetVcpusFlags, virDomainAttachDeviceFlags, virDomainDetachDeviceFlags,
virDomainUpdateDeviceFlags, virDomainSetMetadata, virDomainPinVcpuFlags, virDomainPinEmulator,
virDomainSetNumaParameters. All with VIR_DOMAIN_AFFECT_LIVE only: the definition is written whole.
"""

from __future__ import annotations

import typing as t

from .._domain_xml import metadata, scsi, tree
from .._domain_xml.option import LiveStep
from .._errors import ConflictError, VirtError
from .._wait import Deadline, wait_for
from . import domain_tuning
from .connection import LIBVIRT, explaining

with LIBVIRT.importing():
    import libvirt

Cpus = t.Optional[t.Collection[int]]
"""Numbers of the host's CPUs, None for all of them."""

_Call = t.Callable[["libvirt.virDomain", t.Any, Deadline], None]

_SETTLE_S = 5.0
"""A guest that can, gives memory or CPUs back within this time."""


def perform(domain: libvirt.virDomain, todo: t.Iterable[LiveStep], deadline: Deadline) -> dict[LiveStep, str]:
    """Make the calls.

    :returns: why uncertain ones were refused: those changes come with the next start.
    :raises OperationError: when libvirt refuses another one.
    """
    refused = {}
    for step in todo:
        try:
            _perform(domain, step, deadline)
        except VirtError as exc:
            if not step.uncertain:
                raise
            refused[step] = exc.message
    return refused


def _perform(domain: libvirt.virDomain, step: LiveStep, deadline: Deadline) -> None:
    title, call = _CALLS[step.call]
    with explaining(f"{title} running VM '{domain.name()}'"):
        call(domain, step.argument, deadline)


def _memory(domain: libvirt.virDomain, kib: int, deadline: Deadline) -> None:
    domain.setMemoryFlags(kib, libvirt.VIR_DOMAIN_AFFECT_LIVE)
    wait_for(
        lambda: domain.info()[2] == kib,
        f"VM '{domain.name()}' to have {kib // 1024} MiB",
        Deadline(min(_SETTLE_S, deadline.remaining)),
    )


def _vcpus(domain: libvirt.virDomain, count: int, _deadline: Deadline) -> None:
    domain.setVcpusFlags(count, libvirt.VIR_DOMAIN_AFFECT_LIVE)


def _pin_vcpus(domain: libvirt.virDomain, pins: tuple[tuple[int, Cpus], ...], _deadline: Deadline) -> None:
    for vcpu, cpus in pins:
        domain.pinVcpuFlags(vcpu, _map(domain, cpus), libvirt.VIR_DOMAIN_AFFECT_LIVE)


def _pin_emulator(domain: libvirt.virDomain, cpus: Cpus, _deadline: Deadline) -> None:
    domain.pinEmulator(_map(domain, cpus), libvirt.VIR_DOMAIN_AFFECT_LIVE)


def _map(domain: libvirt.virDomain, cpus: Cpus) -> tuple[bool, ...]:
    """Return a flag for each CPU of the host; no numbers mean all of them.

    :raises ConflictError: when the host does not have one of them.
    """
    count = domain.connect().getCPUMap()[0]
    missing = [cpu for cpu in cpus or () if cpu >= count]
    if missing:
        raise ConflictError(f"the host has no CPU {missing[0]}, it has {count}.")
    return tuple(cpus is None or cpu in cpus for cpu in range(count))


def _nodeset(domain: libvirt.virDomain, nodeset: str, _deadline: Deadline) -> None:
    domain.setNumaParameters({"numa_nodeset": nodeset}, libvirt.VIR_DOMAIN_AFFECT_LIVE)


def _attach(domain: libvirt.virDomain, xml: str, _deadline: Deadline) -> None:
    if scsi.lacks_controller(tree.parse(domain.XMLDesc(0)), tree.parse(xml)):
        domain.attachDeviceFlags(tree.serialize(scsi.controller()), libvirt.VIR_DOMAIN_AFFECT_LIVE)
    domain.attachDeviceFlags(xml, libvirt.VIR_DOMAIN_AFFECT_LIVE)


def _update(domain: libvirt.virDomain, xml: str, _deadline: Deadline) -> None:
    domain.updateDeviceFlags(xml, libvirt.VIR_DOMAIN_AFFECT_LIVE)


def _detach(domain: libvirt.virDomain, xml: str, deadline: Deadline) -> None:
    """libvirt only asks: the guest lets the device go when it likes to."""
    alias = tree.attribute(tree.parse(xml), "alias", "name")
    domain.detachDeviceFlags(xml, libvirt.VIR_DOMAIN_AFFECT_LIVE)
    wait_for(lambda: alias not in _aliases(domain), f"VM '{domain.name()}' to let its device {alias} go", deadline)


def _aliases(domain: libvirt.virDomain) -> set[str | None]:
    return {alias.get("name") for alias in tree.parse(domain.XMLDesc(0)).iterfind("devices/*/alias")}


def _metadata(domain: libvirt.virDomain, xml: str, _deadline: Deadline) -> None:
    domain.setMetadata(
        libvirt.VIR_DOMAIN_METADATA_ELEMENT, xml, metadata.PREFIX, metadata.NAMESPACE, libvirt.VIR_DOMAIN_AFFECT_LIVE
    )


def _description(domain: libvirt.virDomain, text: str, _deadline: Deadline) -> None:
    domain.setMetadata(
        libvirt.VIR_DOMAIN_METADATA_DESCRIPTION, text or None, None, None, libvirt.VIR_DOMAIN_AFFECT_LIVE
    )


def _without_deadline(call: t.Callable[[libvirt.virDomain, t.Any], None]) -> _Call:
    return lambda domain, argument, _deadline: call(domain, argument)


_CALLS: dict[str, tuple[str, _Call]] = {
    "memory": ("change the memory of the", _memory),
    "vcpus": ("change the CPUs of the", _vcpus),
    "pin_vcpus": ("pin the CPUs of the", _pin_vcpus),
    "pin_emulator": ("pin the emulator of the", _pin_emulator),
    "nodeset": ("change the NUMA nodes of the", _nodeset),
    "attach": ("attach a device to the", _attach),
    "detach": ("detach a device from the", _detach),
    "update": ("change a device of the", _update),
    "metadata": ("write labels and policy of the", _metadata),
    "description": ("write the description of the", _description),
    **{name: (title, _without_deadline(call)) for name, (title, call) in domain_tuning.CALLS.items()},
}
