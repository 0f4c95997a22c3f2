# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""Merges a partial document into a VM's: what it names is written, everything else stays.

An element of the document is found among the VM's by the key of its tag (KEYS). A part of the key that it does not name
may be any, if then just one element is left. Where KEYS has no rule, the only element of a tag is meant, as always right
below `<domain>`; one of several is found by its content.
"""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

from .._changes import Change
from .._errors import InvalidInputError
from . import cpuset
from .tree import Element, copied, size_in_bytes

CONTROL = "urn:evergreen.virt:xml:1"
"""The namespace of the two attributes by which the document says what goes away."""
_REMOVE = f"{{{CONTROL}}}remove"
_REMOVE_ATTRIBUTES = f"{{{CONTROL}}}remove-attributes"

KEYS: dict[str, tuple[str, ...]] = {
    "disk": ("target@dev",),
    "interface": ("mac@address",),
    "controller": ("@type", "@index"),
    "filesystem": ("target@dir",),
    "hostdev": ("source",),
    "channel": ("target@name",),
    "serial": ("target@port",),
    "parallel": ("target@port",),
    "console": ("target@type", "target@port"),
    "graphics": ("@type",),
    "input": ("@type", "@bus"),
    "sound": ("@model",),
    "watchdog": ("@model",),
    "audio": ("@id",),
    "shmem": ("@name",),
    "devices/memory": (".",),
    "redirdev": (".",),
    "hub": (".",),
    "lease": ("key",),
    "iothread": ("@id",),
    "vcpus/vcpu": ("@id",),
    "vcpupin": ("@vcpu",),
    "iothreadpin": ("@iothread",),
    "vcpusched": ("@vcpus",),
    "iothreadsched": ("@iothreads",),
    "cachetune": ("@vcpus",),
    "memorytune": ("@vcpus",),
    "blkiotune/device": ("path",),
    "cell": ("@id",),
    "sibling": ("@id",),
    "memnode": ("@cellid",),
    "hugepages/page": ("@nodeset",),
    "cpu/feature": ("@name",),
    "firmware/feature": ("@name",),
    "clock/timer": ("@name",),
    "os/boot": ("@dev",),
    "seclabel": ("@model",),
    "entry": ("@name",),
    "vlan/tag": ("@id",),
    "source/host": ("@name", "@port"),
    "env": ("@name",),
    "override/device": ("@alias",),
    "property": ("@name",),
}
"""What tells elements of one tag apart: `@attribute`, `child@attribute`, `child` with all its content, `.` for its own.

A rule for one parent only has the parent's tag before a slash.
"""

_AMOUNTS = ("memory", "size")
"""Attributes that are in the element's unit."""

