# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""The process that probes: one loop, one tick for each interval, in which every target is asked once by every way."""

from __future__ import annotations

import contextlib
import errno
import gc
import ipaddress
import os
import selectors
import signal
import socket
import time
import typing as t

from .._errors import OperationError
from . import icmp
from .conversation import Conversation
from .folder import Folder
from .gaps import MS, SECOND, Meter, floor_ns
from .records import ICMP, TCP, Kind, Record, encode

LATE_NS = 5 * MS
"""A tick that comes this late is recorded as a stall of the probe itself."""
CLOCK_STEP_NS = MS
UNASKED_NS = 24 * 60 * 60 * SECOND
"""After so long a time in which nobody asked for it, the probe ends by itself."""
PENDING = 1 << 12
"""Requests whose answer is still awaited, for each target."""

_ICMP_FILTER = 1  # linux/icmp.h; Python names neither of them
_SOL_RAW = 255
_SO_RCVBUFFORCE = 33


class Pinger:
    """Asks by ICMP through one raw socket for each IP version.

    :raises OperationError: when this user may open none.
    """

    def __init__(self, selector: selectors.BaseSelector, append: t.Callable[[Record], None]) -> None:
        self._append = append
        self._nonce = os.urandom(8)
        self._identifier = int.from_bytes(self._nonce[:2], "big")
        self._meters: dict[int, Meter] = {}
        self._targets: list[tuple[int, int, tuple[str, int]]] = []
        self._pending: dict[int, dict[int, None]] = {}
        self._number = 0
        self._sockets = {4: _raw_socket(4)}
        with contextlib.suppress(OSError):  # a host without IPv6
            self._sockets[6] = _raw_socket(6)
        for version, raw in self._sockets.items():
            selector.register(raw, selectors.EVENT_READ, lambda now, version=version: self._read(version, now))

    def add(self, number: int, address: str, meter: Meter) -> None:
        """Ask this target from the next tick on."""
        self._meters[number] = meter
        self._pending[number] = {}
        self._targets.append((number, ipaddress.ip_address(address).version, (address, 0)))

    def tick(self) -> None:
        """Ask every target once."""
        self._number += 1
        for target, version, address in self._targets:
            packet = icmp.request(version, self._identifier, self._nonce, icmp.Echo(target, self._number))
            self._meters[target].sent += 1
            pending = self._pending[target]
            pending[self._number] = None
            if len(pending) > PENDING:
                del pending[next(iter(pending))]
            with contextlib.suppress(OSError, KeyError):  # no route now, or no IPv6: nobody answers
                self._sockets[version].sendto(packet, address)

    def _read(self, version: int, now: int) -> None:
        while True:
            try:
                packet = self._sockets[version].recv(2048)
            except OSError:  # empty, or an error that a router reported
                return
            echo = icmp.answer(version, self._nonce, packet)
            if echo is not None and self._pending.get(echo.target, {}).pop(echo.number, self) is None:
                gap = self._meters[echo.target].arrived(now)
                if gap is not None:
                    self._append(gap)


def _raw_socket(version: int) -> socket.socket:
    family, protocol = {4: (socket.AF_INET, socket.IPPROTO_ICMP), 6: (socket.AF_INET6, socket.IPPROTO_ICMPV6)}[version]
    try:
        raw = socket.socket(family, socket.SOCK_RAW, protocol)
    except PermissionError as exc:
        raise OperationError(
            "the probe cannot send ICMP: this user may not open a raw socket.", hint="Run the task as root (become)."
        ) from exc
    raw.setblocking(False)
    with contextlib.suppress(OSError):
        raw.setsockopt(socket.SOL_SOCKET, _SO_RCVBUFFORCE, 1 << 22)
    if version == 4:
        raw.setsockopt(_SOL_RAW, _ICMP_FILTER, (0xFFFFFFFF ^ 1).to_bytes(4, "little"))  # all but echo replies
    return raw


