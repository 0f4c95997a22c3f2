# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What memory is made of."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.evergreen.virt.plugins.module_utils._domain_xml import convergence, tree


@pytest.mark.parametrize(
    ("before", "wanted", "after"),
    [
        ("", {"hugepages": False, "locked": False, "shared": False}, None),
        ("", {"hugepages": True}, "<hugepages />"),
        ("", {"hugepage_kib": 2048}, '<hugepages><page size="2048" unit="KiB" /></hugepages>'),
        ('<hugepages><page size="1" unit="G"/></hugepages>', {"hugepages": True, "hugepage_kib": 2**20}, None),
        (
            '<hugepages><page size="2048" unit="KiB" nodeset="0"/></hugepages><nosharepages/>',
            {"hugepage_kib": 2048},
            '<hugepages><page size="2048" unit="KiB" /></hugepages><nosharepages />',
        ),
        ("<locked/><hugepages/>", {"locked": False, "hugepages": False}, ""),
        ("", {"source": "memfd", "shared": True}, '<access mode="shared" /><source type="memfd" />'),
    ],
)
def test_memory_backing(before: str, wanted: dict[str, t.Any], after: str | None) -> None:
    root = tree.parse(f"<domain><memoryBacking>{before}</memoryBacking></domain>")
    text = convergence.converge(root, None, {"memory_backing": wanted}).definition
    backing = None if text is None else tree.parse(text).find("memoryBacking")
    assert (None if backing is None else "".join(map(tree.serialize, backing))) == after
