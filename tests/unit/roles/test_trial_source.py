# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which host the small VM comes from that a host is tried with, when others were taken out of service since they were asked.

A host that is asked again has an interpreter that knows one answer.
"""

from __future__ import annotations

import dataclasses
import json
import subprocess
import sys
import typing as t
from pathlib import Path

import pytest

from ansible_collections.evergreen.virt.plugins.module_utils._facts import Host, Maintenance
from tests.unit.plugins.module_utils._plan.clusters import node

PARKED = Maintenance("alice", "a disk", "2026-01-01T00:00:00+00:00")


def facts(name: str, maintenance: Maintenance | None = None) -> Host:
    return dataclasses.replace(node(name).facts, maintenance=maintenance)


def host(folder: Path, name: str, now: Host | None) -> dict[str, t.Any]:
    """Return the variables of a host that was in service; now it says something else, or nothing."""
    answer = {"changed": False, "host": now.to_dict()} if now else {"failed": True, "msg": "libvirt does not answer"}
    (folder / f"{name}.json").write_text(json.dumps(answer), encoding="utf-8")
    python = folder / f"python_{name}"
    python.write_text(f"#!/bin/sh\ncat {folder / name}.json\n", encoding="utf-8")
    python.chmod(0o755)
    return {"preflight_facts": facts(name).to_dict(), "ansible_python_interpreter": str(python)}


def source(folder: Path, **now: Host | None) -> str:
    """Return where the small VM for h1 comes from."""
    hosts = {name: host(folder, name, said) for name, said in now.items()}
    hosts["h1"] = {"preflight_facts": facts("h1").to_dict(), "ansible_python_interpreter": sys.executable}
    inventory = folder / "hosts.json"
    inventory.write_text(json.dumps({"all": {"hosts": hosts, "vars": {"ansible_connection": "local"}}}))
    found = folder / "found"
    tasks = [
        {"ansible.builtin.include_role": {"name": "evergreen.virt.preflight", "tasks_from": "trial_source.yml"}},
        {"ansible.builtin.copy": {"content": "{{ __preflight_trial.from }}", "dest": str(found)}},
    ]
    play = {"hosts": "h1", "gather_facts": False, "tasks": tasks}
    variables = {"preflight_cluster": sorted(hosts)}
    playbook = folder / "play.json"
    playbook.write_text(json.dumps([{**play, "vars": {**variables, "__preflight_trial_seen": {}}}]), encoding="utf-8")
    argv = ["ansible-playbook", "-i", str(inventory), str(playbook)]
    said = subprocess.run(argv, check=False, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    assert said.returncode == 0, said.stdout + said.stderr
    return found.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ({"h2": facts("h2", PARKED), "h3": None, "h4": facts("h4")}, "h4"),
        ({"h2": facts("h2", PARKED)}, ""),
    ],
)
def test_it_comes_from_a_host_that_is_in_service_still(
    tmp_path: Path, now: dict[str, Host | None], expected: str
) -> None:
    assert source(tmp_path, **now) == expected