class Prober:
    """Everything the detached process needs; made before it is detached, so that what fails, fails in the task.

    :param resumed: monotonic time up to which an earlier process of this probe recorded, None if there was none.
    :param unasked: nanoseconds for which it goes on when nobody asks for it.
    """

    def __init__(self, folder: Folder, *, resumed: int | None = None, unasked: int = UNASKED_NS) -> None:
        self._folder = folder
        settings = folder.settings()
        self._interval = settings["interval_ms"] * MS
        self._floor = floor_ns(settings["interval_ms"])
        self._samples = folder.open_samples()
        self._selector = selectors.DefaultSelector()
        self._buffer: list[bytes] = []
        self._pinger = Pinger(self._selector, self._append)
        self._conversations: dict[str, Conversation] = {}
        self._meters: list[Meter] = []
        self._names: list[str] = []
        self._offset: int | None = None
        self._stopping = False
        self._asked = False
        self._resumed = resumed
        self._unasked = unasked
        self._ends = 0

    @property
    def descriptors(self) -> set[int]:
        """File descriptors that must stay open in the detached process."""
        polled = {key.fd for key in self._selector.get_map().values()}
        own = getattr(self._selector, "fileno", lambda: -1)()
        return polled | {own, self._samples}

    def run(self) -> None:
        """Probe until SIGTERM, or until nobody has asked for long; SIGHUP makes it read new targets and write what it knows."""
        signal.signal(signal.SIGTERM, lambda _number, _frame: setattr(self, "_stopping", True))
        signal.signal(signal.SIGHUP, lambda _number, _frame: setattr(self, "_asked", True))
        _be_punctual()
        now = time.monotonic_ns()
        if self._resumed is not None:
            self._append(Record(Kind.STALL, self._resumed, now))
        self._load(now)
        self._flush(now)
        tick, flush, self._ends = now, now + SECOND, now + self._unasked
        while not self._stopping and now < self._ends:
            self._receive((tick - time.monotonic_ns()) / SECOND)
            now = time.monotonic_ns()
            if now >= tick:
                tick = self._tick(tick, now)
            if now >= flush or self._asked:
                flush = self._flush_and_load(now)
        self._flush(time.monotonic_ns(), stopped=True)

    def _receive(self, seconds: float) -> None:
        events = self._selector.select(max(0.0, seconds))
        now = time.monotonic_ns()
        for key, _mask in events:
            key.data(now)

    def _tick(self, due: int, now: int) -> int:
        if now - due >= LATE_NS:
            self._append(Record(Kind.STALL, due, now))
        self._pinger.tick()
        for conversation in self._conversations.values():
            conversation.tick(now)
        following: int = due + self._interval
        return following if following > now else now + self._interval

    def _flush_and_load(self, now: int) -> int:
        if self._asked:
            self._asked, self._ends = False, now + self._unasked
            self._load(now)
        self._flush(now)
        return now + SECOND

    def _load(self, now: int) -> None:
        for number, target in enumerate(self._folder.settings()["targets"]):
            if number < len(self._names):
                continue
            self._names.append(target["name"])
            if target["icmp"]:
                self._pinger.add(number, target["address"], self._meter(2 * number + ICMP, now))
            if target["tcp_port"] is not None:
                stream = 2 * number + TCP
                meter = self._meter(stream, now)
                talk = Conversation(target, stream, meter, self._selector, self._append)
                self._conversations[target["name"]] = talk

    def _meter(self, stream: int, now: int) -> Meter:
        meter = Meter(stream, self._floor, now)
        self._meters.append(meter)
        return meter

    def _append(self, record: Record) -> None:
        self._buffer.append(encode(record))

    def _flush(self, now: int, *, stopped: bool = False) -> None:
        offset = time.time_ns() - time.monotonic_ns()
        if self._offset is None or abs(offset - self._offset) > CLOCK_STEP_NS:
            self._offset = offset
            self._append(Record(Kind.CLOCK, now, offset))
        for meter in self._meters:
            self._append(meter.tally(now))
        data, self._buffer = b"".join(self._buffer), []
        while data:
            data = data[os.write(self._samples, data) :]
        answers = {name: conversation.last_answer for name, conversation in self._conversations.items()}
        self._folder.write_status({"pid": os.getpid(), "heartbeat": now, "stopped": stopped, "answers": answers})


def _be_punctual() -> None:
    """Run before everything else on a busy host; where that is not allowed, as well as it goes."""
    gc.freeze()
    try:
        os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(1))
    except OSError as exc:
        if exc.errno not in (errno.EPERM, errno.EINVAL):
            raise
        with contextlib.suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, 0, -15)
