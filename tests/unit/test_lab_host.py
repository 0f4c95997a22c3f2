# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The power switch of the lab's hosts, on processes that stand for them."""

from __future__ import annotations

import subprocess
import typing as t

import pytest

from ansible_collections.evergreen.virt.tests.lab import host as power


class Boots:
    """A host whose first process ends with a boot, so that for two looks there is none, and then another one."""

    name = "h1"

    def __init__(self) -> None:
        self.processes = [subprocess.Popen(["sleep", "60"]) for _boot in range(2)]
        self.looks = 0

    def init(self) -> int | None:
        self.looks += 1
        found = {1: self.processes[0], 4: self.processes[1]}.get(self.looks)
        return found.pid if found else None

    @property
    def is_down(self) -> bool:
        return self.processes[1].poll() is not None


def test_a_host_that_boots_while_its_power_is_cut_stays_down(monkeypatch: pytest.MonkeyPatch) -> None:
    host = Boots()
    monkeypatch.setattr(power, "running_init", lambda _host: host.init())
    monkeypatch.setattr(power, "is_down", lambda _host: host.is_down)
    try:
        power.crash([t.cast("power.Host", host)])
        assert host.processes[1].wait(1) == -9
    finally:
        for process in host.processes:
            process.kill()
            process.wait()
