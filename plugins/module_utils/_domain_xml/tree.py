# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""Reading and editing an XML tree in place, so that whatever is not named stays as it is."""

from __future__ import annotations

import contextlib
import copy
import io
import typing as t
from xml.etree import ElementTree as ET

from .._errors import InvalidInputError

Element = ET.Element

_BYTES = {
    "b": 1, "bytes": 1, "KB": 10**3, "k": 2**10, "KiB": 2**10, "MB": 10**6, "M": 2**20, "MiB": 2**20,
    "GB": 10**9, "G": 2**30, "GiB": 2**30, "TB": 10**12, "T": 2**40, "TiB": 2**40,
}  # fmt: skip
"""Units of libvirt's scaled integers: https://libvirt.org/formatdomain.html#memory-allocation"""


_MARK = "0f0d4d3e-metadata"


def parse(text: str) -> Element:
    """Return the root of an XML document that libvirt wrote; its namespace prefixes are kept when it is written again.

    :raises InvalidInputError: when it is not well-formed.
    """
    try:
        if "xmlns" in text:
            _keep_prefixes(text)
        return ET.fromstring(text)  # noqa: S314 libvirt's own
    except ET.ParseError as exc:
        raise InvalidInputError(f"this is not an XML document: {exc}.") from exc


def _keep_prefixes(text: str) -> None:
    for _event, (prefix, uri) in ET.iterparse(io.StringIO(text), events=["start-ns"]):  # noqa: S314 libvirt's own
        with contextlib.suppress(ValueError):  # prefixes like `ns0` are reserved
            ET.register_namespace(prefix, uri)


def serialize(element: Element) -> str:
    """Return the XML text of an element and what it holds.

    Each child of a VM's `<metadata>` declares its own namespaces: libvirt hands such a child out alone.
    """
    if element.find("metadata") is None:
        return ET.tostring(element, encoding="unicode")
    element = copied(element)
    metadata = ensure(element, "metadata")
    children = "".join(ET.tostring(child, encoding="unicode") for child in metadata)
    metadata.clear()
    metadata.text = _MARK
    return ET.tostring(element, encoding="unicode").replace(_MARK, children, 1)


def copied(element: Element) -> Element:
    """Return a copy that shares nothing with the original."""
    return copy.deepcopy(element)


def ensure(parent: Element, path: str) -> Element:
    """Return the element at `path` (`os/type`); what is missing on the way is made."""
    for tag in path.split("/"):
        found = parent.find(tag)
        parent = ET.SubElement(parent, tag) if found is None else found
    return parent


def text(parent: Element, path: str) -> str | None:
    """Return the stripped text of the element at `path`, None if there is none."""
    found = parent.find(path)
    return None if found is None or found.text is None else found.text.strip() or None


def exact_text(parent: Element, path: str) -> str | None:
    """Return the text of the element at `path` with the blanks around it, None if there is none."""
    return parent.findtext(path) or None


def set_text(parent: Element, path: str, value: str) -> None:
    """Write the text of the element at `path`; an empty text removes the element."""
    if value:
        ensure(parent, path).text = value
    else:
        drop(parent, path)


def attribute(parent: Element, path: str, name: str) -> str | None:
    """Return an attribute of the element at `path`, None if either is missing."""
    found = parent.find(path)
    return None if found is None else found.get(name)


def set_attribute(element: Element, name: str, value: str | None) -> None:
    """Write an attribute; None removes it."""
    if value is None:
        element.attrib.pop(name, None)
    else:
        element.set(name, value)


def drop(parent: Element, path: str) -> None:
    """Remove all elements at `path`, whose last part names them and whose first parts name their one parent."""
    *way, tag = path.split("/")
    owner = parent.find("/".join(way)) if way else parent
    for found in owner.findall(tag) if owner is not None else ():
        t.cast(Element, owner).remove(found)


def integer(value: str | None) -> int | None:
    """Return the number that a text holds, None if it holds none."""
    return int(value) if value is not None and value.lstrip("-").isdigit() else None


def size_in_bytes(element: Element | None, *, unit: str = "KiB", within: str | None = None) -> int | None:
    """Return what a scaled integer says (`<memory unit="KiB">`), None without one.

    :param unit: what libvirt takes it for when the element names no unit.
    :param within: the attribute that holds the number; None: the element's text does.
    """
    if element is None:
        return None
    number = element.text if within is None else element.get(within)
    value = integer(number.strip()) if number else None
    return None if value is None else value * _BYTES[element.get("unit", unit)]


def devices(root: Element, tag: str) -> list[Element]:
    """Return the VM's devices of one kind, in their order."""
    return root.findall(f"devices/{tag}")


def add_device(root: Element, tag: str) -> Element:
    """Append a device without content and return it."""
    return ET.SubElement(ensure(root, "devices"), tag)
