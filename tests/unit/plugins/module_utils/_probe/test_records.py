# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.evergreen.virt.plugins.module_utils._probe.records import Kind, Record, decode, encode

TIMES = st.integers(-(1 << 63), (1 << 63) - 1)
COUNTS = st.integers(0, (1 << 32) - 1)
RECORDS = st.builds(
    Record,
    st.sampled_from([kind for kind in Kind if kind is not Kind.VALUE]),
    TIMES,
    TIMES,
    st.integers(0, 65535),
    COUNTS,
    COUNTS,
    TIMES,
    TIMES,
    st.just(""),
)


def value(record: Record, text: str) -> Record:
    return record._replace(kind=Kind.VALUE, text=text, sent=len(text.encode()))


@given(st.lists(RECORDS | st.builds(value, RECORDS, st.text(max_size=20))), st.integers(0, 30))
def test_what_is_read_is_what_was_written(records: list[Record], cut: int) -> None:
    data = b"".join(map(encode, records))
    assert list(decode(data)) == records
    unfinished = list(decode(data[: len(data) - cut]))
    assert unfinished == records[: len(unfinished)]
    assert len(unfinished) >= len(records) - cut
