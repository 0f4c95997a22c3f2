# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ansible_collections.evergreen.virt.plugins.plugin_utils.interruptions import interruptions


def test_who_does_not_keep_running_is_said_plainly() -> None:
    plan = {
        "moves": [
            {"wave": 1, "vm": "web", "source": "h1", "target": "h2", "kind": "live"},
            {"wave": 2, "vm": "old", "source": "h2", "target": "h1", "kind": "offline"},
        ],
        "stops": [
            {"wave": 1, "host": "h1", "vm": "db1", "way": "suspend"},
            {"wave": 1, "host": "h1", "vm": "db2", "way": "suspend"},
            {"wave": 1, "host": "h1", "vm": "batch", "way": "shutdown"},
        ],
    }
    assert interruptions(plan) == [
        "VMs that do not keep running:",
        "  wave 1, h1: db1 and db2 are saved to disk and restored when the host is back",
        "  wave 1, h1: batch is shut down and started again when the host is back",
        "  wave 2, h2: old is shut down and started on h1",
    ]


def test_many_are_counted() -> None:
    stops = [{"wave": 1, "host": "h1", "vm": f"vm{number}", "way": "shutdown"} for number in range(41)]
    assert (
        interruptions({"stops": stops})[1]
        == "  wave 1, h1: 41 VMs are shut down and started again when the host is back"
    )


def test_nothing_is_said_of_a_plan_that_interrupts_nobody() -> None:
    assert interruptions({"moves": [{"vm": "web", "kind": "live"}], "stops": []}) == []
