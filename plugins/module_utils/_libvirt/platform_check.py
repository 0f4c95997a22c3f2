# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""What a VM asks of its host: libvirt would define a VM with any CPU model or machine, and only refuse to start it.

Sources: virConnectGetCapabilities, virConnectGetCPUModelNames.
"""

from __future__ import annotations

import typing as t

from .._domain_xml import tree
from .._domain_xml.compute import same_machine
from .._domain_xml.skeleton import Emulation
from .._errors import InvalidInputError
from . import capabilities
from .connection import explaining

if t.TYPE_CHECKING:
    import libvirt


def emulation(connection: libvirt.virConnect) -> Emulation:
    """Return what the host can run."""
    root, arch = _capabilities(connection)
    return Emulation(arch, tuple(capabilities.virt_types(root, arch)))


def check(connection: libvirt.virConnect, definition: tree.Element | None, params: t.Mapping[str, t.Any]) -> None:
    """Raise InvalidInputError if the host lacks what is named; what the VM has already is not looked at.

    :param definition: None for a new VM.
    """
    model, machine = (params.get("cpu") or {}).get("model"), params.get("machine")
    if model is not None and (definition is None or tree.text(definition, "cpu/model") != model):
        _check_cpu_model(connection, model)
    defined = None if definition is None else tree.attribute(definition, "os/type", "machine")
    if machine is not None and not same_machine(defined, machine):
        _check_machine(connection, machine)


def _check_cpu_model(connection: libvirt.virConnect, model: str) -> None:
    arch = _capabilities(connection)[1]
    with explaining("list the CPU models"):
        known = connection.getCPUModelNames(arch, 0)
    if known and model not in known:
        raise InvalidInputError(
            f"cpu.model: libvirt knows no {model!r} for {arch}.", hint=f"It knows {', '.join(known)}."
        )


def _check_machine(connection: libvirt.virConnect, machine: str) -> None:
    root, arch = _capabilities(connection)
    known = {element.text for element in root.iterfind(f"guest/arch[@name='{arch}']//machine")}
    if known and machine not in known:
        names = ", ".join(sorted(name for name in known if name))
        raise InvalidInputError(
            f"machine: this host's emulator has no {machine!r} for {arch}.", hint=f"It has {names}."
        )


def _capabilities(connection: libvirt.virConnect) -> tuple[tree.Element, str]:
    with explaining("read the capabilities of the host"):
        root = tree.parse(connection.getCapabilities())
        return root, root.findtext("host/cpu/arch") or str(connection.getInfo()[0])
