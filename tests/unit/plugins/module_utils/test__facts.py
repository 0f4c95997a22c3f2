# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import dataclasses
import typing as t

import pytest

from ansible_collections.evergreen.virt.plugins.module_utils._errors import InvalidInputError
from ansible_collections.evergreen.virt.plugins.module_utils._facts import Fact


@dataclasses.dataclass(frozen=True)
class Leaf(Fact):
    name: str


@dataclasses.dataclass(frozen=True)
class Tree(Fact):
    leaf: Leaf
    leaves: list[Leaf] = dataclasses.field(default_factory=list)
    notes: dict[str, t.Optional[str]] = dataclasses.field(default_factory=dict)
    other: t.Optional[list[str]] = None


LEAF = {"name": "a"}
WHOLE = {"leaf": LEAF, "leaves": [LEAF], "notes": {"a": None}, "other": ["b"]}


@pytest.mark.parametrize("data", [WHOLE, {"leaf": LEAF, "leaves": [], "notes": {}, "other": None}])
def test_what_was_told_is_read(data: dict[str, t.Any]) -> None:
    assert Tree.from_dict({**data, "unknown": 1}).to_dict() == data


@pytest.mark.parametrize(
    ("data", "says"),
    [
        ([], r"of kind Tree are wrong: \[\] is no dictionary"),
        ("leaf", "Tree are wrong: 'leaf' is no dictionary"),
        ({}, "Tree are incomplete: .*leaf"),
        ({"leaf": {}}, "Leaf are incomplete: .*name"),
        ({**WHOLE, "leaf": "a"}, "Tree.leaf are wrong: 'a' is no dictionary"),
        ({**WHOLE, "leaves": LEAF}, "Tree.leaves are wrong: .* is no list"),
        ({**WHOLE, "leaves": ["a"]}, "Tree.leaves are wrong: 'a' is no dictionary"),
        ({**WHOLE, "notes": ["a"]}, "Tree.notes are wrong: .* is no dictionary"),
        ({**WHOLE, "other": "b"}, "Tree.other are wrong: 'b' is no list"),
        ({**WHOLE, "other": 1}, "Tree.other are wrong: 1 is no list"),
    ],
)
def test_what_has_another_shape_is_refused(data: t.Any, says: str) -> None:
    with pytest.raises(InvalidInputError, match=says):
        Tree.from_dict(data)
