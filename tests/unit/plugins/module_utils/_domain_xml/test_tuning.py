# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.evergreen.virt.plugins.module_utils._domain_xml import convergence, tree
from ansible_collections.evergreen.virt.plugins.module_utils._domain_xml.convergence import Convergence
from ansible_collections.evergreen.virt.plugins.module_utils._domain_xml.registry import OPTIONS

from .samples import adopted

LIMITED = (
    "<domain><cputune><shares>200</shares><quota>5000</quota></cputune>"
    "<memtune><hard_limit unit='MiB'>512</hard_limit><soft_limit>1024</soft_limit></memtune></domain>"
)


def apply(root: tree.Element, running: tree.Element | None, tuning: dict[str, t.Any]) -> Convergence:
    return convergence.converge(root, running, {"tuning": tuning})


@pytest.mark.parametrize(
    ("tuning", "call", "argument"),
    [
        (
            {"cpu": {"shares": 300}},
            "scheduler",
            {"cpu_shares": 300, "vcpu_quota": 5000, "global_quota": -1, "emulator_quota": -1, "iothread_quota": -1},
        ),
        (
            {"cpu": {"quota_us": 0}},
            "scheduler",
            {"cpu_shares": 200, "vcpu_quota": -1, "global_quota": -1, "emulator_quota": -1, "iothread_quota": -1},
        ),
        (
            {"memory": {"hard_limit_mib": 0, "swap_hard_limit_mib": 2}},
            "memory_limits",
            {"hard_limit": 2**53 - 1, "soft_limit": 1024, "swap_hard_limit": 2048},
        ),
    ],
)
def test_one_call_with_all_that_shall_hold(tuning: dict[str, t.Any], call: str, argument: dict[str, int]) -> None:
    (step,) = apply(tree.parse(LIMITED), tree.parse(LIMITED), tuning).steps
    assert (step.call, dict(step.argument)) == (call, argument)


def test_zero_removes_a_limit_from_the_definition() -> None:
    result = apply(tree.parse(LIMITED), None, {"memory": {"hard_limit_mib": 0, "soft_limit_mib": 0}})
    assert "memtune" not in (result.definition or "memtune")


@pytest.mark.parametrize(
    "running",
    [
        "<domain><cputune><quota>-1</quota></cputune></domain>",
        "<domain><memtune><hard_limit unit='KiB'>9007199254740991</hard_limit></memtune></domain>",
    ],
)
def test_what_libvirt_shows_of_a_limit_that_was_removed_is_none(running: str) -> None:
    nothing = tree.parse("<domain/>")
    none = {"cpu": {"quota_us": 0}, "memory": {"hard_limit_mib": 0}}
    assert apply(nothing, tree.parse(running), none) == Convergence(changes=apply(nothing, None, none).changes)
    assert not apply(nothing, None, none).changes


def test_an_untuned_vm_shows_nothing() -> None:
    (option,) = (option for option in OPTIONS if option.name == "tuning")
    assert option.read(adopted()) is None
