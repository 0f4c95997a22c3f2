# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""Whether a VM can leave its host, and the order for its mover."""

from __future__ import annotations

import dataclasses
import typing as t

from .._domain_xml import metadata, tree
from .._errors import ConflictError, NotFoundError, UnsupportedError
from .._facts import OFF, RUNS, Disk
from . import host_facts, vm_facts, vm_ways_xml
from .connection import LIBVIRT, explaining
from .move import LIVE, OFFLINE, UNCOMPRESSED, Order

with LIBVIRT.importing():
    import libvirt

_MOVABLE = (*RUNS, "paused", "suspended", OFF)


@dataclasses.dataclass(frozen=True)
class Wish:
    """A move as the user wants it; None lets the VM's own policy and then the task's option decide.

    :param kind: `live`, or `offline`: the VM is shut down, moved and started. A VM that is off moves as what it is.
    """

    vm: str
    to: str
    address: str
    data_address: str
    attempt: str = ""
    kind: str = LIVE
    max_downtime_ms: int | None = None
    post_copy: bool | None = None


@dataclasses.dataclass(frozen=True)
class Terms:
    """What the task says for all of its moves; as in `Order`."""

    uri: str
    tls: bool
    bandwidth_mib: int | None
    downtime_start_ms: int
    max_downtime_ms: int
    timeout_s: float
    stall_s: float
    post_copy: bool
    stop_s: float = 300.0
    busy_s: float = 300.0
    parallel_connections: int = 1
    compression: str = UNCOMPRESSED
    run_id: str | None = None


@dataclasses.dataclass(frozen=True)
class Candidate:
    """A VM that is on this host, with what decides whether and how it can be moved.

    :param policy: what its metadata names, as far as that can be meant.
    :param paths: of its disks, by their targets, those that only this host has.
    :param state_files: what it keeps on this host beside its disks: NVRAM, TPM.
    """

    record: vm_facts.VmRecord
    policy: t.Mapping[str, t.Any]
    paths: t.Mapping[str, str]
    state_files: tuple[str, ...] = ()


def read(connection: libvirt.virConnect, names: t.Collection[str]) -> dict[str, Candidate]:
    """Return the named VMs that are on this host.

    :raises UnsupportedError: when the driver cannot migrate.
    """
    with explaining("ask libvirt for its driver"):
        driver = connection.getType()
    if driver != "QEMU":
        raise UnsupportedError(
            f"VMs of libvirt's driver {driver} cannot be migrated.", hint="Only qemu:///system moves VMs between hosts."
        )
    storage = host_facts.read_storage(connection)
    records = vm_facts.read_all(connection, storage, names)
    return {record.vm.name: _candidate(connection, record) for record in records}


def _candidate(connection: libvirt.virConnect, record: vm_facts.VmRecord) -> Candidate:
    with explaining(f"read VM '{record.vm.name}'"):
        root = tree.parse(connection.lookupByUUIDString(record.vm.uuid).XMLDesc(0))
    return Candidate(
        record=record,
        policy=metadata.meant(root),
        paths={disk.target: _path(connection, disk) for disk in record.vm.disks if not disk.shared},
        state_files=tuple(vm_ways_xml.state_files(root)),
    )


def _path(connection: libvirt.virConnect, disk: Disk) -> str:
    source = disk.source or ""
    if source.startswith("/"):
        return source
    pool, _slash, volume = source.partition("/")
    with explaining(f"find volume {source}"):
        return str(connection.storagePoolLookupByName(pool).storageVolLookupByName(volume).path())


