# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

from ansible_collections.evergreen.virt.plugins.plugin_utils.plan_table import plan_table


def host(name: str, wave: int | None, **more: t.Any) -> dict[str, t.Any]:
    return {"name": name, "wave": wave, "impact": "reboot", "from": {"os": "Debian 12"}, "to": {}, "moves": [], **more}


def test_the_table_shows_waves_in_order_with_their_moves() -> None:
    lines = plan_table(
        {
            "waves": [["h2"], ["h1"]],
            "moves": [{}, {}],
            "bounds": {"moves": 2, "waves": 2},
            "skipped": {"h3": "it is in maintenance by alice"},
            "hosts": [
                host("h1", 2, moves=[{"vm": "a", "to": "h2"}, {"vm": "b", "to": "h3"}]),
                host("h2", 1, to={"os": "Debian 13", "libvirt": "11.3.0"}),
                host("h3", None),
            ],
        }
    )
    assert lines[0] == "Plan: 2 waves, 2 moves (no plan needs fewer than 2 and 2)"
    assert [line.split()[:2] for line in lines[4:6]] == [["1", "h2"], ["2", "h1"]]
    assert "Debian 13, libvirt 11.3.0" in lines[4]
    assert lines[5].endswith("a -> h2, b -> h3")
    assert lines[-1] == "h3 is left alone: it is in maintenance by alice"


def test_whether_hosts_can_be_rolled_back_is_said_once_for_all_of_which_it_is_true() -> None:
    back, lost = ({"kind": kind, "reason": kind} for kind in ("packages", "none"))
    hosts = [
        host("h1", 1, rollback=back),
        host("h2", 2, rollback=back),
        host("h3", 3, rollback=lost),
        host("h4", None, rollback=lost),
    ]
    lines = plan_table({"waves": [["h1"], ["h2"], ["h3"]], "moves": [], "bounds": {}, "skipped": {}, "hosts": hosts})
    assert lines[-2:] == ["Rollback of h1, h2 by packages: packages", "No rollback of h3: none"]


def test_which_reboot_hosts_get_is_said_once_for_all_that_get_it_for_the_same_reason() -> None:
    soft, full = ({"kind": kind, "reason": f"why {kind}"} for kind in ("soft", "full"))
    hosts = [
        host("h1", 1, impact="reboot", boot=soft),
        host("h2", 2, impact="reboot", boot=full),
        host("h3", 3, impact="reboot", boot=soft),
        host("h4", 4, impact="empty", boot=soft),
    ]
    lines = plan_table({"waves": [["h1"]] * 4, "moves": [], "bounds": {}, "skipped": {}, "hosts": hosts})
    assert lines[-2:] == ["Soft reboot of h1, h3: why soft", "Full reboot of h2: why full"]


def test_nothing_to_do_is_said() -> None:
    assert plan_table({"hosts": [], "skipped": {}}) == ["Plan: nothing to do."]


def test_one_is_not_many() -> None:
    plan = {"waves": [["h1"]], "moves": [{}], "bounds": {}, "skipped": {}, "hosts": [host("h1", 1)]}
    assert plan_table(plan)[0] == "Plan: 1 wave, 1 move"


def test_figures_and_what_is_tightest_and_room_and_the_rest() -> None:
    lines = plan_table(
        {
            "objective": "time",
            "waves": [["h1"]],
            "moves": [{}, {}],
            "bounds": {"moves": 1, "waves": 1, "seconds": 3600.0},
            "figures": {"moves": 2, "waves": 1, "seconds": 3720.0},
            "proof": {"tightest": {"memory": {"host": "h3", "wave": 1, "free": 512}}},
            "room": [{"wave": 1, "step": 1, "host": "h2", "moves": [{"vm": "b", "to": "h3"}]}],
            "skipped": {},
            "hosts": [host("h1", 1)],
            "rest": {"waves": [["h2"], ["h3"]], "moves": 3, "problem": ""},
        }
    )
    assert lines[0] == (
        "Plan: 1 wave, 2 moves (no plan needs fewer than 1 and 1); about 1 h 02 min by the model"
        " (none less than 1 h 00 min); made for the shortest run"
    )
    assert lines[1] == "At the tightest moment h3 has 512 MiB of memory free, in wave 1."
    assert lines[-2:] == ["Before wave 1, to make room: b, h2 -> h3", "After this wave: 2 waves, 3 moves."]


def test_a_plan_of_many_hosts_has_a_line_for_each_wave() -> None:
    hosts = [host(f"h{number:03}", 1 + number // 60, moves=[{"vm": "a", "to": "x"}]) for number in range(120)]
    plan = {"waves": [[], []], "moves": [{}] * 120, "bounds": {}, "skipped": {}, "hosts": hosts}
    lines = plan_table(plan)
    assert len(lines) == 6
    assert lines[-1].split(maxsplit=2) == ["2", "60", "h060, h061, h062, h063 and 56 more  60"]


def test_a_rest_that_has_become_impossible_is_told() -> None:
    plan = {"hosts": [], "skipped": {}, "rest": {"waves": [], "moves": 0, "problem": "VM 'a' cannot leave."}}
    assert plan_table(plan)[-1] == "As things are now, the run cannot be finished after this wave: VM 'a' cannot leave."
