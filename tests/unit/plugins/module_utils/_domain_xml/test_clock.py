# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Clock and timers."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.evergreen.virt.plugins.module_utils._domain_xml import convergence, tree


@pytest.mark.parametrize(
    ("before", "clock", "after"),
    [
        ("", {"offset": "utc"}, None),
        ('<clock offset="utc"/>', {"offset": "localtime"}, '<clock offset="localtime" />'),
        ('<clock offset="variable" adjustment="5" basis="utc"/>', {"offset": "utc"}, '<clock offset="utc" />'),
        (
            '<clock offset="utc"/>',
            {"timezone": "Europe/Berlin"},
            '<clock offset="timezone" timezone="Europe/Berlin" />',
        ),
        ('<clock offset="timezone" timezone="Europe/Berlin"/>', {"timezone": "Europe/Berlin"}, None),
        (
            '<clock offset="utc"><timer name="rtc" track="wall"><catchup limit="9"/></timer><timer name="pit"/></clock>',
            {"timers": [{"name": "rtc", "tickpolicy": "catchup"}, {"name": "hpet", "present": False}]},
            (
                '<clock offset="utc"><timer name="rtc" track="wall" tickpolicy="catchup"><catchup limit="9" /></timer>'
                '<timer name="pit" /><timer name="hpet" present="no" /></clock>'
            ),
        ),
        ("", {"timers": [{"name": "tsc"}]}, '<clock offset="utc"><timer name="tsc" /></clock>'),
    ],
)
def test_clock(before: str, clock: dict[str, t.Any], after: str | None) -> None:
    text = convergence.converge(tree.parse(f"<domain>{before}</domain>"), None, {"clock": clock}).definition
    found = None if text is None else tree.serialize(t.cast(tree.Element, tree.parse(text).find("clock")))
    assert found == after
