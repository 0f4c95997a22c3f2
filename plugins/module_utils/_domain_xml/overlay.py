# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""A part of a VM's definition as XML, for what no other option knows: merged into it (merging.py), after all others."""

from __future__ import annotations

import dataclasses
import re
import typing as t
from xml.etree import ElementTree as ET
from xml.parsers import expat

from .._changes import HIDDEN, HIDDEN_NEW, Change, ChangeSet
from .._errors import InvalidInputError
from . import tree
from .merging import CONTROL, local, merge
from .metadata import NAMESPACE
from .option import Difference, Entry, Option, naming
from .tree import Element, copied

_MAX_BYTES = 2**20
_MAX_DEPTH = 32

_SECRET = re.compile(r"passw|cookie|secret|token|dhcert|session|^env$", re.IGNORECASE)
"""Names of elements and attributes whose values are not shown."""

_OTHER_WAYS = {
    "name": "Name the VM with 'name'.",
    "uuid": "Name it with 'uuid'.",
    f"metadata/{{{NAMESPACE}}}vm": "Name labels and policy with the options 'labels' and 'policy'.",
    "{*}commandline/{*}arg": "Name them with 'qemu_arguments'.",
}
"""What is not left to the overlay, and how it is said instead."""

_CHOSEN_AT_START = ("-1", "auto")
"""Values for which a running VM shows what was chosen for it."""


@dataclasses.dataclass(frozen=True)
class Overlay(Option):
    """The option `xml`: the text of a `<domain>` document that names what it is about, and nothing else."""

    name: str = "xml"
    stacked: t.ClassVar[bool] = True

    @property
    def spec(self) -> dict[str, t.Any]:
        return {"type": "str", "no_log": True}

    def check(self, wanted: t.Any) -> None:
        document(wanted)

    def read(self, root: Element) -> t.Any:  # noqa: ARG002 a definition does not tell what of it was an overlay
        return None

    def shown(self, value: t.Any) -> t.Any:
        return None if value is None else ET.tostring(_masked(document(value)), encoding="unicode")

    def compare(self, root: Element, wanted: t.Any) -> ChangeSet:
        found = merge(copied(root), document(wanted), self.name)
        return ChangeSet.of(*map(_shown, found))

    def write(self, root: Element, wanted: t.Any) -> None:
        merge(root, document(wanted), self.name)

    def differences(self, running: Element, _reached: Element, _definition: Element, wanted: t.Any) -> list[Difference]:
        found = [change for change in self.compare(running, wanted) if not _is_chosen_at_start(change)]
        return [Difference(change, once=True) for change in found]

    def first(self, wanted: Entry) -> t.Any:  # noqa: ARG002
        return None


def document(text: str) -> Element:
    """Return the root of an overlay.

    :raises InvalidInputError: when it is not XML, is more than plain XML, or says what other options say.
    """
    with naming("xml: "):
        _check_plain(text)
        root = tree.parse(text)
    if root.tag != "domain":
        raise InvalidInputError(f"xml: its root is <{local(root.tag)}>, and must be <domain>.")
    if root.get(f"{{{CONTROL}}}remove") is not None:
        raise InvalidInputError("xml: the whole VM is not removed by it.", hint="That is 'state: absent'.")
    for path, hint in _OTHER_WAYS.items():
        if root.find(path) is not None:
            raise InvalidInputError(f"xml: <{local(path.rpartition('/')[2])}> cannot be in it.", hint=hint)
    for element in root.iter():
        _check_control(element)
    return root


def _check_plain(text: str) -> None:
    """Refuse whatever makes a small document a large one, before it is built."""
    if len(text.encode()) > _MAX_BYTES:
        raise InvalidInputError(f"it is longer than {_MAX_BYTES} bytes.")
    depth = 0

    def start(tag: str, _attributes: t.Mapping[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > _MAX_DEPTH:
            raise InvalidInputError(f"<{tag}> is deeper than {_MAX_DEPTH} elements.")

    def end(_tag: str) -> None:
        nonlocal depth
        depth -= 1

    def doctype(*_declaration: t.Any) -> None:
        raise InvalidInputError("a document type or entities cannot be in it.")

    parser = expat.ParserCreate()
    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.StartDoctypeDeclHandler = doctype
    try:
        parser.Parse(text, True)
    except expat.ExpatError as exc:
        raise InvalidInputError(f"this is not an XML document: {exc}.") from exc


def _check_control(element: Element) -> None:
    """A word of ours that is spelt wrong would be handed to libvirt, which drops it."""
    names = [name for name in (element.tag, *element.attrib) if name.startswith(f"{{{CONTROL}}}")]
    known = {f"{{{CONTROL}}}remove": ("yes",), f"{{{CONTROL}}}remove-attributes": None}
    for name in names:
        if name not in known or known[name] not in (None, (element.get(name),)):
            raise InvalidInputError(
                f"xml: {local(name)} of <{local(element.tag)}> is not known.",
                hint='There are remove="yes" and remove-attributes="names".',
            )
    both = set(element.get(f"{{{CONTROL}}}remove-attributes", "").split()) & set(element.attrib)
    if both:
        raise InvalidInputError(f"xml: <{local(element.tag)}> names {min(both)}, and removes it.")


def _shown(change: Change) -> Change:
    """Hide the values of secrets, which are recognized by their names."""
    if any(_SECRET.search(word) for word in re.split(r"[.@]", re.sub(r"\[[^]]*\]", "", change.path))):
        before = None if change.before is None else HIDDEN
        return dataclasses.replace(change, before=before, after=None if change.after is None else HIDDEN_NEW)
    return dataclasses.replace(change, before=_shown_part(change.before), after=_shown_part(change.after))


def _shown_part(part: Element | str | None) -> str | None:
    return ET.tostring(_masked(part), encoding="unicode") if isinstance(part, Element) else part


def _masked(element: Element, *, inside: bool = False) -> Element:
    shown = Element(element.tag, dict(element.attrib))
    secret = inside or bool(_SECRET.search(local(element.tag)))
    for name in element.attrib:
        if secret or _SECRET.search(local(name)):
            shown.set(name, HIDDEN)
    shown.text = HIDDEN if secret and (element.text or "").strip() else element.text
    shown.extend([_masked(child, inside=secret) for child in element])
    return shown


def _is_chosen_at_start(change: Change) -> bool:
    """libvirt shows a running VM's processor, ports and security labels as what became of them."""
    place = re.split(r"[.@[]", change.path)[1]
    return change.after in _CHOSEN_AT_START or place in ("cpu", "seclabel")


OVERLAY = Overlay()
OPTIONS: tuple[Option, ...] = (OVERLAY,)
