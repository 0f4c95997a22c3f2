# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""The shape of what is known about a host: `hypervisor_info` writes it; the plan, the report and the inventory read it.

There is no second shape. Every value names what it was read from, so that nobody has to guess what it means.
Sizes are MiB (2**20 bytes), times are seconds unless the name says otherwise.
"""

from __future__ import annotations

import collections.abc
import dataclasses
import functools
import typing as t

from ._errors import InvalidInputError

SCHEMA = 1

T = t.TypeVar("T", bound="Fact")

RUNS = ("running", "blocked")
"""States of a VM whose guest has the processor: `blocked` is what libvirt's Xen calls one that waits for something to do."""
OFF = "shutoff"
"""The state of a VM that does not run, and nothing of which is ending just now."""

PASSED_THROUGH = ("host-passthrough", "maximum")
"""CPU modes by which a VM has its host's CPU as it is, with KVM; libvirt names no model of it."""

EVACUATION_MODES = ("live", "suspend", "offline", "shutdown", "stay")
BOOTS = ("full", "soft")
"""Kinds of a reboot: of the machine, or of everything but the kernel (`systemctl soft-reboot`)."""

IMPACTS = ("none", "restart", "empty", "reboot")
"""What a pending update asks of its host, mildest first."""


class Fact:
    """A dataclass that reads itself from plain JSON: unknown keys are ignored, missing ones without default refused."""

    @classmethod
    def from_dict(cls: type[T], data: t.Mapping[str, t.Any]) -> T:
        """Build from plain data; nested facts are built from their dictionaries.

        :raises InvalidInputError: when a key is missing, or something is no list or no dictionary that has to be one.
        """
        hints, name = _hints(t.cast(t.Hashable, cls)), cls.__name__
        known = _checked(data, name, collections.abc.Mapping)
        values = {
            field.name: _read(hints[field.name], known[field.name], f"{name}.{field.name}")
            for field in dataclasses.fields(cls)  # type: ignore[arg-type]
            if field.name in known
        }
        try:
            return cls(**values)
        except TypeError as exc:
            raise InvalidInputError(f"facts of kind {cls.__name__} are incomplete: {exc}.") from exc

    def to_dict(self) -> dict[str, t.Any]:
        """Return plain JSON data."""
        return dataclasses.asdict(self)  # type: ignore[call-overload,no-any-return]


@functools.cache
def _hints(kind: t.Any) -> dict[str, t.Any]:
    return t.get_type_hints(kind)


def _read(hint: t.Any, value: t.Any, what: str) -> t.Any:
    arguments = t.get_args(hint)
    if value is None or (not arguments and not isinstance(hint, type)):
        return value
    if isinstance(hint, type) and not arguments:
        return hint.from_dict(_checked(value, what, collections.abc.Mapping)) if issubclass(hint, Fact) else value
    origin = t.get_origin(hint)
    if origin is list:
        return [_read(arguments[0], item, what) for item in _checked(value, what, (list, tuple))]
    if origin is dict:
        items = _checked(value, what, collections.abc.Mapping).items()
        return {str(key): _read(arguments[1], item, what) for key, item in items}
    return _read(arguments[0], value, what)  # Optional[X]


def _checked(value: t.Any, what: str, kind: type | tuple[type, ...]) -> t.Any:
    """Return a value that is what a list or a dictionary has to be."""
    if not isinstance(value, kind):
        wanted = "dictionary" if kind is collections.abc.Mapping else "list"
        raise InvalidInputError(f"facts of kind {what} are wrong: {value!r:.80} is no {wanted}.")
    return value


@dataclasses.dataclass(frozen=True)
class Policy(Fact):
    """How a VM may be moved; lives in the VM's own metadata or comes from `upgrade_policies`."""

    evacuation: str = "live"
    anti_affinity: list[str] = dataclasses.field(default_factory=list)
    affinity: list[str] = dataclasses.field(default_factory=list)
    priority: int = 0
    max_downtime_ms: t.Optional[int] = None
    post_copy: bool = False
    hosts: list[str] = dataclasses.field(default_factory=list)
    """Names of the hosts where it may run; empty means any."""


@dataclasses.dataclass(frozen=True)
class Disk(Fact):
    """A VM's disk. `backend` identifies the storage itself, never a path on one host.

    Shared storage: `nbd://server:port/export`, `rbd:<fsid>/<pool>/<image>`, `nfs:server:/export`. Storage of one host
    only: `local:<machine-id>`. Two hosts share a disk if and only if both can reach the same non-local backend. None: there
    is nothing in the drive, or the host was asked from another one, which cannot know what is behind a path.
    """

    target: str
    source: t.Optional[str]
    backend: t.Optional[str]
    format: t.Optional[str] = None
    size_mib: int = 0
    device: str = "disk"
    readonly: bool = False

    @property
    def shared(self) -> bool:
        if self.backend is None:
            return self.readonly or self.source is None
        return self.readonly or not self.backend.startswith("local:")


