# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""Snapshots and checkpoints of a VM: read, made, reverted to, deleted.

Sources: virDomainListAllSnapshots, virDomainSnapshotCreateXML, virDomainRevertToSnapshot, virDomainSnapshotDelete and their
like for checkpoints (virDomainListAllCheckpoints, ...); virConnectGetCapabilities.
"""

from __future__ import annotations

import contextlib
import typing as t

from .._domain_xml import tree
from .._domain_xml.disks import disks as all_disks
from .._errors import ConflictError, NotFoundError, UnsupportedError
from . import domain as domains
from . import guest, moments_check, moments_plan, moments_xml
from .connection import LIBVIRT, explaining
from .moments_plan import Disk, Ground, Plan
from .moments_xml import CHECKPOINT, Moment

with LIBVIRT.importing():
    import libvirt

Params = t.Mapping[str, t.Any]

_PING_S = 5


def converge(connection: libvirt.virConnect, params: Params, *, check_mode: bool) -> tuple[Plan, list[Moment]]:
    """Bring one snapshot or checkpoint to what the options say; return what that meant and all that there are then.

    :param params: the options of the module `vm_snapshot`.
    :raises NotFoundError: when there is no such VM.
    """
    moments_check.check_options(params)
    current = domains.read(connection, params["vm"])
    if current is None:
        raise NotFoundError(f"there is no VM '{params['vm']}'.")
    domain, kind = current.domain, params["kind"]
    ground = _ground(connection, current, kind)
    with _naming(params["vm"]):
        moments_check.check(params, ground)
    freezes = moments_check.check_quiesce(params, ground)
    if freezes:
        guest.require_agent(domain, _PING_S)
    plan = moments_plan.plan(params, ground)
    if check_mode or not plan.changes:
        return plan, list(ground.moments)
    _perform(domain, plan, params, freezes=freezes)
    return plan, read(domain, kind)


@contextlib.contextmanager
def _naming(vm: str) -> t.Iterator[None]:
    try:
        yield
    except (ConflictError, NotFoundError, UnsupportedError) as exc:
        raise exc.within(f"VM '{vm}': ") from exc


def has_snapshots(domain: libvirt.virDomain) -> bool:
    """Tell whether a VM has snapshots; a driver that knows none has none."""
    try:
        with explaining(f"look for snapshots of VM '{domain.name()}'"):
            return bool(domain.snapshotNum())
    except UnsupportedError:
        return False


def read(domain: libvirt.virDomain, kind: str) -> list[Moment]:
    """Return a VM's snapshots or checkpoints, parents before their children."""
    with explaining(f"read the {kind}s of VM '{domain.name()}'"):
        if kind == CHECKPOINT:
            flag = libvirt.VIR_DOMAIN_CHECKPOINT_LIST_TOPOLOGICAL
            xml = libvirt.VIR_DOMAIN_CHECKPOINT_XML_NO_DOMAIN
            return [moments_xml.parse(found.getXMLDesc(xml)) for found in domain.listAllCheckpoints(flag)]
        now = domain.snapshotCurrent().getName() if domain.hasCurrentSnapshot() else None
        secure = libvirt.VIR_DOMAIN_SNAPSHOT_XML_SECURE
        return [
            moments_xml.parse(found.getXMLDesc(secure), current=found.getName() == now)
            for found in domain.listAllSnapshots(libvirt.VIR_DOMAIN_SNAPSHOT_LIST_TOPOLOGICAL)
        ]


def _ground(connection: libvirt.virConnect, current: domains.Current, kind: str) -> Ground:
    with explaining("ask libvirt what it can do"):
        driver, version = connection.getType(), connection.getLibVersion()
        capabilities = tree.parse(connection.getCapabilities())
    root = current.definition if current.running is None else current.running
    return Ground(
        driver=driver,
        libvirt=version,
        reverts_external=capabilities.find("guest/features/externalSnapshot") is not None or driver == "TEST",
        active=current.running is not None,
        disks=tuple(_disk(connection, device) for device in all_disks(root)),
        moments=tuple(read(current.domain, kind)),
    )


