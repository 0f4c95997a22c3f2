# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import threading

import pytest

from ansible_collections.evergreen.virt.plugins.plugin_utils import meanwhile


def test_lines_come_for_as_long_as_it_takes() -> None:
    lines: list[str] = []
    twice = threading.Event()

    def show(line: str) -> None:
        lines.append(line)
        if len(lines) == 2:
            twice.set()

    with meanwhile.told_meanwhile("[h1] Boot it", show, each_s=0.01):
        assert twice.wait(10)
    told = len(lines)
    assert not threading.Event().wait(0.05)
    assert len(lines) == told
    assert set(lines) == {"[h1] Boot it: under way for 0 s"}


def test_what_is_over_at_once_says_nothing() -> None:
    lines: list[str] = []
    with meanwhile.told_meanwhile("[h1] Boot it", lines.append, each_s=60):
        pass
    assert lines == []


def test_a_failure_ends_the_lines_too() -> None:
    before = threading.active_count()
    with pytest.raises(OSError, match="gone"), meanwhile.told_meanwhile("", lambda _line: None, each_s=60):
        raise OSError("gone")
    assert threading.active_count() == before
