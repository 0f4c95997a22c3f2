# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""A storage pool as it was when it was looked at: its volumes are listed once, not once for each VM.

Sources: virStoragePoolLookupByName, virStoragePoolListAllVolumes, virStoragePoolRefresh.
"""

from __future__ import annotations

import typing as t

from .._domain_xml import tree
from .._errors import ConflictError
from .connection import explaining

if t.TYPE_CHECKING:
    import libvirt


class PoolView:
    """A pool and its volumes; `handle` is what libvirt changes it by.

    :raises NotFoundError: when the pool does not exist.
    :raises ConflictError: when it is not active.
    """

    def __init__(self, connection: libvirt.virConnect, name: str) -> None:
        with explaining(f"find the storage pool '{name}'", hint="Create it with evergreen.virt.storage_pool."):
            self.handle = connection.storagePoolLookupByName(name)
        with explaining(f"read the storage pool '{name}'"):
            if not self.handle.isActive():
                raise ConflictError(
                    f"the storage pool '{name}' is not active, so its volumes are not known.",
                    hint="Start it with evergreen.virt.storage_pool (state: started).",
                )
            self.type = tree.parse(self.handle.XMLDesc(0)).get("type", "")
            self._left: int = self.handle.info()[3]
        self._volumes: dict[str, libvirt.virStorageVol] | None = None
        self._refreshed = False

    def volume(self, name: str) -> libvirt.virStorageVol | None:
        """Return a volume, None if the pool has none of that name."""
        if self._volumes is None:
            self._volumes = self._list()
        if name not in self._volumes and not self._refreshed:  # another host may have made it in a shared pool
            self._volumes, self._refreshed = self._list(refresh=True), True
        return self._volumes.get(name)

    def take(self, size: int, what: str) -> None:
        """Count on `size` bytes of the pool's space.

        :param what: what they are for.
        :raises ConflictError: when it has less.
        """
        if size > self._left:
            raise ConflictError(
                f"{what} needs {size} bytes, and the storage pool '{self.handle.name()}' has {self._left} left.",
                hint="Make room in it, or take another pool.",
            )
        self._left -= size

    def _list(self, *, refresh: bool = False) -> dict[str, libvirt.virStorageVol]:
        with explaining(f"look into the storage pool '{self.handle.name()}'"):
            if refresh:
                self.handle.refresh()
            return {volume.name(): volume for volume in self.handle.listAllVolumes()}