def _disk(connection: libvirt.virConnect, device: tree.Element) -> Disk:
    source = device.find("source")
    path = None if source is None else source.get("file")
    if source is not None and device.get("type") == "volume":
        with explaining(f"find the volume '{source.get('volume')}' in the storage pool '{source.get('pool')}'"):
            pool = connection.storagePoolLookupByName(source.get("pool"))
            volume = pool.storageVolLookupByName(source.get("volume"))
            path = volume.path() if volume.info()[0] == libvirt.VIR_STORAGE_VOL_FILE else None
    return Disk(
        target=tree.attribute(device, "target", "dev") or "",
        kind=device.get("type", ""),
        path=path,
        format=tree.attribute(device, "driver", "type"),
        writable=source is not None and device.find("readonly") is None,
    )


def _perform(domain: libvirt.virDomain, plan: Plan, params: Params, *, freezes: bool) -> None:
    kind, name = params["kind"], params["name"]
    with explaining(f"{_title(plan)} the {kind} '{name}' of VM '{domain.name()}'", hint=_hint(plan)):
        if plan.revert is not None:
            domain.revertToSnapshot(_find(domain, kind, plan.revert), _revert_flags(params))
        for gone in plan.delete:
            _find(domain, kind, gone).delete(0)
        if plan.redefine is not None:
            _redefine(domain, kind, plan.redefine)
        if plan.create is not None:
            _create(domain, plan.create, params, freezes=freezes)


def _title(plan: Plan) -> str:
    if plan.revert is not None:
        return "revert to"
    if plan.delete:
        return "delete"
    return "make" if plan.create is not None else "describe"


def _hint(plan: Plan) -> str:
    if plan.revert is None:
        return ""
    return (
        "What libvirt calls risky has to be allowed with 'force'. To an external snapshot it reverts only disks that are named by"
        " the path of a file, and not as volumes of a pool."
    )


def _find(domain: libvirt.virDomain, kind: str, name: str) -> t.Any:
    return domain.checkpointLookupByName(name) if kind == CHECKPOINT else domain.snapshotLookupByName(name)


def _revert_flags(params: Params) -> int:
    power: dict[str, int] = {
        "saved": 0,
        "running": libvirt.VIR_DOMAIN_SNAPSHOT_REVERT_RUNNING,
        "paused": libvirt.VIR_DOMAIN_SNAPSHOT_REVERT_PAUSED,
    }
    force: int = libvirt.VIR_DOMAIN_SNAPSHOT_REVERT_FORCE
    return power[params["power"]] | (force if params["force"] else 0)


def _redefine(domain: libvirt.virDomain, kind: str, xml: str) -> None:
    if kind == CHECKPOINT:
        domain.checkpointCreateXML(xml, libvirt.VIR_DOMAIN_CHECKPOINT_CREATE_REDEFINE)
    else:
        domain.snapshotCreateXML(xml, libvirt.VIR_DOMAIN_SNAPSHOT_CREATE_REDEFINE)


def _create(domain: libvirt.virDomain, xml: str, params: Params, *, freezes: bool) -> None:
    if params["kind"] == CHECKPOINT:
        with guest.frozen(domain) if freezes else contextlib.nullcontext():
            domain.checkpointCreateXML(xml, 0)
        return
    flags = 0
    if params["location"] == moments_xml.EXTERNAL:
        flags = libvirt.VIR_DOMAIN_SNAPSHOT_CREATE_ATOMIC
        flags |= 0 if params["memory"] else libvirt.VIR_DOMAIN_SNAPSHOT_CREATE_DISK_ONLY
        flags |= libvirt.VIR_DOMAIN_SNAPSHOT_CREATE_QUIESCE if freezes else 0
    domain.snapshotCreateXML(xml, flags)
