# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether a host can be rolled back, as its plan tells."""

from __future__ import annotations

import dataclasses
import typing as t

import pytest

from ansible_collections.evergreen.virt.plugins.module_utils._facts import Maintenance, Updates
from ansible_collections.evergreen.virt.plugins.module_utils._plan.model import Node
from ansible_collections.evergreen.virt.plugins.module_utils._plan.way_back import way_back

from .clusters import RULES, node, planned

RELEASE = "Debian 12 -> Debian 13 is a release upgrade, which packages do not undo"
NO_WAY = Updates("apt", "reboot", no_return=RELEASE)
WAY = Updates("apt", "reboot", no_return=None)


def in_the_middle(**facts: t.Any) -> Node:
    record = Maintenance("evergreen.virt", "run", "2026-01-01T00:00:00+00:00", run_id="r1", stage="updating")
    base = node("h1", maintenance=record)
    return dataclasses.replace(base, facts=dataclasses.replace(base.facts, **facts), updates=WAY)


def booted(impact: str) -> Node:
    """Return a host that an interrupted run has updated and booted, with what is pending on it by now."""
    record = Maintenance("evergreen.virt", "run", "then", stage="updated", impact="reboot", boot_id="before")
    return node("h1", maintenance=record, impact=impact)


@pytest.mark.parametrize(
    ("host", "keep", "kind", "reason"),
    [
        (Node("h1", node("h1").facts, WAY), "packages", "packages", "what its update replaces is kept on the host"),
        (Node("h1", node("h1").facts, NO_WAY), "packages", "none", RELEASE),
        (Node("h1", node("h1").facts, None), "packages", "none", "what is pending is not known"),
        (Node("h1", node("h1").facts, WAY), "none", "none", "nothing is kept"),
        (Node("h1", node("h1").facts, NO_WAY), "snapshot", "snapshot", "hooks take it and bring it back"),
        (
            node("h1", impact="restart"),
            "snapshot",
            "none",
            "a snapshot is brought back by a boot, and its VMs stay on it",
        ),
        (booted("restart"), "snapshot", "snapshot", "hooks take it and bring it back"),
        (in_the_middle(kept=True), "packages", "packages", "what its update replaces is kept on the host"),
        (in_the_middle(), "packages", "none", "nothing was kept before its update began"),
    ],
)
def test_way_back(host: Node, keep: str, kind: str, reason: str) -> None:
    assert way_back(host, keep) == {"kind": kind, "reason": reason}


def test_a_plan_tells_it_if_it_is_asked() -> None:
    asked = dataclasses.replace(RULES, keep="packages")
    host = Node("h1", node("h1").facts, NO_WAY)
    assert planned(host, rules=asked)["hosts"][0]["rollback"]["kind"] == "none"
    assert "rollback" not in planned(host)["hosts"][0]
