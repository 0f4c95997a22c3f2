# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
import subprocess
import threading
import time
from pathlib import Path

import pytest

from ansible_collections.evergreen.virt.plugins.plugin_utils import heartbeat
from ansible_collections.evergreen.virt.plugins.plugin_utils.journal import JOURNAL, record


def born(pid: int) -> int:
    """What proc_pid_stat(5) calls starttime."""
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19])


def beats(journal: Path) -> list[dict[str, str]]:
    return [event for event in map(json.loads, journal.read_text().splitlines()) if event["event"] == "alive"]


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    record(tmp_path, [{"event": "run", "state": "started"}])
    return tmp_path / JOURNAL


def test_it_beats_until_the_process_ends(journal: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(heartbeat, "PERIOD_S", 0.01)
    with subprocess.Popen(["sleep", "60"]) as run:
        beating = threading.Thread(target=heartbeat.main, args=(journal, run.pid, born(run.pid)))
        beating.start()
        while len(beats(journal)) < 3:
            assert beating.is_alive()
            time.sleep(0.01)
        run.kill()
    beating.join(timeout=10)
    assert not beating.is_alive()


def test_a_process_of_its_own_beats(journal: Path) -> None:
    with subprocess.Popen(["sleep", "60"]) as run:
        heartbeat.start(journal, run.pid)
        end = time.monotonic() + 30
        while not beats(journal):
            assert time.monotonic() < end
            time.sleep(0.05)
        run.kill()


def test_another_process_with_its_number_is_not_it(journal: Path) -> None:
    with subprocess.Popen(["sleep", "60"]) as other:
        heartbeat.main(journal, other.pid, born(other.pid) - 1)
        other.kill()
    assert beats(journal) == []


def test_a_process_that_is_gone_is_not_watched(journal: Path) -> None:
    with subprocess.Popen(["true"]) as run:
        pass
    heartbeat.start(journal, run.pid)
    assert beats(journal) == []


def test_a_line_that_was_not_ended_is_no_part_of_it(journal: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    journal.write_text(journal.read_text() + '{"event": "st')
    monkeypatch.setattr(heartbeat, "PERIOD_S", 0.01)
    with subprocess.Popen(["sleep", "0.1"]) as run:
        heartbeat.main(journal, run.pid, born(run.pid))
    lines = journal.read_text().splitlines()
    assert lines[1] == '{"event": "st'
    assert {json.loads(line)["event"] for line in lines[2:]} == {"alive"}
