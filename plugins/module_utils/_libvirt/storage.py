# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""Storage pools and volumes of libvirt.

Source: https://libvirt.org/html/libvirt-libvirt-storage.html
"""

from __future__ import annotations

import typing as t

from .._domain_xml import tree
from .._domain_xml.images import Image, Wanted, expected
from .._errors import ConflictError, NotFoundError
from . import (
    image_copy,
    images,
    lifecycle,
    managed,
    storage_pool_xml,
    storage_removal,
    storage_volume_xml,
    volume_users,
)
from .connection import LIBVIRT, explaining
from .storage_volume_xml import Volume
from .view import View

with LIBVIRT.importing():
    import libvirt

_BUILT = ("dir", "netfs")
"""Pool types for which to build means to make a directory; for others it would format something."""


def _kind() -> managed.Kind:
    return managed.Kind(
        noun="storage pool",
        lookup=lambda connection, name: connection.storagePoolLookupByName(name),
        define=lambda connection, xml: connection.storagePoolDefineXML(xml, 0),
        start=_start,
        inactive_xml=libvirt.VIR_STORAGE_XML_INACTIVE,
    )


def _start(pool: libvirt.virStoragePool) -> None:
    if tree.parse(pool.XMLDesc(0)).get("type") in _BUILT:
        pool.build(0)
    pool.create(0)


def converge_pool(connection: libvirt.virConnect, params: t.Mapping[str, t.Any], *, check_mode: bool) -> lifecycle.Plan:
    """Bring a storage pool to what the options say and return what that meant; what it stores is never removed.

    :param params: the options of the module `storage_pool`.
    """
    storage_pool_xml.check(params)
    found = managed.read(connection, _kind(), params["name"])
    wanted = lifecycle.Wanted(params["state"], params["autostart"], params["allow_restart"])
    if params["state"] == "absent":
        definition = lifecycle.Definition(xml="")
    else:
        definition = storage_pool_xml.definition(found.defined, found.running, params)
    plan = managed.plan(_kind(), params["name"], found.status, wanted, definition)
    if not check_mode:
        managed.apply(connection, _kind(), params["name"], plan)
    return plan


def converge_volume(
    connection: libvirt.virConnect, params: t.Mapping[str, t.Any], *, check_mode: bool
) -> tuple[storage_volume_xml.Plan, str | None]:
    """Bring a volume to what the options say; return what that meant and the volume's path, None if it has none.

    :param params: the options of the module `storage_volume`.
    :raises NotFoundError: when there is no pool, or no volume to wipe.
    :raises ConflictError: when the pool is not active, or a VM uses a volume that is to be removed, wiped or resized.
    """
    storage_volume_xml.check(params)
    view = View(connection)
    try:
        pool = view.pool(params["pool"])
    except NotFoundError:
        if params["state"] != "absent" and not check_mode:  # an earlier task of the same play would have made the pool
            raise
        return _expected(view, params), None
    found = pool.volume(params["name"])
    current = None if found is None else _read(found)
    if current is None and params["state"] == "wiped" and check_mode:
        return _expected(view, params), None
    plan = storage_volume_xml.plan(
        params,
        current,
        pool_type=pool.type,
        backing=_backing(view, params, may_come=check_mode),
        image=None if current is not None else _image(view, params, may_come=check_mode),
    )
    if plan.copy is not None:
        pool.take(images.needed(plan.copy, pool.type), f"volume '{params['name']}'")
    if current is not None and (plan.delete or plan.wipe or plan.resize is not None):
        _refuse_if_used(view, params, current.path, running_only=plan.resize is not None)
    if not check_mode:
        found = _apply(pool.handle, found, params, plan)
    return plan, None if found is None or plan.delete else found.path()


def _expected(view: View, params: t.Mapping[str, t.Any]) -> storage_volume_xml.Plan:
    """Return what would be done in check mode where earlier tasks would have made what is missing."""
    if params["state"] == "wiped":
        return storage_volume_xml.Plan(storage_volume_xml.WIPING)
    return storage_volume_xml.plan(
        params,
        None,
        pool_type="dir",
        backing=_backing(view, params, may_come=True),
        image=_image(view, params, may_come=True),
    )


def _read(volume: libvirt.virStorageVol) -> Volume:
    with explaining(f"read volume '{volume.name()}'"):
        return storage_volume_xml.read(tree.parse(volume.XMLDesc(0)))


def _backing(view: View, params: t.Mapping[str, t.Any], *, may_come: bool) -> Image | None:
    if params["state"] != "present" or params["backing"] is None:
        return None
    wanted = storage_volume_xml.wanted_backing(params)
    try:
        return _existing(view, wanted)
    except NotFoundError as exc:
        if not may_come:
            raise exc.within("backing: ") from exc
        return expected(wanted)


def _existing(view: View, wanted: Wanted) -> Image:
    volume = images.find(view, wanted)
    if volume is None:
        raise NotFoundError(
            f"{wanted} is in no active storage pool.",
            hint="Start the pool that it lies in, or make one of its folder with evergreen.virt.storage_pool.",
        )
    found = _read(volume)
    return Image(found.path, found.format or "raw", found.capacity)


def _image(view: View, params: t.Mapping[str, t.Any], *, may_come: bool) -> Image | None:
    if params["state"] != "present":
        return None
    if params["upload"] is not None:
        return images.of_file(view, params["upload"], params["format"] or "raw", may_come=may_come)
    if params["source"] is not None:
        return images.read(view, storage_volume_xml.wanted_source(params), may_come=may_come)
    return None


def _refuse_if_used(
    view: View,
    params: t.Mapping[str, t.Any],
    path: str,
    *,
    running_only: bool,
) -> None:
    known = volume_users.keys(params["pool"], params["name"], path)
    users = [
        f"VM '{name}'"
        for name, running, roots in view.descriptions
        if (running or not running_only) and any(volume_users.uses(root, known) for root in roots)
    ]
    if not running_only:
        overlays = storage_removal.overlays(view.connection)
        users += [f"volume '{name}'" for name, below in overlays if volume_users.path_key(below) in known]
    if users:
        raise ConflictError(
            f"volume '{params['name']}' of storage pool '{params['pool']}' is used by {', '.join(sorted(users))}.",
            hint="Change the size of a running VM's disk with evergreen.virt.vm; remove its users before it.",
            users=sorted(users),
        )


def _apply(
    pool: libvirt.virStoragePool,
    volume: libvirt.virStorageVol | None,
    params: t.Mapping[str, t.Any],
    plan: storage_volume_xml.Plan,
) -> libvirt.virStorageVol | None:
    what = f"volume '{params['name']}' of storage pool '{params['pool']}'"
    if plan.create is not None:
        with explaining(f"create {what}"):
            return pool.createXML(plan.create, 0)
    if plan.copy is not None:
        return image_copy.make(pool, plan.copy)
    if volume is not None and plan.delete:
        with explaining(f"remove {what}"):
            volume.delete(0)
    if volume is not None and plan.wipe:
        with explaining(f"wipe {what}"):
            volume.wipePattern(storage_volume_xml.WIPE_ALGORITHMS.index(params["wipe_algorithm"]))
    if volume is not None and plan.resize is not None:
        with explaining(f"resize {what}"):
            volume.resize(plan.resize, libvirt.VIR_STORAGE_VOL_RESIZE_SHRINK if plan.shrink else 0)
    return volume
