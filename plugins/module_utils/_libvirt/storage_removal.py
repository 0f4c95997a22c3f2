# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""The volumes of a VM that is removed with its storage: found, proven to be nobody else's, deleted.

Sources: virStorageVolLookupByPath, virStoragePoolListAllVolumes, virDomainListAllSnapshots, virStorageVolDelete.
"""

from __future__ import annotations

import collections
import contextlib
import typing as t

from .._domain_xml import tree
from .._domain_xml.disks import target
from .._domain_xml.fates import Fate, Place, fates, going
from .._errors import NotFoundError, UnsupportedError, VirtError
from . import moments, storage_volume_xml, volume_users
from .connection import LIBVIRT, explaining
from .domain import Current

with LIBVIRT.importing():
    import libvirt


def read(connection: libvirt.virConnect, current: Current) -> tuple[Fate, ...]:
    """Return what would become of the VM's disks; nothing is changed."""
    places = {}
    for disk in tree.devices(current.definition, "disk"):
        place = _place(connection, disk)
        if place is not None:
            places[target(disk) or ""] = place
    claims = _claims(connection, current.domain.UUIDString()) if places else {}
    users = {place: [user for key in _keys(place) for user in claims.get(key, ())] for place in places.values()}
    return fates(current.definition, places, users)


def _place(connection: libvirt.virConnect, disk: tree.Element) -> Place | None:
    source = disk.find("source")
    if source is None:
        return None
    try:
        with explaining(f"find the volume of disk {target(disk)}"):
            volume = _volume(connection, source)
            return volume and Place(volume.storagePoolLookupByVolume().name(), volume.name(), volume.path())
    except VirtError:  # no such pool, or not active, or no such volume: whatever it is, it is not deleted
        return None


def _volume(connection: libvirt.virConnect, source: tree.Element) -> libvirt.virStorageVol | None:
    pool, name, path = source.get("pool"), source.get("volume"), source.get("file") or source.get("dev")
    if pool and name:
        return connection.storagePoolLookupByName(pool).storageVolLookupByName(name)
    return connection.storageVolLookupByPath(path) if path else None


def _claims(connection: libvirt.virConnect, own_uuid: str) -> dict[volume_users.Key, list[str]]:
    """Return who needs which data: other VMs with their snapshots, and volumes that are overlays."""
    claims: dict[volume_users.Key, list[str]] = collections.defaultdict(list)
    with explaining("list the VMs"):
        others = [domain for domain in connection.listAllDomains() if domain.UUIDString() != own_uuid]
    for domain in others:
        for root in descriptions(domain):
            for source in root.iterfind(".//disk//source"):
                for key in volume_users.source_keys(source):
                    claims[key].append(f"VM '{domain.name()}'")
    for name, backing in overlays(connection):
        claims[volume_users.path_key(backing)].append(f"volume '{name}'")
    return claims


def descriptions(domain: libvirt.virDomain) -> list[tree.Element]:
    """What it runs with, what it is started with next, and its snapshots; nothing of a VM that is gone meanwhile."""
    try:
        with explaining(f"read VM '{domain.name()}'"):
            texts = [domain.XMLDesc(0), domain.XMLDesc(libvirt.VIR_DOMAIN_XML_INACTIVE)]
            if moments.has_snapshots(domain):
                texts += [snapshot.getXMLDesc(0) for snapshot in domain.listAllSnapshots(0)]
    except NotFoundError:
        return []
    return [tree.parse(text) for text in texts]


def overlays(connection: libvirt.virConnect) -> t.Iterator[tuple[str, str]]:
    """Yield the name of each volume that lies over something, and the path of that."""
    with explaining("list the volumes of the active storage pools"):
        pools = connection.listAllStoragePools(libvirt.VIR_CONNECT_LIST_STORAGE_POOLS_ACTIVE)
        volumes = [volume for pool in pools for volume in pool.listAllVolumes(0)]
    for volume in volumes:
        try:
            with explaining(f"read volume '{volume.name()}'"):
                backing = storage_volume_xml.read(tree.parse(volume.XMLDesc(0))).backing
        except (NotFoundError, UnsupportedError):
            continue
        if backing:
            yield volume.name(), backing


def _keys(place: Place) -> frozenset[volume_users.Key]:
    return volume_users.keys(place.pool, place.volume, place.path)


def perform(connection: libvirt.virConnect, found: t.Sequence[Fate], vm: str) -> None:
    """Delete the volumes that go.

    :raises VirtError: when libvirt refuses one; it tells which are left.
    """
    todo = [place for _target, place in going(found)]
    for number, place in enumerate(todo):
        left = ", ".join(f"{other.pool}/{other.volume}" for other in todo[number:])
        hint = f"VM '{vm}' is gone. Left of its storage: {left}. Remove it with evergreen.virt.storage_volume."
        gone_already = contextlib.suppress(NotFoundError)  # somebody else was faster
        with gone_already, explaining(f"remove volume '{place.volume}' of storage pool '{place.pool}'", hint=hint):
            connection.storagePoolLookupByName(place.pool).storageVolLookupByName(place.volume).delete(0)
