# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the parts of the collection say of one another: runtime.yml of the modules, galaxy.yml of what is used, the roles' files."""

from __future__ import annotations

import re
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import yaml

from ansible_collections.evergreen.virt.plugins.modules import storage_pool, storage_volume

ROOT = Path(__file__).resolve().parents[2]
OWN = {"ansible.builtin", "evergreen.virt"}
# Used by the playbook `awx` only: whoever has no AWX need not install it.
OPTIONAL = {"awx.awx"}
ROLES = sorted(path for path in (ROOT / "roles").glob("*") if path.is_dir())
# A task's module, a role or a playbook, by its full name.
FULL_NAME = re.compile(
    r"^\s*(?:- )?(?:([a-z]+\.[a-z]+)\.[a-z_]+:|(?:name|role|import_playbook): ([a-z]+\.[a-z]+)\.[a-z_]+)\s*$",
    re.MULTILINE,
)


def load(name: str) -> Any:
    return yaml.safe_load((ROOT / name).read_text(encoding="utf-8"))


def modules() -> set[str]:
    return {path.stem for path in (ROOT / "plugins" / "modules").glob("*.py") if path.stem != "__init__"}


def test_module_defaults_reach_every_module() -> None:
    groups = load("meta/runtime.yml")["action_groups"]
    assert set(groups["all"]) == modules()
    assert sorted(groups["all"]) == groups["all"]


def test_the_readme_has_the_order_that_certification_asks_for() -> None:
    headings = re.findall(r"^## (.+)$", (ROOT / "README.md").read_text(encoding="utf-8"), flags=re.MULTILINE)
    assert headings == [
        *("Description", "Requirements", "Installation", "Use cases", "Testing", "Contributing", "Support"),
        *("Release notes and roadmap", "Related information", "License"),
    ]


def test_every_module_has_a_unit_test_or_an_integration_target() -> None:
    tested = {path.stem.removeprefix("test_") for path in (ROOT / "tests").rglob("test_*.py")}
    tested |= {path.name for path in (ROOT / "tests" / "integration" / "targets").glob("*")}
    assert modules() - tested == set()


def test_dependencies_are_what_roles_and_playbooks_use() -> None:
    used = {
        name
        for folder in ("roles", "playbooks")
        for path in (ROOT / folder).rglob("*.yml")
        for names in FULL_NAME.findall(path.read_text(encoding="utf-8"))
        for name in names
        if name
    }
    assert used - OWN - OPTIONAL == set(load("galaxy.yml")["dependencies"])


@pytest.mark.parametrize(("variable", "module"), [("storage_pools", storage_pool), ("storage_volumes", storage_volume)])
def test_the_role_storage_passes_every_option_on(variable: str, module: ModuleType) -> None:
    options = {name: option for name, option in module.SPEC.options.items() if name != "uri"}
    tasks = {task["loop"]: task for task in load("roles/storage/tasks/main.yml") if "loop" in task}
    task = tasks[f"{{{{ {variable} }}}}"]
    passed = {
        name: f"{{{{ item.{name}{'' if option.get('required') else ' | default(omit)'} }}}}"
        for name, option in options.items()
    }
    assert task[f"evergreen.virt.{module.__name__.rpartition('.')[2]}"] == passed
    spec = load("roles/storage/meta/argument_specs.yml")["argument_specs"]["main"]["options"][variable]["options"]
    assert set(spec) == set(options)
    for name, option in options.items():
        for part in ("type", "choices", "required"):
            assert spec[name].get(part) == option.get(part), (name, part)


@pytest.mark.parametrize("role", ROLES, ids=lambda path: path.name)
def test_a_role_explains_itself(role: Path) -> None:
    missing = [
        name for name in ("README.md", "meta/main.yml", "meta/argument_specs.yml") if not (role / name).is_file()
    ]
    assert missing == []


@pytest.mark.parametrize("role", ROLES, ids=lambda path: path.name)
def test_a_role_declares_every_default(role: Path) -> None:
    defaults = role / "defaults" / "main.yml"
    given = set(yaml.safe_load(defaults.read_text(encoding="utf-8")) or {}) if defaults.is_file() else set()
    specs = yaml.safe_load((role / "meta" / "argument_specs.yml").read_text(encoding="utf-8"))["argument_specs"]
    declared = {option for spec in specs.values() for option in spec.get("options") or {}}
    assert given - declared == set()
