# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""NUMA cells and nodes."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.evergreen.virt.plugins.module_utils._domain_xml import convergence, tree
from ansible_collections.evergreen.virt.plugins.module_utils._errors import InvalidInputError

from .samples import SAMPLES


def changed(params: dict[str, t.Any]) -> tree.Element:
    """Return OpenStack's VM after that."""
    text = convergence.converge(tree.parse(SAMPLES["openstack"]), None, params).definition
    assert text is not None
    return tree.parse(text)


def test_a_cell_keeps_what_is_not_named() -> None:
    cells = [{"id": 0, "cpus": "0-2", "memory_mib": 3072}, {"id": 1, "cpus": "3", "memory_mib": 1024, "nodeset": ""}]
    after = changed({"numa": {"cells": cells}})
    first = after.find("cpu/numa/cell")
    assert first is not None
    assert first.attrib == {"id": "0", "cpus": "0-2", "memory": "3145728", "unit": "KiB", "memAccess": "shared"}
    assert first.find("distances") is not None
    assert [node.attrib for node in after.findall("numatune/memnode")] == [
        {"cellid": "0", "mode": "strict", "nodeset": "0"}
    ]


def test_no_cells_have_no_nodes() -> None:
    after = changed({"numa": {"cells": []}})
    assert after.find("cpu/numa") is None
    assert [child.tag for child in after.findall("numatune/*")] == ["memory"]
    assert changed({"numa": {"cells": [], "nodeset": ""}}).find("numatune") is None


@pytest.mark.parametrize(
    "params", [{"memory_mib": 8192}, {"numa": {"cells": [{"id": 0, "cpus": "0-3", "memory_mib": 1}]}}]
)
def test_memory_that_libvirt_would_overwrite_is_refused(params: dict[str, t.Any]) -> None:
    with pytest.raises(InvalidInputError, match="NUMA cells have"):
        changed(params)


def test_memory_modules_are_no_part_of_a_cell() -> None:
    text = (
        "<domain><memory unit='MiB'>3</memory><cpu><numa><cell id='0' cpus='0' memory='2' unit='MiB'/></numa></cpu>"
        "<devices><memory model='dimm'><target><size unit='MiB'>1</size></target></memory></devices></domain>"
    )
    assert convergence.converge(tree.parse(text), None, {"description": "a"}).definition is not None


def test_a_mode_needs_nodes() -> None:
    with pytest.raises(InvalidInputError, match=r"numa\.nodeset"):
        convergence.converge(tree.parse(SAMPLES["terraform"]), None, {"numa": {"mode": "strict"}})
