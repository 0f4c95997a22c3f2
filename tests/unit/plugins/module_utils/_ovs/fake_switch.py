# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The other end of a management socket: answers what a test says, and keeps what it was told."""

from __future__ import annotations

import contextlib
import socket
import threading
import typing as t
from pathlib import Path

from ansible_collections.evergreen.virt.plugins.module_utils._ovs import openflow as of
from ansible_collections.evergreen.virt.plugins.module_utils._ovs.openflow_switch import receive, send

Answers = t.Callable[[of.Message], list[of.Message]]


class FakeSwitch:
    """One bridge that takes one connection.

    :param answers: what it says to a message; None: it closes the connection.
    """

    def __init__(self, folder: Path, answers: Answers, versions: t.Sequence[int] = of.SPOKEN) -> None:
        self.told: list[of.Message] = []
        self._answers = answers
        self._versions = versions
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._listener.bind(str(folder / "br0.mgmt"))
        self._listener.listen()
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self) -> FakeSwitch:
        self._thread.start()
        return self

    def __exit__(self, *_skipped: object) -> None:
        self._thread.join(5)
        self._listener.close()

    def _serve(self) -> None:
        stream, _skipped = self._listener.accept()
        with stream, contextlib.suppress(ConnectionError):
            send(stream, of.hello(0, self._versions))
            while True:
                message = receive(stream)
                if message is None:
                    return
                self.told.append(message)
                send(stream, *self._answers(message))


def agreeable(message: of.Message) -> list[of.Message]:
    """Say yes to everything that wants an answer."""
    if message.type == of.BUNDLE_CONTROL:
        return [of.Message(message.version, of.BUNDLE_CONTROL, message.xid, of.bundle_reply(message.body))]
    if message.type == of.BARRIER_REQUEST:
        return [of.Message(message.version, of.BARRIER_REQUEST + 1, message.xid)]
    if message.type == of.MULTIPART_REQUEST:
        kind = of.part(message.body)[0]
        return [of.Message(message.version, of.MULTIPART_REPLY, message.xid, body) for body in of.parts(kind, [])]
    return []
