# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
import pathlib
import threading
import time
import typing as t

import pytest

from ansible_collections.evergreen.virt.plugins.module_utils._files import write_atomically
from ansible_collections.evergreen.virt.plugins.plugin_utils import journal
from ansible_collections.evergreen.virt.plugins.plugin_utils.journal import record
from ansible_collections.evergreen.virt.plugins.plugin_utils.run_report import report

T0 = "2026-01-01T00:00:00.000+00:00"
PLAN: dict[str, t.Any] = {
    "waves": [["h1"], ["h2"]],
    "moves": [{"vm": "vm1"}],
    "bounds": {"moves": 1, "waves": 2},
    "skipped": {},
    "hosts": [
        {"name": "h1", "wave": 1, "impact": "reboot", "from": {"os": "Debian 12"}},
        {"name": "h2", "wave": 2, "impact": "reboot", "from": {"os": "Debian 12"}},
        {"name": "h3", "wave": None, "impact": "none", "from": {"os": "Debian 13"}},
    ],
}


def at(seconds: int, event: str, **values: t.Any) -> dict[str, t.Any]:
    return {"time": f"2026-01-01T00:00:{seconds:02}.000+00:00", "event": event, **values}


def begun(*more: dict[str, t.Any]) -> dict[str, t.Any]:
    return report([at(0, "run", state="started", run_id="r1", epoch=1), at(1, "plan", plan=PLAN), *more])


def done(second: int, host: str, result: str = "upgraded") -> dict[str, t.Any]:
    return at(second, "host", host=host, result=result, to={"os": "Debian 13"})


def test_a_host_in_whose_middle_the_run_died_is_told_from_one_that_it_has_not_come_to() -> None:
    hosts = begun(at(2, "stage", host="h1", wave=1, stage="update"))["hosts"]
    assert [host["reason"] for host in hosts] == [
        "the run is in the middle of it, or was when it ended: update",
        "the run has not come to this host",
    ]


@pytest.mark.parametrize(
    ("events", "result"),
    [
        ([done(2, "h1"), done(3, "h2")], "upgraded"),
        ([done(2, "h1"), done(3, "h2", "failed")], "partial"),
        ([done(2, "h1")], "partial"),
        ([done(2, "h1", "failed")], "failed"),
        ([], "failed"),
    ],
)
def test_the_result_follows_the_hosts(events: list[dict[str, t.Any]], result: str) -> None:
    assert begun(*events)["result"] == result


@pytest.mark.parametrize(
    ("results", "result"),
    [
        (("rolled_back", "rolled_back"), "rolled_back"),
        (("rolled_back", "failed"), "partial"),
        (("failed", "failed"), "failed"),
    ],
)
def test_a_rollback_has_results_of_its_own(results: tuple[str, str], result: str) -> None:
    ends = [done(2, f"h{number}", each) for number, each in enumerate(results, 1)]
    started = at(0, "run", state="started", aim="rollback", run_id="r1", epoch=1)
    assert report([started, at(1, "plan", plan=PLAN), *ends])["result"] == result
    assert begun(*ends)["result"] == "failed"


def test_hosts_without_need_are_not_part_of_the_run() -> None:
    assert [host["name"] for host in begun()["hosts"]] == ["h1", "h2"]


def test_a_plan_without_waves_is_nothing_to_do() -> None:
    nothing: dict[str, t.Any] = {"waves": [], "moves": [], "bounds": {}, "skipped": {}, "hosts": []}
    assert report([at(0, "plan", plan=nothing)])["result"] == "nothing_to_do"


def test_a_stage_lasts_until_the_next() -> None:
    host = begun(
        at(2, "stage", host="h1", wave=1, stage="evacuate"),
        at(7, "stage", host="h1", wave=1, stage="update"),
        done(30, "h1"),
    )["hosts"][0]
    assert host["seconds"] == {"evacuate": 5.0, "update": 23.0, "reboot": 0, "verify": 0}
    assert (host["from"], host["to"]) == ({"os": "Debian 12"}, {"os": "Debian 13"})


def test_what_failed_before_is_told_and_waiting_is_no_stage() -> None:
    host = begun(
        at(2, "stage", host="h1", wave=1, stage="evacuate"),
        at(7, "attempt", host="h1", attempt=2, reason="the host was lost"),
        at(20, "stage", host="h1", wave=1, stage="evacuate"),
        done(23, "h1"),
    )["hosts"][0]
    assert (host["result"], host["attempts"]) == ("upgraded", ["the host was lost"])
    assert host["seconds"]["evacuate"] == 8.0


