# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""What a VM computes with: virtualization, CPUs, machine.

Source: https://libvirt.org/formatdomain.html
"""

from __future__ import annotations

import re
import typing as t

from . import numa, processor
from .option import Group, LiveStep, Option, Scalar, within
from .tree import (
    Element,
    attribute,
    drop,
    ensure,
    integer,
    set_attribute,
    set_text,
    text,
)

_MAX_VCPUS = 2**16 - 1

BASELINE = "baseline"
"""A CPU that all hosts of a cluster can give; cluster.py replaces it by the model and the features that it stands for."""

CPU_MODES = ("custom", "host-model", "host-passthrough", "maximum", BASELINE)

_MACHINES = {"q35": "pc-q35", "pc": "pc-i440fx"}
"""Aliases whose versioned names begin with something else."""

VERSIONED_MACHINE = re.compile(r"(?P<family>(?P<machine>.+)-[a-z]*)(?P<version>[0-9]+(\.[0-9]+)*)")
"""`pc-q35-7.2`, and `pc-q35-rhel9.2.0` of a distribution that counts versions of its own: another family of the same machine"""


def _vcpus(root: Element) -> int | None:
    return integer(attribute(root, "vcpu", "current")) or _maximum_vcpus(root)


def _maximum_vcpus(root: Element) -> int | None:
    return integer(text(root, "vcpu"))


def _put_vcpus(root: Element, count: int) -> None:
    maximum = _maximum_vcpus(root)
    if maximum is None or maximum < count or maximum == _vcpus(root):
        maximum = count
    _write_vcpus(root, count, maximum)


def _write_vcpus(root: Element, count: int, maximum: int) -> None:
    element = ensure(root, "vcpu")
    element.text = str(maximum)
    set_attribute(element, "current", str(count) if count != maximum else None)
    drop(root, "vcpus")  # says the same in detail; libvirt writes it anew
    numa.follow(root)


def _vcpus_step(running: Element) -> LiveStep:
    return LiveStep("vcpus", _vcpus(running), uncertain=True)


def same_machine(current: str | None, wanted: str) -> bool:
    """Tell whether a VM's resolved machine type is what an alias (`q35`, `pc`, `virt`) stands for, on whichever host.

    libvirt replaces an alias by the newest version of the host where the VM was defined.
    """
    if current is None or current == wanted:
        return current == wanted
    match = VERSIONED_MACHINE.fullmatch(current)
    return match is not None and match["machine"] == _MACHINES.get(wanted, wanted)


def _machine_problem(machine: str) -> str | None:
    """libvirt writes the name into XML without escaping it; its schema allows these characters."""
    return None if re.fullmatch("[a-zA-Z0-9_.-]+", machine) else f"{machine!r} is not made of letters, digits and _.-"


def _put_machine(root: Element, machine: str) -> None:
    ensure(root, "os/type").set("machine", machine)


def _put_cpu_mode(root: Element, mode: str) -> None:
    cpu = ensure(root, "cpu")
    cpu.set("mode", mode)
    for name in ("check", "match"):
        cpu.attrib.pop(name, None)  # how libvirt filled them depends on the mode
    if mode != "custom":
        drop(cpu, "model")


def _put_cpu_model(root: Element, model: str) -> None:
    cpu = ensure(root, "cpu")
    if cpu.get("mode") != "custom":
        _put_cpu_mode(root, "custom")
    set_text(cpu, "model", model)


def _cpu_mode_restartable(_running: Element, mode: str) -> bool:
    """libvirt shows a running VM's host-model as the CPU that became of it."""
    return mode != "host-model"


def _cpu_problem(cpu: t.Mapping[str, t.Any]) -> str | None:
    other = cpu.get("mode") not in (None, "custom")
    return f"a model can be chosen in mode custom only, not in {cpu['mode']}" if other and "model" in cpu else None


def _put_virt_type(root: Element, virt_type: str) -> None:
    root.set("type", virt_type)
    drop(root, "devices/emulator")  # KVM and plain emulation may be different binaries


def _one_vcpu(_wanted: t.Mapping[str, t.Any]) -> int:
    return 1


OPTIONS: tuple[Option, ...] = (
    Scalar("virt_type", {"type": "str", "choices": ["kvm", "qemu"]}, lambda root: root.get("type"), _put_virt_type),
    Scalar(
        "vcpus", {"type": "int"}, _vcpus, _put_vcpus, problem=within(1, _MAX_VCPUS), initial=_one_vcpu,
        step=_vcpus_step,
    ),
    Scalar(
        "vcpus_max", {"type": "int"}, _maximum_vcpus,
        lambda root, maximum: _write_vcpus(root, min(_vcpus(root) or maximum, maximum), maximum),
        problem=within(1, _MAX_VCPUS),
    ),
    Scalar(
        "machine", {"type": "str"}, lambda root: attribute(root, "os/type", "machine"), _put_machine,
        same=same_machine, problem=_machine_problem,
    ),
    Group(
        "cpu",
        (
            Scalar(
                "mode", {"type": "str", "choices": list(CPU_MODES)}, lambda root: attribute(root, "cpu", "mode"),
                _put_cpu_mode, restartable=_cpu_mode_restartable,
            ),
            Scalar("model", {"type": "str"}, lambda root: text(root, "cpu/model"), _put_cpu_model),
            *processor.ITEMS,
        ),
        problem=_cpu_problem,
    ),
)  # fmt: skip
