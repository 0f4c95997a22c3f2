# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest

from ansible_collections.evergreen.virt.plugins.plugin_utils.plan_picture import plan_picture
from ansible_collections.evergreen.virt.tests.unit.plugins.module_utils._plan.clusters import node, planned, vm

SVG = "{http://www.w3.org/2000/svg}"


def picture(hosts: int) -> ET.Element:
    plan = planned(*(node(f"<h{number}>", vm(f"vm{number}")) for number in range(hosts)))
    return ET.fromstring(plan_picture(plan))  # noqa: S314 ours


@pytest.mark.parametrize(("hosts", "arrows"), [(3, 3), (70, 0)])
def test_each_host_has_a_bar_and_each_pair_of_hosts_an_arrow(hosts: int, arrows: int) -> None:
    root = picture(hosts)
    bars = root.findall(f"{SVG}rect")
    assert len(bars) == hosts
    assert [float(one.get("x", "")) for one in bars] == sorted(float(one.get("x", "")) for one in bars)
    assert len([path for path in root.findall(f"{SVG}path") if path.get("marker-end")]) == arrows


def test_names_are_escaped() -> None:
    assert "<h0>" in [text.text for text in picture(2).findall(f"{SVG}text")]


def test_an_empty_plan_has_an_empty_picture() -> None:
    plan = planned(node("h1", impact="none"))
    assert ET.fromstring(plan_picture(plan)).findall(f"{SVG}rect") == []  # noqa: S314 ours
