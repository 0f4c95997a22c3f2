# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""Which of the host's CPUs a VM runs on.

Source: https://libvirt.org/formatdomain.html#cpu-tuning
"""

from __future__ import annotations

import re
import typing as t

from .._errors import InvalidInputError
from . import cpuset
from .option import Group, LiveStep, Option, Scalar
from .tree import Element, attribute, drop, ensure, integer, set_attribute, text

Pins = t.Mapping[t.Any, t.Any]


def _by_number(pins: Pins) -> dict[int, str]:
    """YAML has numbers, JSON has texts as keys."""
    return {int(number): str(value) for number, value in pins.items()}


def _vcpus(root: Element) -> dict[str, str] | None:
    found = root.findall("cputune/vcpupin")
    return {pin.get("vcpu", ""): pin.get("cpuset", "") for pin in found} or None


def _put_vcpus(root: Element, wanted: Pins) -> None:
    _check_vcpus(root, wanted)
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
        raise InvalidInputError(f"pinning.vcpus: the VM has no CPU {missing[0]}, it has {count} at most.")


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


def _vcpus_step(running: Element) -> LiveStep:
    """libvirt keeps the pin of a CPU that may run everywhere again, so such a change is not made twice."""
    pins = _by_number(_vcpus(running) or {})
    count = integer(attribute(running, "vcpu", "current") or text(running, "vcpu")) or 1
    return LiveStep(
        "pin_vcpus",
        tuple((number, _numbers(pins.get(number) or _all(running))) for number in range(count)),
        uncertain=any(number not in pins for number in range(count)),
    )


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
            Scalar(
                "vcpus", {"type": "dict"}, _vcpus, _put_vcpus, same=_same_vcpus, problem=_vcpus_problem,
                step=_vcpus_step, restartable=_vcpus_restartable,
            ),
            Scalar(
                "emulator", {"type": "str"}, _emulator, _put_emulator, same=cpuset.same, problem=cpuset.problem,
                step=_emulator_step,
                restartable=lambda running, value: value != "" or not cpuset.is_everything(_emulator(running)),
            ),
        ),
    ),
)  # fmt: skip
