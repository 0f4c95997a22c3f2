# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""Where a disk's data is: a volume of a pool, a path on the host, or an export in the network.

Source: https://libvirt.org/formatdomain.html#hard-drives-floppy-disks-cdroms
"""

from __future__ import annotations

import typing as t

from .option import Entry, covers
from .tree import Element, attribute, drop, ensure, integer, set_attribute

PROTOCOLS = ("nbd", "rbd")

NETWORK_SPEC: dict[str, t.Any] = {
    "type": "dict",
    "options": {
        "protocol": {"type": "str", "choices": list(PROTOCOLS), "required": True},
        "name": {"type": "str"},
        "hosts": {
            "type": "list",
            "elements": "dict",
            "options": {"host": {"type": "str", "required": True}, "port": {"type": "int"}},
        },
        "username": {"type": "str"},
        "secret_uuid": {"type": "str", "no_log": False},
    },
    "required_together": [["username", "secret_uuid"]],
}

_EXPORT = {"nbd": ("protocol", "name", "hosts"), "rbd": ("protocol", "name")}
"""What tells which data an export is. Ceph's hosts are ways to the same images, and who asks for them is no place."""


def is_elsewhere(disk: Element, entry: Entry) -> bool:
    """Tell whether an entry of `disks` names another place than the one where the disk's data is."""
    export = entry.get("network")
    if export is not None:
        return not same_network(network(disk), {key: export.get(key) for key in _EXPORT[export["protocol"]]})
    current = {
        "pool": attribute(disk, "source", "pool"),
        "volume": attribute(disk, "source", "volume"),
        "path": path(disk),
    }
    return not covers(current, {key: entry.get(key) for key in current})


def _source(disk: Element, kind: str) -> Element:
    """Return the source of a disk, emptied if it was of another kind."""
    if disk.get("type") != kind:
        drop(disk, "source")
        drop(disk, "backingStore")
        disk.set("type", kind)
    return ensure(disk, "source")


def path(disk: Element) -> str | None:
    """Return the path on the host: "" for a drive without medium, None if the data is elsewhere."""
    source = disk.find("source")
    if disk.get("type") in ("network", "volume"):
        return None
    if source is None:
        return ""
    return source.get("file") or source.get("dev") or source.get("dir") or ""


def put_path(disk: Element, value: str) -> None:
    """Let the data be at a path on the host; "" takes the medium out."""
    if not value:
        _source(disk, "file")
        drop(disk, "source")
        return
    block = value.startswith("/dev/")
    drop(disk, "backingStore")
    _source(disk, "block" if block else "file").set("dev" if block else "file", value)


def put_pool(disk: Element, value: str) -> None:
    """Let the data be in a pool."""
    drop(disk, "backingStore")
    _source(disk, "volume").set("pool", value)


def put_volume(disk: Element, value: str) -> None:
    """Let the data be in that volume of the disk's pool."""
    drop(disk, "backingStore")
    _source(disk, "volume").set("volume", value)


def network(disk: Element) -> dict[str, t.Any] | None:
    """Return the export in the network in the shape of NETWORK_SPEC, None if the data is elsewhere."""
    source = disk.find("source")
    if disk.get("type") != "network" or source is None:
        return None
    hosts = [{"host": host.get("name"), "port": integer(host.get("port"))} for host in source.findall("host")]
    auth = source.find("auth")
    auth = disk.find("auth") if auth is None else auth
    found = {
        "protocol": source.get("protocol"),
        "name": source.get("name"),
        "hosts": [{key: value for key, value in host.items() if value is not None} for host in hosts],
        "username": None if auth is None else auth.get("username"),
        "secret_uuid": None if auth is None else attribute(auth, "secret", "uuid"),
    }
    return {key: value for key, value in found.items() if value not in (None, [])}


def put_network(disk: Element, value: dict[str, t.Any]) -> None:
    """Let the data be in the network; what `value` does not name is kept."""
    drop(disk, "backingStore")
    source = _source(disk, "network")
    source.set("protocol", value["protocol"])
    if value.get("name") is not None:
        source.set("name", value["name"])
    if value.get("hosts") is not None:
        drop(source, "host")
        for host in value["hosts"]:
            element = Element("host", {"name": host["host"]})
            set_attribute(element, "port", None if host.get("port") is None else str(host["port"]))
            source.append(element)
    if value.get("username"):
        drop(disk, "auth")
        auth = ensure(source, "auth")
        auth.set("username", value["username"])
        secret = ensure(auth, "secret")
        secret.attrib.clear()
        secret.attrib.update({"type": "ceph", "uuid": value["secret_uuid"]})


def same_network(current: dict[str, t.Any] | None, wanted: dict[str, t.Any]) -> bool:
    """Tell whether the disk is already there; a port that is not named may be any."""
    return current is not None and covers({"hosts": [], **current}, wanted)
