# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The tarball as a stranger gets it: installed into an empty folder, without a network, and used from there by full names."""

from __future__ import annotations

import subprocess
import sys

import pytest

from ansible_collections.evergreen.virt.tests.ecosystem.project import Project, installed
from ansible_collections.evergreen.virt.tests.lab.cluster import ROOT, run

pytestmark = pytest.mark.slow
PLAYBOOKS = sorted(path.stem for path in (ROOT / "playbooks").glob("*.yml"))
INVENTORY = """\
hypervisors: {children: {cluster: {hosts: {kvm1: {}, kvm2: {}}}}}
awx: {hosts: {awx1: {}}}
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    folder = tmp_path_factory.mktemp("project")
    (folder / "inventory.yml").write_text(INVENTORY)
    return installed(folder)


def test_every_file_that_is_needed_at_run_time_is_in_it(project: Project) -> None:
    installed = project.folder / "collections" / "ansible_collections" / "evergreen" / "virt"
    for part in ("plugins", "roles", "playbooks", "meta"):
        wanted = {
            path.relative_to(ROOT)
            for path in (ROOT / part).rglob("*")
            if path.is_file() and "__pycache__" not in path.parts
        }
        assert wanted == {path.relative_to(installed) for path in (installed / part).rglob("*") if path.is_file()}
    assert not (installed / ".cache").exists()


@pytest.mark.parametrize("playbook", PLAYBOOKS)
@pytest.mark.parametrize("option", ["--syntax-check", "--list-tasks"])
def test_a_playbook_is_found_by_its_full_name(playbook: str, option: str, project: Project) -> None:
    done = project.run("ansible-playbook", "-i", "inventory.yml", f"evergreen.virt.{playbook}", option)
    assert done.returncode == 0, done.stdout
    assert "WARNING" not in done.stdout


def test_modules_and_roles_document_themselves(project: Project) -> None:
    for kind, names in (("module", "modules"), ("role", "roles")):
        done = project.run("ansible-doc", "-t", kind, "-l", "evergreen.virt")
        assert done.returncode == 0, done.stdout
        expected = [path.stem for path in (ROOT / "plugins" / "modules").glob("[!_]*.py")] if names == "modules" else []
        expected += [path.name for path in (ROOT / "roles").iterdir()] if names == "roles" else []
        assert [name for name in expected if f"evergreen.virt.{name}" not in done.stdout] == []


def test_module_defaults_reach_a_module_of_the_group(project: Project) -> None:
    (project.folder / "defaults.yml").write_text("""\
- hosts: localhost
  gather_facts: false
  module_defaults:
    group/evergreen.virt.all: {uri: "test:///default"}
  tasks:
    - evergreen.virt.vm_info:
      register: found
    - ansible.builtin.assert: {that: found.vms | length > 0}
""")
    done = project.run("ansible-playbook", "defaults.yml")
    assert done.returncode == 0, done.stdout


def test_galaxys_importer_has_nothing_to_complain_of() -> None:
    done = run([sys.executable, str(ROOT / "tests" / "tools" / "galaxy.py")])
    assert done.returncode == 0, done.stdout


def test_the_scenarios_of_molecule_are_clean() -> None:
    done = subprocess.run(
        [sys.executable, str(ROOT / "tests" / "tools" / "lint.py"), "molecule"], cwd=ROOT, check=False
    )
    assert done.returncode == 0
