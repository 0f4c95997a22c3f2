# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""What a mover is told and what it tells: plain data that lies on the source host while a VM moves. Pure."""

from __future__ import annotations

import dataclasses
import typing as t

from .._facts import Fact

QUEUED, RUNNING, MOVED, CANCELLED, FAILED = "queued", "running", "moved", "cancelled", "failed"
OFF = "off"
"""The VM has shut down by itself, or was destroyed, while it moved: there is nothing left to move."""
LIVE, OFFLINE = "live", "offline"
KINDS = (LIVE, OFFLINE)
UNCOMPRESSED, XBZRLE, ZLIB, ZSTD = "none", "xbzrle", "zlib", "zstd"
COMPRESSIONS = (UNCOMPRESSED, XBZRLE, ZLIB, ZSTD)
UNDER_WAY = (QUEUED, RUNNING)
PRECOPY = "precopy"
"""The step of the ladder with which libvirt begins to send."""
POSTCOPY, CANCEL = "postcopy", "cancel"
"""Steps of the ladder that are final."""

Ending = dict[str, t.Any]
"""How a move ended: fields of `Status`."""


@dataclasses.dataclass(frozen=True)
class Order(Fact):
    """Everything that a mover needs, also one that has to take over from a mover that died.

    :param attempt: the move's own id: who knows it asks for this move's ending and begins no other.
    :param to: the target's name, for people.
    :param address: where the target's libvirtd is reached by TLS.
    :param data_address: where the target's QEMU is reached.
    :param offline: only its definition goes.
    :param restart: it runs, or ran before it was shut down for this move: it is started on the target.
    :param stop_s: for its shutdown.
    :param busy_s: how long a backup or a block job is waited for.
    :param state: the VM's state when the move began, which is what the target must show afterwards.
    :param copy_disks: targets of the disks that only the source has, e.g. `vda`.
    :param leaves_behind: their paths on the source.
    :param compression: one of `COMPRESSIONS`; zlib and zstd are what libvirt has for several connections, even if it is one.
    :param plain: why it is sent over one connection and uncompressed, empty if that is as it was wished.
    :param run_id: the run that has begun it, None if that was none.
    """

    attempt: str
    vm: str
    uuid: str
    to: str
    address: str
    data_address: str
    uri: str
    tls: bool = True
    offline: bool = False
    restart: bool = False
    stop_s: float = 300.0
    busy_s: float = 300.0
    persistent: bool = True
    autostart: bool = False
    state: str = "running"
    copy_disks: list[str] = dataclasses.field(default_factory=list)
    leaves_behind: list[str] = dataclasses.field(default_factory=list)
    bandwidth_mib: t.Optional[int] = None
    downtime_start_ms: int = 30
    max_downtime_ms: int = 300
    timeout_s: float = 3600.0
    stall_s: float = 30.0
    post_copy: bool = False
    parallel_connections: int = 1
    compression: str = UNCOMPRESSED
    plain: str = ""
    run_id: t.Optional[str] = None

    @property
    def parallel(self) -> bool:
        """Whether memory is sent by libvirt's way for several connections."""
        return self.parallel_connections > 1 or self.compression in (ZLIB, ZSTD)


@dataclasses.dataclass(frozen=True)
class Progress(Fact):
    """How far a running move is.

    :param phase: `waiting` (for another job of the VM), `begin`, `disk`, `memory` or `postcopy`.
    :param percent: of what has to be sent in the present round.
    :param rate_mib: MiB per second.
    """

    phase: str = "begin"
    percent: int = 0
    remaining_mib: int = 0
    rate_mib: float = 0.0
    throttle: int = 0


@dataclasses.dataclass(frozen=True)
class Status(Fact):
    """What is known of a move; `result` is one of queued, running, moved, off, cancelled, failed.

    :param started: ISO 8601, UTC.
    :param waited_s: seconds until it could begin, because of a backup or a block job.
    :param reason: why it was not moved, or how it ended, one sentence.
    :param bytes: memory and disks that were sent.
    :param adopted: how often a mover took over from one that died.
    :param boot_id: the boot of the source in which it began (`userspace_id`).
    """

    order: Order
    started: str
    result: str = RUNNING
    reason: str = ""
    code: str = ""
    ladder: list[str] = dataclasses.field(default_factory=list)
    downtime_limit_ms: t.Optional[int] = None
    progress: Progress = dataclasses.field(default_factory=Progress)
    waited_s: float = 0.0
    seconds: t.Optional[float] = None
    downtime_ms: t.Optional[int] = None
    bytes: t.Optional[int] = None
    left_behind: list[str] = dataclasses.field(default_factory=list)
    warnings: list[str] = dataclasses.field(default_factory=list)
    pid: int = 0
    adopted: int = 0
    boot_id: str = ""

    @property
    def under_way(self) -> bool:
        return self.result in UNDER_WAY
