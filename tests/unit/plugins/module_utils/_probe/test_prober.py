# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How long the process that probes lives. It sends nothing here: it has no targets."""

from __future__ import annotations

import os
import signal
import socket
import threading
import time
import typing as t
from pathlib import Path

import pytest

from ansible_collections.evergreen.virt.plugins.module_utils._probe import prober
from ansible_collections.evergreen.virt.plugins.module_utils._probe.folder import Folder
from ansible_collections.evergreen.virt.plugins.module_utils._probe.gaps import MS, SECOND
from ansible_collections.evergreen.virt.plugins.module_utils._probe.prober import Prober

UNASKED = 300 * MS


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> t.Iterator[Folder]:
    handlers = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGHUP)}
    pairs: list[socket.socket] = []

    def no_raw_socket(_version: int) -> socket.socket:
        pair = socket.socketpair()
        pairs.extend(pair)
        pair[0].setblocking(False)
        return pair[0]

    monkeypatch.setattr(prober, "_raw_socket", no_raw_socket)  # only root may open one
    monkeypatch.setattr(prober, "_be_punctual", lambda: None)
    made = Folder("p", root=tmp_path)
    made.create({"interval_ms": 10, "targets": []})
    yield made
    for number, handler in handlers.items():
        signal.signal(number, handler)
    for one in pairs:
        one.close()


def lifetime(folder: Folder, *, unasked: int, **signals: float) -> int:
    """Return for how many nanoseconds a probe ran.

    :param signals: after how many seconds it gets which signal.
    """
    timers = [
        threading.Timer(seconds, os.kill, (os.getpid(), getattr(signal, name))) for name, seconds in signals.items()
    ]
    probe, began = Prober(folder, unasked=unasked), time.monotonic_ns()
    for timer in timers:
        timer.start()
    probe.run()
    ended = time.monotonic_ns()
    for timer in timers:
        timer.join()
    return ended - began


def test_it_ends_when_nobody_asks(folder: Folder) -> None:
    assert lifetime(folder, unasked=UNASKED) >= UNASKED
    assert folder.status()["stopped"]


def test_who_asks_keeps_it(folder: Folder) -> None:
    assert lifetime(folder, unasked=UNASKED, SIGHUP=0.15) >= UNASKED + 150 * MS


def test_it_is_stopped_before(folder: Folder) -> None:
    assert lifetime(folder, unasked=3600 * SECOND, SIGTERM=0.05) < 60 * SECOND
    assert folder.status()["stopped"]


def test_a_day_is_what_it_waits() -> None:
    assert prober.UNASKED_NS == 86_400 * SECOND
