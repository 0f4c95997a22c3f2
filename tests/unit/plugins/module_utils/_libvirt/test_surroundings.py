# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Clocks and interpreters."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.evergreen.virt.plugins.module_utils._libvirt.surroundings import (
    clock_problems,
    interpreter_problems,
)


@pytest.mark.parametrize(
    ("here", "there", "words"),
    [
        (1000.0, None, None),
        (1000.0, 1000.0, None),
        (1060.0, 1000.0, None),
        (1061.0, 1000.0, "61 s ahead of the controller's"),
        (900.0, 1000.0, "100 s behind the controller's"),
    ],
)
def test_a_clock_may_differ_a_little(here: float, there: t.Optional[float], words: t.Optional[str]) -> None:
    found = clock_problems(here, there, 60)
    assert len(found) == (words is not None)
    assert words is None or words in found[0]


@pytest.mark.parametrize(("executable", "good"), [("/usr/bin/python3", True), ("/usr/bin/python3.11", False)])
def test_an_interpreter_must_outlive_its_release(executable: str, *, good: bool) -> None:
    assert (not interpreter_problems(executable)) == good
