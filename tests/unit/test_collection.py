# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the parts of the collection say of one another: runtime.yml of the modules, galaxy.yml of what is used, the roles' files."""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any
from unittest import mock

import pytest
import yaml

from ansible_collections.evergreen.virt.plugins.module_utils._argspec import OVSDB, RUN
from ansible_collections.evergreen.virt.plugins.module_utils._ovs.bridge_options import OPTIONS
from ansible_collections.evergreen.virt.plugins.modules import (
    host_network,
    network,
    ovs_switch,
    storage_pool,
    storage_volume,
)
from ansible_collections.evergreen.virt.tests.integration.test_tarball_on_the_lab import LEFT_OUT, STEPS

ROOT = Path(__file__).resolve().parents[2]
OWN = {"ansible.builtin", "evergreen.virt"}
# Used by the playbook `awx` only: whoever has no AWX need not install it.
OPTIONAL = {"awx.awx"}
ROLES = sorted(path for path in (ROOT / "roles").glob("*") if path.is_dir())
# Modules that change something and belong to no run, and why.
OF_NO_RUN = {
    "awaited_command": "it takes a run from its task alone, for hooks are also commands of the controller, which no run takes",
    "awaited_reboot": "the lease is asked for just before, and by the very command that boots",
    "rebalance_plan": "it runs on the controller, and takes the epoch from what the hosts know",
    "upgrade_event": "it runs on the controller, and writes the journal there",
    "upgrade_plan": "it runs on the controller, and takes the epoch from what the hosts know",
    "vm_probe": "it runs on the host that watches, which is no hypervisor and which no run takes",
}
# A task's module, a role or a playbook, by its full name.
FULL_NAME = re.compile(
    r"^\s*(?:- )?(?:([a-z]+\.[a-z]+)\.[a-z_]+:|(?:name|role|import_playbook): ([a-z]+\.[a-z]+)\.[a-z_]+)\s*$",
    re.MULTILINE,
)


def load(name: str) -> Any:
    return yaml.safe_load((ROOT / name).read_text(encoding="utf-8"))


def modules() -> set[str]:
    return {path.stem for path in (ROOT / "plugins" / "modules").glob("*.py") if path.stem != "__init__"}


def test_systemctl_waits_for_no_key() -> None:
    """Its pager would, where the connection has a terminal."""
    asks = re.compile(r"systemctl\W+(?:show|status|cat|list-)")
    files = [path for folder in ("plugins", "roles") for path in (ROOT / folder).rglob("*.*") if path.suffix != ".pyc"]
    lines = [(path, line) for path in files for line in path.read_text(encoding="utf-8").splitlines()]
    assert [(path.name, line) for path, line in lines if asks.search(line) and "(systemctl status" not in line] == []


