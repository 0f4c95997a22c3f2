# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the documentation shows is what modules, roles and the inventory plugin take: every example in YAML is held against their options.

So are the inventories of the repository; that for AWX has a test of its own (test_awx.py).
"""

from __future__ import annotations

import functools
import importlib
import re
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.evergreen.virt.tests.unit.test_interfaces import LEFT, arguments_of

ROOT = Path(__file__).resolve().parents[2]
PLUGINS = "ansible_collections.evergreen.virt.plugins"
PREFIX = "evergreen.virt."
MODULES = {path.stem for path in (ROOT / "plugins" / "modules").glob("[!_]*.py")}
DOCUMENTED = ("modules", "filter", "inventory")
PAGES = [
    *sorted((ROOT / "docs" / "docsite" / "rst").glob("*.rst")),
    ROOT / "README.md",
    *ROOT.glob("roles/*/README.md"),
]
RST_BLOCK = re.compile(r"^( *)\.\. code-block:: yaml\n\n(?P<text>(?:\1   .*\n|\n)+)", re.MULTILINE)
MD_BLOCK = re.compile(r"^```yaml\n(?P<text>.*?)^```", re.MULTILINE | re.DOTALL)
# Ansible reads each file of an inventory's folder as an inventory, but for those of two folders.
IN_INVENTORY = re.compile(r"^ *# inventory/(?!group_vars/|host_vars/)([\w/.-]+)", re.MULTILINE)
REFERRED = re.compile(r"\{\{ inventory_dir \}\}/(?!\.\./)\S+")
ROLE = re.compile(rf"(?:{'|'.join(path.name for path in ROOT.glob('roles/*'))})_")
TYPED = {"int": 1, "float": 1.0, "bool": True, "list": [], "dict": {}}


def blocks() -> Iterator[Any]:
    """Every example, with the page that it is on."""
    for kind in DOCUMENTED:
        for path in sorted((ROOT / "plugins" / kind).glob("[!_]*.py")):
            plugin = importlib.import_module(f"{PLUGINS}.{kind}.{path.stem}")
            yield pytest.param(plugin.EXAMPLES, id=f"{kind}/{path.stem}")
    for page in PAGES:
        pattern = RST_BLOCK if page.suffix == ".rst" else MD_BLOCK
        for place, match in enumerate(pattern.finditer(page.read_text(encoding="utf-8")), 1):
            yield pytest.param(textwrap.dedent(match["text"]), id=f"{page.relative_to(ROOT)}[{place}]")


def inventories() -> Iterator[Any]:
    """The files of the inventories, but for what AWX is told."""
    for path in sorted((ROOT / "inventories").rglob("*.yml")):
        if "awx" not in path.parts:
            yield pytest.param(path.read_text(encoding="utf-8"), id=str(path.relative_to(ROOT)))


def dictionaries(value: Any) -> Iterator[dict[str, Any]]:
    """Every dictionary in a document: plays, tasks, files of variables, an inventory's groups."""
    if isinstance(value, dict):
        yield value
    for part in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from dictionaries(part)


def filled(value: Any, spec: dict[str, Any]) -> Any:
    """A value that only a run knows (`{{ ... }}`) becomes one of its type."""
    if isinstance(value, str) and "{{" in value:
        return spec["choices"][0] if "choices" in spec else TYPED.get(spec.get("type", "str"), value)
    if isinstance(value, dict) and "options" in spec:
        return {key: filled(part, spec["options"].get(key, {})) for key, part in value.items()}
    if isinstance(value, list):
        inner = {"type": spec.get("elements", "str"), **({"options": spec["options"]} if "options" in spec else {})}
        return [filled(part, inner) for part in value]
    return value


def problems(spec: dict[str, Any], rules: dict[str, Any], values: dict[str, Any]) -> list[str]:
    given = filled(values, {"options": spec})
    return list(ArgumentSpecValidator(spec, **rules).validate(given).error_messages)


def module_problems(name: str, values: Any) -> list[str]:
    assert name in MODULES, f"there is no module {name}"
    spec, rules = (arguments := dict(arguments_of(name))).pop("argument_spec"), arguments
    return problems(spec, rules, values or {})


