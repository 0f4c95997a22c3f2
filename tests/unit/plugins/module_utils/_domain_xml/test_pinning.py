# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pins of a running VM."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.evergreen.virt.plugins.module_utils._domain_xml import convergence, tree
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
