# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""What a VM's memory is made of on its host, out of its domain XML. Pure.

Sources: https://libvirt.org/formatdomain.html#memory-backing and https://libvirt.org/formatdomain.html#numa-node-tuning
"""

from __future__ import annotations

import xml.etree.ElementTree as ET

from .._domain_xml import cpuset, memory_sizes
from .._domain_xml.tree import size_in_bytes
from .._facts import Backing

_KIB, _MIB = 2**10, 2**20
_DEFAULT_PAGE_KIB = 2048
"""Of x86_64 and of aarch64 with pages of 4 KiB, unless the kernel was told otherwise, which no XML tells."""
_BINDING = ("strict", "restrictive", "interleave")
"""Modes in which memory comes from the named nodes and from no other."""


def backing(root: ET.Element) -> list[Backing]:
    """Return the parts of the memory that are made of huge pages or bound to nodes of the host; like parts are one."""
    found: dict[tuple[int | None, tuple[int, ...]], int] = {}
    for cell, mib in _cells(root):
        made_of = (_page_kib(root, cell), _nodes(root, cell))
        if made_of != (None, ()):
            found[made_of] = found.get(made_of, 0) + mib
    return [Backing(mib, page_kib, list(nodes)) for (page_kib, nodes), mib in found.items()]


def _cells(root: ET.Element) -> list[tuple[int | None, int]]:
    """Return the VM's own NUMA cells with their MiB; a VM without any is one, of no number."""
    cells = root.findall("cpu/numa/cell")
    if not cells:
        return [(None, (memory_sizes.own(root) or 0) // _MIB)]
    return [
        (int(cell.get("id") or place), (size_in_bytes(cell, within="memory") or 0) // _MIB)
        for place, cell in enumerate(cells)
    ]


def _page_kib(root: ET.Element, cell: int | None) -> int | None:
    """Return the size of the huge pages of a cell: that of a page which names the cell comes before one for all."""
    hugepages = root.find("memoryBacking/hugepages")
    if hugepages is None:
        return None
    pages = hugepages.findall("page")
    if not pages:
        return _DEFAULT_PAGE_KIB
    named = [page for page in pages if (cell or 0) in (cpuset.numbers(page.get("nodeset")) or ())]
    for_all = [page for page in pages if page.get("nodeset") is None]
    return next(((size_in_bytes(page, within="size") or 0) // _KIB for page in named + for_all), None)


def _nodes(root: ET.Element, cell: int | None) -> tuple[int, ...]:
    named = [node for node in root.iterfind("numatune/memnode") if cell is not None and node.get("cellid") == str(cell)]
    for node in named + root.findall("numatune/memory"):
        numbers = cpuset.numbers(node.get("nodeset"))
        if node.get("mode", "strict") in _BINDING and numbers:
            return tuple(sorted(numbers))
    return ()
