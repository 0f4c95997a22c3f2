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