BRIDGES = [{"name": "br0", "flows": 3, "groups": 0, "meters": 0}]


def switch_at(second: int) -> dict[str, t.Any]:
    return {**at(second, "switch", host="h1"), "seconds": 1.5, "bridges": BRIDGES}


def test_a_switch_that_was_started_again_is_told() -> None:
    first, second = begun(switch_at(2), done(3, "h1"))["hosts"]
    assert first["switch"] == {"seconds": 1.5, "bridges": BRIDGES, "worst_gap_ms": None}
    assert second["switch"] is None


@pytest.mark.parametrize(("second", "found"), [(2, 600.0), (20, 0.0)])
def test_the_gap_of_a_switch_is_one_of_that_time(second: int, found: float) -> None:
    probe = at(40, "probe", probe={"targets": [asked([(300, 600)], None)]})
    assert begun(switch_at(second), done(21, "h1"), probe)["hosts"][0]["switch"]["worst_gap_ms"] == found


class Read(dict[str, t.Any]):
    """An event that counts how often something is read in any."""

    times = 0

    def __getitem__(self, key: str) -> t.Any:
        Read.times += 1
        return super().__getitem__(key)

    def get(self, key: str, default: t.Any = None) -> t.Any:
        Read.times += 1
        return super().get(key, default)


def reads(count: int) -> int:
    """Return how often something is read in the events of a run of so many hosts, for its report."""
    names = [f"h{number}" for number in range(count)]
    hosts = [{**PLAN["hosts"][0], "name": name} for name in names]
    stages = [at(2, "stage", host=name, wave=1, stage="evacuate") for name in names]
    ends = [event for name in names for event in ({**switch_at(3), "host": name}, at(3, "alive"), done(4, name))]
    probe = at(5, "probe", probe=Read(targets=[Read(asked([(300, 600)], None))]))
    started = at(0, "run", state="started", run_id="r1", epoch=1)
    before = Read.times
    told = report([Read(one) for one in (started, at(1, "plan", plan={**PLAN, "hosts": hosts}), *stages, *ends, probe)])
    assert len(told["hosts"]) == count
    return Read.times - before


def test_each_further_host_costs_as_much_as_the_one_before() -> None:
    ten, twenty, thirty = map(reads, (10, 20, 30))
    assert thirty - twenty == twenty - ten


def test_a_run_lasts_until_it_was_last_there() -> None:
    assert begun(done(2, "h1"), at(9, "alive"))["makespan_s"] == 9.0


def target(name: str, gap: float, boots: tuple[str, ...] = ("b1",), lost: int = 0) -> dict[str, t.Any]:
    tcp = {"worst_gap_ms": 2 * gap, "gaps": [silence(0, 2 * gap)], "lost": lost, "tracked": {"boot_id": list(boots)}}
    return {"name": name, "icmp": {"worst_gap_ms": gap, "gaps": [silence(0, gap)]}, "tcp": tcp}


def silence(start_ms: int, ms: float) -> dict[str, t.Any]:
    first, last = (f"2026-01-01T00:00:00.{int(moment):03}+00:00" for moment in (start_ms, start_ms + ms))
    return {"start": first, "end": last, "ms": ms, "open": False, "own_stall_ms": 0.0}


def asked(icmp: list[tuple[int, float]] | None, tcp: list[tuple[int, float]] | None) -> dict[str, t.Any]:
    """A target with these gaps (start, length), 90 ms the longest that was too short to be listed."""
    kinds = {"icmp": icmp, "tcp": tcp}
    return {"name": "vm1"} | {
        kind: {"worst_gap_ms": max([90.0, *(ms for _start, ms in gaps)]), "gaps": [silence(*gap) for gap in gaps]}
        for kind, gaps in kinds.items()
        if gaps is not None
    }


