# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A host whose boot fails: when it is power-cycled, and when it is believed to be back.

Ansible boots no host that is this machine, so that each boot fails. `systemctl`, which tells when it was booted last, is made up.
"""

from __future__ import annotations

import os
import typing as t
from pathlib import Path

import pytest

from ansible_collections.evergreen.virt.tests.unit.roles.made_up import Tasks
from ansible_collections.evergreen.virt.tests.unit.roles.test_upgrade_retries import results

pytestmark = pytest.mark.programs

REBOOT: Tasks = [
    {"ansible.builtin.include_tasks": "reboot.yml", "vars": {"__upgrade_boot": "full"}},
    {"ansible.builtin.set_fact": {"upgrade_result": "upgraded", "upgrade_reason": ""}},
]
OTHERS: dict[str, Tasks] = {
    "upgrade/tasks/host.yml": REBOOT,
    "upgrade/tasks/held.yml": [],
    "upgrade/tasks/quiet.yml": [],
    "upgrade/tasks/hooks.yml": [{"ansible.builtin.debug": {"msg": "power-cycled: {{ inventory_hostname }}."}}],
}
ASKED: dict[str, t.Any] = {
    "upgrade_hooks": {"not_back": [{"name": "power", "command": ["true"]}]},
    "upgrade_reboot_timeout": 2,
    "upgrade_retries": 0,
    # who answers whom: libvirt's driver for tests on a host that does
    "upgrade_uri": "{{ 'test:///default' if item | default('') in answers[inventory_hostname] else 'test:///nowhere' }}",
}
BOOTED = '#!/bin/sh\necho "$$"\n'
NOT_BOOTED = "#!/bin/sh\necho Monday\n"


def booting(folder: Path, monkeypatch: pytest.MonkeyPatch, systemctl: str) -> Path:
    """Let `systemctl` say that, and return the folder of a run."""
    program = folder / "bin" / "systemctl"
    program.parent.mkdir()
    program.write_text(systemctl)
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:{os.environ['PATH']}")
    return folder


def test_power_is_cut_only_if_somebody_says_whose_the_cluster_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = {"h1": ["h2", "spare"], "h2": []}
    found = results(booting(tmp_path, monkeypatch, BOOTED), [["h1", "h2"]], {}, OTHERS, answers=answers, **ASKED)
    assert found["h1"] == ["upgraded", ""]
    assert found["h2"][0] == "failed"
    assert "no host answers that could tell whose the cluster is" in found["h2"][1]
    assert "power-cycled: h1." in found["said"][0]
    assert "power-cycled: h2." not in found["said"][0]


def test_a_host_that_was_never_booted_is_not_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    answers = {"h1": ["h1", "spare"]}
    found = results(booting(tmp_path, monkeypatch, NOT_BOOTED), [["h1"]], {}, OTHERS, answers=answers, **ASKED)
    assert found["h1"][0] == "failed"
    assert (
        "the host answers, and was not booted: Running evergreen.virt.awaited_reboot with local connection"
        in found["h1"][1]
    )
    assert "power-cycled" not in found["said"][0]
