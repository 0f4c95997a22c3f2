# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""Snapshots and checkpoints of a VM (libvirt calls both moments), from and to XML. Pure.

Sources: https://libvirt.org/formatsnapshot.html, https://libvirt.org/formatcheckpoint.html
"""

from __future__ import annotations

import dataclasses
import datetime
import typing as t

from .._domain_xml import tree
from .._domain_xml.tree import Element

KINDS = ("snapshot", "checkpoint")
SNAPSHOT, CHECKPOINT = KINDS
LOCATIONS = ("internal", "external")
INTERNAL, EXTERNAL = LOCATIONS


@dataclasses.dataclass(frozen=True)
class MomentDisk:
    """What a moment holds of one disk.

    :param location: internal, external, bitmap, or no.
    :param path: the overlay that takes what is written after an external snapshot.
    """

    target: str
    location: str
    path: str | None = None


@dataclasses.dataclass(frozen=True)
class Moment:
    """One snapshot or checkpoint as libvirt has it.

    :param parent: the one before it, None for a first one.
    :param state: of the VM then: running, paused, shutoff, ..., or disk-snapshot. None for a checkpoint.
    :param created: seconds since 1970.
    :param memory: internal, external, or None without.
    :param memory_path: the file of an external memory.
    :param xml: everything, to define it anew.
    """

    name: str
    parent: str | None = None
    description: str | None = None
    state: str | None = None
    created: int = 0
    memory: str | None = None
    memory_path: str | None = None
    disks: tuple[MomentDisk, ...] = ()
    current: bool = False
    xml: str = dataclasses.field(default="", compare=False, repr=False)

    @property
    def external(self) -> bool:
        """Whether files of its own hold what was written since."""
        return self.memory == EXTERNAL or any(disk.location == EXTERNAL for disk in self.disks)

    @property
    def location(self) -> str:
        return EXTERNAL if self.external else INTERNAL

    def to_dict(self) -> dict[str, t.Any]:
        """Return plain JSON data for the user."""
        return {
            "name": self.name,
            "parent": self.parent,
            "description": self.description,
            "state": self.state,
            "created": datetime.datetime.fromtimestamp(self.created, datetime.timezone.utc).strftime(
                "%Y-%m-%dT%H:%M:%SZ"
            ),
            "location": self.location,
            "memory": self.memory is not None,
            "memory_path": self.memory_path,
            "disks": [dataclasses.asdict(disk) for disk in self.disks],
            "current": self.current,
        }


def parse(text: str, *, current: bool = False) -> Moment:
    """Return the moment that a `<domainsnapshot>` or `<domaincheckpoint>` describes."""
    root = tree.parse(text)
    memory = tree.attribute(root, "memory", "snapshot")
    return Moment(
        name=root.findtext("name", ""),
        parent=tree.text(root, "parent/name"),
        description=tree.text(root, "description"),
        state=tree.text(root, "state"),
        created=tree.integer(tree.text(root, "creationTime")) or 0,
        memory=None if memory == "no" else memory,
        memory_path=tree.attribute(root, "memory", "file"),
        disks=tuple(_disk(element) for element in root.iterfind("disks/disk")),
        current=current,
        xml=text,
    )


def _disk(element: Element) -> MomentDisk:
    source = element.find("source")
    path = None if source is None else source.get("file") or source.get("dev")
    return MomentDisk(element.get("name", ""), element.get("snapshot") or element.get("checkpoint") or "", path)


def new(moment: Moment, kind: str) -> str:
    """Return the XML that makes a moment; of a snapshot the disks' locations, of a checkpoint their bitmaps."""
    root = Element(f"domain{kind}")
    tree.set_text(root, "name", moment.name)
    tree.set_text(root, "description", moment.description or "")
    if moment.memory is not None:
        memory = tree.ensure(root, "memory")
        memory.set("snapshot", moment.memory)
        tree.set_attribute(memory, "file", moment.memory_path)
    for disk in moment.disks:
        element = Element("disk", {"name": disk.target, kind: disk.location})
        if disk.path is not None:
            tree.ensure(element, "source").set("file", disk.path)
        tree.ensure(root, "disks").append(element)
    return tree.serialize(root)


def described(moment: Moment, description: str) -> str:
    """Return the XML that defines an existing moment anew with another description."""
    root = tree.parse(moment.xml)
    tree.set_text(root, "description", description)
    return tree.serialize(root)


def descendants(moments: t.Iterable[Moment], name: str) -> list[Moment]:
    """Return what came after a moment, the newest generation first, so that each can be deleted before its parent."""
    children: dict[str | None, list[Moment]] = {}
    for moment in moments:
        children.setdefault(moment.parent, []).append(moment)
    found: list[Moment] = []
    generation = children.get(name, [])
    while generation:
        found = [*generation, *found]
        generation = [child for moment in generation for child in children.get(moment.name, [])]
    return found
