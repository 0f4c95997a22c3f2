# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The pure part of tests/faults/: what is drawn for a fault, and what is made of what is found afterwards."""

from __future__ import annotations

import json
import subprocess
import typing as t
from pathlib import Path

import pytest

from ansible_collections.evergreen.virt.tests.faults import run as runs
from ansible_collections.evergreen.virt.tests.faults.catalogue import FAULTS
from ansible_collections.evergreen.virt.tests.faults.chance import BOUNDARIES, draw
from ansible_collections.evergreen.virt.tests.faults.ending import contradictions
from ansible_collections.evergreen.virt.tests.faults.run import Run
from ansible_collections.evergreen.virt.tests.faults.story import stage


def run_of(host: str, process: t.Any = None, controller: Path = Path()) -> Run:
    """A run whose other parts nobody asks for."""
    nothing: t.Any = None
    return Run(nothing, nothing, host, "h9", (), draw(7, "a fault", 0), process, controller)


def test_each_fault_and_each_try_strikes_at_a_moment_of_its_own() -> None:
    drawn = [draw(7, fault.name, attempt) for fault in FAULTS for attempt in range(3)]
    assert len({chance.delay for chance in drawn}) == len(drawn)
    assert all(0 <= chance.delay < 1 for chance in drawn)
    assert len({draw(7, fault.name, 0).boundary for fault in FAULTS}) > 1


def test_the_same_seed_draws_the_same_again_and_another_one_something_else() -> None:
    assert draw(7, "a fault", 1) == draw(7, "a fault", 1)
    assert draw(7, "a fault", 1) != draw(8, "a fault", 1)


def test_tries_between_two_tasks_take_all_boundaries_in_turn() -> None:
    drawn = [draw(7, "a fault", attempt).boundary for attempt in range(BOUNDARIES)]
    assert sorted(drawn) == list(range(BOUNDARIES))
    assert drawn[1] == (drawn[0] + 1) % BOUNDARIES


def test_the_stage_is_read_while_the_journal_is_written(tmp_path: Path) -> None:
    assert stage(tmp_path, "h1") is None
    events = [{"host": "h1", "stage": "evacuate"}, {"host": "h2", "stage": "update"}, {"host": "h1", "event": "moves"}]
    lines = "".join(json.dumps(event) + "\n" for event in events)
    (tmp_path / "journal.ndjson").write_text(lines + '{"host": "h1", "stage": "upd')
    assert [stage(tmp_path, host) for host in ("h1", "h2", "h3")] == ["evacuate", "update", None]


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        ({"h2": "vm1.xml\nvm2.xml\n", "h3": "vm3.xml\n", "h1": "vm2.xml\n"}, ("vm2", "h1")),
        ({"h2": "vm1.xml\n", "h3": "vm3.xml\n", "h1": "vm2.xml\n"}, None),
        ({"h2": "", "h3": "vm3.xml\n", "h1": "vm3.xml\n"}, None),
    ],
)
def test_a_vm_moves_that_has_a_qemu_on_its_host_and_on_another(
    found: dict[str, str], expected: tuple[str, str] | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runs, "ssh", lambda host, _command: found.get(host, ""))
    assert run_of("h2").moving() == expected


def test_a_run_that_lives_is_ended_and_one_that_has_ended_is_left() -> None:
    lives = subprocess.Popen(["sleep", "60"], start_new_session=True)
    over = subprocess.Popen(["true"], start_new_session=True)
    over.wait()
    run = run_of("h1", over)
    run.rivals.append(lives)
    run.end()
    assert (over.returncode, lives.returncode) == (0, -9)


def report(
    result: str, *hosts: tuple[str, str], finished: str | None = "2026-01-01T00:00:00+00:00"
) -> dict[str, t.Any]:
    """A report with the results and reasons of hosts."""
    told = [{"name": f"h{n}", "result": ending, "reason": why} for n, (ending, why) in enumerate(hosts, 1)]
    return {"result": result, "finished": finished, "hosts": told}


@pytest.mark.parametrize(
    ("code", "told", "expected"),
    [
        (0, report("upgraded", ("upgraded", "")), []),
        (0, report("nothing_to_do"), []),
        (2, report("failed", ("failed", "the host was lost")), []),
        (2, report("partial", ("upgraded", ""), ("skipped", "")), []),
        (1, None, []),
        (-9, None, []),
        (-9, report("failed", ("failed", ""), finished=None), []),
        (0, None, ["it ended well and has told nothing"]),
        (0, report("partial", ("skipped", "why")), ["it ended with 0 and tells: partial"]),
        (2, report("upgraded", ("upgraded", "")), ["it ended with 2 and tells: upgraded"]),
        (4, report("nothing_to_do"), ["it ended with 4 and tells: nothing_to_do"]),
        (2, report("failed", ("failed", "")), ["h1 has failed for no reason"]),
        (2, report("failed", ("failed", "why"), finished=None), ["its report does not say that it has ended"]),
    ],
)
def test_a_run_must_tell_how_it_ended(code: int, told: dict[str, t.Any] | None, expected: list[str]) -> None:
    assert contradictions(code, told) == expected
