# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A playbook that is left without a host fails and says why; Ansible by itself would end with 0."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

pytestmark = pytest.mark.programs

PLAYBOOKS = Path(__file__).resolve().parents[2] / "playbooks"
CHECK = PLAYBOOKS / "plays" / "hosts_asked_for.yml"
INVENTORY = (
    "hypervisors: {children: {cluster: {hosts: {kvm1: {}, kvm2: {}}}}}\nempty: {}\nothers: {hosts: {other1: {}}}\n"
)


def plays(path: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return found


@pytest.mark.parametrize("path", sorted(PLAYBOOKS.glob("*.yml")), ids=lambda path: path.stem)
def test_every_playbook_looks_first_whether_a_host_is_left(path: Path) -> None:
    first, *others = plays(path)
    assert first["ansible.builtin.import_playbook"] == "plays/hosts_asked_for.yml"
    asked = {play["hosts"] for play in others if "serial" not in play}  # waves are hosts that the plan has named
    assert asked == {first["vars"]["hosts_asked_for"]}


def play(folder: Path, playbook: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["ansible-playbook", "-i", str(folder / "hosts.yml"), str(playbook), *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    ("inventory", "asked", "limit", "says"),
    [
        (INVENTORY, "hypervisors:!kvm1", "kvm2", ""),
        (INVENTORY, "cluster", "other1", "none of the hosts of 'cluster' is in --limit"),
        (INVENTORY, "empty", "all", "or the group is empty"),
        ("{}\n", "cluster", "all:localhost", "the inventory has no host or group 'cluster'"),
    ],
    ids=["some", "limit", "empty group", "empty inventory"],
)
def test_who_asks_for_no_host_is_told(inventory: str, asked: str, limit: str, says: str, tmp_path: Path) -> None:
    (tmp_path / "hosts.yml").write_text(inventory)
    done = play(tmp_path, CHECK, "-e", f"hosts_asked_for={asked}", "-l", limit)
    assert done.returncode == (2 if says else 0), done.stdout
    assert says in done.stdout


def test_a_host_that_is_not_asked_for_may_have_any_connection(tmp_path: Path) -> None:
    """Ansible loads the plugin of the first one for whatever is done there, and a collection that has it may be missing."""
    first = "aside: {hosts: {other0: {ansible_connection: some.missing.plugin, ansible_become: true}}}\n"
    (tmp_path / "hosts.yml").write_text(first + INVENTORY)
    done = play(tmp_path, CHECK, "-e", "hosts_asked_for=cluster")
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("group", ["nobody", "others"], ids=["no such group", "another group"])
def test_who_names_the_hosts_where_ansible_does_not_look_is_told(group: str, tmp_path: Path) -> None:
    """A variable of the inventory comes too late for the choice of hosts."""
    (tmp_path / "hosts.yml").write_text(INVENTORY)
    (tmp_path / "group_vars").mkdir()
    (tmp_path / "group_vars" / "all.yml").write_text("upgrade_cluster: hypervisors\n")
    asked = f"{{{{ upgrade_cluster | default('{group}') }}}}"
    (tmp_path / "run.yml").write_text(
        yaml.safe_dump([{"import_playbook": str(CHECK), "vars": {"hosts_asked_for": asked}}])
    )
    done = play(tmp_path, tmp_path / "run.yml")
    assert done.returncode == 2, done.stdout
    assert "variables say that 'hypervisors' is worked on" in done.stdout
    assert play(tmp_path, tmp_path / "run.yml", "-e", "upgrade_cluster=hypervisors").returncode == 0
