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
from .._errors import InvalidInputError, UnsupportedError
from . import capabilities
from .view import View


def emulation(view: View) -> Emulation:
    """Return what the host can run."""
    return Emulation(view.arch, tuple(capabilities.virt_types(view.capabilities, view.arch)))


def check(view: View, definition: tree.Element | None, params: t.Mapping[str, t.Any]) -> None:
    """Raise InvalidInputError if the host lacks what is named; what the VM has already is not looked at.

    :param definition: None for a new VM.
    """
    if params.get("qemu_arguments") and view.driver != "QEMU":
        raise UnsupportedError("qemu_arguments: only QEMU takes them.", driver=view.driver)
    model, machine = (params.get("cpu") or {}).get("model"), params.get("machine")
    if model is not None and (definition is None or tree.text(definition, "cpu/model") != model):
        _check_cpu_model(view, model)
    defined = None if definition is None else tree.attribute(definition, "os/type", "machine")
    if machine is not None and not same_machine(defined, machine):
        _check_machine(view, machine)


def _check_cpu_model(view: View, model: str) -> None:
    known = view.cpu_models
    if known and model not in known:
        raise InvalidInputError(
            f"cpu.model: libvirt knows no {model!r} for {view.arch}.", hint=f"It knows {', '.join(known)}."
        )


def _check_machine(view: View, machine: str) -> None:
    known = {element.text for element in view.capabilities.iterfind(f"guest/arch[@name='{view.arch}']//machine")}
    if known and machine not in known:
        names = ", ".join(sorted(name for name in known if name))
        raise InvalidInputError(
            f"machine: this host's emulator has no {machine!r} for {view.arch}.", hint=f"It has {names}."
        )
