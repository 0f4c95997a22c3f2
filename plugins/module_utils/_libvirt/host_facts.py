# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""Everything that libvirt and the operating system know of a host, as `_facts.Host`.

What lies outside of libvirt's reach (the maintenance record, Open vSwitch's database) is added by the caller.
"""

from __future__ import annotations

import dataclasses
import os
import platform
import typing as t
import xml.etree.ElementTree as ET

from .. import _os_release, _systemd
from .._domain_xml import tree
from .._errors import InvalidInputError, NotFoundError, UnsupportedError
from .._facts import Health, Host, Pool, Versions
from . import capabilities, driver_limits, operating_system, vm_facts
from .connection import LIBVIRT, explaining, is_remote
from .storage_identity import Storage

with LIBVIRT.importing():
    import libvirt

_MIB = 2**20
_SAVE_FOLDER = "/var/lib/libvirt/qemu/save"
"""Where managed saves lie (qemu_conf.c, saveDir)."""
_RUNNING = 2
"""VIR_STORAGE_POOL_RUNNING"""


def read(connection: libvirt.virConnect, uri: str) -> Host:
    """Return the host's facts without maintenance and without the bridges of Open vSwitch.

    :raises InvalidInputError: when libvirt is that of another host: half of the facts would be those of this one.
    :raises UnavailableError: when the connection is lost meanwhile.
    """
    if is_remote(connection):
        raise InvalidInputError(
            f"{uri} is libvirt on another host.", hint="Let the task run on that host, with its own URI."
        )
    host_storage = _host_storage()
    pools = read_pools(connection, host_storage)
    records = vm_facts.read_all(connection, with_pools(host_storage, pools))
    with explaining("read the versions"):
        driver, hostname = connection.getType(), connection.getHostname()
        versions = _versions(connection, driver)
    return Host(
        hostname=hostname,
        machine_id=host_storage.machine_id,
        boot_id=operating_system.boot_id(),
        soft_reboots=_systemd.soft_reboots(),
        uri=uri,
        driver=driver,
        versions=versions,
        capacity=capabilities.read(connection),
        vms=[record.vm for record in records],
        pools=pools,
        networks=_active_networks(connection),
        filters=_filters(connection),
        secrets=_secrets(connection),
        unsupported=_unsupported(connection, driver),
        save_free_mib=_save_free_mib(connection, driver),
        bridges=operating_system.linux_bridges(),
        moving=[record.vm.name for record in records if record.moving],
        health=Health(problems=_problems(connection, records)),
    )


def read_storage(connection: libvirt.virConnect) -> Storage:
    """Return what tells the backends of the disks of the host that libvirt runs on."""
    if is_remote(connection):
        return read_storage_from_afar(connection)
    host_storage = _host_storage()
    return with_pools(host_storage, read_pools(connection, host_storage))


def read_storage_from_afar(connection: libvirt.virConnect) -> Storage:
    """Return what libvirt alone tells of the backends of another host's disks: those on the network and in its pools."""
    storage = Storage(machine_id="", afar=True)
    return with_pools(storage, read_pools(connection, storage))


def with_pools(storage: Storage, pools: t.Iterable[Pool]) -> Storage:
    """Return `storage` that also knows libvirt's pools."""
    return dataclasses.replace(storage, pools={pool.name: pool for pool in pools})


def _host_storage() -> Storage:
    return Storage(
        machine_id=operating_system.machine_id(),
        mounts=operating_system.mounts(),
        ceph_fsid=operating_system.ceph_fsid(),
        resolve=os.path.realpath,
    )


def read_pools(connection: libvirt.virConnect, storage: Storage) -> list[Pool]:
    """Return all storage pools in the order of their names; a pool that is removed meanwhile is left out."""
    found = _listed("storage pools", connection.listAllStoragePools, 0)
    pools = (_read_pool(pool, storage) for pool in found)
    return sorted((pool for pool in pools if pool), key=lambda pool: pool.name)


def _read_pool(pool: libvirt.virStoragePool, storage: Storage) -> Pool | None:
    try:
        with explaining(f"read storage pool '{pool.name()}'"):
            return pool_from_xml(tree.parse(pool.XMLDesc(0)), pool.info(), storage)
    except NotFoundError:
        return None


