# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
import pathlib
from collections.abc import Iterator

import pytest

from ansible_collections.evergreen.virt.plugins.module_utils._errors import UnavailableError
from ansible_collections.evergreen.virt.plugins.module_utils._metrics import program
from ansible_collections.evergreen.virt.plugins.module_utils._metrics.text import Metric, gauge
from ansible_collections.evergreen.virt.plugins.module_utils._state import lease, record


def test_what_was_found_before_an_error_counts_and_the_journal_gets_the_reason(
    capsys: pytest.CaptureFixture[str],
) -> None:
    def collector() -> Iterator[Metric]:
        yield gauge("evergreen_ovs_up", "Whether it is up.", 0)
        raise UnavailableError("the database is silent.", hint="Start it.")

    found = program.collected("ovs", collector)
    assert [(metric.name, metric.samples[0][1]) for metric in found][:2] == [
        ("evergreen_ovs_up", 0),
        ("evergreen_collector_success", 0),
    ]
    assert "the database is silent." in capsys.readouterr().err


@pytest.fixture
def kept(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> pathlib.Path:
    """The folder that stands for /var/lib/evergreen.virt."""
    monkeypatch.setattr(record.read, "__defaults__", (tmp_path,))
    monkeypatch.setattr(lease.read, "__defaults__", (tmp_path,))
    return tmp_path


def test_a_damaged_record_is_a_maintenance_all_the_same(kept: pathlib.Path) -> None:
    (kept / record.NAME).write_text("{")
    program.main([str(kept), "state"])
    text = (kept / "evergreen_state.prom").read_text()
    assert "\nevergreen_maintenance 1\n" in text
    assert 'evergreen_collector_success{collector="state"} 0\n' in text


def test_a_record_and_a_lease_are_told(kept: pathlib.Path) -> None:
    since = "2026-11-26T07:00:00+00:00"
    (kept / record.NAME).write_text(json.dumps({"owner": "anna", "reason": "disk", "since": since}))
    (kept / lease.NAME).write_text(json.dumps({"run_id": "r1", "epoch": 1, "since": since, "seen": since}))
    program.main([str(kept), "state"])
    text = (kept / "evergreen_state.prom").read_text()
    assert 'evergreen_maintenance_info{owner="anna",reason="disk",run_id="",stage=""} 1\n' in text
    assert 'evergreen_run_info{controller="",epoch="1",run_id="r1"} 1\n' in text
    assert 'evergreen_collector_success{collector="state"} 1\n' in text
    assert (kept / "evergreen_state.prom").stat().st_mode & 0o777 == 0o644


def test_a_host_without_a_switch_says_nothing_of_it(kept: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(program, "OVS_DATABASE", kept / "conf.db")
    assert list(program.ovs()) == []
