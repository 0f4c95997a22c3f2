# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.evergreen.virt.plugins.module_utils._libvirt import domain_state


@pytest.mark.parametrize(
    ("current", "wanted", "expected", "after"),
    [
        ("shutoff", "present", (), "shutoff"),
        ("running", "present", (), "running"),
        ("shutoff", "started", ("start",), "running"),
        ("crashed", "started", ("start",), "running"),
        ("running", "started", (), "running"),
        ("paused", "started", ("resume",), "running"),
        ("suspended", "started", ("wake",), "running"),
        ("shutdown", "started", ("wait_off", "start"), "running"),
        ("running", "stopped", ("shutdown",), "shutoff"),
        ("paused", "stopped", ("resume", "shutdown"), "shutoff"),
        ("shutoff", "stopped", (), "shutoff"),
        ("running", "paused", ("suspend",), "paused"),
        ("paused", "paused", (), "paused"),
        ("shutoff", "paused", ("start_paused",), "paused"),
        ("running", "restarted", ("shutdown", "start"), "restarted"),
        ("shutoff", "restarted", ("start",), "running"),
        ("running", "absent", ("shutdown",), "running"),
        ("shutoff", "absent", (), "shutoff"),
    ],
)
def test_steps(current: str, wanted: str, expected: tuple[str, ...], after: str) -> None:
    assert domain_state.steps(current, wanted) == expected
    assert domain_state.state_after(current, wanted) == after


@pytest.mark.parametrize(
    ("current", "wanted", "expected"),
    [
        ("running", "present", ("shutdown", "start")),
        ("paused", "present", ("resume", "shutdown", "start_paused")),
        ("running", "paused", ("shutdown", "start_paused")),
    ],
)
def test_restart_steps(current: str, wanted: str, expected: tuple[str, ...]) -> None:
    assert domain_state.restart_steps(current, wanted) == expected