def pool_from_xml(root: ET.Element, info: t.Sequence[int], storage: Storage) -> Pool:
    """Return the facts of a `<pool>`; `info` is virStoragePoolInfo: state, then capacity, allocation and available bytes."""
    return Pool(
        name=root.findtext("name", ""),
        type=root.get("type", ""),
        active=info[0] == _RUNNING,
        backend=storage.of_pool(root),
        path=root.findtext("target/path"),
        capacity_mib=info[1] // _MIB,
        free_mib=info[3] // _MIB,
    )


def _versions(connection: libvirt.virConnect, driver: str) -> Versions:
    return Versions(
        os=_os_release.name(_os_release.read()),
        kernel=platform.release(),
        libvirt=version_text(connection.getLibVersion()),
        qemu=version_text(connection.getVersion()) if driver == "QEMU" else None,
        ovs=operating_system.ovs_version(),
    )


def version_text(number: int) -> str:
    """Return libvirt's version number (major * 1000000 + minor * 1000 + release) as `major.minor.release`."""
    return f"{number // 1000000}.{number // 1000 % 1000}.{number % 1000}"


def _unsupported(connection: libvirt.virConnect, driver: str) -> list[str]:
    """Return what the driver does not have, and what it cannot do to a VM."""
    asked: dict[str, t.Callable[[], int]] = {
        "networks": connection.numOfNetworks,
        "network filters": connection.numOfNWFilters,
        "secrets": connection.numOfSecrets,
        "storage pools": connection.numOfStoragePools,
    }
    return [f"have {what}" for what, ask in asked.items() if not _answers(what, ask)] + driver_limits.cannot(driver)


def _save_free_mib(connection: libvirt.virConnect, driver: str) -> int | None:
    """Return what is free where libvirt saves the memory of VMs, None where that is not known."""
    is_system = driver == "QEMU" and connection.getURI().split("?")[0].endswith("/system")
    return operating_system.free_mib(_SAVE_FOLDER) if is_system else None


def _answers(what: str, ask: t.Callable[[], int]) -> bool:
    try:
        with explaining(f"count the {what}"):
            ask()
    except UnsupportedError:
        return False
    return True


def _listed(what: str, ask: t.Callable[[int], t.Sequence[t.Any]], flags: int) -> list[t.Any]:
    """Return what libvirt lists, in no order; nothing of a driver that has no such things."""
    return _known(what, ask, flags) or []


def _known(what: str, ask: t.Callable[[int], t.Sequence[t.Any]], flags: int) -> list[t.Any] | None:
    """Return what libvirt lists, in no order; None of a driver that has no such things."""
    try:
        with explaining(f"list the {what}"):
            return list(ask(flags))
    except UnsupportedError:
        return None


def _active_networks(connection: libvirt.virConnect) -> list[str]:
    found = _listed("networks", connection.listAllNetworks, libvirt.VIR_CONNECT_LIST_NETWORKS_ACTIVE)
    return sorted(network.name() for network in found)


def _filters(connection: libvirt.virConnect) -> list[str] | None:
    """Return the names of the network filters, None of a driver that has none."""
    found = _known("network filters", connection.listAllNWFilters, 0)
    return None if found is None else sorted(one.name() for one in found)


def _secrets(connection: libvirt.virConnect) -> list[str] | None:
    """Return UUID and usage of each secret, None of a driver that has none."""
    found = _known("secrets", connection.listAllSecrets, 0)
    return (
        None if found is None else sorted({text for one in found for text in (one.UUIDString(), one.usageID()) if text})
    )


def _problems(connection: libvirt.virConnect, records: t.Iterable[vm_facts.VmRecord]) -> list[str]:
    pool_flags = libvirt.VIR_CONNECT_LIST_STORAGE_POOLS_INACTIVE | libvirt.VIR_CONNECT_LIST_STORAGE_POOLS_AUTOSTART
    network_flags = libvirt.VIR_CONNECT_LIST_NETWORKS_INACTIVE | libvirt.VIR_CONNECT_LIST_NETWORKS_AUTOSTART
    pools = sorted(pool.name() for pool in _listed("storage pools", connection.listAllStoragePools, pool_flags))
    networks = sorted(network.name() for network in _listed("networks", connection.listAllNetworks, network_flags))
    return [
        *operating_system.unit_problems(),
        *(f"storage pool '{name}' starts automatically and is not active." for name in pools),
        *(f"network '{name}' starts automatically and is not active." for name in networks),
        *(f"VM '{record.vm.name}' {record.trouble}." for record in records if record.trouble),
    ]
