# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""The volumes of a VM's disks in libvirt's storage pools: looked at, made and grown. Nothing here removes anything.

Sources: virStoragePoolLookupByName, virStorageVolCreateXML, virStorageVolResize, virDomainBlockResize.
"""

from __future__ import annotations

import typing as t

from .._domain_xml import tree
from .._domain_xml.sources import is_elsewhere
from .._domain_xml.volumes import Place, Volume, VolumeStep
from .._errors import NotFoundError
from . import image_copy
from .connection import LIBVIRT, explaining
from .pool_view import PoolView
from .view import View

with LIBVIRT.importing():
    import libvirt


def read(view: View, places: t.Mapping[str, Place], *, pool_may_come: bool = False) -> dict[str, Volume]:
    """Return what is at the disks' places, by target.

    :param pool_may_come: in check mode an earlier task would have made a missing pool.
    :raises NotFoundError: when a pool does not exist.
    :raises ConflictError: when it is not active.
    """
    found = {}
    for target, (pool, volume) in places.items():
        try:
            found[target] = _read(view.pool(pool), volume)
        except NotFoundError as exc:
            if not pool_may_come:
                raise NotFoundError(f"disks[{target}]: {exc.message}", hint=exc.hint) from exc
            found[target] = Volume("dir")
    return found


def _read(pool: PoolView, name: str) -> Volume:
    volume = pool.volume(name)
    if volume is None:
        return Volume(pool.type)
    with explaining(f"read the volume '{name}'"):
        root = tree.parse(volume.XMLDesc(0))
    return Volume(
        pool.type,
        tree.size_in_bytes(root.find("capacity"), unit="bytes"),
        tree.attribute(root, "target/format", "type"),
    )


def perform(
    connection: libvirt.virConnect,
    todo: t.Iterable[VolumeStep],
    domain: libvirt.virDomain,
    in_use: t.Mapping[str | None, tree.Element],
) -> None:
    """Make and grow volumes.

    :param in_use: the disks of the running VM by their targets: only its QEMU may grow them.
    """
    for step in todo:
        with explaining(f"{step.action} the volume '{step.volume}' in the storage pool '{step.pool}'"):
            pool = connection.storagePoolLookupByName(step.pool)
            if step.copy is not None:
                image_copy.make(pool, step.copy)
            elif step.action == "create":
                pool.createXML(image_copy.empty_xml(step.volume, step.size or 0, step.format))
            else:
                _grow(pool, step, domain, in_use.get(step.target))


def _grow(
    pool: libvirt.virStoragePool, step: VolumeStep, domain: libvirt.virDomain, running: tree.Element | None
) -> None:
    """Until its next start a running VM may have another volume as the disk of that target, which is not meant."""
    volume = pool.storageVolLookupByName(step.volume)
    names = ({"pool": step.pool, "volume": step.volume}, {"path": volume.path()})
    if running is None or all(is_elsewhere(running, name) for name in names):
        volume.resize(step.size)
    else:
        domain.blockResize(step.target, step.size, libvirt.VIR_DOMAIN_BLOCK_RESIZE_BYTES)
        pool.refresh()