@dataclasses.dataclass(frozen=True)
class Interface(Fact):
    """A VM's network card; exactly one of `bridge` and `network` is set for the common kinds."""

    mac: str
    bridge: t.Optional[str] = None
    network: t.Optional[str] = None
    vlan: t.Optional[int] = None
    filter: t.Optional[str] = None
    """The network filter of libvirt that it goes through."""
    type: t.Optional[str] = None
    """`ovs` or `linux`: which kind of bridge `bridge` is; None: it is on none."""


@dataclasses.dataclass(frozen=True)
class Backing(Fact):
    """A part of a VM's memory that is made of huge pages, or that only some nodes of the host may give."""

    mib: int
    page_kib: t.Optional[int] = None
    """The size of a huge page; None: ordinary memory."""
    nodes: list[int] = dataclasses.field(default_factory=list)
    """Numbers of NUMA nodes; empty: any."""


@dataclasses.dataclass(frozen=True)
class Vm(Fact):
    """A VM as its host's libvirt describes it."""

    name: str
    uuid: str
    state: str
    """running, paused, shutdown, shutoff, crashed, suspended (libvirt's virDomainState).

    One that has crashed is kept as it was then (`on_crash`), for somebody to look at; without that it is shut off.
    """
    persistent: bool
    memory_mib: int
    """Maximum memory of the running VM, or of its definition when it is stopped."""
    vcpus: int
    autostart: bool = False
    machine: t.Optional[str] = None
    """The resolved machine type (`pc-q35-7.2`), never an alias."""
    cpu_mode: t.Optional[str] = None
    cpu_model: t.Optional[str] = None
    cpu_features: list[str] = dataclasses.field(default_factory=list)
    """Everything that the CPU of a running VM has, its model's features included; empty: libvirt cannot tell.

    Of a CPU that is passed through it is what libvirt knows by name of the host's.
    """
    virt_type: str = "kvm"
    disks: list[Disk] = dataclasses.field(default_factory=list)
    interfaces: list[Interface] = dataclasses.field(default_factory=list)
    labels: dict[str, str] = dataclasses.field(default_factory=dict)
    policy: Policy = dataclasses.field(default_factory=Policy)
    backing: list[Backing] = dataclasses.field(default_factory=list)
    """What its memory is made of, as far as that is not ordinary memory of any node."""
    secrets: list[str] = dataclasses.field(default_factory=list)
    """UUID or usage of each secret of libvirt that its disks and its TPM need."""
    obstacles: list[str] = dataclasses.field(default_factory=list)
    """Why it cannot be migrated live (host devices, ...); empty means that it can."""
    unsavable: list[str] = dataclasses.field(default_factory=list)
    """Why its memory cannot be saved to disk and restored on its own host; empty means that it can."""
    tied: list[str] = dataclasses.field(default_factory=list)
    """Why it cannot be shut down and started on another host; empty means that it can."""
    emulator_stale: t.Optional[bool] = False
    """It runs on a QEMU binary that has been replaced on disk; None if its host was asked from another one."""

    @property
    def active(self) -> bool:
        """It occupies memory on its host."""
        return self.state in ("running", "paused", "blocked", "suspended", "crashed")

    @property
    def off(self) -> bool:
        """It does not run, and nothing of it is ending just now."""
        return self.state == OFF


@dataclasses.dataclass(frozen=True)
class Pool(Fact):
    """A storage pool. `backend` as in Disk."""

    name: str
    type: str
    active: bool
    backend: str
    path: t.Optional[str] = None
    capacity_mib: int = 0
    free_mib: int = 0


@dataclasses.dataclass(frozen=True)
class Versions(Fact):
    """What runs on the host. `qemu` is the installed emulator, `os` e.g. "Debian 12"."""

    os: t.Optional[str] = None
    kernel: t.Optional[str] = None
    libvirt: t.Optional[str] = None
    qemu: t.Optional[str] = None
    ovs: t.Optional[str] = None


@dataclasses.dataclass(frozen=True)
class Cpu(Fact):
    """A CPU for a guest: a model that libvirt names, and each feature with `require` or `disable`."""

    model: str
    vendor: t.Optional[str] = None
    features: dict[str, str] = dataclasses.field(default_factory=dict)

    @property
    def given(self) -> set[str]:
        """Names of the features that the guest gets, as far as they are named."""
        return {name for name, policy in self.features.items() if policy == "require"}


