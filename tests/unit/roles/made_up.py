# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Plays of the role upgrade on hosts that are made up: what asks real hosts, and the stages, are others' task files."""

from __future__ import annotations

import json
import sys
import typing as t
from pathlib import Path

from ansible_collections.evergreen.virt.plugins.module_utils._plan.model import Node
from ansible_collections.evergreen.virt.tests.lab.cluster import ROOT, run

Tasks = list[dict[str, t.Any]]
_ANSWERS: Tasks = [{"ansible.builtin.set_fact": {"preflight_problem": ""}}]
NOWHERE = {"ansible_connection": "ssh", "ansible_host": "127.0.0.1", "ansible_port": 1}
_IN_SERVICE: Tasks = [{"ansible.builtin.set_fact": {"__upgrade_came": {"maintenance": None}}}]
_OTHERS: dict[str, Tasks] = {
    "preflight/tasks/packages.yml": [],
    "preflight/tasks/facts.yml": _ANSWERS,
    "preflight/tasks/updates.yml": _ANSWERS,
    "upgrade/tasks/held.yml": [],  # it would note the run on this machine
    "upgrade/tasks/came.yml": _IN_SERVICE,
}


def play(
    folder: Path,
    plays: list[dict[str, t.Any]],
    nodes: t.Iterable[Node],
    others: dict[str, Tasks],
    silent: str = "",
    **more: t.Any,
) -> str:
    """Run plays on made-up hosts, all of them this machine, and return what Ansible says.

    :param nodes: the hosts, in the group `cluster`, with what they would tell of themselves.
    :param others: task files of roles (`upgrade/tasks/host.yml`) -> what they do here.
    :param silent: the host that does not answer.
    :param more: variables of the run.
    """
    _collection(folder / "ansible_collections" / "evergreen" / "virt", {**_OTHERS, **others})
    (folder / "hosts.json").write_text(
        json.dumps({"cluster": {"hosts": {node.name: _variables(node, silent) for node in nodes}}})
    )
    (folder / "play.json").write_text(json.dumps(plays))
    variables = {
        "ansible_python_interpreter": sys.executable,
        "upgrade_report_directory": str(folder / "report"),
        "__upgrade_jobs": str(folder / "jobs"),
        "__upgrade_pin": f"{folder}/pin_{{{{ inventory_hostname }}}}",
        **more,
    }
    argv = [
        "ansible-playbook",
        "-i",
        str(folder / "hosts.json"),
        "-e",
        json.dumps(variables),
        str(folder / "play.json"),
    ]
    return run(argv, ANSIBLE_COLLECTIONS_PATH=str(folder), ANSIBLE_NOCOLOR="1").stdout


def said(folder: Path, tasks: Tasks, *arguments: str, **variables: t.Any) -> str:
    """Return what Ansible says to these tasks on this machine."""
    play = [{"hosts": "localhost", "gather_facts": False, "tasks": tasks}]
    file = folder / "play.json"
    file.write_text(json.dumps(play))
    command = ["ansible-playbook", "-i", "localhost,", "-c", "local", "-e", json.dumps(variables)]
    return run([*command, *arguments, str(file)], ANSIBLE_NOCOLOR="1").stdout


def _variables(node: Node, silent: str) -> dict[str, t.Any]:
    pending = node.updates.to_dict() if node.updates else {}
    told = {"preflight_facts": node.facts.to_dict(), "preflight_updates": pending}
    return {**told, **(NOWHERE if node.name == silent else {"ansible_connection": "local"})}


def _collection(copy: Path, others: dict[str, Tasks]) -> None:
    """Make a copy of this collection out of links, but for some task files."""
    for name in ("galaxy.yml", "meta", "plugins"):
        copy.mkdir(parents=True, exist_ok=True)
        (copy / name).symlink_to(ROOT / name)
    for role in ("maintenance", "preflight", "report", "upgrade"):
        for path in (ROOT / "roles" / role).rglob("*.*"):
            link = copy / path.relative_to(ROOT)
            link.parent.mkdir(parents=True, exist_ok=True)
            link.symlink_to(path)
    for name, tasks in others.items():
        (copy / "roles" / name).unlink()
        (copy / "roles" / name).write_text(json.dumps(tasks))
