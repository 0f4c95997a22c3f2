# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""The facts of a host's VMs, read with libvirt's bulk calls.

Sources: virConnectListAllDomains, virConnectGetAllDomainStats, virDomainGetXMLDesc.
"""

from __future__ import annotations

import dataclasses
import typing as t
import xml.etree.ElementTree as ET
from pathlib import Path

from .._domain_xml import tree
from .._domain_xml.pending import pending
from .._errors import NotFoundError, UnsupportedError
from .._facts import Vm
from .connection import LIBVIRT, explaining
from .cpus import VmCpus
from .domain import STATES, known_state
from .domain_list import listed, with_snapshots
from .operating_system import is_replaced
from .storage_identity import Storage
from .vm_facts_xml import Status, vm_from_xml

with LIBVIRT.importing():
    import libvirt

_PAUSED = 3
_PAUSED_REASONS = {5: "an I/O error", 6: "its watchdog", 10: "a crash of the guest", 13: "a failed post-copy migration"}
_COMING_OR_GOING = (2, 11, 12)
"""VIR_DOMAIN_PAUSED_MIGRATION: on the target while it arrives, on the source in its last moment; _STARTING_UP: before that;
_POSTCOPY: on the source while it runs on the target already."""
_RUN_DIRECTORY = Path("/run/libvirt/qemu")
_PROC = Path("/proc")


@dataclasses.dataclass(frozen=True)
class VmRecord:
    """A VM with what only `vm_info` and the host's health need.

    :param running: what it runs with, None if that is no question: it is off, or not defined.
    :param definition: what it is started with next.
    :param stats: libvirt's flat statistics of the groups that were asked for.
    :param trouble: why it stands still, empty if it does not or was paused on purpose.
    :param moving: it stands still because it is arriving here, or has all but left.
    """

    vm: Vm
    domain: libvirt.virDomain
    definition: ET.Element
    running: ET.Element | None = None
    stats: t.Mapping[str, t.Any] = dataclasses.field(default_factory=dict)
    managed_save: bool = False
    trouble: str = ""
    moving: bool = False

    def to_dict(self) -> dict[str, t.Any]:
        """Return plain JSON data: the VM's facts, `managed_save`, and `pending`: the options that its next start changes."""
        waiting = [] if self.running is None else pending(self.running, self.definition)
        return {**self.vm.to_dict(), "managed_save": self.managed_save, "pending": waiting}


@dataclasses.dataclass(frozen=True)
class _Lists:
    """UUIDs of the VMs that libvirt lists under a flag."""

    persistent: frozenset[str]
    autostart: frozenset[str]
    managed_save: frozenset[str]
    snapshots: frozenset[str]


@dataclasses.dataclass(frozen=True)
class _Host:
    """What the VMs of a host are read with.

    :param qemu: the version of the host's QEMU as a number, None if it was not asked.
    """

    driver: str
    storage: Storage
    lists: _Lists
    cpus: VmCpus
    qemu: t.Optional[int]


def read_all(
    connection: libvirt.virConnect, storage: Storage, names: t.Collection[str] | None = None, *, stats: int = 0
) -> list[VmRecord]:
    """Return the VMs in the order of their names; a VM that leaves while it is read is left out.

    :param storage: names the disks' storage; with `afar` nothing is read of the machine on which this runs.
    :param names: read only these; None reads all.
    :param stats: groups of statistics (VIR_DOMAIN_STATS_) to read beside those that the facts are made of.
    """
    with explaining("list the VMs"):
        domains = [domain for domain in connection.listAllDomains(0) if names is None or domain.name() in names]
        driver = connection.getType()
        qemu = connection.getVersion() if driver == "QEMU" else None
    told, lists = _all_stats(connection, stats), _lists(connection)
    host = _Host(driver, storage, lists, VmCpus(connection), qemu)
    records = (_read(domain, told.get(domain.UUIDString()), host) for domain in domains)
    return sorted((record for record in records if record), key=lambda record: record.vm.name)