@dataclasses.dataclass(frozen=True)
class NumaNode(Fact):
    """A NUMA node of a host. `memory_mib` counts its huge pages in."""

    number: int
    memory_mib: int
    pages: dict[str, int] = dataclasses.field(default_factory=dict)
    """MiB that are set aside for huge pages, by their size in KiB: `{"2048": 65536}`."""


@dataclasses.dataclass(frozen=True)
class Capacity(Fact):
    """What the host has and what its emulator can run (virNodeGetInfo, virConnectGetDomainCapabilities)."""

    memory_mib: int
    threads: int
    arch: str
    virt_types: list[str] = dataclasses.field(default_factory=list)
    machines: list[str] = dataclasses.field(default_factory=list)
    cpu_models: list[str] = dataclasses.field(default_factory=list)
    """CPU models that the emulator can give to a guest here (usable="yes")."""
    partial_cpu_models: list[str] = dataclasses.field(default_factory=list)
    """CPU models that it can give only without some of their features (usable="no")."""
    cpus: dict[str, Cpu] = dataclasses.field(default_factory=dict)
    """By virt type: the most that a VM of that type can be given here (libvirt's host-model), with every feature named."""
    machine_aliases: dict[str, str] = dataclasses.field(default_factory=dict)
    """`q35` -> `pc-q35-7.2`"""
    nodes: list[NumaNode] = dataclasses.field(default_factory=list)


@dataclasses.dataclass(frozen=True)
class Member(Fact):
    """That part of a host's facts that tells what VMs can have on all hosts of its cluster."""

    machine_id: str
    versions: Versions
    capacity: Capacity


@dataclasses.dataclass(frozen=True)
class ClusterFacts(Fact):
    """What a VM that is to run on each host of a cluster can have (`hypervisor_info` with `members`)."""

    oldest: str
    """The host with the oldest libvirt; its libvirt has worked out `cpus`."""
    cpus: dict[str, Cpu] = dataclasses.field(default_factory=dict)
    """By virt type: the CPU that all hosts can give, the baseline; the features are those in which it differs from its model."""
    cpu_problems: dict[str, str] = dataclasses.field(default_factory=dict)
    """By virt type: why there is no such CPU, one sentence."""
    machine_aliases: dict[str, str] = dataclasses.field(default_factory=dict)
    """`q35` -> the newest version of it that all hosts have."""
    lacking: dict[str, list[str]] = dataclasses.field(default_factory=dict)
    """Machine -> the hosts that do not have it, of all machines that not every host has."""


@dataclasses.dataclass(frozen=True)
class Stopped(Fact):
    """A VM that was stopped because its host goes, and is owed a start."""

    vm: str
    uuid: str
    way: str
    """`suspend`, `shutdown` (it waits here), `offline` (it goes to `to`)."""
    why: str
    since: str
    """ISO 8601, UTC."""
    to: t.Optional[str] = None
    autostart: bool = False
    """It is to start with its host again once it is back; taken off meanwhile, of a VM whose memory is saved."""


@dataclasses.dataclass(frozen=True)
class Ran(Fact):
    """A VM that ran on its host, in the boot of that id, soft reboots told apart (`userspace_id`)."""

    vm: str
    uuid: str
    boot_id: str


@dataclasses.dataclass(frozen=True)
class Maintenance(Fact):
    """The maintenance record as it lies on the host (`/var/lib/evergreen.virt/maintenance.json`)."""

    owner: str
    reason: str
    since: str
    """ISO 8601, UTC."""
    run_id: t.Optional[str] = None
    epoch: t.Optional[int] = None
    allow: list[str] = dataclasses.field(default_factory=list)
    stopped: list[Stopped] = dataclasses.field(default_factory=list)
    """VMs that were stopped for this maintenance, noted before it was done."""
    ran: list[Ran] = dataclasses.field(default_factory=list)
    """VMs that ran when maintenance began, or were started again since. Empty as soon as the host was proven empty."""
    before: Versions = dataclasses.field(default_factory=Versions)
    """What ran when maintenance began."""
    stage: t.Optional[str] = None
    """The last stage of the run that this host has behind it; `updating` is the one that it is in."""
    impact: t.Optional[str] = None
    """What the run found to be the impact when maintenance began; a resumed run owes the host no less."""
    boot_id: t.Optional[str] = None
    """The host's boot in which its update began, to know whether the reboot it owes has happened."""
    boot: t.Optional[str] = None
    """The reboot that it owes: `soft`, after which `boot_id` stays and `soft_reboots` does not, or `full`, as None."""
    soft_reboots: t.Optional[int] = None
    """The soft reboots of that boot until then."""


