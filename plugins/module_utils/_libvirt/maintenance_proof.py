# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""Proof that a host takes no VM: libvirt is asked to start one, and the maintenance hook must refuse it."""

from __future__ import annotations

import contextlib
import secrets
import xml.etree.ElementTree as ET

from .._errors import OperationError
from .connection import LIBVIRT, explaining

with LIBVIRT.importing():
    import libvirt

HINT = (
    "Install the hook with the role evergreen.virt.configure, then reload the daemon (systemctl reload libvirtd, or"
    " virtqemud): it looks for hooks only when it starts or is reloaded."
)


class TakesVmsError(OperationError):
    """The contrary is proven: the host has just taken a VM."""


def has_hook(connection: libvirt.virConnect) -> bool:
    """Return whether this connection's driver asks the hook: only QEMU's system daemon does."""
    with explaining("ask libvirt for its driver"):
        return bool(connection.getType() == "QEMU" and connection.getURI().split("?")[0].endswith("/system"))


def prove(connection: libvirt.virConnect, mark: str) -> None:
    """Ask libvirt to start a VM without disk and network, paused, that must be refused.

    If it starts, it is destroyed at once; it also ends with the connection (VIR_DOMAIN_START_AUTODESTROY).

    :param mark: the text by which the hook's refusal is recognized.
    :raises TakesVmsError: when it started.
    :raises OperationError: when it was refused by something else than the hook.
    """
    name = f"evergreen-maintenance-proof-{secrets.token_hex(4)}"
    with explaining("read the domain capabilities"):
        xml = trial_xml(name, connection.getDomainCapabilities())
    try:
        domain = connection.createXML(xml, libvirt.VIR_DOMAIN_START_PAUSED | libvirt.VIR_DOMAIN_START_AUTODESTROY)
    except libvirt.libvirtError as exc:
        answer = exc.get_error_message() or str(exc)
        if mark in answer:
            return
        raise OperationError(
            f"it is not proven that this host takes no VM: the trial VM {name} was refused, but not by the"
            f" maintenance hook: libvirt says: {answer}.",
            hint=HINT,
        ) from exc
    with contextlib.suppress(libvirt.libvirtError):  # it may be gone already
        domain.destroy()
    raise TakesVmsError(
        f"this host still takes VMs: the trial VM {name} started (it has been destroyed), so the maintenance hook is"
        " not active.",
        hint=HINT,
    )


def trial_xml(name: str, capabilities: str) -> str:
    """Return the XML of a VM that fits the driver's defaults.

    :param capabilities: answer of virConnectGetDomainCapabilities without arguments.
    """
    defaults = ET.fromstring(capabilities)  # noqa: S314 - libvirt wrote it
    domain = ET.Element("domain", type=_text(defaults, "domain"))
    ET.SubElement(domain, "name").text = name
    ET.SubElement(domain, "memory", unit="MiB").text = "16"
    ET.SubElement(domain, "vcpu").text = "1"
    system = ET.SubElement(ET.SubElement(domain, "os"), "type")
    system.text = "hvm"
    system.set("arch", _text(defaults, "arch"))
    system.set("machine", _text(defaults, "machine"))
    return ET.tostring(domain, encoding="unicode")


def _text(element: ET.Element, tag: str) -> str:
    text = element.findtext(tag)
    if not text:
        raise OperationError(f"libvirt's domain capabilities name no default {tag}.")
    return text
