# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.evergreen.virt.plugins.plugin_utils.timeline import BAR, LEFT, RIGHT, TOP, timeline


def at(seconds: int) -> str:
    return f"2026-01-01T00:{seconds // 60:02}:{seconds % 60:02}.000+00:00"


def a_report(seconds: float = 100.0) -> dict[str, t.Any]:
    phase = {"stage": "update", "start": at(0), "end": at(50), "seconds": 50.0}
    moves = [{"from": "h1", "to": "h2", "result": "moved", "started": at(25), "seconds": 25.0, "downtime_ms": 30}]
    return {
        "started": at(0),
        "makespan_s": seconds,
        "hosts": [
            {"name": "h1", "wave": 2, "phases": []},
            {"name": "h2", "wave": 1, "phases": [phase]},
        ],
        "vms": [{"name": "vm1", "moves": moves, "gaps": [{"start": at(45), "ms": 110.0}]}],
    }


def test_a_move_that_failed_is_no_arrow_and_leaves_its_vm_where_it_was() -> None:
    report = a_report()
    report["vms"][0]["moves"][0]["result"] = "failed"
    picture = timeline(report)
    assert picture["arrows"] == []
    assert picture["marks"][0]["y"] == TOP + 74 + BAR + 12


def test_rows_follow_the_waves() -> None:
    assert [(row["name"], row["y"]) for row in timeline(a_report())["rows"]] == [("h2", TOP), ("h1", TOP + 74)]


def test_a_bar_is_as_long_as_its_share_of_the_time() -> None:
    (drawn,) = timeline(a_report(), width=LEFT + RIGHT + 1000)["bars"]
    assert (drawn["x"], drawn["width"], drawn["stage"]) == (LEFT, 500.0, "update")


def test_an_arrow_goes_from_the_start_on_the_source_to_the_end_on_the_target() -> None:
    (arrow,) = timeline(a_report(), width=LEFT + RIGHT + 1000)["arrows"]
    assert (arrow["x1"], arrow["x2"]) == (LEFT + 250, LEFT + 500)
    assert (arrow["y1"], arrow["y2"]) == (TOP + 74, TOP + BAR)
    assert arrow["title"] == "vm1: h1 to h2, 25.0 s, 30 ms down"


@pytest.mark.parametrize(("second", "row"), [(10, 1), (45, 0)])
def test_a_gap_stands_where_the_vm_was(second: int, row: int) -> None:
    report = a_report()
    report["vms"][0]["gaps"][0]["start"] = at(second)
    picture = timeline(report)
    assert picture["marks"][0]["y"] == picture["rows"][row]["y"] + BAR + 12


@pytest.mark.parametrize(("seconds", "last"), [(20, "0:20"), (100, "1:40"), (3600, "60:00")])
def test_there_are_few_ticks(seconds: float, last: str) -> None:
    ticks = timeline(a_report(seconds))["ticks"]
    assert len(ticks) <= 13
    assert ticks[-1]["label"] == last
