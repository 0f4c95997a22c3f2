# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.evergreen.virt.plugins.module_utils._metrics.text import Metric, exposition, gauge


def test_a_gauge_has_its_meaning_its_type_and_its_value() -> None:
    assert exposition([gauge("up", "Whether it is up.", 1)]) == "# HELP up Whether it is up.\n# TYPE up gauge\nup 1\n"


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("plain", '{reason="plain"}'),
        ('a "b" c', '{reason="a \\"b\\" c"}'),
        ("back\\slash", '{reason="back\\\\slash"}'),
        ("two\nlines", '{reason="two\\nlines"}'),
    ],
)
def test_what_people_wrote_cannot_break_the_line(value: str, written: str) -> None:
    assert exposition([gauge("info", "Why.", 1, reason=value)]).splitlines()[-1] == f"info{written} 1"


def test_times_keep_their_fractions_and_large_numbers_their_digits() -> None:
    metric = Metric("t", "When.", (({"a": "1"}, 1795676476.25), ({"a": "2"}, 2**52)))
    assert exposition([metric]).splitlines()[2:] == ['t{a="1"} 1795676476.25', 't{a="2"} 4503599627370496']
