# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Figures that no plan can beat."""

from __future__ import annotations

import dataclasses
import typing as t

import pytest

from ansible_collections.evergreen.virt.plugins.module_utils._facts import Policy
from ansible_collections.evergreen.virt.plugins.module_utils._plan.bounds import moves_lower_bound, waves_lower_bound
from ansible_collections.evergreen.virt.plugins.module_utils._plan.model import Node

from .clusters import RULES, cluster, node, vm


def full(name: str, count: int, each: int = 1000, **more: t.Any) -> Node:
    return node(name, *(vm(f"{name}-{number}", each) for number in range(count)), **more)


SMALL_VMS = [vm(f"h1-{number}", 100) for number in range(6)]


@pytest.mark.parametrize(
    ("hosts", "moves"),
    [
        ([full("h1", 3), full("h2", 2), full("h3", 4)], 9 + 2),
        ([full("h1", 3), full("h2", 0), full("h3", 4)], 7),
        ([full("h1", 3), full("h2", 2), node("spare", impact="none")], 5),
        # the spare host takes one VM of the first host, and the other moves twice
        ([full("h1", 2, 4000), full("h2", 2, 4000), node("spare", impact="none", memory_mib=5000)], 4 + 1),
        # one VM more that moves away from the spare host gives room for all six
        ([node("h1", *SMALL_VMS), full("h2", 9), node("s", vm("big", 900), impact="none", memory_mib=900)], 15 + 1),
        ([full("h1", 2, impact="restart"), full("h2", 2, memory_mib=2000)], 2),
    ],
)
def test_moves(hosts: list[Node], moves: int) -> None:
    assert moves_lower_bound(cluster(*hosts), [one.name for one in hosts]) == moves


TRIO = Policy(anti_affinity=["trio"])


@pytest.mark.parametrize(
    ("hosts", "rules", "waves"),
    [
        ([full(f"h{number}", 1) for number in range(6)], {}, 2),
        ([full(f"h{number}", 5) for number in range(6)], {}, 2),
        ([full(f"h{number}", 6) for number in range(6)], {}, 3),
        ([full(f"h{number}", 5) for number in range(6)], {"reserve": 1}, 3),
        ([full(f"h{number}", 1) for number in range(6)], {"canary_hosts": 1}, 3),
        ([dataclasses.replace(full(f"h{n}", 1), site="ab"[n % 2]) for n in range(6)], {"max_hosts_per_wave": 2}, 4),
        ([node(f"h{n}", *([vm(f"vm{n}", policy=TRIO)] if n < 4 else [])) for n in range(6)], {}, 3),
        # hosts of more than half of the slack go alone
        ([full("a", 0, memory_mib=20_000), full("b", 9, memory_mib=20_000), full("c", 3)], {}, 2),
        ([full(f"h{n}", 9, impact="restart") for n in range(6)], {"max_hosts_per_wave": 6}, 1),
        ([], {}, 0),
    ],
)
def test_waves(hosts: list[Node], rules: dict[str, t.Any], waves: int) -> None:
    state = cluster(*hosts, rules=dataclasses.replace(RULES, **{"max_hosts_per_wave": 3, **rules}))
    assert waves_lower_bound(state, [one.name for one in hosts]) == waves