def _all_stats(connection: libvirt.virConnect, more: int) -> dict[str, dict[str, t.Any]]:
    wanted = libvirt.VIR_DOMAIN_STATS_STATE | libvirt.VIR_DOMAIN_STATS_BLOCK | more
    try:
        with explaining("read the statistics of the VMs"):
            # a VM that is just being migrated or copied answers with less instead of making everybody wait
            answers = connection.getAllDomainStats(wanted, libvirt.VIR_CONNECT_GET_ALL_DOMAINS_STATS_NOWAIT)
    except UnsupportedError:
        return {}
    return {domain.UUIDString(): values for domain, values in answers}


def _lists(connection: libvirt.virConnect) -> _Lists:
    return _Lists(
        persistent=listed(connection, libvirt.VIR_CONNECT_LIST_DOMAINS_PERSISTENT),
        autostart=listed(connection, libvirt.VIR_CONNECT_LIST_DOMAINS_AUTOSTART),
        managed_save=listed(connection, libvirt.VIR_CONNECT_LIST_DOMAINS_MANAGEDSAVE),
        snapshots=with_snapshots(connection),
    )


def _read(domain: libvirt.virDomain, stats: dict[str, t.Any] | None, host: _Host) -> VmRecord | None:
    uuid, name, lists = domain.UUIDString(), domain.name(), host.lists
    try:
        with explaining(f"read VM '{name}'"):
            state, reason = _state(domain, stats)
            root = tree.parse(domain.XMLDesc(0))
            active = root.get("id") is not None
            inactive = _definition(domain) if active and uuid in lists.persistent else None
    except NotFoundError:
        return None
    status = Status(
        state=known_state(STATES[state], domain),
        persistent=uuid in lists.persistent,
        autostart=uuid in lists.autostart,
        has_snapshots=uuid in lists.snapshots,
        emulator_stale=None if host.storage.afar else active and is_replaced(_executable(name)),
        capacities=capacities(stats or {}),
        qemu=host.qemu,
        cpu_features=host.cpus.features(root) if active else [],
        driver=host.driver,
        trouble=trouble(state, reason),
    )
    return VmRecord(
        vm=vm_from_xml(root, status, host.storage),
        domain=domain,
        definition=root if inactive is None else inactive,
        running=None if inactive is None else root,
        stats=stats or {},
        managed_save=uuid in lists.managed_save,
        trouble=status.trouble,
        moving=state == _PAUSED and reason in _COMING_OR_GOING,
    )


def _definition(domain: libvirt.virDomain) -> ET.Element:
    return tree.parse(domain.XMLDesc(libvirt.VIR_DOMAIN_XML_INACTIVE))


def _state(domain: libvirt.virDomain, stats: dict[str, t.Any] | None) -> tuple[int, int]:
    if stats and "state.state" in stats:
        return int(stats["state.state"]), int(stats.get("state.reason", 0))
    state, reason = domain.state()
    return int(state), int(reason)


def capacities(stats: t.Mapping[str, t.Any]) -> dict[str, int]:
    """Return the bytes of each disk by its target out of the `block.` group of the statistics."""
    return {
        str(stats[f"block.{index}.name"]): int(stats.get(f"block.{index}.capacity", 0))
        for index in range(int(stats.get("block.count", 0)))
        if f"block.{index}.name" in stats
    }


def trouble(state: int, reason: int) -> str:
    """Return why a VM stands still although nobody wanted it; the numbers are virDomainState and its reasons."""
    if STATES[state] == "crashed":
        return "crashed"
    if state == _PAUSED and reason in _PAUSED_REASONS:
        return f"is paused by {_PAUSED_REASONS[reason]}"
    return ""


def _executable(name: str) -> Path:
    try:
        pid = (_RUN_DIRECTORY / f"{name}.pid").read_text(encoding="ascii").strip()
    except OSError:
        return _PROC / "none"
    return _PROC / pid / "exe"
