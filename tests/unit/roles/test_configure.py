# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Hosts of several certificate authorities are refused in one play: the tasks that make and fetch one run once for all hosts.

And what the role makes of variables for libvirt's settings.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from ansible_collections.evergreen.virt.tests.lab.cluster import ROOT, run
from ansible_collections.evergreen.virt.tests.unit.roles.role_variables import evaluated

pytestmark = pytest.mark.programs


@pytest.mark.parametrize(
    ("authorities", "refused"),
    [({"a1": "a1", "a2": "a1"}, False), ({"a1": None, "b1": "b1"}, True)],
    ids=["one", "default and another"],
)
def test_hosts_of_several_authorities(authorities: dict[str, str | None], refused: bool, tmp_path: Path) -> None:
    role = ROOT / "roles" / "configure"
    tasks = yaml.safe_load((role / "tasks" / "main.yml").read_text())
    (check,) = [task for task in tasks if "authorities" in task["name"]]
    read = [{"ansible.builtin.include_vars": str(role / "vars" / "main.yml")}]
    play = {"hosts": "hypervisors", "gather_facts": False, "vars_files": [str(role / "defaults" / "main.yml")]}
    hosts = {name: {"configure_ca_host": value} if value else {} for name, value in authorities.items()}
    (tmp_path / "hosts.json").write_text(json.dumps({"hypervisors": {"hosts": hosts}}))
    (tmp_path / "play.json").write_text(json.dumps([{**play, "tasks": [*read, check]}]))
    done = run(["ansible-playbook", "-i", str(tmp_path / "hosts.json"), "-c", "local", str(tmp_path / "play.json")])
    assert (done.returncode, "by itself" in done.stdout) == ((2, True) if refused else (0, False)), done.stdout


def test_numbers_from_the_command_line_are_text_and_become_numbers() -> None:
    given = {
        "configure_max_client_requests": "30",
        "configure_migration_port_min": "50000",
        "configure_migration_port_max": "50010",
    }
    libvirtd, qemu = evaluated("configure", "__configure_files", configure_migration_address="192.0.2.1", **given)
    found = {**libvirtd["settings"], **qemu["settings"]}
    numbers = [value for value in found.values() if isinstance(value, int) and not isinstance(value, bool)]
    assert numbers == [30, 50000, 50010, 1]
