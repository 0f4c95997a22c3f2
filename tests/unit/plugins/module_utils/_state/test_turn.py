# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import contextlib
import pathlib
import threading

import pytest

from ansible_collections.evergreen.virt.plugins.module_utils._errors import ConflictError, OperationError
from ansible_collections.evergreen.virt.plugins.module_utils._state import turn


def test_it_is_one_tasks_turn_however_that_ends(tmp_path: pathlib.Path) -> None:
    with contextlib.suppress(ZeroDivisionError), turn.taken(0, tmp_path):
        with pytest.raises(ConflictError, match="VMs are being stopped or started here just now") as caught:
            turn.taken(0, tmp_path).__enter__()
        assert "Wait for that, then try again." in caught.value.hint
        raise ZeroDivisionError
    with turn.taken(0, tmp_path):
        pass


def test_the_other_one_is_waited_for(tmp_path: pathlib.Path) -> None:
    other = turn.taken(0, tmp_path)
    other.__enter__()
    threading.Timer(0.3, other.__exit__, (None, None, None)).start()
    with turn.taken(30, tmp_path):
        pass


def test_where_no_lock_can_be_made(tmp_path: pathlib.Path) -> None:
    with pytest.raises(OperationError, match=r"cannot make .*none/turn\.lock"):
        turn.taken(0, tmp_path / "none").__enter__()
