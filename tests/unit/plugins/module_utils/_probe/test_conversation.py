# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import errno
import selectors
import socket

import pytest

from ansible_collections.evergreen.virt.plugins.module_utils._probe.conversation import RETRY_MS, Conversation
from ansible_collections.evergreen.virt.plugins.module_utils._probe.gaps import MS, Meter


def test_a_kernel_without_ipv6_is_nobody_who_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    attempts = []

    def refuse(family: int, _kind: int) -> socket.socket:
        attempts.append(family)
        raise OSError(errno.EAFNOSUPPORT, "Address family not supported by protocol")

    monkeypatch.setattr(socket, "socket", refuse)
    meter = Meter(0, 20 * MS, 0)
    target = {"address": "2001:db8::1", "tcp_port": 7, "tcp_request": "q\n", "track": []}
    with selectors.DefaultSelector() as selector:
        asked = Conversation(target, 0, meter, selector, lambda _record: None)
        asked.tick(MS)
        asked.tick(2 * MS)
        asked.tick(MS + RETRY_MS * MS)
        asked.ready(MS)
        assert not selector.get_map()
    assert attempts == [socket.AF_INET6, socket.AF_INET6]
    assert meter.sent == 0
