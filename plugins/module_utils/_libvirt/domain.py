# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""One VM in libvirt: found, read, defined and undefined.

Sources: virDomainLookupByName, virDomainGetXMLDesc, virDomainDefineXML, virDomainUndefineFlags.
"""

from __future__ import annotations

import contextlib
import dataclasses

from .._domain_xml import tree
from .._errors import ConflictError, NotFoundError
from .._facts import OFF
from .connection import LIBVIRT, explaining

with LIBVIRT.importing():
    import libvirt


@dataclasses.dataclass(frozen=True)
class Found:
    """What libvirt knows of a VM beside its XML.

    :param state: as in _facts.Vm.
    """

    domain: libvirt.virDomain
    state: str
    persistent: bool
    autostart: bool


@dataclasses.dataclass(frozen=True)
class Current:
    """What libvirt has under a name.

    :param definition: what it is started with next, secrets included.
    :param running: what it runs with now, None if it does not run.
    :param state: as in _facts.Vm.
    """

    domain: libvirt.virDomain
    definition: tree.Element
    running: tree.Element | None
    state: str
    persistent: bool
    autostart: bool


STATES = ("nostate", "running", "blocked", "paused", "shutdown", "shutoff", "crashed", "suspended")
INACTIVE = -1
"""virDomainGetID of a VM that does not run; libvirt told it together with the VM."""


def find(connection: libvirt.virConnect, name: str) -> libvirt.virDomain | None:
    """Return the VM of that name, None if there is none."""
    try:
        return connection.lookupByName(name)
    except libvirt.libvirtError as exc:
        if exc.get_error_code() == libvirt.VIR_ERR_NO_DOMAIN:
            return None
        with explaining(f"look for VM '{name}'"):
            raise


def state(domain: libvirt.virDomain) -> str:
    """Return the VM's state as in _facts.Vm; a transient VM that is gone is shut off."""
    try:
        return known_state(STATES[domain.state()[0]], domain)
    except libvirt.libvirtError as exc:
        if exc.get_error_code() == libvirt.VIR_ERR_NO_DOMAIN:
            return OFF
        with explaining(f"read the state of VM '{domain.name()}'"):
            raise


def known_state(name: str, domain: libvirt.virDomain) -> str:
    """Return a state of libvirt as that of a VM in _facts.Vm: some drivers call one that is off crashed."""
    return OFF if name == "crashed" and domain.ID() == INACTIVE else name


def read(connection: libvirt.virConnect, name: str, uuid: str | None = None) -> Current | None:
    """Return what libvirt has under the name, None if there is no such VM.

    :param uuid: the UUID that it must have, if the user named one.
    :raises ConflictError: when name and UUID belong to different VMs.
    """
    return describe(connection, _found(connection, name), name, uuid)


def _found(connection: libvirt.virConnect, name: str) -> Found | None:
    domain = find(connection, name)
    if domain is None:
        return None
    try:
        with explaining(f"read VM '{name}'"):
            persistent = bool(domain.isPersistent())
            return Found(domain, state(domain), persistent, bool(persistent and domain.autostart()))
    except NotFoundError:
        return None


def describe(connection: libvirt.virConnect, found: Found | None, name: str, uuid: str | None) -> Current | None:
    """Add the XML to what was found under a name; None if nothing was, or if that VM is gone by now.

    :param uuid: the UUID that it must have, if the user named one.
    :raises ConflictError: when name and UUID belong to different VMs.
    """
    _check_uuid(connection, found.domain if found else None, name, uuid)
    if found is None:
        return None
    secure = libvirt.VIR_DOMAIN_XML_SECURE
    try:
        with explaining(f"read VM '{name}'"):
            return Current(
                domain=found.domain,
                definition=tree.parse(found.domain.XMLDesc(secure | libvirt.VIR_DOMAIN_XML_INACTIVE)),
                running=tree.parse(found.domain.XMLDesc(secure)) if found.domain.ID() != INACTIVE else None,
                state=found.state,
                persistent=found.persistent,
                autostart=found.autostart,
            )
    except NotFoundError:
        return None


def _check_uuid(connection: libvirt.virConnect, domain: libvirt.virDomain | None, name: str, uuid: str | None) -> None:
    if uuid is None or (domain is not None and domain.UUIDString() == uuid):
        return
    if domain is not None:
        raise ConflictError(f"VM '{name}' has the UUID {domain.UUIDString()}, which cannot be changed to {uuid}.")
    try:
        other = connection.lookupByUUIDString(uuid)
    except libvirt.libvirtError:
        return
    raise ConflictError(f"the UUID {uuid} belongs to VM '{other.name()}'; it cannot be given to VM '{name}'.")


def define(connection: libvirt.virConnect, name: str, xml: str) -> libvirt.virDomain:
    """Write a VM's definition; a running VM goes on with what it has.

    :raises InvalidInputError: when libvirt does not take it.
    """
    with explaining(f"define VM '{name}'"):
        return connection.defineXMLFlags(xml, 0)


def undefine(connection: libvirt.virConnect, domain: libvirt.virDomain) -> None:
    """Forget a VM that is off: with its NVRAM, saved state and the records of snapshots and checkpoints, never its disks.

    What its TPM keeps goes as well, unless `persistent_state` says that it stays.
    """
    gone_already = contextlib.suppress(NotFoundError)  # somebody else was faster
    with gone_already, explaining(f"undefine VM '{domain.name()}'"):
        if connection.getType() != "QEMU":
            domain.undefine()
            return
        domain.undefineFlags(
            libvirt.VIR_DOMAIN_UNDEFINE_MANAGED_SAVE
            | libvirt.VIR_DOMAIN_UNDEFINE_SNAPSHOTS_METADATA
            | libvirt.VIR_DOMAIN_UNDEFINE_CHECKPOINTS_METADATA
            | libvirt.VIR_DOMAIN_UNDEFINE_NVRAM
        )


def take_back(connection: libvirt.virConnect, domain: libvirt.virDomain, before: Current | None) -> None:
    """Undo a `define`, with nothing that lies on the host: what was defined before is defined again."""
    with explaining(f"take the definition of VM '{domain.name()}' back"):
        if before is not None and before.persistent:
            connection.defineXMLFlags(tree.serialize(before.definition), 0)
        else:
            forget(domain)


def forget(domain: libvirt.virDomain) -> None:
    """Undefine a VM that is off, and leave everything that lies on the host."""
    with explaining(f"undefine VM '{domain.name()}'"):
        if domain.connect().getType() == "QEMU":
            keep_tpm = getattr(libvirt, "VIR_DOMAIN_UNDEFINE_KEEP_TPM", 0)  # since 8.9
            domain.undefineFlags(libvirt.VIR_DOMAIN_UNDEFINE_KEEP_NVRAM | keep_tpm)
        else:
            domain.undefine()


def set_autostart(domain: libvirt.virDomain, wanted: bool) -> None:
    """Let a VM start with its host, or not."""
    with explaining(f"set autostart of VM '{domain.name()}'"):
        domain.setAutostart(int(wanted))