def as_spec(options: dict[str, Any]) -> dict[str, Any]:
    """The options of a documentation as Ansible checks them."""
    return {
        name: {part: option[part] for part in ("type", "elements", "required", "choices") if part in option}
        for name, option in options.items()
    }


@functools.cache
def inventory_options() -> dict[str, Any]:
    """What a file for the inventory plugin may say, with what Ansible's own fragments add."""
    doc = yaml.safe_load(importlib.import_module(f"{PLUGINS}.inventory.guests").DOCUMENTATION)
    options = dict(doc["options"])
    for name in doc["extends_documentation_fragment"]:
        fragment = importlib.import_module(f"ansible.plugins.doc_fragments.{name}").ModuleDocFragment
        options |= yaml.safe_load(fragment.DOCUMENTATION)["options"]
    return as_spec(options)


def plugin_problems(found: dict[str, Any]) -> list[str]:
    """An inventory that is a file for the plugin has its options and no others."""
    return problems(inventory_options(), {}, found) if found.get("plugin") == f"{PREFIX}guests" else []


@functools.cache
def role_options() -> dict[str, dict[str, Any]]:
    """Every role's variables with their specs."""
    found: dict[str, dict[str, Any]] = {}
    for path in ROOT.glob("roles/*/meta/argument_specs.yml"):
        for spec in yaml.safe_load(path.read_text(encoding="utf-8"))["argument_specs"].values():
            found |= {name: {**option, "required": False} for name, option in (spec.get("options") or {}).items()}
    return found


def vm_problems(variables: dict[str, Any]) -> list[str]:
    """The entries of `fleet_vms` have the options of `vm`, and `host`."""
    defaults = variables.get("fleet_defaults") or {}
    entries = [{**defaults, **entry} for entry in variables.get("fleet_vms") or [] if isinstance(entry, dict)]
    bare = [{key: value for key, value in entry.items() if key != "host"} for entry in entries]
    return [message for entry in bare for message in module_problems("vm", entry)]


def variable_problems(found: dict[str, Any]) -> list[str]:
    """Variables of roles are what the roles take, and one that bears a role's name is one of its own."""
    roles = role_options()
    variables = {key: value for key, value in found.items() if key in roles}
    known = {*roles, *(name for left in LEFT.values() for name in left)}
    strangers = [key for key in found if ROLE.match(str(key)) and key not in known]
    wrong = problems({key: roles[key] for key in variables}, {}, variables) + vm_problems(variables)
    return wrong + [f"no role has the variable {name}" for name in strangers]


def document_problems(text: str) -> list[str]:
    """What Ansible would refuse in an example or a file."""
    wrong: list[str] = []
    for found in dictionaries(list(yaml.safe_load_all(text))):
        for key, values in found.items():
            if isinstance(key, str) and key.startswith(PREFIX):
                wrong += module_problems(key.removeprefix(PREFIX), values)
        wrong += plugin_problems(found) + variable_problems(found)
    return wrong


@pytest.mark.parametrize("text", [*blocks(), *inventories()])
def test_an_example_holds_what_modules_and_roles_take(text: str) -> None:
    assert document_problems(text) == []
    assert any(True for _found in dictionaries(list(yaml.safe_load_all(text))))


@pytest.mark.parametrize(
    "text",
    [
        "[{evergreen.virt.vm: {name: web1, memory: 1}}]",
        "[{evergreen.virt.hypervisor_updates_info: {nothing: 1}}]",
        "[{evergreen.virt.upgrade_plan: {hosts: [], nothing: 1}}]",
        "{plugin: evergreen.virt.guests, uris: []}",
        "{plugin: evergreen.virt.guests, timeout: soon}",
        "{upgrade_max_failures: many}",
        "{upgrade_nothing: 1}",
        "{fleet_vms: [{name: web1, host: kvm1, memory: 1}]}",
    ],
)
def test_what_is_none_of_that_is_noticed(text: str) -> None:
    assert len(document_problems(text)) == 1


@pytest.mark.parametrize("text", [*blocks()])
def test_what_lies_in_the_folder_of_an_inventory_is_one(text: str) -> None:
    assert REFERRED.findall(text) == []
    if IN_INVENTORY.search(text):
        content = yaml.safe_load(text)
        assert "plugin" in content or all(set(group) <= {"hosts", "children", "vars"} for group in content.values())
