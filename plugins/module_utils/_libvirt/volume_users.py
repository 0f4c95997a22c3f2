# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""Who uses a volume: VMs name it by its pool and its name or by a path, and one file may have many paths."""

from __future__ import annotations

import os
import typing as t

from .._domain_xml.tree import Element

Key = tuple[str, ...]
"""A volume by its path, or by its pool and its name."""


def path_key(path: str) -> Key:
    """Return one key for all paths of a file of this host; what is no absolute path is a name in a cluster's storage."""
    return (os.path.realpath(path) if path.startswith("/") else path,)


def keys(pool: str | None, name: str | None, path: str) -> frozenset[Key]:
    """Return what a volume is known by; pool and name are None for a file of no pool."""
    return frozenset({path_key(path)} if pool is None or name is None else {path_key(path), (pool, name)})


def source_keys(source: Element) -> t.Iterator[Key]:
    """Yield what a `<source>` of a disk names."""
    for attribute in ("file", "dev", "name"):
        if source.get(attribute):
            yield path_key(source.get(attribute, ""))
    if source.get("pool") and source.get("volume"):
        yield (source.get("pool", ""), source.get("volume", ""))


def uses(root: Element, known: frozenset[Key]) -> bool:
    """Return whether a VM, or a snapshot of one, has the volume as a disk, directly or below one as a backing file.

    :param known: what the volume is known by.
    """
    return _names(root.iterfind(".//devices/disk//source"), known)


def writes(root: Element, known: frozenset[Key]) -> bool:
    """Return whether a VM, or a snapshot of one, has the volume as a disk that its guest can write.

    :param known: what the volume is known by.
    """
    disks = root.iterfind(".//devices/disk")
    writable = (disk for disk in disks if disk.find("readonly") is None and disk.get("device") != "cdrom")
    return _names((source for disk in writable for source in disk.iterfind("source")), known)


def _names(sources: t.Iterable[Element], known: frozenset[Key]) -> bool:
    return any(key in known for source in sources for key in source_keys(source))
