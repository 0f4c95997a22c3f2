# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which reboot a host gets, as its plan tells."""

from __future__ import annotations

import dataclasses
import typing as t

import pytest

from ansible_collections.evergreen.virt.plugins.module_utils._facts import Maintenance, Updates
from ansible_collections.evergreen.virt.plugins.module_utils._plan.boot import boot_of
from ansible_collections.evergreen.virt.plugins.module_utils._plan.duration import stage_seconds
from ansible_collections.evergreen.virt.plugins.module_utils._plan.model import Node

from .clusters import RULES, node, planned

LIBC = Updates("apt", "reboot", full_boot=[])
KERNEL = Updates("apt", "reboot", full_boot=["linux-image-amd64 1 -> 2", "intel-microcode 1 -> 2"])
UNKNOWN = Updates("apt", "reboot")
SOFT = "the kernel stays as it is"


def host(updates: Updates | None, soft_reboots: int | None = 0, **record: t.Any) -> Node:
    """A host that is on with its boot `now`, and in the maintenance of a run if there is a record."""
    known = Maintenance("evergreen.virt", "run", "2026-01-01T00:00:00+00:00", run_id="r1", impact="reboot", **record)
    facts = node("h1", maintenance=known if record else None).facts
    return Node("h1", dataclasses.replace(facts, boot_id="now", soft_reboots=soft_reboots), updates)


@pytest.mark.parametrize(
    ("asked", "kind", "reason"),
    [
        (host(LIBC), "soft", SOFT),
        (host(LIBC, soft_reboots=3), "soft", SOFT),
        (host(LIBC, soft_reboots=None), "full", "its systemd cannot tell whether it was soft-rebooted"),
        (host(KERNEL), "full", "linux-image-amd64 1 -> 2; intel-microcode 1 -> 2"),
        (host(UNKNOWN), "full", "what is pending is not known"),
        (host(None), "full", "what is pending is not known"),
        (host(LIBC, stage=None, boot_id="now"), "soft", SOFT),
        (host(LIBC, stage="updated", boot_id="now", boot="soft"), "soft", SOFT),
        (host(LIBC, stage="updated", boot_id="before", boot="full"), "soft", SOFT),
        (host(LIBC, stage="updated", boot_id="now", boot="full"), "full", "the update that an interrupted run made"),
        (host(LIBC, stage="updating", boot_id="now"), "full", "the update that an interrupted run made"),
        (host(KERNEL, stage="updating", boot_id="now", boot="soft"), "full", "linux-image-amd64 1 -> 2"),
    ],
)
def test_boot(asked: Node, kind: str, reason: str) -> None:
    boot = boot_of(asked)
    assert boot["kind"] == kind
    assert boot["reason"].startswith(reason)


@pytest.mark.parametrize(("impact", "told"), [("reboot", True), ("empty", True), ("restart", False)])
def test_a_plan_tells_it_of_hosts_that_become_empty_if_it_is_asked(impact: str, told: bool) -> None:
    wished = dataclasses.replace(RULES, soft_reboot=True)
    one = dataclasses.replace(host(dataclasses.replace(LIBC, impact=impact)))
    assert planned(one, rules=wished)["hosts"][0].get("boot", {}).get("kind") == ("soft" if told else None)
    assert "boot" not in planned(one)["hosts"][0]


@pytest.mark.parametrize(("updates", "wished", "seconds"), [(LIBC, True, 225), (LIBC, False, 435), (KERNEL, True, 435)])
def test_the_model_of_time_knows_it(updates: Updates, wished: bool, seconds: float) -> None:
    assert stage_seconds(host(updates), dataclasses.replace(RULES, soft_reboot=wished)) == seconds
