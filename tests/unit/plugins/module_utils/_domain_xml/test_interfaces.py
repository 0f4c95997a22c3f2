# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.evergreen.virt.plugins.module_utils._domain_xml import convergence, tree

from .samples import adopted


def interfaces(entries: list[dict[str, t.Any]], **more: t.Any) -> list[dict[str, t.Any]]:
    text = convergence.converge(adopted(), None, {"interfaces": entries, **more}).definition
    return t.cast(
        "list[dict[str, t.Any]]", convergence.options_of(tree.parse(text) if text else adopted())["interfaces"]
    )


@pytest.mark.parametrize(
    ("entries", "vlans"),
    [
        ([{"vlan": 5}], [5, 0]),
        ([{"mac": "52:54:00:00:00:02", "vlan": 5}], [10, 5]),
        ([{"mac": "52:54:00:00:00:02"}, {"vlan": 5}], [5, 0]),
        ([{}, {"vlan": 5}], [10, 5]),
        ([{"mac": "52:54:00:00:00:09", "bridge": "b", "vlan": 5}], [10, 0, 5]),
        ([{}, {}, {"bridge": "b", "vlan": 5}], [10, 0, 5]),
    ],
)
def test_matching(entries: list[dict[str, t.Any]], vlans: list[int]) -> None:
    assert [entry["vlan"] for entry in interfaces(entries)] == vlans


def test_from_network_to_bridge() -> None:
    changed = interfaces([{"mac": "52:54:00:00:00:02", "bridge": "br1", "type": "ovs"}])[1]
    assert changed["bridge"] == "br1"
    assert changed["type"] == "ovs"
    assert "network" not in changed


def test_virtualport_parameters_survive() -> None:
    text = convergence.converge(adopted(), None, {"interfaces": [{"type": "ovs", "vlan": 3}]}).definition
    assert text is not None
    assert 'interfaceid="i1"' in text


def test_offloads_partly_off_are_neither() -> None:
    root = tree.parse("<domain><devices><interface><driver><host csum='off'/></driver></interface></devices></domain>")
    for wanted in (True, False):
        assert convergence.converge(root, None, {"interfaces": [{"offloads": wanted}]}).changes
