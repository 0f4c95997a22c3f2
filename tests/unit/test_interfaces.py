# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a module or a role takes is said in several places, and all of them say the same.

Modules: the argument spec and the documentation with its fragments. Roles: the argument specs, the defaults, the README's table, and
what the tasks read.
"""

from __future__ import annotations

import functools
import importlib
import re
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
import yaml
from ansible.modules import reboot

from ansible_collections.evergreen.virt.plugins.module_utils import _errors

ROOT = Path(__file__).resolve().parents[2]
PLUGINS = "ansible_collections.evergreen.virt.plugins"
MODULES = sorted(path.stem for path in (ROOT / "plugins" / "modules").glob("[!_]*.py"))
ROLES = sorted(path.parent.parent.name for path in ROOT.glob("roles/*/meta/argument_specs.yml"))
# Actions that do what one of Ansible's own does.
TAKE_THOSE_OF = {"awaited_reboot": reboot}
PARTS = ("type", "elements", "required", "choices", "default", "aliases")
# What a cell of a README's table says instead of a default.
NO_DEFAULT = {"required", "none", "not set", "empty"}
OURS = re.compile(
    r"https://(?:github\.com/ansible-collections/evergreen\.virt/blob"
    r"|raw\.githubusercontent\.com/ansible-collections/evergreen\.virt)/main/(.+)"
)
VARIABLE = re.compile(r"`([a-z0-9_]+)`")
Options = dict[str, dict[str, Any]]


@functools.cache
def arguments_of(module: str) -> dict[str, Any]:
    """What Ansible checks arguments by: the spec and the rules that the module runs with, or the action plugin in its place."""
    imported = importlib.import_module(f"{PLUGINS}.modules.{module}")
    if module in TAKE_THOSE_OF:
        return {"argument_spec": yaml.safe_load(TAKE_THOSE_OF[module].DOCUMENTATION)["options"]}
    if not hasattr(imported, "main"):
        return {"argument_spec": importlib.import_module(f"{PLUGINS}.action.{module}").ARGUMENTS}
    with mock.patch.object(imported, "run") as run:
        imported.main()
    return dict(run.call_args.args[0].as_module_arguments())


def spec_of(module: str) -> Options:
    return dict(arguments_of(module)["argument_spec"])


def documented(module: str) -> Options:
    """The options of the documentation, with those of its fragments, as Ansible puts them together."""
    doc = yaml.safe_load(importlib.import_module(f"{PLUGINS}.modules.{module}").DOCUMENTATION)
    options: Options = doc.get("options") or {}
    for name in doc.get("extends_documentation_fragment", []):
        fragment, _dot, part = name.removeprefix("evergreen.virt.").partition(".")
        texts = importlib.import_module(f"{PLUGINS}.doc_fragments.{fragment}").ModuleDocFragment
        found = yaml.safe_load(getattr(texts, part.upper() or "DOCUMENTATION")).get("options") or {}
        options = {**found, **options}
    return options


def differences(spec: Options, doc: Options, path: str = "") -> list[str]:
    """Return where the two differ, by the path of the option."""
    found = [f"{path}{name}: in one of them only" for name in sorted(set(spec) ^ set(doc))]
    for name in sorted(set(spec) & set(doc)):
        for part in PARTS:
            is_, says = plain(part, spec[name]), plain(part, doc[name])
            found += [] if is_ == says else [f"{path}{name}: {part} is {is_!r}, documented as {says!r}"]
        inner, said = spec[name].get("options") or {}, doc[name].get("suboptions") or {}
        found += differences(inner, said, f"{path}{name}.")
    return found


def plain(part: str, option: dict[str, Any]) -> Any:
    """Return a part of an option as both sides would write it: what is left out is what Ansible takes for it."""
    value = option.get(part)
    if part == "type":
        return value or "str"
    if part == "required":
        return bool(value)
    if part in ("choices", "aliases"):
        return sorted(map(str, value or []))
    if part == "default" and value is not None:
        return str(value).lower()
    return value


@pytest.mark.parametrize("module", MODULES)
def test_a_module_is_documented_as_it_is(module: str) -> None:
    assert differences(spec_of(module), documented(module)) == []


@functools.cache
def load(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8")) if path.is_file() else {}


def entry_points(role: str) -> dict[str, Any]:
    found: dict[str, Any] = load(ROOT / "roles" / role / "meta" / "argument_specs.yml")["argument_specs"]
    return found


def options_of(role: str) -> Options:
    return {
        name: option for point in entry_points(role).values() for name, option in (point.get("options") or {}).items()
    }


def defaults_of(role: str) -> dict[str, Any]:
    return load(ROOT / "roles" / role / "defaults" / "main.yml") or {}


def rows_of(role: str) -> dict[str, list[str]]:
    """Return the variables in the README's tables, each with the cells of its row."""
    found: dict[str, list[str]] = {}
    for line in (ROOT / "roles" / role / "README.md").read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")] if line.startswith("|") else []
        names = [name for name in VARIABLE.findall(cells[0]) if name.startswith(f"{role}_")] if cells else []
        for position, name in enumerate(names):
            defaults = cells[1].split(", ") if len(names) > 1 and ", " in cells[1] else [cells[1]] * len(names)
            found[name] = [cells[0], defaults[position], *cells[2:]]
    return found


@pytest.mark.parametrize("role", ROLES)
def test_a_role_gives_its_options_the_defaults_that_they_are_said_to_have(role: str) -> None:
    defaults = defaults_of(role)
    wrong = []
    for name, option in options_of(role).items():
        computed = isinstance(defaults.get(name), str) and "{{" in defaults[name]
        if not computed and defaults.get(name) != option.get("default"):
            wrong.append(f"{name}: {defaults.get(name)!r}, said to be {option.get('default')!r}")
        if option.get("required") and name in defaults:
            wrong.append(f"{name}: required, and has a default")
    assert wrong == []
    assert set(defaults) - set(options_of(role)) == set()


