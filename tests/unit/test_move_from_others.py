# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The guide for those who come from other collections names all that their modules can be asked for, and which versions it speaks of."""

from __future__ import annotations

import importlib
import json
import re
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

ROOT = Path(__file__).resolve().parents[2]
GUIDES = ROOT / "docs" / "docsite" / "rst"
INSTALLED = ROOT / ".cache" / "collections" / "ansible_collections"
LIBVIRT = ("virt", "virt_install", "virt_net", "virt_pool", "virt_volume")
# What openvswitch.openvswitch 2.1 takes: its modules are on a machine only after `make bench`.
OPENVSWITCH: dict[str, dict[str, list[str]]] = {
    "openvswitch_bond": {"state": ["present", "absent"]},
    "openvswitch_bridge": {"state": ["present", "absent"]},
    "openvswitch_db": {"state": ["present", "absent", "read"]},
    "openvswitch_port": {"state": ["present", "absent"]},
}
ROW = re.compile(r"^   \* - (?P<theirs>.*(?:\n       .*)*)\n     - ", re.MULTILINE)


class SpecSeenError(Exception):
    """Ends a module as soon as it has said what it takes."""


def taken(collection: str, module: str) -> dict[str, list[str]]:
    """What a module's `command` and `state` can be."""
    imported = importlib.import_module(f"ansible_collections.{collection}.plugins.modules.{module}")
    with mock.patch.object(imported, "AnsibleModule", side_effect=SpecSeenError) as made, pytest.raises(SpecSeenError):
        imported.main()
    spec: dict[str, dict[str, Any]] = made.call_args.kwargs["argument_spec"]
    return {name: list(spec[name]["choices"]) for name in ("command", "state") if name in spec}


def rows_of(module: str) -> list[str]:
    """What the rows of the guide's tables name of a module: of a table that is its own, or of rows that begin with it."""
    page = (GUIDES / "move_from_others.rst").read_text(encoding="utf-8")
    tables = [[row["theirs"] for row in ROW.finditer(part)] for part in page.split(".. list-table::")[1:]]
    own = [rows[1:] for rows in tables if rows[0].endswith(f".{module}``")]
    return own[0] if own else [row for rows in tables for row in rows if row.startswith(f"``{module}``")]


def unnamed(module: str, choices: dict[str, list[str]]) -> list[str]:
    named = {
        option: set(
            re.findall(r"``(?:\w+: )?(\w+)``", " ".join(row for row in rows_of(module) if f"``{option}: " in row))
        )
        for option in choices
    }
    return [f"{option}: {choice}" for option in choices for choice in choices[option] if choice not in named[option]]


@pytest.mark.parametrize("module", LIBVIRT)
def test_whatever_a_module_of_libvirt_can_be_asked_for_has_its_row(module: str) -> None:
    choices = taken("community.libvirt", module)
    assert choices
    assert unnamed(module, choices) == []


@pytest.mark.parametrize("module", OPENVSWITCH)
def test_whatever_a_module_of_open_vswitch_can_be_asked_for_has_its_row(module: str) -> None:
    assert unnamed(module, OPENVSWITCH[module]) == []


@pytest.mark.skipif(not (INSTALLED / "openvswitch").is_dir(), reason="only `make bench` installs it")
@pytest.mark.parametrize("module", OPENVSWITCH)
def test_the_modules_of_open_vswitch_take_what_is_listed_here(module: str) -> None:
    assert taken("openvswitch.openvswitch", module) == OPENVSWITCH[module]


def test_no_module_of_libvirt_is_left_out() -> None:
    modules = (INSTALLED / "community" / "libvirt" / "plugins" / "modules").glob("[!_]*.py")
    assert sorted(path.stem for path in modules) == sorted(LIBVIRT)


@pytest.mark.parametrize("collection", ["community.libvirt", "openvswitch.openvswitch"])
def test_the_comparison_was_made_with_what_the_tests_have(collection: str) -> None:
    """Of Open vSwitch's, what the list of the benchmarks brings; where it is not installed, the list here is of the version that is said."""
    manifest = INSTALLED.joinpath(*collection.split("."), "MANIFEST.json")
    page = (GUIDES / "comparison.rst").read_text(encoding="utf-8")
    (said,) = re.findall(rf"``{re.escape(collection)}`` (\d+\.\d+)\b", page)
    installed = (
        json.loads(manifest.read_text(encoding="utf-8"))["collection_info"]["version"] if manifest.is_file() else ""
    )
    assert installed.startswith(f"{said}.") if installed else collection == "openvswitch.openvswitch"
