# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from ansible_collections.evergreen.virt.plugins.module_utils._errors import ConflictError, InvalidInputError
from ansible_collections.evergreen.virt.plugins.module_utils._facts import Maintenance, Ran, Stopped, Versions
from ansible_collections.evergreen.virt.plugins.module_utils._state.maintenance import changes, decide

KNOWN = Maintenance(owner="me", reason="old", since="then", allow=["a"], stage="one", before=Versions(os="Debian 12"))


def options(**named: Any) -> dict[str, Any]:
    unnamed = dict.fromkeys(("reason", "allow", "before", "stage", "run_id", "epoch"))
    return {"state": "enabled", "owner": "me", **unnamed, **named}


def test_a_new_record_says_who_why_and_since_when() -> None:
    wanted = decide(None, options(reason="disk", before={"os": "Debian 12", "kernel": None}))
    assert wanted is not None
    assert (wanted.owner, wanted.reason, wanted.before) == ("me", "disk", Versions(os="Debian 12"))
    assert wanted.since.endswith("+00:00")
    assert [change.path for change in changes(None, wanted)] == ["maintenance"]


@pytest.mark.parametrize(
    ("named", "changed"),
    [
        ({}, {}),
        ({"reason": "old"}, {}),
        ({"reason": "new"}, {"maintenance.reason": "new"}),
        ({"reason": ""}, {"maintenance.reason": ""}),
        ({"allow": []}, {"maintenance.allow": []}),
        ({"stage": "two"}, {"maintenance.stage": "two"}),
        ({"run_id": "r", "epoch": 0}, {"maintenance.run_id": "r", "maintenance.epoch": 0}),
        ({"before": {"os": "Debian 13"}}, {}),
    ],
)
def test_the_owner_changes_what_is_named(named: dict[str, Any], changed: dict[str, Any]) -> None:
    wanted = decide(KNOWN, options(**named))
    assert wanted is not None
    assert wanted.since == "then"
    assert changes(KNOWN, wanted).diff()["after"] == changed
    assert not changes(wanted, decide(wanted, options(**named)))


@pytest.mark.parametrize(("stage", "left"), [(None, "restart"), ("updated", "reboot")])
def test_a_host_that_is_being_updated_owes_no_less_later(stage: str | None, left: str) -> None:
    known = dataclasses.replace(KNOWN, stage=stage, impact="reboot")
    wanted = decide(known, options(impact="restart"))
    assert wanted is not None
    assert wanted.impact == left


def test_who_runs_when_it_begins_is_kept_until_the_host_is_proven_empty() -> None:
    db, web = Ran("db", "u1", "b1"), Ran("web", "u2", "b1")
    begun = decide(None, options(), [db])
    assert begun is not None
    assert begun.ran == [db]
    goes_on = decide(begun, options(stage="two", empty=False), [web])
    assert goes_on is not None
    assert goes_on.ran == [db]
    emptied = decide(goes_on, options(empty=True), [web])
    assert emptied is not None
    assert changes(goes_on, emptied).diff()["after"] == {"maintenance.ran": []}
    with pytest.raises(InvalidInputError, match="'empty' is for state: enabled"):
        decide(emptied, options(state="disabled", empty=True))


@pytest.mark.parametrize("state", ["enabled", "disabled"])
def test_nobody_else_changes_anything(state: str) -> None:
    with pytest.raises(ConflictError) as caught:
        decide(KNOWN, options(owner="you", state=state))
    for text in ("me", "then", "old"):
        assert text in caught.value.message


def test_a_maintenance_that_owes_vms_a_start_does_not_end() -> None:
    owing = dataclasses.replace(KNOWN, stopped=[Stopped("db1", "u", "shutdown", "disk", "then")])
    with pytest.raises(ConflictError, match="owed a start: db1"):
        decide(owing, options(state="disabled"))


def test_disabled() -> None:
    off = options(state="disabled")
    assert decide(KNOWN, off) is None
    assert decide(None, off) is None
    assert changes(KNOWN, None)
    assert not changes(None, None)


def test_an_owner_without_name() -> None:
    with pytest.raises(InvalidInputError):
        decide(None, options(owner=" "))
