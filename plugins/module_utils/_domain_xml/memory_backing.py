# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""What a VM's memory is made of on the host: huge pages, shared or locked memory.

Source: https://libvirt.org/formatdomain.html#memory-backing
"""

from __future__ import annotations

from .option import Entry, Group, Option, Scalar, within
from .tree import Element, attribute, drop, ensure, set_attribute, size_in_bytes

SOURCES = ("anonymous", "file", "memfd")

_KIB = 2**10


def _hugepages(root: Element) -> bool:
    return root.find("memoryBacking/hugepages") is not None


def _put_hugepages(root: Element, wanted: bool) -> None:
    if wanted:
        ensure(root, "memoryBacking/hugepages")
    else:
        drop(root, "memoryBacking/hugepages")


def _page_kib(root: Element) -> int | None:
    """Return None if the host's default size is used, or several."""
    pages = root.findall("memoryBacking/hugepages/page")
    if len(pages) != 1 or pages[0].get("nodeset") is not None:
        return None
    return (size_in_bytes(pages[0], within="size") or 0) // _KIB


def _put_page_kib(root: Element, kib: int) -> None:
    hugepages = ensure(root, "memoryBacking/hugepages")
    drop(hugepages, "page")
    ensure(hugepages, "page").attrib.update({"size": str(kib), "unit": "KiB"})


def _put_locked(root: Element, wanted: bool) -> None:
    drop(root, "memoryBacking/locked")
    if wanted:
        ensure(root, "memoryBacking/locked")


def _put_shared(root: Element, wanted: bool) -> None:
    if wanted:
        ensure(root, "memoryBacking/access").set("mode", "shared")
    else:
        drop(root, "memoryBacking/access")


def _put_source(root: Element, source: str) -> None:
    drop(root, "memoryBacking/source")
    set_attribute(ensure(root, "memoryBacking/source"), "type", source)


def _problem(backing: Entry) -> str | None:
    without = backing.get("hugepages") is False and "hugepage_kib" in backing
    return "hugepage_kib needs hugepages" if without else None


OPTIONS: tuple[Option, ...] = (
    Group(
        "memory_backing",
        (
            Scalar("hugepages", {"type": "bool"}, _hugepages, _put_hugepages),
            Scalar("hugepage_kib", {"type": "int"}, _page_kib, _put_page_kib, problem=within(1, 2**30, " KiB")),
            Scalar(
                "locked", {"type": "bool"}, lambda root: root.find("memoryBacking/locked") is not None, _put_locked
            ),
            Scalar(
                "shared", {"type": "bool"},
                lambda root: attribute(root, "memoryBacking/access", "mode") == "shared", _put_shared,
            ),
            Scalar(
                "source", {"type": "str", "choices": list(SOURCES)},
                lambda root: attribute(root, "memoryBacking/source", "type"), _put_source,
            ),
        ),
        problem=_problem,
    ),
)  # fmt: skip
