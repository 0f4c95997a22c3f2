# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every module's own integration target, against a real host."""

from __future__ import annotations

import typing as t
from concurrent.futures import Future

import pytest

from ansible_collections.evergreen.virt.tests.integration.target_runs import ALONE, SLOW, TARGETS, Done, run
from ansible_collections.evergreen.virt.tests.lab.cluster import CLUSTER


def chosen(targets: set[str]) -> list[t.Any]:
    return [pytest.param(target, marks=pytest.mark.slow if target in SLOW else ()) for target in sorted(targets)]


@pytest.mark.parametrize("target", chosen(TARGETS - ALONE))
def test_target(target: str, runs: dict[str, Future[Done]]) -> None:
    done = runs[target].result()
    assert done.returncode == 0, done.stdout


@pytest.mark.usefixtures("lab")
@pytest.mark.parametrize("target", chosen(ALONE))
def test_target_that_wants_the_cluster_for_itself(target: str) -> None:
    done = run(target, CLUSTER[0])
    assert done.returncode == 0, done.stdout
