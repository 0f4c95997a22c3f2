# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pins of a running VM."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.evergreen.virt.plugins.module_utils._domain_xml import convergence, tree
from ansible_collections.evergreen.virt.plugins.module_utils._domain_xml.pending import pending
from ansible_collections.evergreen.virt.plugins.module_utils._errors import InvalidInputError

PLAIN = "<domain><vcpu>2</vcpu></domain>"
PINNED = (
    "<domain><vcpu>2</vcpu><cputune><vcpupin vcpu='0' cpuset='1'/><vcpupin vcpu='1' cpuset='1'/></cputune></domain>"
)
EVERYWHERE = (
    "<domain><vcpu>2</vcpu><cputune><vcpupin vcpu='0' cpuset='0-7'/><vcpupin vcpu='1' cpuset='1'/></cputune></domain>"
)


@pytest.mark.parametrize(
    ("definition", "running", "pins", "argument", "waiting"),
    [
        (PINNED, PINNED, {0: "0"}, ((0, (0,)), (1, (1,))), False),
        (PLAIN, PINNED, {0: 1}, None, False),
        (PINNED, PLAIN, {0: "1", 1: "1"}, ((0, (1,)), (1, (1,))), False),
        (PLAIN, PLAIN, {0: "1"}, ((0, (1,)), (1, None)), False),
        (PINNED, PINNED, {0: ""}, ((0, None), (1, (1,))), False),
        (PINNED, EVERYWHERE, {0: ""}, ((0, None), (1, (1,))), False),
        (PLAIN, EVERYWHERE, {0: ""}, None, False),
        (PLAIN, PINNED, {0: ""}, None, True),
    ],
)
def test_pins_of_a_running_vm(
    definition: str, running: str, pins: dict[int, str], argument: t.Any, waiting: bool
) -> None:
    params = {"pinning": {"vcpus": pins}}
    result = convergence.converge(tree.parse(definition), tree.parse(running), params)
    assert [step.argument for step in result.steps] == ([] if argument is None else [argument])
    assert result.waiting == (("pinning.vcpus",) if waiting else ())


FOUR = {0: "0", 1: "1", 2: "2", 3: "3"}
HALF = (
    "<domain><vcpu current='2'>4</vcpu><cputune><vcpupin vcpu='0' cpuset='0'/><vcpupin vcpu='1' cpuset='1'/>"
    "<vcpupin vcpu='3' cpuset='5'/></cputune></domain>"
)


@pytest.mark.parametrize(
    ("running", "params", "numbers", "uncertain", "awaits"),
    [
        (PLAIN, {"vcpus": 4, "pinning": {"vcpus": FOUR}}, [0, 1, 2, 3], True, ["vcpus", "vcpus_max", "pinning.vcpus"]),
        (PLAIN, {"vcpus": 2, "vcpus_max": 4, "pinning": {"vcpus": {3: "3"}}}, [0, 1, 3], True, ["vcpus_max", "pinning.vcpus"]),
        (HALF, {"vcpus": 4, "pinning": {"vcpus": FOUR}}, [0, 1, 2, 3], True, ["vcpus", "pinning.vcpus"]),
        (HALF, {"pinning": {"vcpus": {0: "7"}}}, [0, 1], False, ["pinning.vcpus"]),
        (HALF, {"pinning": {"vcpus": {0: "7", 3: ""}}}, [0, 1, 3], True, ["pinning.vcpus"]),
        (HALF, {"vcpus": 1, "pinning": {"vcpus": {0: "7"}}}, [0], False, ["vcpus", "pinning.vcpus"]),
    ],
)  # fmt: skip
def test_pins_of_cpus_that_do_not_run(
    running: str, params: dict[str, t.Any], numbers: list[int], uncertain: bool, awaits: list[str]
) -> None:
    result = convergence.converge(tree.parse(running), tree.parse(running), params)
    (step,) = (step for step in result.steps if step.call == "pin_vcpus")
    assert ([number for number, _cpus in step.argument], step.uncertain) == (numbers, uncertain)
    definition = tree.parse(result.definition or "")
    assert pending(tree.parse(running), definition) == awaits
    again = convergence.converge(definition, tree.parse(running), params)
    assert again.definition is None
    assert not any(step.uncertain for step in again.steps)
    assert ("pinning.vcpus" in again.waiting) is uncertain


def test_a_pin_of_no_cpu_is_refused() -> None:
    with pytest.raises(InvalidInputError, match="no CPU 2, it has 2"):
        convergence.converge(tree.parse(PLAIN), None, {"pinning": {"vcpus": {2: "0"}}})
    assert not convergence.converge(tree.parse(PLAIN), None, {"pinning": {"vcpus": {2: ""}}}).changes


def test_other_pins_stay() -> None:
    text = convergence.converge(tree.parse(PINNED), None, {"pinning": {"vcpus": {0: ""}, "emulator": "0"}}).definition
    assert text is not None
    assert [child.attrib for child in tree.parse(text).findall("cputune/*")] == [
        {"vcpu": "1", "cpuset": "1"},
        {"cpuset": "0"},
    ]