def tasks_of(block: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Return the tasks of a file of tasks, those in blocks too."""
    for task in block:
        yield task
        for part in ("block", "rescue", "always"):
            yield from tasks_of(task.get(part, []))


def test_nobody_becomes_root_on_the_controller() -> None:
    """With `--become`, which AWX has a box for, that would need sudo in an execution environment."""
    files = [load(str(path)) or [] for path in ROOT.glob("roles/*/tasks/**/*.yml")]
    there = [task for file in files for task in tasks_of(file) if "localhost" in str(task.get("delegate_to"))]
    assert len(there) > 5
    assert [task["name"] for task in there if "become" not in task and "ansible.builtin.set_fact" not in task] == []


def test_module_defaults_reach_every_module() -> None:
    groups = load("meta/runtime.yml")["action_groups"]
    assert set(groups["all"]) == modules()
    assert sorted(groups["all"]) == groups["all"]


def test_every_module_that_changes_a_host_carries_the_epoch() -> None:
    carry = {name for name in modules() if takes_a_run(name)}
    assert modules() - carry == {name for name in modules() if name.endswith("_info")} | set(OF_NO_RUN)
    assert load("meta/runtime.yml")["action_groups"]["run"] == sorted(carry)


def takes_a_run(name: str) -> bool:
    """Tell whether a module takes the options of a run, and has them tried before it changes anything."""
    module = importlib.import_module(f"ansible_collections.evergreen.virt.plugins.modules.{name}")
    if not hasattr(module, "main"):
        return False
    with mock.patch.object(module, "run") as run:
        module.main()
    gated = run.call_args.kwargs.get("gated", True) or name == "upgrade_lease"
    return gated and set(RUN.options) <= set(run.call_args.args[0].options)


def test_the_readme_has_the_order_that_certification_asks_for() -> None:
    headings = re.findall(r"^## (.+)$", (ROOT / "README.md").read_text(encoding="utf-8"), flags=re.MULTILINE)
    assert headings == [
        *("Description", "Requirements", "Installation", "Use cases", "Testing", "Contributing", "Support"),
        *("Release notes and roadmap", "Related information", "License"),
    ]


def test_galaxy_is_told_where_everything_is() -> None:
    said = load("galaxy.yml")
    repository = said["repository"]
    assert [said["homepage"], said["issues"]] == [repository, f"{repository}/issues"]
    assert (ROOT / said["documentation"].removeprefix(f"{repository}/tree/main/")).is_dir()
    assert f"({said['issues']})" in (ROOT / "README.md").read_text(encoding="utf-8")


def test_every_module_has_an_integration_target() -> None:
    targets = {path.parent.parent.name for path in (ROOT / "tests/integration/targets").glob("*/tasks/main.yml")}
    assert modules() - targets == set()


def test_every_playbook_is_run_from_the_tarball_or_left_out_with_its_reason() -> None:
    run = {step.playbook for step in STEPS}
    assert run | set(LEFT_OUT) == {path.stem for path in (ROOT / "playbooks").glob("*.yml")}
    assert run & set(LEFT_OUT) == set()


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


@pytest.mark.parametrize(
    ("role", "variable", "module"),
    [
        ("storage", "storage_pools", storage_pool),
        ("storage", "storage_volumes", storage_volume),
        ("switch", "switch_networks", network),
    ],
)
def test_a_role_passes_every_option_of_each_entry_on(role: str, variable: str, module: ModuleType) -> None:
    options = {name: option for name, option in module.SPEC.options.items() if name not in {"uri", *RUN.options}}
    action = f"evergreen.virt.{module.__name__.rpartition('.')[2]}"
    files = sorted(path.relative_to(ROOT) for path in (ROOT / "roles" / role / "tasks").glob("*.yml"))
    (task,) = (task for file in files for task in load(str(file)) if action in task)
    passed = {
        name: f"{{{{ item.{name}{'' if option.get('required') else ' | default(omit)'} }}}}"
        for name, option in options.items()
    }
    assert task[action] == passed
    assert_described(role_variable(role, variable), options)


def role_variable(role: str, variable: str) -> Any:
    return load(f"roles/{role}/meta/argument_specs.yml")["argument_specs"]["main"]["options"][variable]


def assert_described(variable: dict[str, Any], options: Mapping[str, Any]) -> None:
    """A role's variable has the options of a module."""
    assert set(variable["options"]) == set(options)
    for name, option in options.items():
        for part in ("type", "elements", "choices", "required"):
            assert variable["options"][name].get(part) == option.get(part), (name, part)


def test_the_role_switch_takes_every_option_of_its_modules() -> None:
    database = {*OVSDB.options, *RUN.options}
    switch = {name: option for name, option in ovs_switch.SPEC.options.items() if name not in database}
    tasks = {key: task[key] for task in load("roles/switch/tasks/main.yml") for key in task}
    assert tasks["evergreen.virt.ovs_switch"] == {
        name: f"{{{{ switch_settings.{name} | default(omit) }}}}" for name in switch
    }
    assert_described(role_variable("switch", "switch_settings"), switch)
    assert_described(role_variable("switch", "switch_bridges"), OPTIONS)
    interface = host_network.SPEC.options["interfaces"]["options"]
    assert_described(role_variable("switch", "switch_interfaces"), interface)
    for name in ("switch_network_manager", "switch_confirm_timeout"):
        option = host_network.SPEC.options[{"switch_network_manager": "manager"}.get(name, "confirm_timeout")]
        assert {key: role_variable("switch", name).get(key) for key in option} == option


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
