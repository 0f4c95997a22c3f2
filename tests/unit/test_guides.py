# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What guides and READMEs say besides their examples in YAML: the defaults and choices of variables, and commands to type."""

from __future__ import annotations

import argparse
import re
import shlex
import textwrap
from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from ansible.parsing.splitter import parse_kv

from ansible_collections.evergreen.virt.tests.unit.test_examples import (
    PAGES,
    PREFIX,
    ROOT,
    module_problems,
    problems,
    role_options,
)
from ansible_collections.evergreen.virt.tests.unit.test_interfaces import NO_DEFAULT

TEXTS = {str(page.relative_to(ROOT)): page.read_text(encoding="utf-8") for page in PAGES}
PLAYBOOKS = {path.stem: path.read_text(encoding="utf-8") for path in (ROOT / "playbooks").glob("*.yml")}
NAMED = {
    *(path.stem for path in (ROOT / "plugins").glob("*/[!_]*.py")),
    *(path.name for path in (ROOT / "roles").glob("*")),
    *PLAYBOOKS,
    *yaml.safe_load((ROOT / "meta" / "runtime.yml").read_text(encoding="utf-8"))["action_groups"],
}
TABLE = re.compile(r"^ *\.\. list-table::\n(?: +:.*\n)*\n(?P<rows>(?:(?: +.*)?\n)+)", re.MULTILINE)
ROW = re.compile(r"^   \* ", re.MULTILINE)
CELL = re.compile(r"^(?:     )?- (.*(?:\n       .*)*)", re.MULTILINE)
CONSOLE = re.compile(
    r"^( *)\.\. code-block:: console\n\n(?P<rst>(?:\1   .*\n|\n)+)|^```console\n(?P<md>(?:(?!```).*\n)+)```",
    re.MULTILINE,
)
CODE = re.compile(r"``([^`]+)``|`([^`]+)`")


def tables(text: str) -> Iterator[list[list[str]]]:
    """The tables of a guide, row by row."""
    for table in TABLE.finditer(text):
        yield [CELL.findall(row) for row in ROW.split(table["rows"])[1:]]


def told_defaults() -> Iterator[Any]:
    """Each variable of a role whose default a guide tells, in a table with such a column or in a sentence."""
    for page, text in TEXTS.items():
        for head, *rows in tables(text):
            for row in rows if "default" in head else []:
                names, said = re.findall(r"``(\w+)``", row[0]), row[head.index("default")]
                values = said.split(", ") if ", " in said else [said] * len(names)
                yield from (pytest.param(*pair, id=f"{page}-{pair[0]}") for pair in zip(names, values))
        for name, value in re.findall(r"`(\w+): (\w+)`+,? \(?the default\b", text):
            if name in role_options():
                yield pytest.param(name, value, id=f"{page}-{name}")


@pytest.mark.parametrize(("name", "told"), [*told_defaults()])
def test_a_guide_tells_the_default_that_a_variable_has(name: str, told: str) -> None:
    default, value = role_options()[name].get("default"), told.strip("`")
    assert (value in NO_DEFAULT and default in (None, "")) or yaml.safe_load(value) == default


def tables_of_choices() -> Iterator[Any]:
    """The tables that tell what each choice of a variable does."""
    for page, text in TEXTS.items():
        for head, *rows in tables(text):
            name = head[0].strip("`")
            if name in role_options():
                yield pytest.param(name, rows, id=f"{page}-{name}")


@pytest.mark.parametrize(("name", "rows"), [*tables_of_choices()])
def test_a_table_has_all_choices_of_its_variable_and_says_which_is_the_default(
    name: str, rows: list[list[str]]
) -> None:
    told = {re.findall(r"``(\w+)``", row[0])[0]: "the default" in f"{row[0]} {row[1]}" for row in rows}
    option = role_options()[name]
    assert told == {choice: choice == option["default"] for choice in option["choices"]}


def commands(text: str) -> Iterator[str]:
    """What is typed in the console blocks of a page; a quote that is open goes on in the next line."""
    for block in CONSOLE.finditer(text):
        lines = textwrap.dedent(block["rst"] or block["md"]).replace("\\\n", "").splitlines()
        for place, line in enumerate(lines):
            if line.startswith(("$ ", "# ")):
                typed = line[2:]
                for more in lines[place + 1 :] if typed.count("'") % 2 else []:
                    typed += f" {more}"
                    if typed.count("'") % 2 == 0:
                        break
                yield typed