@pytest.mark.parametrize(
    ("icmp", "tcp", "worst", "starts"),
    [
        ([(100, 350.0)], [(100, 520.0)], 350.0, [100]),
        ([(100, 200.0)], [(250, 300.0)], 50.0, [250]),
        ([(100, 200.0)], [(300, 300.0)], 200.0, []),
        ([(100, 150.0), (300, 120.0)], [(100, 400.0)], 150.0, [100, 300]),
        ([(100, 200.0)], None, 200.0, [100]),
        (None, [(100, 200.0)], 200.0, [100]),
        ([], [], 90.0, []),
        (None, None, None, []),
    ],
)
def test_a_vm_is_silent_while_it_answers_nobody(
    icmp: list[tuple[int, float]] | None, tcp: list[tuple[int, float]] | None, worst: float | None, starts: list[int]
) -> None:
    (vm,) = begun(at(9, "probe", probe={"targets": [asked(icmp, tcp)]}))["vms"]
    assert vm["worst_gap_ms"] == worst
    assert [gap["start"][20:23] for gap in vm["gaps"]] == [f"{start:03}" for start in starts]


def test_gaps_come_from_the_probe_and_the_control_vm_is_set_beside_them() -> None:
    probe = {"targets": [target("vm1", 110.0), target("vm2", 80.0, ("b1", "b2"), 1), target("control", 30.0)]}
    vm1, vm2 = begun(
        at(2, "moves", host="h1", moves=[{"vm": "vm1", "from": "h1", "to": "h2", "seconds": 1.5}]),
        at(9, "probe", probe=probe, control="control"),
    )["vms"]
    unmeasured: dict[str, t.Any] = {"downtime_ms": None, "bytes": None, "ladder": []}
    assert vm1["moves"] == [{"from": "h1", "to": "h2", "seconds": 1.5, **unmeasured}]
    assert (vm1["worst_gap_ms"], vm1["control_gap_ms"], vm1["restarted"]) == (110.0, 30.0, False)
    assert vm1["worst_stall_ms"] == 220.0
    assert (vm2["worst_gap_ms"], vm2["restarted"], vm2["connections_lost"]) == (80.0, True, 1)


def test_what_nothing_measured_is_null() -> None:
    (vm,) = begun(at(2, "moves", host="h1", moves=[{"vm": "vm1"}]))["vms"]
    assert (vm["worst_gap_ms"], vm["control_gap_ms"], vm["restarted"]) == (None, None, None)


def test_a_host_that_failed_has_no_versions_that_were_not_measured() -> None:
    host = begun(at(2, "host", host="h1", result="failed"))["hosts"][0]
    assert (host["from"], host["to"]) == ({"os": "Debian 12"}, None)


def test_a_line_that_a_dying_controller_left_unfinished_harms_nobody(tmp_path: pathlib.Path) -> None:
    record(tmp_path, [{"event": "run", "state": "started", "run_id": "r1"}])
    with (tmp_path / "journal.ndjson").open("a") as journal:
        journal.write('{"event": "ho')
    assert record(tmp_path, [{"event": "plan", "plan": PLAN}])["run_id"] == "r1"
    assert record(tmp_path, [{"event": "host", "host": "h1", "result": "upgraded"}])["result"] == "partial"


ASKED: dict[str, t.Any] = {"event": "run", "state": "asked"}
STARTED: dict[str, t.Any] = {"event": "run", "state": "started", "run_id": "r2"}
REFUSED: dict[str, t.Any] = {"event": "refused", "reason": "h2: it is silent"}
FINISHED: dict[str, t.Any] = {"event": "run", "state": "finished"}
NOT_BEGUN = "it has not begun: it looks at the cluster, or it ended when it did"


@pytest.mark.parametrize(
    ("events", "result", "reason"),
    [
        ([ASKED], "refused", NOT_BEGUN),
        ([ASKED, REFUSED], "refused", "h2: it is silent"),
        ([ASKED, REFUSED, FINISHED], "refused", "h2: it is silent"),
        ([ASKED, STARTED, {"event": "plan", "plan": PLAN}], "failed", ""),
    ],
    ids=["looks", "is refused", "was refused", "has begun"],
)
def test_a_run_is_refused_until_it_begins(
    tmp_path: pathlib.Path, events: list[dict[str, t.Any]], result: str, reason: str
) -> None:
    """And nothing of the run before it is left in its report."""
    record(tmp_path, [{**STARTED, "run_id": "r1"}, {"event": "plan", "plan": PLAN}, FINISHED], pid=1)
    for event in events:
        record(tmp_path, [event], pid=2)
    told = json.loads((tmp_path / "report.json").read_text())
    assert (told["result"], told["reason"], told["run_id"]) == (result, reason, None if reason else "r2")
    assert bool(told["hosts"]) is (not reason)
    assert (told["finished"] is not None) is (events[-1] == FINISHED)
    assert told["started"] is not None


