# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pathlib
import stat
import tempfile
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.evergreen.virt.plugins.module_utils._errors import ConflictError, OperationError
from ansible_collections.evergreen.virt.plugins.module_utils._facts import Maintenance, Ran, Stopped, Versions
from ansible_collections.evergreen.virt.plugins.module_utils._state import record

NOW = "2026-01-01T00:00:00+00:00"

names = st.lists(st.text(max_size=20), max_size=3)
records = st.builds(
    Maintenance,
    owner=st.text(min_size=1, max_size=20),
    reason=st.text(max_size=50),
    since=st.datetimes().map(lambda moment: moment.isoformat()),
    run_id=st.none() | st.text(max_size=20),
    epoch=st.none() | st.integers(),
    allow=names,
    stopped=st.lists(
        st.builds(
            Stopped,
            vm=st.text(max_size=9),
            uuid=st.text(max_size=9),
            way=st.text(max_size=9),
            why=st.text(max_size=9),
            since=st.text(max_size=9),
        ),
        max_size=2,
    ),
    ran=st.lists(
        st.builds(Ran, vm=st.text(max_size=9), uuid=st.text(max_size=9), boot_id=st.text(max_size=9)), max_size=2
    ),
    before=st.builds(Versions, os=st.none() | st.text(max_size=10)),
    stage=st.none() | st.text(max_size=20),
)


@given(records, records)
def test_what_was_written_last_is_read(first: Maintenance, second: Maintenance) -> None:
    with tempfile.TemporaryDirectory() as name:
        directory = pathlib.Path(name)
        for each in (first, second):
            record.write(each, directory)
            assert record.read(directory) == each
        assert [file.name for file in directory.iterdir()] == [record.NAME]
        record.clear(directory)
        assert record.read(directory) is None


def test_nobody_else_reads_it(tmp_path: pathlib.Path) -> None:
    directory = tmp_path / "state"
    record.write(Maintenance(owner="a", reason="", since=NOW), directory)
    assert stat.S_IMODE(directory.stat().st_mode) == 0o700
    assert stat.S_IMODE(record.path(directory).stat().st_mode) == 0o600


def test_none_where_nothing_is(tmp_path: pathlib.Path) -> None:
    assert record.read(tmp_path / "state") is None
    record.clear(tmp_path / "state")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"\xff",
        b"null",
        b'{"owner": "a"}',
        b'{"owner": 1, "reason": "", "since": "2026-01-01T00:00:00+00:00"}',
        b'{"owner": "a", "reason": "", "since": ""}',
        b'{"owner": "a", "reason": "", "since": "yesterday"}',
        b'{"owner": "a", "reason": "", "since": "2026-01-01T00:00:00+00:00", "allow": "b"}',
        b'{"owner": "a", "reason": "", "since": "2026-01-01T00:00:00+00:00", "allow": null}',
        b'{"owner": "a", "reason": "", "since": "2026-01-01T00:00:00+00:00", "before": "b"}',
        b'{"owner": "a", "reason": "", "since": "2026-01-01T00:00:00+00:00", "stopped": ["b"]}',
        b'{"owner": "a", "reason": "", "since": "2026-01-01T00:00:00+00:00", "stopped": [{"vm": "b"}]}',
        b'{"owner": "a", "reason": "", "since": "2026-01-01T00:00:00+00:00", "ran": ["b"]}',
        b'{"owner": "a", "reason": "", "since": "2026-01-01T00:00:00+00:00", "ran": [{"vm": "b"}]}',
    ],
)
def test_a_damaged_record_is_no_end_of_maintenance(tmp_path: pathlib.Path, content: bytes) -> None:
    file = record.path(tmp_path)
    file.write_bytes(content)
    with pytest.raises(ConflictError) as caught:
        record.read(tmp_path)
    assert str(file) in caught.value.message
    assert f"rm {file}" in caught.value.hint


def test_a_crash_while_writing_leaves_the_old_record(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old = Maintenance(owner="a", reason="old", since=NOW)
    record.write(old, tmp_path)

    def crash(*_arguments: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", crash)
    with pytest.raises(OperationError, match="No space left"):
        record.write(Maintenance(owner="a", reason="new", since=NOW), tmp_path)
    assert record.read(tmp_path) == old
    assert len(list(tmp_path.iterdir())) == 1