def order(candidate: Candidate, wish: Wish, terms: Terms, attempt: str, *, owed: bool = False) -> Order:
    """Return the order for a mover. Pure.

    :param owed: the VM is off because an earlier mover shut it down for such a move.
    :raises ConflictError: when the VM's state forbids a move.
    :raises UnsupportedError: when something of the VM cannot leave this host.
    """
    vm = candidate.record.vm
    off = vm.state == OFF
    _check_state(candidate, going_off=wish.kind == OFFLINE)
    if off:
        _check_off(candidate)
    elif wish.kind == OFFLINE:
        _check_offline(candidate)
    elif vm.obstacles:
        raise _not_live(candidate)
    return Order(
        attempt=attempt,
        vm=vm.name,
        uuid=vm.uuid,
        to=wish.to,
        address=wish.address,
        data_address=wish.data_address,
        offline=off or wish.kind == OFFLINE,
        restart=wish.kind == OFFLINE and (owed or vm.state in RUNS),
        persistent=vm.persistent,
        autostart=vm.autostart,
        state=vm.state,
        copy_disks=[] if wish.kind == OFFLINE else sorted(candidate.paths),
        leaves_behind=[candidate.paths[target] for target in sorted(candidate.paths)],
        **{**dataclasses.asdict(terms), **_policy(candidate, wish, terms)},
    )


def _policy(candidate: Candidate, wish: Wish, terms: Terms) -> dict[str, t.Any]:
    """The move's own word counts before the VM's, and that before the task's."""
    chosen: dict[str, t.Any] = {}
    for name in ("max_downtime_ms", "post_copy"):
        voices = (getattr(wish, name), candidate.policy.get(name), getattr(terms, name))
        chosen[name] = next(voice for voice in voices if voice is not None)
    return chosen


def _check_state(candidate: Candidate, *, going_off: bool) -> None:
    vm, trouble = candidate.record.vm, candidate.record.trouble
    if trouble:
        raise ConflictError(
            f"VM '{vm.name}' {trouble}: in this state it cannot be moved.",
            hint="Bring it back to life, or stop it, first.",
        )
    if vm.state not in _MOVABLE and not (going_off and vm.state == "shutdown"):
        raise ConflictError(
            f"VM '{vm.name}' cannot be moved while its state is '{vm.state}'.",
            hint="Wait until it runs or is shut off.",
        )


def _not_live(candidate: Candidate) -> UnsupportedError:
    vm = candidate.record.vm
    return UnsupportedError(
        f"VM '{vm.name}' cannot be moved live: {' '.join(vm.obstacles)}",
        hint="Take that away from it, or shut it down and give it a policy other than live.",
        obstacles=vm.obstacles,
    )


def _check_offline(candidate: Candidate) -> None:
    vm = candidate.record.vm
    if vm.tied:
        raise UnsupportedError(
            f"VM '{vm.name}' cannot be started on another host: {' '.join(vm.tied)}",
            hint="Take that away from it, or give it the policy evacuation: shutdown.",
            tied=vm.tied,
        )
    if not vm.persistent:
        raise ConflictError(
            f"VM '{vm.name}' is transient: nothing would be left of it to be moved.", hint="Define it first."
        )
    if vm.state not in (*RUNS, "shutdown"):
        raise ConflictError(f"VM '{vm.name}' cannot be shut down while it is {vm.state}.", hint="Resume it first.")


def _check_off(candidate: Candidate) -> None:
    vm = candidate.record.vm
    stays = [f"disk {target} ({path})" for target, path in sorted(candidate.paths.items())]
    stays += list(candidate.state_files) + (["its saved memory"] if candidate.record.managed_save else [])
    if stays:
        raise UnsupportedError(
            f"VM '{vm.name}' is shut off, so that only its definition can be moved; this would stay behind:"
            f" {', '.join(stays)}.",
            hint="Start it and move it live, or put its disks on shared storage.",
            stays=stays,
        )


def missing(name: str, hostname: str) -> NotFoundError:
    """Return the error for a VM that is not here, and of which nobody knows where it went."""
    return NotFoundError(
        f"VM '{name}' is not on host '{hostname}', its target does not have it either, and no move of it is known here.",
        hint="Check the name, and ask the host that has the VM to move it.",
        vm=name,
    )