_CASELESS = re.compile(r"([0-9a-f]{2}:){5}[0-9a-f]{2}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_NUMBER = re.compile(r"0[xX][0-9a-fA-F]{1,16}|[0-9]{1,20}")


def local(tag: str) -> str:
    """Return a tag without its namespace."""
    return tag.rpartition("}")[2]


def merge(current: Element, wanted: Element, path: str) -> list[Change]:
    """Write into `current` what `wanted` names, and return how it differed: in a value, or by an element as a whole.

    :param path: the name of the element for messages and changes.
    :raises InvalidInputError: when an element of `wanted` may mean several of the VM's, or undoes what another one says.
    """
    changes = _merge(current, wanted, path)
    for change in _merge(copied(current), wanted, path):
        place = change.path.partition("@")[0]
        raise InvalidInputError(f"{path}: it says different things about {place}.", hint="Say it once.")
    return changes


def _merge(current: Element, wanted: Element, path: str) -> list[Change]:
    changes = _merge_text(current, wanted, path)
    for name, value in _attributes(wanted).items():
        before = current.get(name)
        if before is None or not (same_value(before, value) or _same_amount(current, wanted, name)):
            current.set(name, value)
            changes.append(Change(f"{path}@{local(name)}", before, value))
    for name in wanted.get(_REMOVE_ATTRIBUTES, "").split():
        if current.get(name) is not None:
            changes.append(Change(f"{path}@{name}", current.attrib.pop(name), None))
    return [*changes, *_merge_children(current, wanted, path)]


def _attributes(wanted: Element) -> dict[str, str]:
    """Return what is meant for libvirt."""
    return {name: value for name, value in wanted.attrib.items() if not name.startswith(f"{{{CONTROL}}}")}


def _merge_text(current: Element, wanted: Element, path: str) -> list[Change]:
    value, before = (wanted.text or "").strip(), (current.text or "").strip()
    if not value or same_value(before, value) or _same_amount(current, wanted, None):
        return []
    current.text = value
    return [Change(path, before or None, value)]


def _merge_children(current: Element, wanted: Element, path: str) -> list[Change]:
    changes: list[Change] = []
    taken: set[int] = set()
    for entry in wanted:
        rule = _rule(current, wanted, entry)
        siblings = [child for child in current.findall(entry.tag) if not rule or id(child) not in taken]
        label = f"{path}.{_label(entry, rule)}"
        if _is_removed(entry):
            changes += _remove(current, siblings, entry, rule, label)
            continue
        child = _find(siblings, entry, rule, label)
        if child is None and _only_removes(entry):
            continue
        if child is None:
            child = ET.SubElement(current, entry.tag)
            _merge(child, entry, label)
            changes.append(Change(label, None, _alone(child)))
        else:
            changes += _merge(child, entry, label)
        taken.add(id(child))
    return changes


def _is_removed(entry: Element) -> bool:
    return entry.get(_REMOVE) is not None


def _only_removes(entry: Element) -> bool:
    """Tell whether an element says nothing but what goes away, so that it need not be there for it."""
    if _attributes(entry) or (entry.text or "").strip():
        return False
    marked = entry.get(_REMOVE_ATTRIBUTES) is not None or len(entry) > 0
    return marked and all(_is_removed(child) or _only_removes(child) for child in entry)


def _rule(current: Element, wanted: Element, entry: Element) -> tuple[str, ...]:
    """Return the parts of the key; none of them if the tag's only element is meant."""
    tag = local(entry.tag)
    rule = KEYS.get(f"{local(wanted.tag)}/{tag}", KEYS.get(tag))
    if rule is not None:
        return rule
    several = len(current.findall(entry.tag)) > 1 or (wanted.tag != "domain" and len(wanted.findall(entry.tag)) > 1)
    return (".",) if several or _is_removed(entry) else ()


def _find(siblings: list[Element], entry: Element, rule: tuple[str, ...], label: str) -> Element | None:
    found = [child for child in siblings if _has_key(child, entry, rule)]
    if len(found) > 1 and rule != (".",):
        names = " and ".join(_spoken(part) for part in rule)
        raise InvalidInputError(f"{label} may be any of {len(found)} that the VM has.", hint=f"Name its {names}.")
    return found[0] if found else None


def _spoken(part: str) -> str:
    child, _at, attribute = part.partition("@")
    return f"<{child}> with {attribute}" if child and attribute else attribute or f"<{child}>"


def _remove(
    current: Element, siblings: list[Element], entry: Element, rule: tuple[str, ...], label: str
) -> list[Change]:
    """Remove every element that is meant, so that a second time finds none."""
    if rule != (".",) and not any(_part(entry, part) is not None for part in rule):
        names = " and ".join(_spoken(part) for part in rule)
        raise InvalidInputError(f"{label} is to be removed, and does not say which.", hint=f"Name its {names}.")
    found = [child for child in siblings if _has_key(child, entry, rule)]
    for child in found:
        current.remove(child)
    return [Change(label, _alone(child), None) for child in found]


def _has_key(child: Element, entry: Element, rule: tuple[str, ...]) -> bool:
    for part in rule:
        wanted, found = _part(entry, part), _part(child, part)
        if wanted is None:
            continue
        if isinstance(wanted, str):
            if not isinstance(found, str) or not same_value(found, wanted):
                return False
        elif not isinstance(found, Element) or _merge(copied(found), wanted, ""):
            return False
    return True


def _part(element: Element, part: str) -> Element | str | None:
    if part == ".":
        return element
    child, at, attribute = part.partition("@")
    owner = element.find(child) if child else element
    if owner is None or not at:
        return owner
    return owner.get(attribute)


def _label(entry: Element, rule: tuple[str, ...]) -> str:
    values = [value for value in (_part(entry, part) for part in rule) if isinstance(value, str)]
    return f"{local(entry.tag)}[{' '.join(values)}]" if values else local(entry.tag)


def _alone(element: Element) -> Element:
    alone = copied(element)
    alone.tail = None
    return alone


def same_value(current: str, wanted: str) -> bool:
    """Tell whether libvirt would write the wanted value as the current one."""
    current, wanted = current.strip(), wanted.strip()
    if current == wanted:
        return True
    if _CASELESS.fullmatch(current):
        return current.lower() == wanted.lower()
    if _NUMBER.fullmatch(current) and _NUMBER.fullmatch(wanted):
        numbers = [int(value, 16 if value[:2] in ("0x", "0X") else 10) for value in (current, wanted)]
        return numbers[0] == numbers[1] and "x" in (current + wanted).lower()
    return ("," in wanted or "-" in wanted) and cpuset.same(current, wanted)


def _same_amount(current: Element, wanted: Element, name: str | None) -> bool:
    """Tell whether two elements have the same amount, each in its own unit.

    :param name: the attribute that is compared, `unit` itself among them; None for the text.
    """
    if current.get("unit") is None and wanted.get("unit") is None:
        return False
    names = [name] if name in (None, *_AMOUNTS) else [None, *_AMOUNTS] if name == "unit" else []
    pairs = [(_amount(current, each), _amount(wanted, each)) for each in names]
    found = [pair for pair in pairs if pair != (None, None)]
    return bool(found) and all(before is not None and before == after for before, after in found)


def _amount(element: Element, name: str | None) -> int | None:
    try:
        return size_in_bytes(element, within=name)
    except KeyError:
        return None
