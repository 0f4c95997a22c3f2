# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The ordered steps of a network or storage pool."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.evergreen.virt.plugins.module_utils._changes import Change, ChangeSet
from ansible_collections.evergreen.virt.plugins.module_utils._libvirt.lifecycle import (
    STATES,
    Definition,
    Plan,
    Status,
    Wanted,
    difference,
    plan,
)

ABSENT = Status()
STOPPED = Status(exists=True, persistent=True)
STARTED = Status(exists=True, persistent=True, active=True)
TRANSIENT = Status(exists=True, active=True)
SAME = Definition("<x/>")
NEW = Definition("<x/>", changes=ChangeSet.of(Change("mode", None, "nat")))
PENDING = ChangeSet.of(Change("mtu", None, 1400))
DIFFERS = Definition("<x/>", changes=PENDING, pending=PENDING)


def steps(found: Plan) -> str:
    named = {
        "define": found.define is not None,
        "stop": found.stop,
        "undefine": found.undefine,
        "start": found.start,
    }
    return " ".join(name for name, done in named.items() if done)


@pytest.mark.parametrize(
    ("status", "state", "definition", "expected"),
    [
        (ABSENT, "present", NEW, "define"),
        (ABSENT, "started", NEW, "define start"),
        (ABSENT, "stopped", NEW, "define"),
        (ABSENT, "absent", SAME, ""),
        (STOPPED, "present", SAME, ""),
        (STOPPED, "started", SAME, "start"),
        (STOPPED, "stopped", SAME, ""),
        (STOPPED, "started", DIFFERS, "define start"),
        (STOPPED, "absent", SAME, "undefine"),
        (STARTED, "present", SAME, ""),
        (STARTED, "started", DIFFERS, "define"),
        (STARTED, "stopped", DIFFERS, "define stop"),
        (STARTED, "absent", SAME, "stop undefine"),
        (TRANSIENT, "present", SAME, "define"),
        (TRANSIENT, "stopped", SAME, "define stop"),
        (TRANSIENT, "absent", SAME, "stop"),
    ],
)
def test_steps(status: Status, state: str, definition: Definition, expected: str) -> None:
    found = plan(status, Wanted(state), definition)
    assert steps(found) == expected
    assert bool(found.changes) == bool(expected)


def test_a_running_object_is_restarted_only_with_leave() -> None:
    kept = plan(STARTED, Wanted("started"), DIFFERS)
    assert (steps(kept), kept.restart_required) == ("define", ("mtu",))
    assert kept.changes.restart_required == ["mtu"]
    restarted = plan(STARTED, Wanted("started", allow_restart=True), DIFFERS)
    assert (steps(restarted), restarted.restart_required) == ("define stop start", ())


def test_a_restart_that_was_owed_is_made_up_for() -> None:
    owed = Definition("<x/>", pending=PENDING)
    later = plan(STARTED, Wanted("present"), owed)
    assert (steps(later), bool(later.changes), later.restart_required) == ("", False, ("mtu",))
    made_up = plan(STARTED, Wanted("present", allow_restart=True), owed)
    assert (steps(made_up), made_up.changes.diff()["after"]) == ("stop start", {"mtu": 1400})


def test_autostart_is_touched_only_when_it_is_named_and_differs() -> None:
    assert plan(STOPPED, Wanted("present"), SAME).autostart is None
    assert plan(STOPPED, Wanted("present", autostart=False), SAME).autostart is None
    found = plan(STOPPED, Wanted("present", autostart=True), SAME)
    assert (found.autostart, found.changes.diff()["after"]) == (True, {"autostart": True})


@given(
    st.sampled_from([ABSENT, STOPPED, STARTED, TRANSIENT, Status(exists=True, persistent=True, autostart=True)]),
    st.builds(Wanted, st.sampled_from(STATES), st.sampled_from([None, True, False]), st.booleans()),
    st.sampled_from([SAME, NEW, DIFFERS, Definition("<x/>", pending=PENDING)]),
)
def test_nothing_is_done_without_a_change_and_the_end_is_what_was_asked(
    status: Status, wanted: Wanted, definition: Definition
) -> None:
    found = plan(status, wanted, definition)
    assert bool(steps(found) or found.autostart is not None) == bool(found.changes)
    active = found.start or (status.active and not found.stop)
    expected = {"present": status.active, "started": True}.get(wanted.state, False)
    assert active == expected
    assert not (found.stop and found.start) or wanted.allow_restart


def test_difference_names_what_is_gone() -> None:
    found = difference({"a": 1, "b": 2}, {"b": 3, "c": 4})
    assert found.diff() == {"before": {"a": 1, "b": 2, "c": None}, "after": {"a": None, "b": 3, "c": 4}}