@pytest.mark.parametrize("sign", [{"event": "alive"}, {"event": "host", "host": "h1", "result": "upgraded"}])
def test_a_run_that_lives_keeps_its_report_when_another_one_is_refused(
    tmp_path: pathlib.Path, sign: dict[str, t.Any]
) -> None:
    record(tmp_path, [{**STARTED, "run_id": "r1"}, {"event": "plan", "plan": PLAN}], pid=1)
    record(tmp_path, [ASKED], pid=2)
    record(tmp_path, [sign], pid=1)
    assert record(tmp_path, [REFUSED, FINISHED], pid=2)["result"] == "refused"
    told = json.loads((tmp_path / "report.json").read_text())
    assert (told["run_id"], told["finished"]) == ("r1", None)
    assert record(tmp_path, [ASKED, {**STARTED, "run_id": "r3"}], pid=3)["run_id"] == "r3"
    assert json.loads((tmp_path / "report.json").read_text())["run_id"] == "r3"


def test_the_journal_grows_and_the_report_follows(tmp_path: pathlib.Path) -> None:
    record(tmp_path / "new", [{"event": "run", "state": "started", "run_id": "r1"}])
    record(tmp_path / "new", [{"event": "plan", "plan": PLAN}, {"event": "host", "host": "h1", "result": "failed"}])
    assert len((tmp_path / "new" / "journal.ndjson").read_text().splitlines()) == 3
    written = json.loads((tmp_path / "new" / "report.json").read_text())
    assert (written["run_id"], written["result"], written["finished"]) == ("r1", "failed", None)


def test_who_waits_for_the_report_need_not_make_it_again(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[pathlib.Path] = []

    def slowly(path: pathlib.Path, text: str, **how: t.Any) -> None:
        time.sleep(0.2)
        made.append(path)
        write_atomically(path, text, **how)

    monkeypatch.setattr(journal, "write_atomically", slowly)
    names = ["h1", "h2"] * 8
    record(tmp_path, [{"event": "run", "state": "started", "run_id": "r1"}, {"event": "plan", "plan": PLAN}])
    told: dict[int, str] = {}

    def attempt(number: int) -> None:
        found = record(tmp_path, [{"event": "attempt", "host": names[number], "reason": f"reason {number}"}])
        told[number] = str(found["hosts"])

    tasks = [threading.Thread(target=attempt, args=(number,)) for number in range(len(names))]
    for task in tasks:
        task.start()
    for task in tasks:
        task.join()
    assert len(made) < 1 + len(names)
    written = str(json.loads((tmp_path / "report.json").read_text())["hosts"])
    assert all(f"'reason {number}'" in told[number] and f"'reason {number}'" in written for number in told)
    assert len(told) == len(names)


def test_a_journal_that_begins_anew_has_a_report_of_its_own(tmp_path: pathlib.Path) -> None:
    record(tmp_path, [{"event": "run", "state": "started", "run_id": "r1", "note": "a longer line than the next"}])
    (tmp_path / "journal.ndjson").unlink()
    record(tmp_path, [{"event": "run", "state": "started", "run_id": "r2"}])
    assert json.loads((tmp_path / "report.json").read_text())["run_id"] == "r2"


def test_a_superseded_run_that_lives_on_tells_of_itself_and_not_in_the_report_of_the_next(
    tmp_path: pathlib.Path,
) -> None:
    for pid in (1, 2):
        record(
            tmp_path, [{"event": "run", "state": "started", "run_id": f"r{pid}"}, {"event": "plan", "plan": PLAN}], pid
        )
    record(tmp_path, [{"event": "host", "host": "h1", "result": "upgraded"}], 2)
    late = [
        {"event": "host", "host": "h1", "result": "failed", "reason": "superseded"},
        {"event": "run", "state": "finished"},
    ]
    own = record(tmp_path, late, 1)
    assert (own["run_id"], own["result"], own["hosts"][0]["reason"]) == ("r1", "failed", "superseded")
    kept = json.loads((tmp_path / "report.json").read_text())
    assert (kept["run_id"], kept["finished"], kept["hosts"][0]["result"]) == ("r2", None, "upgraded")
