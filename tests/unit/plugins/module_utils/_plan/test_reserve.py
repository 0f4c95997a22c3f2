# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import dataclasses
import typing as t

import pytest

from ansible_collections.evergreen.virt.plugins.module_utils._facts import Maintenance, Policy
from ansible_collections.evergreen.virt.plugins.module_utils._plan.reserve import Reserve

from .clusters import RULES, cluster, node, vm

PARKED = Maintenance("evergreen.virt", "", "2026-01-01T00:00:00Z", run_id="r")
WAITS = Policy(evacuation="suspend")


def reserve(failures: int) -> Reserve:
    """Of hosts with 40, 30, 20 and 10 GB, and one of 50 GB that is out of service already."""
    hosts = [
        node("h4", vm("a", 1000), memory_mib=40_000),
        node("h3", vm("b", 2000, policy=WAITS), memory_mib=30_000),
        node("h2", vm("c", 4000), memory_mib=20_000),
        node("h1", memory_mib=10_000),
        node("h5", vm("d", 8000), memory_mib=50_000, maintenance=PARKED),
    ]
    return Reserve(cluster(*hosts, rules=dataclasses.replace(RULES, reserve=failures)))


@pytest.mark.parametrize(
    ("failures", "out", "spare"),
    [
        (1, [], 60_000 - 7000),
        (2, [], 30_000 - 7000),
        (1, ["h4"], 30_000 - 7000),
        (1, ["h4", "h2"], 10_000 - 7000),
        # what waits on its host needs no place meanwhile, and who is out of service already brings VMs
        (1, ["h3"], 30_000 - 7000 + 2000),
        (1, ["h5"], 60_000 - 7000 - 8000),
        (9, [], -7000),
    ],
)
def test_what_would_be_left(failures: int, out: t.Sequence[str], spare: int) -> None:
    found = reserve(failures)
    assert found.spare(out) == spare
    assert (found.refusal(out) is None) == (spare >= 0)
