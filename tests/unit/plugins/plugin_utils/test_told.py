# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.evergreen.virt.plugins.plugin_utils.told import answer, still_true

KEPT = {"h1": answer("q1", [{"vm": 1}], now=1000.0), "h2": answer("q2", [], now=1500.0)}
QUESTIONS = {"h1": "q1", "h2": "q2", "h3": "q3"}


@pytest.mark.parametrize(
    ("questions", "now", "seconds", "hosts"),
    [
        (QUESTIONS, 1600.0, 600, {"h1", "h2"}),
        (QUESTIONS, 1601.0, 600, {"h2"}),
        (QUESTIONS, 9999.0, 600, set()),
        (QUESTIONS, 9999.0, 0, {"h1", "h2"}),
        (QUESTIONS, 1400.0, 600, {"h1"}),
        ({"h1": "q1", "h2": "other"}, 1600.0, 600, {"h1"}),
        ({}, 1600.0, 600, set()),
    ],
    ids=["both", "one too old", "both too old", "forever", "one of a clock that was ahead", "another question", "none"],
)
def test_still_true(questions: dict[str, str], now: float, seconds: int, hosts: set[str]) -> None:
    assert still_true(KEPT, questions, now=now, seconds=seconds) == {host: KEPT[host] for host in hosts}
