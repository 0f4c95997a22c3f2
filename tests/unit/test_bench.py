# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The pure part of tests/bench/: what it makes of measurements."""

from __future__ import annotations

import typing as t
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from ansible_collections.evergreen.virt.tests.bench.benchmark import Benchmark, load, playbook, sample
from ansible_collections.evergreen.virt.tests.bench.chart import svg
from ansible_collections.evergreen.virt.tests.bench.rows import Sample, row, scale_row, scale_table, table

FILES = sorted((Path(__file__).resolve().parents[1] / "bench" / "benchmarks").glob("*.yml"))


def line(task: str, began: float = 0.0, ended: float = 0.0, stdout: str = "") -> dict[str, t.Any]:
    return {"task": task, "began": began, "ended": ended, "stdout": stdout}


def test_a_row_has_medians_and_their_ratio() -> None:
    ours = [Sample(1.0, 3), Sample(9.0, 90), Sample(2.0, 3)]
    peer = [Sample(100.0, 1000), Sample(110.0, 1001), Sample(900.0, 1002)]
    assert row("unchanged_200", "200 VMs", "a peer", ours, peer) == {
        "name": "unchanged_200",
        "peer": "a peer",
        "work": "200 VMs",
        "ours_s": 2.0,
        "peer_s": 110.0,
        "ratio": 55.0,
        "ours_processes": 3,
        "peer_processes": 1001,
        "ours_transactions": None,
        "peer_transactions": None,
        "runs": 3,
    }


def test_a_row_of_scale_says_what_each_costs() -> None:
    found = scale_row("new", "500 VMs", 500, [Sample(1.0, 3, 60.0), Sample(3.0, 3, 62.0)])
    assert (found["seconds"], found["ms_each"], found["rss_mib"], found["runs"]) == (2.0, 4.0, 61.0, 2)
    assert scale_row("new", "500 VMs", 500, [Sample(1.0, 3)])["rss_mib"] is None


def test_tables() -> None:
    compared = row("new_20", "20 new VMs", "a peer", [Sample(0.5, 3)], [Sample(10.0, 100)])
    assert table([compared]).splitlines() == [
        "| work       |   peer | evergreen.virt | the peer | times faster | processes | its processes | runs |",
        "|------------|-------:|---------------:|---------:|-------------:|----------:|--------------:|-----:|",
        "| 20 new VMs | a peer |          0.5 s |   10.0 s |           20 |         3 |           100 |    1 |",
    ]
    counted = row("ports_10", "10 ports", "x", [Sample(0.5, 3, transactions=1)], [Sample(10.0, 9, transactions=11)])
    head, _rule, first, second = table([compared, counted]).splitlines()
    columns = [[cell.strip() for cell in line.split("|")[8:10]] for line in (head, first, second)]
    assert columns == [["transactions", "its transactions"], ["", ""], ["1", "11"]]
    scaled = scale_row("new_50", "50 new VMs", 50, [Sample(0.5, 3, 41.6)])
    assert scale_table([scaled]).splitlines()[-1] == "| 50 new VMs | 0.5 s | 10.0 ms |      42 MiB |    1 |"


def test_the_picture_has_a_longer_bar_for_the_longer_time() -> None:
    root = ET.fromstring(svg([row("a", "20 <new> VMs", "a peer", [Sample(0.5, 3)], [Sample(50.0, 100)])]))  # noqa: S314 ours
    _paper, ours, peer = (float(found.get("width", "0")) for found in root.iter("{http://www.w3.org/2000/svg}rect"))
    assert 0 < ours < peer
    texts = [text.text for text in root.iter("{http://www.w3.org/2000/svg}text")]
    assert {"20 <new> VMs", "100 times", "0.5 s", "50.0 s"} <= set(texts)


def test_a_sample_leaves_out_what_is_not_measured() -> None:
    told = [
        line("work out", 0.0, 5.0),
        line("mark", stdout="100 32768"),
        line("mark", stdout="102 32768"),
        line("measured", 10.0, 11.0),
        line("measured", 11.0, 14.0),
        line("mark", stdout="124 32768 2048 61440"),
        line("count", 20.0, 30.0),
    ]
    assert sample(told) == Sample(seconds=4.0, processes=20, rss_mib=60.0)


def test_transactions_are_counted_around_what_is_measured() -> None:
    told = [
        line("transactions", stdout="7\n"),
        line("mark", stdout="100 32768"),
        line("mark", stdout="102 32768"),
        line("measured", 0.0, 1.0),
        line("mark", stdout="104 32768"),
        line("transactions", stdout="8\n"),
    ]
    assert sample(told).transactions == 1


def test_pids_begin_again_at_their_end() -> None:
    told = [
        line("mark", stdout="32760 32768"),
        line("mark", stdout="32762 32768"),
        line("measured", 0.0, 1.0),
        line("mark", stdout="6 32768"),
    ]
    assert sample(told) == Sample(seconds=1.0, processes=10)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_each_benchmark_is_measured_between_marks(path: Path) -> None:
    benchmark = load(path)
    for side in ("ours", "peer") if benchmark.peer else ("ours",):
        [play] = playbook(benchmark, side, "h1", benchmark.sizes[0])
        names = [task.get("name") for task in play["tasks"]]
        measured = [place for place, name in enumerate(names) if name == "measured"]
        first, last = measured[0], measured[-1]
        assert names[first - 2 : first] == ["mark", "mark"]
        assert names[last + 1] == "mark"
        assert len(measured) == last - first + 1 == len(getattr(benchmark, side))
    assert "{n}" in benchmark.work
    assert bool(benchmark.peer) == bool(benchmark.peer_name)


def test_memory_is_measured_where_there_is_no_peer() -> None:
    alone = Benchmark(name="alone", work="{n}", sizes=(1,), ours=[{"ping": {}}])
    with_peer = Benchmark(name="both", work="{n}", sizes=(1,), ours=[{"ping": {}}], peer=[{"ping": {}}], peer_name="x")
    for benchmark, wrapped in ((alone, True), (with_peer, False)):
        [play] = playbook(benchmark, "ours", "h1", 1)
        [measured] = [task for task in play["tasks"] if task.get("name") == "measured"]
        assert ("vars" in measured) is wrapped
