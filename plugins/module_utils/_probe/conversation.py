# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""A request/answer conversation over one TCP connection that is kept open as long as it lives."""

from __future__ import annotations

import errno
import json
import selectors
import socket
import typing as t

from .gaps import MS, Meter
from .records import Kind, Record

CONNECT_MS = 1000
"""How long one attempt to connect may take."""
RETRY_MS = 100
"""How long to wait before the next attempt."""
ANSWER_LIMIT = 4096
"""Bytes of an answer line that are looked at."""


class Conversation:
    """Asks one target at each tick; answers are lines.

    :param append: writes a record.
    """

    def __init__(
        self,
        target: t.Mapping[str, t.Any],
        stream: int,
        meter: Meter,
        selector: selectors.BaseSelector,
        append: t.Callable[[Record], None],
    ) -> None:
        self.meter = meter
        self.last_answer: str | None = None
        self._address = (target["address"], target["tcp_port"])
        self._family = socket.AF_INET6 if ":" in target["address"] else socket.AF_INET
        self._request = target["tcp_request"].encode()
        self._track = target["track"]
        self._stream = stream
        self._selector = selector
        self._append = append
        self._values: dict[str, t.Any] = {}
        self._socket: socket.socket | None = None
        self._established = False
        self._due = 0
        self._unsent = b""
        self._received = b""

    def tick(self, now: int) -> None:
        """Send a request, or do what leads to a connection."""
        if self._established:
            self._ask(now)
        elif now >= self._due:
            self._close(now)
            self._connect(now)

    def _connect(self, now: int) -> None:
        try:
            connection = socket.socket(self._family, socket.SOCK_STREAM)
        except OSError:  # no IPv6, or too many files are open: nobody answers, until the next attempt
            return
        connection.setblocking(False)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket = connection
        self._due = now + CONNECT_MS * MS
        if connection.connect_ex(self._address) in (0, errno.EINPROGRESS):
            self._selector.register(connection, selectors.EVENT_WRITE, self.ready)
        else:
            self._close(now)

    def ready(self, now: int) -> None:
        """Go on: the selector says that the socket is ready."""
        if self._established:
            self._read(now)
        elif self._socket is not None:
            self._finish_connect(self._socket, now)

    def _finish_connect(self, connection: socket.socket, now: int) -> None:
        if connection.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR):
            self._close(now)
            return
        self._established = True
        self._unsent = self._received = b""
        self._selector.modify(connection, selectors.EVENT_READ, self.ready)
        self._append(Record(Kind.CONNECTED, now, stream=self._stream))

    def _ask(self, now: int) -> None:
        if self._socket is None:
            return
        data = self._unsent or self._request
        try:
            count = self._socket.send(data)
        except BlockingIOError:  # the target is silent and the kernel's buffer is full of requests
            return
        except OSError as exc:
            self._break(now, exc.errno or 0)
            return
        self._unsent = data[count:]
        if not self._unsent:
            self.meter.sent += 1

    def _read(self, now: int) -> None:
        if self._socket is None:
            return
        try:
            data = self._socket.recv(1 << 16)
        except BlockingIOError:
            return
        except OSError as exc:
            self._break(now, exc.errno or 0)
            return
        if not data:
            self._break(now, 0)
            return
        *lines, rest = (self._received + data).split(b"\n")
        self._received = rest[:ANSWER_LIMIT]
        if lines:
            gap = self.meter.arrived(now, len(lines))
            if gap is not None:
                self._append(gap)
            for line in lines:
                self._note(line[:ANSWER_LIMIT], now)

    def _note(self, line: bytes, now: int) -> None:
        self.last_answer = line.decode(errors="replace")
        if not self._track:
            return
        try:
            answer = json.loads(line)
        except ValueError:
            return
        if not isinstance(answer, dict):
            return
        for key in self._track:
            if key in answer and (key not in self._values or self._values[key] != answer[key]):
                self._values[key] = answer[key]
                text = json.dumps([key, answer[key]])
                self._append(Record(Kind.VALUE, now, stream=self._stream, text=text))

    def _break(self, now: int, error: int) -> None:
        self._append(Record(Kind.LOST, now, stream=self._stream, sent=error))
        self._close(now)

    def _close(self, now: int) -> None:
        self._established = False
        self._due = now + RETRY_MS * MS
        if self._socket is not None:
            if self._socket.fileno() in self._selector.get_map():
                self._selector.unregister(self._socket)
            self._socket.close()
            self._socket = None
