# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pathlib
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from ansible_collections.evergreen.virt.plugins.module_utils._errors import ConflictError
from ansible_collections.evergreen.virt.plugins.module_utils._state import lease


def test_first_run_is_admitted_and_remembered(tmp_path: pathlib.Path) -> None:
    admitted = lease.admit("one", 1, controller="awx", directory=tmp_path)
    assert lease.read(tmp_path) == admitted
    assert (admitted.run_id, admitted.epoch, admitted.controller) == ("one", 1, "awx")


@pytest.mark.parametrize(
    ("run_id", "epoch", "admitted"),
    [
        ("one", 5, True),
        ("one", 6, True),
        ("two", 6, True),
        ("two", 5, False),
        ("one", 4, False),
        ("two", 4, False),
    ],
)
@pytest.mark.parametrize("remember", [True, False])
def test_who_may_come_after_run_one_of_epoch_5(
    tmp_path: pathlib.Path, run_id: str, epoch: int, admitted: bool, remember: bool
) -> None:
    known = lease.admit("one", 5, controller="here", directory=tmp_path)
    if admitted:
        assert lease.admit(run_id, epoch, remember=remember, directory=tmp_path).epoch == epoch
    else:
        with pytest.raises(ConflictError, match="run one \\(epoch 5, controlled from here\\)"):
            lease.admit(run_id, epoch, remember=remember, directory=tmp_path)
    now = lease.read(tmp_path)
    assert now is not None
    assert (now.run_id, now.epoch) == ((run_id, epoch) if admitted and remember else (known.run_id, known.epoch))


def test_the_same_run_keeps_since_and_controller(tmp_path: pathlib.Path) -> None:
    first = lease.admit("one", 1, controller="here", directory=tmp_path)
    again = lease.admit("one", 1, directory=tmp_path)
    assert (again.since, again.controller) == (first.since, "here")


def test_check_mode_makes_nothing(tmp_path: pathlib.Path) -> None:
    lease.admit("one", 1, remember=False, directory=tmp_path / "state")
    assert not (tmp_path / "state").exists()


def test_of_many_at_once_the_newest_stays(tmp_path: pathlib.Path) -> None:
    def come(epoch: int) -> None:
        code = (
            "import pathlib; from ansible_collections.evergreen.virt.plugins.module_utils._state import lease;"
            f" lease.admit('run', {epoch}, directory=pathlib.Path('{tmp_path}'))"
        )
        subprocess.run([sys.executable, "-c", code], check=False, capture_output=True)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(come, (3, 8, 1, 7, 2, 6)))
    now = lease.read(tmp_path)
    assert now is not None
    assert now.epoch == 8


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{}",
        '{"run_id": "a", "epoch": "1", "since": "2026-01-01T00:00:00+00:00", "seen": "2026-01-01T00:00:00+00:00"}',
        '{"run_id": "a", "epoch": 1, "since": "2026-01-01T00:00:00+00:00", "seen": "today"}',
    ],
)
def test_a_damaged_lease_admits_nobody(tmp_path: pathlib.Path, content: str) -> None:
    (tmp_path / lease.NAME).write_text(content, encoding="utf-8")
    with pytest.raises(ConflictError, match="is damaged"):
        lease.admit("one", 1, directory=tmp_path)
