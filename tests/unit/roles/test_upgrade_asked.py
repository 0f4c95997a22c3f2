# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""With which variables the role upgrade has hosts asked that --limit leaves out of the play."""

from __future__ import annotations

import json
import typing as t
from pathlib import Path

import pytest

from ansible_collections.evergreen.virt.tests.unit.plugins.module_utils._plan.clusters import node
from ansible_collections.evergreen.virt.tests.unit.roles.made_up import play
from ansible_collections.evergreen.virt.tests.unit.roles.role_variables import evaluated


@pytest.mark.parametrize("name", evaluated("upgrade", "__upgrade_unset"))
def test_what_nobody_sets_is_the_default_of_the_role(name: str) -> None:
    assert evaluated("upgrade", "__upgrade_unset")[name] == evaluated("upgrade", name)


@pytest.mark.programs
def test_a_host_is_asked_with_its_own_package_sources(tmp_path: Path) -> None:
    """Those of the inventory, templates among them, which are another host's on another system."""
    debian: list[dict[str, t.Any]] = [{"name": "debian", "uris": ["http://deb.invalid"], "suites": ["trixie"]}]
    alma: list[dict[str, t.Any]] = [{"name": "alma", "uris": ["{{ mirror }}/alma"]}]
    variables = {
        "deb1": {"upgrade_repositories": debian},
        "alma1": {"upgrade_repositories": alma, "mirror": "http://rpm.invalid"},
    }
    for name, known in variables.items():
        (tmp_path / "host_vars" / name).mkdir(parents=True)
        (tmp_path / "host_vars" / name / "sources.json").write_text(json.dumps(known))
    note: dict[str, t.Any] = {
        "ansible.builtin.copy": {
            "content": "{{ preflight_repositories | to_json }}",
            "dest": f"{tmp_path}/{{{{ item }}}}",
        },
        "loop": "{{ preflight_cluster }}",
        "vars": {"preflight_asked": "{{ item }}"},
    }
    ready = {"ansible.builtin.import_role": {"name": "evergreen.virt.upgrade", "tasks_from": "ready"}}
    plays = [{"hosts": "deb1", "gather_facts": False, "tasks": [ready]}]
    nodes = [node(name) for name in ("deb1", "alma1", "other1")]
    said = play(tmp_path, plays, nodes, {"preflight/tasks/main.yml": [note]})
    assert "failed=0" in said, said
    found = {name: json.loads((tmp_path / name).read_text()) for name in ("deb1", "alma1", "other1")}
    assert found == {"deb1": debian, "alma1": [{"name": "alma", "uris": ["http://rpm.invalid/alma"]}], "other1": []}
