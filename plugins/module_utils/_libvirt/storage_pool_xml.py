# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""A storage pool's options <-> its XML. Pure.

Source: https://libvirt.org/formatstorage.html
"""

from __future__ import annotations

import re
import typing as t
from xml.etree.ElementTree import SubElement

from .._domain_xml import tree
from .._domain_xml.identity import check_name
from .._domain_xml.texts import check_line
from .._domain_xml.tree import Element
from .._errors import ConflictError, InvalidInputError
from . import lifecycle

NEEDS: dict[str, tuple[str, ...]] = {
    "dir": ("path",),
    "netfs": ("path", "source.hosts", "source.dir"),
    "logical": ("source.name",),
    "rbd": ("source.hosts", "source.name"),
    "iscsi": ("source.hosts", "source.devices"),
}
"""Pool types that the module manages, and what a new pool of each cannot do without."""

_ATTRIBUTES = {
    "dir": ("source/dir", "path"),
    "format": ("source/format", "type"),
    "protocol_version": ("source/protocol", "ver"),
    "initiator": ("source/initiator/iqn", "name"),
    "username": ("source/auth", "username"),
    "secret": ("source/auth/secret", "uuid"),
}
"""Suboption of `source` -> where its value is an attribute."""

_DEFAULT_PATHS = {"logical": "/dev/{name}", "iscsi": "/dev/disk/by-path"}
_AUTH_TYPES = {"rbd": "ceph", "iscsi": "chap"}


_TAKES: dict[str, frozenset[str]] = {
    "dir": frozenset(),
    "netfs": frozenset({"hosts", "dir", "format", "protocol_version"}),
    "logical": frozenset({"name", "devices", "format"}),
    "rbd": frozenset({"hosts", "name", "username", "secret"}),
    "iscsi": frozenset({"hosts", "devices", "initiator", "username", "secret"}),
}
"""The suboptions of `source` that libvirt keeps for each type."""

_WITHOUT_PATH = ("rbd",)


def check(params: t.Mapping[str, t.Any]) -> None:
    """Raise InvalidInputError for texts that cannot be meant, before anything is looked at."""
    check_name(params["name"], "storage pool")
    what = f"storage pool '{params['name']}'"
    for option in ("path", "source"):
        check_line(f"{what}: {option}", params[option])
    empty = [name for name, value in (params["source"] or {}).items() if value == ""]
    if empty:
        raise InvalidInputError(f"{what}: source.{empty[0]} is empty.")


def options(root: Element) -> dict[str, t.Any]:
    """Return the pool's options by their dotted path, as the user writes them; what is not set is missing."""
    found: dict[str, t.Any] = {
        "type": root.get("type"),
        "path": tree.text(root, "target/path"),
        "source.name": tree.text(root, "source/name"),
        "source.hosts": [_host(element) for element in root.findall("source/host")] or None,
        "source.devices": [element.get("path") for element in root.findall("source/device")] or None,
    }
    for name, (path, attribute) in _ATTRIBUTES.items():
        found[f"source.{name}"] = tree.attribute(root, path, attribute)
    return {path: value for path, value in found.items() if value is not None}


def _host(element: Element) -> str:
    name, port = element.get("name", ""), element.get("port")
    return f"{name}:{port}" if port else name


def split_host(text: str) -> tuple[str, str | None]:
    """Split `host`, `host:port`, `[address]:port`; a bare IPv6 address has no port."""
    name, colon, port = text.rpartition(":")
    if not colon or not port.isdigit() or (":" in name and not name.endswith("]")):
        return text, None
    return name, port


def sanitized(path: str) -> str:
    """Return a path as libvirt keeps it (virFileSanitizePath): without slashes that mean nothing; two in front mean something."""
    if re.match("[^/]*://", path):
        return path
    leading = "/" if re.match("//(?!/)", path) else ""
    return leading + re.sub("(?<=.)/$", "", re.sub("/+", "/", path))


