# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""All of Molecule's scenarios in one go, where no lab is up: the first one starts it, and ends it when the others are through."""

from __future__ import annotations

import re
import typing as t

import pytest

from ansible_collections.evergreen.virt.tests.lab.cluster import ROOT, RUN, play, run

pytestmark = pytest.mark.slow
SCENARIOS = {path.parent.name for path in ROOT.glob("extensions/molecule/*/molecule.yml")}
THROUGH = re.compile(r"^(\w+) +: actions=.* failed=0$", re.MULTILINE)
"""A scenario's line of the recap."""


@pytest.fixture
def no_lab() -> t.Iterator[None]:
    """Neither a lab, nor what Molecule remembers of an earlier one; and whatever happens, none afterwards."""
    play("tests/lab/down.yml")
    run(["molecule", "reset", "--all"])
    yield
    play("tests/lab/down.yml")


@pytest.mark.usefixtures("no_lab")
def test_all_scenarios_share_one_lab() -> None:
    done = run(["molecule", "test", "--all"], NO_COLOR="1", ANSIBLE_NOCOLOR="1")
    assert done.returncode == 0, done.stdout
    assert set(THROUGH.findall(done.stdout)) == SCENARIOS
    assert not RUN.exists()
