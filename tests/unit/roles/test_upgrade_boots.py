# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether the role upgrade boots a host, what it remembers of that, and when it believes that it happened."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.evergreen.virt.tests.unit.roles.role_variables import evaluated

Facts = dict[str, t.Any]
NEVER_HERE: Facts = {"boot_id": "b1", "soft_reboots": 0, "maintenance": None}
OLD: Facts = {**NEVER_HERE, "soft_reboots": None}
SOFT_OWED: Facts = {"stage": "updated", "boot": "soft", "boot_id": "b1", "soft_reboots": 0}
FULL_OWED: Facts = {**SOFT_OWED, "boot": "full"}
OWED_BY_A_RUN_OF_BEFORE: Facts = {**FULL_OWED, "boot": None, "soft_reboots": None}


def case(
    says: str, facts: Facts, after: tuple[str, int | None], boots: bool, healthy: bool, **more: t.Any
) -> dict[str, t.Any]:
    """One host.

    :param facts: what it told before its update.
    :param after: its boot and the soft reboots since, when it is asked whether it is healthy.
    :param more: the kind of its planned reboot, `soft` unless it is named; its impact; what else the role is told.
    """
    return {
        "says": says,
        "facts": {**facts, "bridges": [], "networks": [], "pools": []},
        "after": dict(zip(("boot_id", "soft_reboots"), after)),
        "boots": boots,
        "healthy": healthy,
        "kind": "soft",
        "impact": "reboot",
        "reboot": "auto",
        "pending": "reboot",
        "changed": True,
        **more,
    }


def owing(record: Facts, boot_id: str = "b1", soft_reboots: int | None = 0) -> Facts:
    return {"boot_id": boot_id, "soft_reboots": soft_reboots, "maintenance": record}


DONE = {"changed": False, "pending": "none"}
CASES = [
    case("it was soft-rebooted", NEVER_HERE, ("b1", 1), True, True),
    case("it should have been", NEVER_HERE, ("b1", 0), True, False),
    case("it got a full reboot though a soft one would do", NEVER_HERE, ("b2", 0), True, True),
    case("it was booted", NEVER_HERE, ("b2", 0), True, True, kind="full"),
    case("it was soft-rebooted where that does not do", NEVER_HERE, ("b1", 1), True, False, kind="full"),
    case("its systemd is old", OLD, ("b2", None), True, True, kind="full"),
    case("its systemd is old, and it was not booted", OLD, ("b1", None), True, False, kind="full"),
    case("nobody wishes boots", NEVER_HERE, ("b1", 0), False, True, reboot="never"),
    case("it needs none", NEVER_HERE, ("b1", 0), False, True, impact="empty", pending="empty"),
    case(
        "it gets one all the same", NEVER_HERE, ("b1", 1), True, True, impact="empty", pending="empty", reboot="always"
    ),
    case("a soft one is owed", owing(SOFT_OWED), ("b1", 1), True, True, **DONE),
    case("a soft one was owed", owing(SOFT_OWED, soft_reboots=1), ("b1", 1), False, True, **DONE),
    case("a soft one was owed, and it was booted", owing(SOFT_OWED, "b2"), ("b2", 0), False, True, **DONE),
    case("a full one is owed", owing(FULL_OWED, soft_reboots=1), ("b2", 0), True, True, kind="full", **DONE),
    case("a full one was owed", owing(FULL_OWED, "b2"), ("b2", 0), False, True, kind="full", **DONE),
    case("an older version owes one", owing(OWED_BY_A_RUN_OF_BEFORE), ("b2", 0), True, True, kind="full", **DONE),
    case("more came meanwhile", owing(SOFT_OWED, soft_reboots=1), ("b1", 2), True, True),
]
NOTHING: dict[str, t.Any] = {"health": {"problems": []}, "went_down": [], "bridges": [], "networks": [], "pools": []}


@pytest.mark.parametrize("case", CASES, ids=[one["says"] for one in CASES])
def test_boots(case: dict[str, t.Any]) -> None:
    """Whether it is booted, whether that is believed, and what is remembered of it."""
    given = {
        "preflight_facts": case["facts"],
        "preflight_updates": {"impact": case["pending"], "manifest": {}},
        "upgrade_reboot": case["reboot"],
        "__upgrade_changed": case["changed"],
        "__upgrade_planned_host": {"impact": case["impact"], "boot": {"kind": case["kind"]}},
        "__upgrade_verified": {"host": {**case["after"], **NOTHING}},
    }
    boots, unhealthy, owed = (
        evaluated("upgrade", f"__upgrade_{name}", **given) for name in ("boots", "unhealthy", "boot_owed")
    )
    assert (boots, unhealthy == [], owed["boot"] or "full") == (case["boots"], case["healthy"], case["kind"])
