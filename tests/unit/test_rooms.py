# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who may know whom: the rooms of plugins/ as CONTRIBUTING.md describes them, read from the import statements."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PLUGINS = Path(__file__).resolve().parents[2] / "plugins"
PREFIX = ("ansible_collections", "evergreen", "virt", "plugins")

GROUND = {
    "_boot",
    "_bundle",
    "_changes",
    "_clock",
    "_deps",
    "_detach",
    "_domain_xml",
    "_errors",
    "_facts",
    "_files",
    "_names",
}
GROUND |= {"_moment", "_os_release", "_programs", "_qemu_conf", "_systemd", "_wait", "_where"}
ROOMS = {"_interfaces", "_libvirt", "_ovs", "_plan", "_probe", "_state", "_updates"}
# What joins several rooms for more than one module.
JOINTS = {"_host_network", "_metrics", "_moving", "_stopping", "_vm_spec"}
UTILS = GROUND | ROOMS | JOINTS | {"_argspec", "_module"}
CONTROLLER = UTILS | {"plugin_utils"}
MAY_KNOW: dict[str, set[str]] = {
    **dict.fromkeys(GROUND | ROOMS | {"_argspec"}, GROUND),
    "_module": GROUND | {"_argspec", "_state"},
    **dict.fromkeys(JOINTS, GROUND | ROOMS | {"_argspec"}),
    "modules": UTILS,
    "doc_fragments": set(),
    **dict.fromkeys(("action", "filter", "inventory", "plugin_utils"), CONTROLLER),
}
PURE = {"_domain_xml", "_facts", "_plan"}
IMPURE = {"ansible", "libvirt", "ovs", "socket", "subprocess", "urllib"}
ONLY_IN = {
    "libvirt": "_libvirt",
    "libvirt_qemu": "_libvirt",
    "ovs": "_ovs",
    "apt": "_updates",
    "dnf": "_updates",
    "hawkey": "_updates",
}
FILES = sorted(PLUGINS.rglob("*.py"))


def room_of(parts: tuple[str, ...]) -> str:
    """The room of a path below plugins/, without suffixes: a child of module_utils, else a kind of plugin."""
    return parts[1] if parts[0] == "module_utils" and len(parts) > 1 else parts[0]


def imports(path: Path) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Each imported name with its line; names of this collection begin with PREFIX."""
    package = (*PREFIX, *path.relative_to(PLUGINS).parent.parts)
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, tuple(alias.name.split("."))
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else ()
            module = tuple(node.module.split(".")) if node.module else ()
            for alias in node.names:
                yield node.lineno, (*base, *module, alias.name)


def described(path: Path) -> str:
    """A path as pytest shows it."""
    return path.relative_to(PLUGINS).as_posix()


@pytest.mark.parametrize("path", FILES, ids=described)
def test_a_room_knows_only_those_below_it(path: Path) -> None:
    own = room_of(path.relative_to(PLUGINS).with_suffix("").parts)
    assert own in MAY_KNOW, f"{own}: a new room has to be told in CONTRIBUTING.md and here"
    wrong = [
        f"line {line}: {own} imports {other}"
        for line, name in imports(path)
        if name[: len(PREFIX)] == PREFIX and (other := room_of(name[len(PREFIX) :])) not in MAY_KNOW[own] | {own}
    ]
    assert wrong == []


@pytest.mark.parametrize("path", FILES, ids=described)
def test_each_library_is_imported_in_one_room(path: Path) -> None:
    own = room_of(path.relative_to(PLUGINS).with_suffix("").parts)
    wrong = [
        f"line {line}: {name[0]} is imported only in {ONLY_IN[name[0]]}"
        for line, name in imports(path)
        if ONLY_IN.get(name[0], own) != own
    ]
    assert wrong == []


@pytest.mark.parametrize(
    "path", [path for path in FILES if PURE & set(path.relative_to(PLUGINS).with_suffix("").parts)], ids=described
)
def test_a_pure_room_could_be_lifted_out(path: Path) -> None:
    wrong = [f"line {line}: {name[0]}" for line, name in imports(path) if name[0] in IMPURE]
    assert wrong == []


@pytest.mark.parametrize("path", [path for path in FILES if path.name != "_module.py"], ids=described)
def test_only_the_wrapper_ends_a_module(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    wrong = [
        f"line {node.lineno}: {node.attr}"
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr in {"exit_json", "fail_json"}
    ]
    assert wrong == []
