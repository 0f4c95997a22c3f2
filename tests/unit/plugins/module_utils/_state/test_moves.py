# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import os
import pathlib

import pytest

from ansible_collections.evergreen.virt.plugins.module_utils._errors import ConflictError
from ansible_collections.evergreen.virt.plugins.module_utils._state.moves import Moves

ONE, OTHER = "11111111-0000-0000-0000-000000000000", "22222222-0000-0000-0000-000000000000"


@pytest.fixture
def moves(tmp_path: pathlib.Path) -> Moves:
    return Moves(tmp_path)


def test_nothing_is_known_at_first(moves: Moves) -> None:
    with moves.locked():
        assert moves.running() == []
    assert moves.read(ONE) is None
    assert moves.stamps() == {}
    assert moves.cancel_reason(ONE) is None


def test_the_latest_is_read_first(moves: Moves) -> None:
    for age, uuid in enumerate((ONE, OTHER)):
        moves.write(uuid, {"uuid": uuid})
        os.utime(moves.directory / f"{uuid}.json", (1000 - age, 1000 - age))
    before = moves.stamps()
    assert list(before) == [ONE, OTHER]
    moves.write(OTHER, {"uuid": OTHER})
    after = moves.stamps()
    assert list(after) == [OTHER, ONE]
    assert (after[ONE] == before[ONE], after[OTHER] == before[OTHER]) == (True, False)


def test_one_claim_for_each_vm(moves: Moves) -> None:
    with moves.locked():
        claim = moves.claim(ONE)
        assert claim is not None
        assert moves.claim(ONE) is None
        assert moves.running() == [ONE]
        assert not moves.has_mover(OTHER)
        other = moves.claim(OTHER)
        assert other is not None
        assert moves.running() == [ONE, OTHER]
        other.release()
        claim.release()
        assert moves.running() == []
        assert moves.claim(ONE) is not None


def test_a_claim_lives_as_long_as_the_process_that_inherited_it(moves: Moves) -> None:
    with moves.locked():
        claim = moves.claim(ONE)
        assert claim is not None
        reading, writing = os.pipe()
        child = os.fork()
        if not child:
            os.close(writing)
            os.read(reading, 1)
            os._exit(0)
        claim.release()
        assert moves.has_mover(ONE)
        os.close(writing)
        os.waitpid(child, 0)
        assert not moves.has_mover(ONE)
    os.close(reading)


def test_cancelling_is_asked_and_forgotten(moves: Moves) -> None:
    moves.request_cancel(ONE, "enough")
    assert moves.cancel_reason(ONE) == "enough"
    assert moves.cancel_reason(OTHER) is None
    assert moves.stamps() == {}
    moves.forget_cancel(ONE)
    moves.forget_cancel(ONE)
    assert moves.cancel_reason(ONE) is None


def test_a_damaged_file_is_named(moves: Moves) -> None:
    moves.write(ONE, {})
    (moves.directory / f"{ONE}.json").write_text("{")
    with pytest.raises(ConflictError, match=ONE):
        moves.read(ONE)
