# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A libvirtd that hangs: it takes connections, and answers none. A run that meets it ends by itself, and the next one goes on when it answers again.

Not a row of the matrix: only after 300 s in a move, and three movers that wait for 60 s each, is it known that nobody answers.
"""

from __future__ import annotations

import contextlib
import json
import typing as t

import pytest

from ansible_collections.evergreen.virt.tests.faults.ending import contradictions
from ansible_collections.evergreen.virt.tests.faults.story import (
    SLOWLY,
    Story,
    a_move_from,
    fresh_cluster,
    stage,
    wait_until,
)
from ansible_collections.evergreen.virt.tests.faults.toll import left_behind
from ansible_collections.evergreen.virt.tests.lab.audit import audit
from ansible_collections.evergreen.virt.tests.lab.cluster import SMALL, ssh
from ansible_collections.evergreen.virt.tests.lab.updates import PACKAGES, SOURCES, Updates

pytestmark = pytest.mark.slow
HOST = "h1"
OPTIONS = ("--limit", HOST, "-e", json.dumps({**SOURCES, "upgrade_probe_host": ""}))
RUN_S = 900
"""Seconds within which every run must have ended."""


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> t.Iterator[Story]:
    with fresh_cluster(tmp_path_factory.mktemp("controllers")) as found:
        Updates.of(SMALL).publish(PACKAGES["empty"])
        yield found


@contextlib.contextmanager
def hung(host: str) -> t.Iterator[None]:
    """Let libvirtd of a host do nothing for the length of the body."""
    signal = "systemctl kill --kill-whom=main --signal={} libvirtd"
    ssh(host, signal.format("STOP"))
    try:
        yield
    finally:
        ssh(host, signal.format("CONT"))


def test_a_run_is_not_begun_where_a_host_hangs(story: Story) -> None:
    with hung("h2"):
        process, controller = story.start(*OPTIONS)
        code = process.wait(RUN_S)
    said = (controller / "output").read_text()
    assert code == 2, said
    assert "Nothing was changed" in said
    assert "h2: libvirt at qemu:///system takes connections and does not answer" in said
    story.assert_nothing_lost()
    assert left_behind(audit()) == []


def test_a_run_whose_host_hangs_in_a_move_ends_and_is_finished_by_the_next(story: Story) -> None:
    process, controller = story.start(*SLOWLY, *OPTIONS)
    wait_until(lambda: stage(controller, HOST) == "evacuate" and a_move_from(HOST), f"move from {HOST}", process)
    with hung(HOST):
        code = process.wait(RUN_S)
    report = json.loads((controller / "report.json").read_text())
    assert (code, report["result"]) == (2, "failed"), (controller / "output").read_text()
    assert contradictions(code, report) == []
    story.assert_nothing_lost()

    process, controller = story.start(*OPTIONS)
    assert process.wait(RUN_S) == 0, (controller / "output").read_text()
    story.assert_nothing_lost()
    assert left_behind(audit()) == []
