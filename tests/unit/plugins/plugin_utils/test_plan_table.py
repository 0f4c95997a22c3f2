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


def test_nothing_to_do_is_said() -> None:
    assert plan_table({"hosts": [], "skipped": {}}) == ["Plan: nothing to do."]


def test_one_is_not_many() -> None:
    plan = {"waves": [["h1"]], "moves": [{}], "bounds": {}, "skipped": {}, "hosts": [host("h1", 1)]}
    assert plan_table(plan)[0] == "Plan: 1 wave, 1 move"
