# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""What a task has read of its host: each thing once, however many VMs ask for it."""

from __future__ import annotations

import functools
import typing as t

from .._domain_xml import tree
from .._domain_xml.images import Image, Wanted
from .._facts import ClusterFacts
from . import domain as domains
from . import domain_list, moments, storage_removal
from .connection import explaining
from .domain import Current, Found
from .pool_view import PoolView

if t.TYPE_CHECKING:
    import libvirt


class View:
    """A host as it was when it was looked at.

    It serves the computing of what has to be done, before the first change, and is not asked afterwards.

    :param many: many VMs will be asked for: libvirt's lists of all are read instead of each one's part of them.
    :param cluster: what the host has in common with the other hosts of its cluster, None if the user does not say.
    """

    def __init__(
        self, connection: libvirt.virConnect, *, many: bool = False, cluster: ClusterFacts | None = None
    ) -> None:
        self.connection = connection
        self.cluster = cluster
        self._many = many
        self._pools: dict[str, PoolView] = {}
        self.images: dict[Wanted, Image] = {}

    def vm(self, name: str, uuid: str | None = None) -> Current | None:
        """Return what libvirt has under the name, None if there is no such VM.

        :param uuid: the UUID that it must have, if the user named one.
        :raises ConflictError: when name and UUID belong to different VMs.
        """
        if self._many:
            return domains.describe(self.connection, self.vms.get(name), name, uuid)
        return domains.read(self.connection, name, uuid)

    @functools.cached_property
    def vms(self) -> dict[str, Found]:
        """All VMs by their names, without their XML."""
        return domain_list.find_all(self.connection)

    def has_snapshots(self, domain: libvirt.virDomain) -> bool:
        """Tell whether a VM has snapshots."""
        return domain.UUIDString() in self._with_snapshots if self._many else moments.has_snapshots(domain)

    @functools.cached_property
    def _with_snapshots(self) -> frozenset[str]:
        return domain_list.with_snapshots(self.connection)

    @functools.cached_property
    def descriptions(self) -> list[tuple[str, bool, list[tree.Element]]]:
        """The name of each VM, whether it runs, and all that says what its disks are or were."""
        with explaining("list the VMs"):
            found = [(domain, bool(domain.ID() != domains.INACTIVE)) for domain in self.connection.listAllDomains(0)]
        return [(domain.name(), running, storage_removal.descriptions(domain)) for domain, running in found]

    @functools.cached_property
    def driver(self) -> str:
        """libvirt's driver: `QEMU`, `TEST`, ..."""
        return str(self.connection.getType())

    @functools.cached_property
    def capabilities(self) -> tree.Element:
        """virConnectGetCapabilities"""
        with explaining("read the capabilities of the host"):
            return tree.parse(self.connection.getCapabilities())

    @functools.cached_property
    def arch(self) -> str:
        """The host's architecture: `x86_64`."""
        with explaining("read the capabilities of the host"):
            return self.capabilities.findtext("host/cpu/arch") or str(self.connection.getInfo()[0])

    @functools.cached_property
    def cpu_models(self) -> list[str]:
        """The CPU models that libvirt knows for the host's architecture."""
        with explaining("list the CPU models"):
            return list(self.connection.getCPUModelNames(self.arch, 0))

    def pool(self, name: str) -> PoolView:
        """Return a storage pool.

        :raises NotFoundError: when it does not exist.
        :raises ConflictError: when it is not active.
        """
        if name not in self._pools:
            self._pools[name] = PoolView(self.connection, name)
        return self._pools[name]
