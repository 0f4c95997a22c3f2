# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""Which of the host's CPUs a VM runs on.

Source: https://libvirt.org/formatdomain.html#cpu-tuning
"""

from __future__ import annotations

import dataclasses
import re
import typing as t

from .._errors import InvalidInputError
from . import cpuset
from .option import Difference, Group, LiveStep, Option, Scalar
from .tree import Element, attribute, drop, ensure, integer, set_attribute, text

Pins = t.Mapping[t.Any, t.Any]


def _by_number(pins: Pins) -> dict[int, str]:
    """YAML has numbers, JSON has texts as keys."""
    return {int(number): str(value) for number, value in pins.items()}


def _vcpus(root: Element) -> dict[str, str] | None:
    found = root.findall("cputune/vcpupin")
    return {pin.get("vcpu", ""): pin.get("cpuset", "") for pin in found} or None


def _put_vcpus(root: Element, wanted: Pins) -> None:
    tuning = ensure(root, "cputune")
    for number, value in _by_number(wanted).items():
        found = [pin for pin in tuning.findall("vcpupin") if integer(pin.get("vcpu")) == number]
        for pin in found if not value else ():
            tuning.remove(pin)
        if value and found:
            found[0].set("cpuset", value)
        elif value:
            tuning.append(Element("vcpupin", {"vcpu": str(number), "cpuset": value}))


def _check_vcpus(root: Element, wanted: Pins) -> None:
    """libvirt ignores the pin of a CPU that the VM does not have."""
    count = integer(text(root, "vcpu")) or 1
    missing = [number for number, value in _by_number(wanted).items() if value and number >= count]
    if missing:
        raise InvalidInputError(
            f"pinning.vcpus: the VM has no CPU {missing[0]}, it has {count} at most.",
            hint="Give it more with 'vcpus' or 'vcpus_max', or leave the pin out.",
        )


def _same_vcpus(current: Pins | None, wanted: Pins) -> bool:
    pins = _by_number(current or {})
    return all(cpuset.same(pins.get(number), value) for number, value in _by_number(wanted).items())


def _vcpus_problem(wanted: t.Mapping[t.Any, t.Any]) -> str | None:
    for number, value in wanted.items():
        if not re.fullmatch("[0-9]{1,5}", str(number)):
            return f"{number!r} is not the number of a CPU"
        wrong = cpuset.problem(str(value))
        if wrong:
            return f"{number}: {wrong}"
    return None


def _vcpus_step(running: Element, reached: Element) -> LiveStep:
    """libvirt keeps the pin of a CPU that may run everywhere again, so such a change is not made twice.

    A CPU that does not run may be one that the running VM cannot have: it comes last, so that those before it are pinned.
    """
    before, after = (_by_number(_vcpus(root) or {}) for root in (running, reached))
    certain = range(min(_count(running), _count(reached)))
    others = [
        number
        for number in sorted({*before, *after} - {*certain})
        if not cpuset.same(before.get(number), after.get(number, ""))
    ]
    return LiveStep(
        "pin_vcpus",
        tuple((number, _numbers(after.get(number) or _all(reached))) for number in (*certain, *others)),
        uncertain=bool(others) or any(number not in after for number in certain),
    )


def _count(root: Element) -> int:
    return integer(attribute(root, "vcpu", "current") or text(root, "vcpu")) or 1


def _numbers(value: str | None) -> tuple[int, ...] | None:
    found = cpuset.numbers(value)
    return None if found is None else tuple(sorted(found))


def _all(root: Element) -> str | None:
    return attribute(root, "vcpu", "cpuset")


def _vcpus_restartable(running: Element, wanted: Pins) -> bool:
    pins = _by_number(_vcpus(running) or {})
    return any(
        not cpuset.same(pins.get(number), value) and (value != "" or not cpuset.is_everything(pins.get(number)))
        for number, value in _by_number(wanted).items()
    )


class _VcpuPins(Scalar):
    """What CPUs there are to be pinned is asked of the definition: the running VM may get more of them at its next start."""

    def write(self, root: Element, wanted: t.Any) -> None:
        _check_vcpus(root, wanted)
        super().write(root, wanted)

    def differences(self, running: Element, reached: Element, definition: Element, wanted: t.Any) -> list[Difference]:
        self.put(reached, wanted)
        step = _vcpus_step(running, reached)
        found = super().differences(running, reached, definition, wanted)
        return [dataclasses.replace(part, step=step) for part in found]


def _emulator(root: Element) -> str | None:
    return attribute(root, "cputune/emulatorpin", "cpuset")


def _put_emulator(root: Element, value: str) -> None:
    drop(root, "cputune/emulatorpin")
    if value:
        ensure(root, "cputune/emulatorpin").set("cpuset", value)


def _emulator_step(running: Element) -> LiveStep:
    value = _emulator(running)
    return LiveStep("pin_emulator", _numbers(value or _all(running)), uncertain=value is None)


def _put_all(root: Element, value: str) -> None:
    element = ensure(root, "vcpu")
    set_attribute(element, "placement", None if value else element.get("placement"))
    set_attribute(element, "cpuset", value or None)


OPTIONS: tuple[Option, ...] = (
    Group(
        "pinning",
        (
            Scalar("cpuset", {"type": "str"}, _all, _put_all, same=cpuset.same, problem=cpuset.problem),
            _VcpuPins(
                "vcpus", {"type": "dict"}, _vcpus, _put_vcpus, same=_same_vcpus, problem=_vcpus_problem,
                restartable=_vcpus_restartable,
            ),
            Scalar(
                "emulator", {"type": "str"}, _emulator, _put_emulator, same=cpuset.same, problem=cpuset.problem,
                step=_emulator_step,
                restartable=lambda running, value: value != "" or not cpuset.is_everything(_emulator(running)),
            ),
        ),
    ),
)  # fmt: skip