def ansible_commands() -> Iterator[Any]:
    """The calls of Ansible that a page shows, in its blocks and in its sentences."""
    for page, text in TEXTS.items():
        inline = [" ".join((double or single).split()) for double, single in CODE.findall(CONSOLE.sub("", text))]
        for typed in [*commands(text), *inline]:
            if re.search(r"(^| )ansible(-playbook)? ", typed):
                yield pytest.param(typed, id=f"{page}: {typed[:60]}")


OPTIONS = argparse.ArgumentParser(exit_on_error=False)
OPTIONS.add_argument("-e", action="append", default=[])
OPTIONS.add_argument("-m")
OPTIONS.add_argument("-a", default="")
OPTIONS.add_argument("-i", action="append")
OPTIONS.add_argument("--limit")
OPTIONS.add_argument("--check", action="store_true")
OPTIONS.add_argument("--diff", action="store_true")
OPTIONS.add_argument("what")


def given(text: str) -> dict[str, Any]:
    """What `-e` or `-a` hands on."""
    return dict(yaml.safe_load(text) if text.startswith("{") else parse_kv(text))


def extra_problems(playbook: str, text: str) -> list[str]:
    """A variable is one of a role, or one that the playbook reads."""
    options, values = role_options(), given(text)
    variables = {name: value for name, value in values.items() if name in options}
    strangers = [name for name in set(values) - set(variables) if not re.search(rf"\b{name}\b", PLAYBOOKS[playbook])]
    return problems({name: options[name] for name in variables}, {}, variables) + strangers


def command_problems(typed: str) -> list[str]:
    """What Ansible would not take of a command."""
    words = shlex.split(typed, comments=True)
    start = next(place for place, word in enumerate(words) if word in ("ansible", "ansible-playbook"))
    call, unknown = OPTIONS.parse_known_args(words[start + 1 :])
    if words[start] == "ansible":
        module = (call.m or "").removeprefix(PREFIX)
        return unknown + (module_problems(module, given(call.a)) if call.m != module else [])
    if not call.what.startswith(PREFIX):
        return unknown
    playbook = call.what.removeprefix(PREFIX)
    return unknown + (
        [message for text in call.e for message in extra_problems(playbook, text)]
        if playbook in PLAYBOOKS
        else [f"there is no playbook {playbook}"]
    )


@pytest.mark.parametrize("typed", [*ansible_commands()])
def test_a_command_is_one_that_ansible_takes(typed: str) -> None:
    assert command_problems(typed) == []


@pytest.mark.parametrize(
    "typed",
    [
        "ansible-playbook -i inventory evergreen.virt.upgrade",
        "ansible-playbook -i inventory evergreen.virt.rolling_upgrade -e upgrade_nothing=1",
        "ansible-playbook -i inventory evergreen.virt.rolling_upgrade -e upgrade_max_failures=many",
        "ansible-playbook -i inventory evergreen.virt.site -e '{\"site_nothing\": true}'",
        "ansible-playbook -i inventory evergreen.virt.site --dry-run",
        "ansible kvm1 -i inventory -m evergreen.virt.vm_migrate -a state=nowhere",
    ],
)
def test_a_command_that_ansible_does_not_take_is_noticed(typed: str) -> None:
    assert len(command_problems(typed)) == 1


@pytest.mark.parametrize("page", TEXTS)
def test_a_page_names_what_the_collection_has(page: str) -> None:
    text = TEXTS[page]
    full = {
        name
        for code in CODE.findall(text)
        for name in re.findall(r"(?<![\w./-])evergreen\.virt\.([a-z_]+)\b(?!\.)", "".join(code))
    }
    assert full - NAMED == set()
    extra = set(re.findall(r"-e (?:'\{\")?([a-z_]+)[\"=]", text))
    read = {name for name in extra if any(re.search(rf"\b{name}\b", book) for book in PLAYBOOKS.values())}
    assert extra - read - set(role_options()) == set()
