# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Each fault in a run of its own: looked at afterwards, and then finished by the same command from an empty folder, at full speed.

Four hosts with twelve VMs, a small update for each run. When exactly a fault strikes is drawn from a seed, for each fault and each try
by itself: that of an earlier run of the tests is given by EVERGREEN_FAULT_SEED, and EVERGREEN_FAULT_TRIES says how often each is tried (the boundaries
between tasks one after the other).
The table is also written to build/faults.json.
"""

from __future__ import annotations

import json
import os
import random
import time
import typing as t

import pytest

from ansible_collections.evergreen.virt.tests.faults import run as runs
from ansible_collections.evergreen.virt.tests.faults import toll
from ansible_collections.evergreen.virt.tests.faults.catalogue import FAULTS, MOVES, Fault
from ansible_collections.evergreen.virt.tests.faults.chance import Chance, draw
from ansible_collections.evergreen.virt.tests.faults.ending import contradictions
from ansible_collections.evergreen.virt.tests.faults.run import Run
from ansible_collections.evergreen.virt.tests.faults.story import SLOWLY, Story, fresh_cluster, wait_until
from ansible_collections.evergreen.virt.tests.faults.toll import Toll
from ansible_collections.evergreen.virt.tests.lab.audit import Audit, audit, first_audit, losses
from ansible_collections.evergreen.virt.tests.lab.cluster import LARGE, ROOT
from ansible_collections.evergreen.virt.tests.lab.updates import PACKAGES, SOURCES, Updates

pytestmark = pytest.mark.slow
SEED = int(os.environ.get("EVERGREEN_FAULT_SEED") or random.SystemRandom().randrange(10**6))
TRIES = int(os.environ.get("EVERGREEN_FAULT_TRIES") or 1)
RUN_S = 900
"""Seconds within which every run must have ended."""
SETTLES_S = 90
"""Seconds within which a host that boots is back, moves that go on without their run have ended, and VMs answer."""
OPTIONS = {**SOURCES, "upgrade_order": "name", "upgrade_probe_host": ""}


class Ground:
    """The lab that all of them happen in, and what they cost."""

    def __init__(self, story: Story, updates: Updates) -> None:
        self.story = story
        self.updates = updates
        self.rows: dict[str, Toll] = {}
        self._turn = 0
        self._tidy: Audit | None = None

    def leave(self, before: Audit, after: Audit) -> list[str]:
        """Return what a try has left behind; where that is nothing, and all is there, the next one begins with this audit."""
        left = toll.left_behind(after)
        self._tidy = None if left or losses(before, after) else after
        return left

    def tidy(self) -> Audit:
        """Return what is there before a fault; what an earlier one has left is finished first, and is not its own."""
        known, self._tidy = self._tidy, None
        if known:
            return known
        found = first_audit(LARGE)
        if toll.left_behind(found):
            self.story.start("-e", json.dumps(OPTIONS))[0].wait(RUN_S)
            found = first_audit(LARGE)
        return found

    def begin(self, fault: Fault, chance: Chance) -> Run:
        """Publish an update, and start its run on the hosts whose turn it is."""
        size = len(LARGE.cluster)
        host, *others = sorted(LARGE.cluster[(self._turn + step) % size] for step in range(fault.hosts))
        following = others[0] if others else LARGE.cluster[(self._turn + 1) % size]
        self._turn += fault.hosts
        if fault.third:
            runs.define_third(host)
        self.updates.publish(PACKAGES[fault.impact])
        options = json.dumps({**OPTIONS, **fault.options})
        pace = SLOWLY if fault.moment is MOVES else ()
        arguments = ("--limit", ",".join((host, *others)), "-e", options)
        return Run(self.story, self.updates, host, following, arguments, chance, *self.story.start(*arguments, *pace))


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> t.Iterator[Ground]:
    with fresh_cluster(tmp_path_factory.mktemp("controllers"), LARGE) as story:
        found = Ground(story, Updates.of(LARGE))
        yield found
        rows = list(found.rows.values())
        toll.write(rows, ROOT / "build" / "faults.json")
        if reporter := request.config.pluginmanager.get_plugin("terminalreporter"):
            reporter.write(f"\n\n{toll.table(rows)}\n")


def settled(before: Audit, crashed: t.Collection[str]) -> Audit:
    """Look until every host answers, nothing is lost and nothing moves, or for as long as that may still take.

    :param crashed: VMs that may have been started again.
    """
    end = time.monotonic() + SETTLES_S
    while (after := quiet(before, crashed)) is None and time.monotonic() < end:
        time.sleep(2)
    return after or audit(LARGE)


def quiet(before: Audit, crashed: t.Collection[str]) -> Audit | None:
    """Return an audit, None while a host boots, a VM is under way, or something of a VM is missing."""
    try:
        after = audit(LARGE)
    except RuntimeError:
        return None
    moving = any(found["moving"] for found in after.hosts.values())
    lost = set(losses(before, after)) - {f"{vm} was restarted" for vm in crashed}
    return None if moving or lost else after


def strike(fault: Fault, run: Run) -> int:
    """Let it happen at its moment, and return how the run ended."""
    try:
        if fault.moment:
            moment = fault.moment
            wait_until(lambda: moment(run), "its moment", run.process)
            time.sleep(run.chance.delay * fault.within)
        fault.strike(run)
        return run.ended(RUN_S)
    finally:
        run.end()
        if fault.mend:
            fault.mend(run)


@pytest.mark.parametrize("attempt", range(TRIES))
@pytest.mark.parametrize("fault", FAULTS, ids=[fault.name for fault in FAULTS])
def test_fault(fault: Fault, attempt: int, ground: Ground) -> None:
    row = ground.rows.setdefault(fault.name, Toll(fault.name, SEED))
    row.tried += 1
    before = ground.tidy()
    run = ground.begin(fault, draw(SEED, fault.name, attempt))
    crashed = frozenset(before.hosts[run.host]["active"] if fault.crashes else ())
    code = strike(fault, run)
    audits = [settled(before, crashed)] if fault.survived or not crashed else []
    process, controller = ground.story.start(*run.arguments)
    finished = process.wait(RUN_S) == 0
    audits.append(settled(before, crashed))
    row.count(before, audits, crashed)
    left = ground.leave(before, audits[-1])
    row.finished_on_rerun += finished and not left
    told = f"seed {SEED}, ended with {code}: {run.controller / 'output'}, then {controller / 'output'}"
    assert fault.survived in (None, code == 0), f"{told}\n{(run.controller / 'output').read_text()[-5000:]}"
    assert contradictions(code, run.report()) == [], told
    assert finished, f"{told}\n{(controller / 'output').read_text()[-5000:]}"
    assert left == [], told
    assert not row.paid, f"{told}\n{row}\n{losses(before, audits[-1])}"