@pytest.mark.parametrize("role", ROLES)
def test_the_readme_of_a_role_has_a_row_for_each_option(role: str) -> None:
    assert set(rows_of(role)) == set(options_of(role))


@pytest.mark.parametrize("role", ROLES)
def test_the_readme_of_a_role_tells_its_defaults(role: str) -> None:
    wrong = []
    for name, (_names, cell, *_rest) in rows_of(role).items():
        option = options_of(role).get(name, {})
        told = cell.strip("`")
        computed = "{{" in str(defaults_of(role).get(name, ""))
        if computed or (told in NO_DEFAULT and option.get("default") in (None, "")):
            continue
        if yaml.safe_load(told) != option.get("default"):
            wrong.append(f"{name}: {told}, and it is {option.get('default')!r}")
    assert wrong == []


@pytest.mark.parametrize("role", ROLES)
def test_a_role_reads_every_option_and_no_other(role: str) -> None:
    """Variables of other roles, and what a role leaves for others, are not its options."""
    folder = ROOT / "roles" / role
    parts = ("tasks", "handlers", "vars", "templates", "defaults")
    files = [path for part in parts for path in (folder / part).rglob("*.*")]
    files += [ROOT / "playbooks" / "rolling_upgrade.yml"] if role == "upgrade" else []
    text = "\n".join(path.read_text(encoding="utf-8") for path in files)
    code = re.sub(r"^\s*#.*$", "", text, flags=re.MULTILINE)
    read = set(re.findall(rf"(?<![A-Za-z0-9_.]){role}_[a-z0-9_]+\b(?!\s*:)", code)) - set(LEFT.get(role, ()))
    assert set(options_of(role)) - read == set(), "options that nothing reads"
    assert read - set(options_of(role)) == set(), "variables that are no options"


# Host variables that a role leaves for those after it; its README says so.
LEFT = {
    "maintenance": ("maintenance_moved", "maintenance_stopped", "maintenance_started", "maintenance_recovered"),
    "preflight": ("preflight_facts", "preflight_updates", "preflight_problem", "preflight_told_at"),
    "upgrade": ("upgrade_run", "upgrade_result", "upgrade_reason"),
}


@pytest.mark.parametrize("role", ROLES)
def test_what_a_role_keeps_for_itself_is_set_somewhere(role: str) -> None:
    """A name that a merge or a rename has left behind would fail only where its task is reached."""
    files = [path for path in (ROOT / "roles" / role).rglob("*.*") if path.suffix in (".yml", ".j2")]
    text = "\n".join(path.read_text(encoding="utf-8") for path in files)
    name = rf"__{role}_[a-z0-9_]+"
    set_here = re.findall(
        rf"(?:^\s*(?:- )?|[{{,] ?)({name}):|(?:register|loop_var): ({name})\b|{{% set ({name})\b", text, re.MULTILINE
    )
    assert set(re.findall(rf"(?<!\w){name}\b", text)) - {each for found in set_here for each in found} == set()


def test_every_error_code_has_its_place_in_the_guide() -> None:
    page = (ROOT / "docs" / "docsite" / "rst" / "errors.rst").read_text(encoding="utf-8")
    sections = set(re.findall(r"^([a-z_]+)\n-+$", page, flags=re.MULTILINE))
    errors = [cls for cls in vars(_errors).values() if isinstance(cls, type) and issubclass(cls, _errors.VirtError)]
    assert sections == {error.code for error in errors}


def test_the_sentences_in_that_guide_are_what_the_modules_say() -> None:
    page = (ROOT / "docs" / "docsite" / "rst" / "errors.rst").read_text(encoding="utf-8")
    code = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "plugins").rglob("*.py"))
    said = re.sub(r'"\s*f?"', "", code)  # a sentence may go over several lines
    quoted = re.findall(r"^- (\*.+?\*):", page, flags=re.MULTILINE)
    parts = [part.strip() for quote in re.findall(r"\*(.+?)\*", " ".join(quoted)) for part in quote.split("...")]
    assert len(quoted) > 5
    assert [part for part in parts if part not in said] == []


def test_every_guide_is_in_the_table_of_contents_and_in_the_readme() -> None:
    pages = {path.stem for path in (ROOT / "docs" / "docsite" / "rst").glob("*.rst")}
    contents = load(ROOT / "docs" / "docsite" / "extra-docs.yml")["sections"]
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert pages == {page for section in contents for page in section["toctree"]}
    assert pages == set(re.findall(r"docs/docsite/rst/([a-z_]+)\.rst", readme))


@pytest.mark.parametrize("readme", ["README.md", *(f"roles/{role}/README.md" for role in ROLES)])
def test_a_readme_works_where_it_is_shown_without_the_repository(readme: str) -> None:
    """Galaxy and automation hubs show a README alone."""
    links = re.findall(r"\]\(([^)]+)\)", (ROOT / readme).read_text(encoding="utf-8"))
    assert [link for link in links if not link.startswith("https://")] == []
    ours = [match[1] for link in links if (match := OURS.match(link))]
    assert [path for path in ours if not (ROOT / path).is_file()] == []


@pytest.mark.parametrize("role", ROLES)
def test_a_role_has_a_molecule_scenario(role: str) -> None:
    scenario = ROOT / "extensions" / "molecule" / role
    assert [name for name in ("molecule.yml", "converge.yml", "verify.yml") if not (scenario / name).is_file()] == []
    used = "playbooks/rolling_upgrade.yml" if role == "upgrade" else f"role: evergreen.virt.{role}"
    assert used in (scenario / "converge.yml").read_text(encoding="utf-8")
