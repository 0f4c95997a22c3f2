# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""What libvirt tells of CPUs: the most that a host can give to a VM, what a VM has, and what many hosts have in common.

Sources: virConnectGetDomainCapabilities (https://libvirt.org/formatdomaincaps.html) and virConnectBaselineHypervisorCPU,
which works for KVM and for plain emulation. libvirt reads the policies of the features only in a CPU that is written as a
VM has it (`mode="custom" match="exact"`); in that of a host it takes each feature that is named for one that is there.

A CPU that is passed through has no model by which libvirt could hold two of them against each other, and it refuses no move of
such a VM: https://libvirt.org/formatdomain.html#cpu-model-and-topology says that its guest may crash after it.
"""

from __future__ import annotations

import dataclasses
import typing as t
import xml.etree.ElementTree as ET

from .._domain_xml import tree
from .._errors import InvalidInputError, OperationError, UnsupportedError
from .._facts import PASSED_THROUGH, Cpu
from .connection import LIBVIRT, explaining

with LIBVIRT.importing():
    import libvirt

_REFUSED = (InvalidInputError, OperationError, UnsupportedError)


@dataclasses.dataclass(frozen=True)
class Guests:
    """Which VMs of a host are spoken of.

    :param virt_type: kvm, qemu and so on.
    """

    connection: libvirt.virConnect
    arch: str
    virt_type: str


def capabilities(guests: Guests) -> ET.Element:
    """Return what libvirt can give to such VMs; of a driver that cannot tell, an empty element."""
    try:
        with explaining(f"read the capabilities of {guests.virt_type} VMs"):
            return tree.parse(guests.connection.getDomainCapabilities(None, guests.arch, None, guests.virt_type, 0))
    except (UnsupportedError, InvalidInputError):
        return ET.Element("domainCapabilities")


def of_host(guests: Guests, domain_capabilities: ET.Element) -> Cpu | None:
    """Return the most that a VM can be given, with every feature named; None where libvirt cannot tell."""
    mode = domain_capabilities.find("cpu/mode[@name='host-model']")
    model = None if mode is None else mode.findtext("model")
    if mode is None or model is None:
        return None
    try:
        return _in_full(guests, Cpu(model, mode.findtext("vendor"), _policies(mode)))
    except _REFUSED:
        return None


class VmCpus:
    """The CPUs of running VMs; libvirt is asked once for each that differs from the others."""

    def __init__(self, connection: libvirt.virConnect) -> None:
        self._connection = connection
        self._known: dict[tuple[Guests, str], list[str]] = {}
        self._hosts: dict[Guests, Cpu | None] = {}

    def features(self, root: ET.Element) -> list[str]:
        """Return the names of all features, the model's included, in order; none where libvirt cannot tell."""
        cpu, kind = root.find("cpu"), root.find("os/type")
        if cpu is None or kind is None:
            return []
        guests = Guests(self._connection, kind.get("arch", ""), root.get("type", ""))
        if cpu.get("mode") in PASSED_THROUGH:
            return _altered(self._of_host(guests), _policies(cpu))
        model = cpu.findtext("model")
        return [] if model is None else self._of_model(guests, Cpu(model, None, _policies(cpu)))

    def _of_host(self, guests: Guests) -> Cpu | None:
        if guests not in self._hosts:
            self._hosts[guests] = of_host(guests, capabilities(guests))
        return self._hosts[guests]

    def _of_model(self, guests: Guests, asked: Cpu) -> list[str]:
        key = (guests, tree.serialize(to_xml(asked)))
        if key not in self._known:
            self._known[key] = _features(guests, asked)
        return self._known[key]


def _features(guests: Guests, cpu: Cpu) -> list[str]:
    try:
        return sorted(_in_full(guests, cpu).given)
    except _REFUSED:
        return []


def _altered(passed: Cpu | None, policies: t.Mapping[str, str]) -> list[str]:
    """Return the features of a host's CPU as the VM has it: some may be taken away from it, or added."""
    return [] if passed is None else sorted(dataclasses.replace(passed, features={**passed.features, **policies}).given)


def baseline(guests: Guests, own: Cpu, others: t.Iterable[Cpu]) -> Cpu:
    """Return the best CPU that all hosts can give; the features are those in which it differs from its model.

    The libvirt that is asked must know what it is told. So the other hosts' CPUs are told in terms of this host's model, and
    without the features of which this libvirt does not know the name: a CPU with those could not be given here.

    :param own: this host's, with every feature named.
    :param others: the other hosts', as well.
    :raises OperationError: when libvirt finds none.
    """
    others = list(others)
    names = {name for cpu in others for name in cpu.features if name not in own.features}
    known = [*own.features, *(name for name in sorted(names) if _is_known(guests, own, name))]
    told = [own, *(_in_terms_of(own, known, cpu) for cpu in others)]
    return _ask(guests, told, 0)


def _in_terms_of(own: Cpu, known: t.Iterable[str], cpu: Cpu) -> Cpu:
    given = cpu.given
    return dataclasses.replace(own, features={name: "require" if name in given else "disable" for name in known})


def _is_known(guests: Guests, own: Cpu, name: str) -> bool:
    try:
        _ask(guests, [dataclasses.replace(own, features={**own.features, name: "require"})], 0)
    except _REFUSED:
        return False
    return True


def _in_full(guests: Guests, cpu: Cpu) -> Cpu:
    return _ask(guests, [cpu], libvirt.VIR_CONNECT_BASELINE_CPU_EXPAND_FEATURES)


def _ask(guests: Guests, cpus: t.Iterable[Cpu], flags: int) -> Cpu:
    told = [tree.serialize(to_xml(cpu)) for cpu in cpus]
    with explaining(f"work out a CPU for {guests.virt_type} VMs"):
        answer = guests.connection.baselineHypervisorCPU(None, guests.arch, None, guests.virt_type, told, flags)
    root = tree.parse(answer)
    return Cpu(root.findtext("model", ""), root.findtext("vendor"), _policies(root))


def to_xml(cpu: Cpu) -> ET.Element:
    """Return the `<cpu>` element that a VM would have."""
    root = ET.Element("cpu", {"mode": "custom", "match": "exact"})
    tree.set_text(root, "model", cpu.model)
    tree.set_text(root, "vendor", cpu.vendor or "")
    for name, policy in cpu.features.items():
        ET.SubElement(root, "feature", {"policy": policy, "name": name})
    return root


def _policies(cpu: ET.Element) -> dict[str, str]:
    """Return the features in the order of their names; what a VM may have is on or off in the end."""
    found = {feature.get("name", ""): feature.get("policy", "require") for feature in cpu.iterfind("feature")}
    return {name: "disable" if found[name] in ("disable", "forbid") else "require" for name in sorted(found)}
