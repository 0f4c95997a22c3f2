# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the documentation shows is loaded by Ansible, all of it at once; and what needs no hypervisor, plans and filters, is carried out."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.evergreen.virt.tests.unit.plugins.module_utils._plan.clusters import node, vm
from ansible_collections.evergreen.virt.tests.unit.test_examples import blocks

pytestmark = pytest.mark.programs

EXAMPLES: dict[str, str] = {str(param.id): str(param.values[0]) for param in blocks()}
PLANNERS = ("modules/upgrade_plan", "modules/rebalance_plan")
# Of other programs: Molecule, ansible-galaxy, the inventory plugin.
NO_PLAY = {"scenario", "collections", "plugin"}
# Collections that examples use and the tests do not have; Ansible does not load what it cannot find.
STRANGERS = ("community.general.", "openvswitch.openvswitch.")
REPORT = {"started": "2026-01-06T09:00:00+00:00", "makespan_s": 1800.0, "hosts": [], "vms": []}


def documents(name: str) -> list[Any]:
    return [document for document in yaml.safe_load_all(EXAMPLES[name]) if document]


def play(tasks: list[Any], **more: Any) -> dict[str, Any]:
    return {"hosts": "kvm1", "gather_facts": False, "tasks": tasks, **more}


def as_plays(document: Any) -> list[Any]:
    """Plays as they are; tasks in a play, and so are variables."""
    if isinstance(document, dict):
        return [] if NO_PLAY & set(document) else [play([], vars=document)]
    if any("hosts" in entry or "ansible.builtin.import_playbook" in entry for entry in document):
        return list(document)
    return [play([task for task in document if not any(key.startswith(STRANGERS) for key in task)])]


@pytest.fixture
def inventory(tmp_path: Path) -> Path:
    """Three hosts of a cluster, with the facts that the role preflight leaves."""
    nodes = [node("kvm1", vm("web"), vm("db")), node("kvm2", vm("mail")), node("kvm3")]
    hosts = {
        one.name: {
            "preflight_facts": one.facts.to_dict(),
            "preflight_updates": one.updates.to_dict() if one.updates else {},
            "configure_migration_address": f"{one.name}.example.org",
            "switch_tunnel_address": f"192.0.2.{place}",
        }
        for place, one in enumerate(nodes, 1)
    }
    shared = {
        "ansible_connection": "local",
        "ansible_python_interpreter": sys.executable,
        **{f"hypervisor{place}": {"host": one.facts.to_dict()} for place, one in enumerate(nodes, 1)},
    }
    path = tmp_path / "hosts.json"
    path.write_text(json.dumps({"hypervisors": {"vars": shared, "children": {"cluster": {"hosts": hosts}}}}))
    return path


def ansible_playbook(inventory: Path, *arguments: str) -> str:
    """Run it, and return what it says when it ends well."""
    done = subprocess.run(
        ["ansible-playbook", "-i", str(inventory), *arguments],
        cwd=inventory.parent,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


def test_every_example_is_loaded(inventory: Path) -> None:
    playbooks = []
    for place, name in enumerate(EXAMPLES):
        plays = [one for document in documents(name) for one in as_plays(document)]
        path = inventory.parent / f"{place}-{name.replace('/', '-')}.json"
        path.write_text(json.dumps(plays))
        playbooks += [path.name] if plays else []
    assert len(playbooks) > len(EXAMPLES) / 2
    said = ansible_playbook(inventory, "--syntax-check", *playbooks)
    assert said.count("playbook: ") == len(playbooks)


def test_plans_and_filters_are_carried_out(inventory: Path) -> None:
    (inventory.parent / "report.json").write_text(json.dumps(REPORT))
    filters = [name for name in EXAMPLES if name.startswith("filter/")]
    tasks = [task for name in PLANNERS for document in documents(name) for task in document]
    tasks += [shown(task) for name in filters for document in documents(name) for task in document]
    (inventory.parent / "run.json").write_text(json.dumps([play(tasks)]))
    said = ansible_playbook(inventory, "run.json")
    assert f"ok={len(tasks)} " in said
    assert said.count("\nPlan: ") == len(documents("modules/upgrade_plan")[0])
    assert (inventory.parent / "plan.json").is_file()
    assert "\nRebalance: 1 move " in said
    assert '"address": "kvm2.example.org"' in said


def shown(task: dict[str, Any]) -> dict[str, Any]:
    """A task that a filter gives its arguments to, with a hypervisor or without, shows them."""
    (module,) = [key for key in task if "." in key]
    others = {key: value for key, value in task.items() if key != module}
    return {**others, "ansible.builtin.debug": {"msg": task[module]}}