@dataclasses.dataclass(frozen=True)
class Lease(Fact):
    """The newest run that a host knows (`/var/lib/evergreen.virt/lease.json`); an older epoch changes nothing here."""

    run_id: str
    epoch: int
    since: str
    """When this run, with this epoch, came first (ISO 8601, UTC)."""
    seen: str
    """When it came last."""
    controller: t.Optional[str] = None
    """Where it runs, as it calls itself."""


@dataclasses.dataclass(frozen=True)
class Health(Fact):
    """Whether the host can take VMs. `problems` is empty if and only if it can."""

    problems: list[str] = dataclasses.field(default_factory=list)

    @property
    def ok(self) -> bool:
        return not self.problems


@dataclasses.dataclass(frozen=True)
class Updates(Fact):
    """What is pending on a host and what it would cost (`hypervisor_updates_info`)."""

    manager: str
    impact: str
    reasons: list[str] = dataclasses.field(default_factory=list)
    """Why the impact is what it is: "libvirt-daemon 9.0.0 -> 11.3.0: restart", one each."""
    unfinished: list[str] = dataclasses.field(default_factory=list)
    """Those of the reasons that earlier updates have left: what runs on is what they replaced, or a boot is owed."""
    manifest: dict[str, str] = dataclasses.field(default_factory=dict)
    """Package -> version after the update, of every package that changes or is new."""
    removed: list[str] = dataclasses.field(default_factory=list)
    target: Versions = dataclasses.field(default_factory=Versions)
    download_mib: int = 0
    full_boot: t.Optional[list[str]] = None
    """Why a soft reboot does not do where the impact is a reboot, one phrase each; None: it was not asked."""
    passed_over: t.Optional[str] = None
    """The release of a kernel that is newer than the running one, and that the boot loader did not choose at the last boot."""
    no_return: t.Optional[str] = "it was not asked for"
    """Why the packages that run now cannot be kept to go back to, one phrase; None: they can."""


@dataclasses.dataclass(frozen=True)
class Kept(Fact):
    """What an update replaces, kept on the host to go back to (`/var/lib/evergreen.virt/kept.json`)."""

    since: str
    """ISO 8601, UTC."""
    packages: dict[str, str] = dataclasses.field(default_factory=dict)
    """Package -> version that the update replaces or removes."""
    new: dict[str, str] = dataclasses.field(default_factory=dict)
    """Package -> version that the update brings, of packages that were not there."""
    automatic: list[str] = dataclasses.field(default_factory=list)
    """Those of `packages` that nobody asked for by name."""
    archives: list[str] = dataclasses.field(default_factory=list)
    """The files with the packages."""
    files: dict[str, t.Optional[str]] = dataclasses.field(default_factory=dict)
    """The package sources that the update changes: path -> copy of it, None if there was no such file."""


@dataclasses.dataclass(frozen=True)
class Host(Fact):
    """Everything known of one host."""

    hostname: str
    machine_id: str
    boot_id: str
    uri: str
    driver: str
    """libvirt's driver name: QEMU, LXC, ..."""
    versions: Versions
    capacity: Capacity
    vms: list[Vm] = dataclasses.field(default_factory=list)
    pools: list[Pool] = dataclasses.field(default_factory=list)
    networks: list[str] = dataclasses.field(default_factory=list)
    """Active libvirt networks."""
    bridges: list[str] = dataclasses.field(default_factory=list)
    """Open vSwitch and Linux bridges that a VM can be attached to."""
    filters: t.Optional[list[str]] = None
    """Network filters of libvirt; None: it was not asked, or has none to ask for."""
    secrets: t.Optional[list[str]] = None
    """UUIDs and usages of libvirt's secrets; None likewise."""
    unsupported: list[str] = dataclasses.field(default_factory=list)
    """What libvirt's driver cannot, each a phrase: "have secrets"."""
    soft_reboots: t.Optional[int] = None
    """Soft reboots since that boot; None: its systemd cannot tell (before 256)."""
    save_free_mib: t.Optional[int] = None
    """What is free where libvirt saves the memory of VMs; None: not known."""
    moving: list[str] = dataclasses.field(default_factory=list)
    """VMs that are leaving this host at this moment (movers of theirs live on it), or arriving."""
    maintenance: t.Optional[Maintenance] = None
    went_down: list[str] = dataclasses.field(default_factory=list)
    """VMs that ran in this maintenance, went down with this host, and are off: `Maintenance.ran`, in a later boot."""
    lease: t.Optional[Lease] = None
    kept: bool = False
    """What its last update replaced lies on it, to go back to."""
    health: Health = dataclasses.field(default_factory=Health)
    schema: int = SCHEMA