def updated(root: Element, params: t.Mapping[str, t.Any]) -> Element:
    """Return a copy of the `<pool>` with the options of a task written into it; what is None stays as it is."""
    copy = tree.copied(root)
    tree.set_text(copy, "name", params["name"])
    if params["type"] is not None:
        copy.set("type", params["type"])
    path = params["path"] or (None if tree.text(copy, "target/path") else _default_path(copy, params))
    if path is not None:
        tree.set_text(copy, "target/path", sanitized(path))
    _write_source(copy, params["source"] or {})
    return copy


def _default_path(root: Element, params: t.Mapping[str, t.Any]) -> str | None:
    pattern = _DEFAULT_PATHS.get(root.get("type", ""))
    return None if pattern is None else pattern.format(name=(params["source"] or {}).get("name"))


def _write_source(root: Element, source: t.Mapping[str, t.Any]) -> None:
    for name, (path, attribute) in _ATTRIBUTES.items():
        if source.get(name) is not None:
            tree.ensure(root, path).set(attribute, sanitized(source[name]) if name == "dir" else source[name])
    auth = root.find("source/auth")
    if auth is not None and not auth.get("type"):
        auth.set("type", _AUTH_TYPES.get(root.get("type", ""), "chap"))
    if source.get("name") is not None:
        tree.set_text(root, "source/name", source["name"])
    before = options(root)
    if source.get("hosts") is not None and source["hosts"] != before.get("source.hosts"):
        tree.drop(root, "source/host")
        for name, port in map(split_host, source["hosts"]):
            element = SubElement(tree.ensure(root, "source"), "host", name=name)
            tree.set_attribute(element, "port", port)
    if source.get("devices") is not None and source["devices"] != before.get("source.devices"):
        tree.drop(root, "source/device")
        for path in source["devices"]:
            SubElement(tree.ensure(root, "source"), "device", path=path)


def definition(defined: Element | None, running: Element | None, params: t.Mapping[str, t.Any]) -> lifecycle.Definition:
    """Return what the options make of the pool; a running pool takes nothing before it is restarted.

    :raises InvalidInputError: when a new pool lacks what its type needs.
    :raises ConflictError: when the pool has another type.
    """
    before = Element("pool") if defined is None else defined
    after = updated(before, params)
    _check(params, None if defined is None else options(defined), options(after))
    live = {} if running is None else options(running)
    return lifecycle.Definition(
        xml=tree.serialize(after),
        changes=lifecycle.difference({} if defined is None else options(before), options(after)),
        pending=lifecycle.difference(live, live if running is None else options(updated(running, params))),
    )


def _check(params: t.Mapping[str, t.Any], before: dict[str, t.Any] | None, after: dict[str, t.Any]) -> None:
    name = params["name"]
    if before is None and params["type"] is None:
        raise InvalidInputError(f"storage pool '{name}' does not exist.", hint="Set type to have it created.")
    if before is not None and before["type"] != after["type"]:
        raise ConflictError(
            f"storage pool '{name}' is of type {before['type']}, not {after['type']}, and a type cannot be changed.",
            hint="Remove the pool first (state: absent, its volumes are kept), or use another name.",
        )
    _check_taken(params, after["type"])
    missing = [path for path in NEEDS.get(after["type"], ()) if path not in after]
    if missing:
        raise InvalidInputError(
            f"storage pool '{name}' of type {after['type']} needs {', '.join(missing)}.", hint="Set what is missing."
        )


def _check_taken(params: t.Mapping[str, t.Any], pool_type: str) -> None:
    """libvirt drops the rest without a word, and the pool would differ from the task for ever."""
    known = _TAKES.get(pool_type)
    named = [name for name, value in (params["source"] or {}).items() if value is not None]
    lost = [f"source.{name}" for name in named if known is not None and name not in known]
    if params["path"] is not None and pool_type in _WITHOUT_PATH:
        lost.append("path")
    if lost:
        raise InvalidInputError(f"storage pool '{params['name']}' of type {pool_type} takes no {', '.join(lost)}.")
