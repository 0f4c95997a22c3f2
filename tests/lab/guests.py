# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is asked of the lab's guests from the observer, and how long they were silent, as the outside probe saw it."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import tempfile
import types
import typing as t
from pathlib import Path

from .cluster import OBSERVER, SMALL, Lab, run, ssh

PORT = 7000
CONTROL = "control"
"""The VM that stays where it is: its gaps are those of the machine."""


def odd_memory(memory_mib: int) -> list[str]:
    """Return the arguments by which QEMU gives a VM a little more memory, which a VM needs that moves: see fleet_defaults of the lab's inventory."""
    kib = memory_mib * 1024 + 8
    return ["-object", f"memory-backend-ram,id=odd,size={kib}K", "-machine", "memory-backend=odd", "-m", f"{kib}K"]


def say(address: str, command: str) -> None:
    """Give a guest a command of one letter (guest/guestd.c)."""
    script = (
        f"import socket; s = socket.create_connection(('{address}', {PORT}), 5); s.sendall(b'{command}'); s.recv(999)"
    )
    ssh(OBSERVER, f'python3 -c "{script}"')


def now() -> str:
    """Return the time as the probe takes it."""
    return dt.datetime.now(dt.timezone.utc).isoformat()


@dataclasses.dataclass(frozen=True)
class Seen:
    """What the probe saw of some VMs in a window.

    :param gap_ms: VM -> the longest silence of either way, ICMP and TCP; those that never answered are left out.
    :param lost: VM -> how many of its TCP connections broke.
    """

    gap_ms: t.Mapping[str, float]
    lost: t.Mapping[str, int]

    def worst(self, vms: t.Iterable[str]) -> float:
        """Return the worst gap of some VMs."""
        return max((self.gap_ms[vm] for vm in vms if vm in self.gap_ms), default=0.0)

    def above_control(self, vms: t.Iterable[str]) -> float:
        """Return how much longer that is than the gap of the VM that stayed."""
        return self.worst(vms) - self.gap_ms[CONTROL]


class Probe:
    """A context: inside it all guests of a lab are asked from outside.

    :param interval_ms: how often. An answer takes an emulated guest and its host two milliseconds of a processor, and a guest gives two each time: twelve
        that are asked every 25 ms need all of a machine that has two processors, and their gaps are then those of the machine.
    """

    def __init__(
        self, name: str, lab: Lab = SMALL, guests: t.Mapping[str, str] | None = None, interval_ms: int = 100
    ) -> None:
        self._name, self._lab, self._interval_ms = name, lab, interval_ms
        self._guests = lab.guests if guests is None else guests

    def __enter__(self) -> Probe:
        targets = [
            {"name": name, "address": address, "tcp_port": PORT, "track": ["boot_id"]}
            for name, address in self._guests.items()
        ]
        self._ask(state="started", targets=targets, interval_ms=self._interval_ms)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: types.TracebackType | None
    ) -> None:
        self._ask(state="stopped")

    def seen(self, since: str, until: str | None = None) -> Seen:
        """Return what was seen from one time on to another, or to now."""
        probe = self._ask(state="started", since=since, until=until or now())["probe"]
        gaps: dict[str, float] = {}
        lost: dict[str, int] = {}
        for target in probe["targets"]:
            ways = [target[way] for way in ("icmp", "tcp") if target[way]]
            found = [way["worst_gap_ms"] for way in ways if way["worst_gap_ms"] is not None]
            gaps.update({target["name"]: max(found)} if found else {})
            lost[target["name"]] = target["tcp"]["lost"]
        return Seen(gaps, lost)

    def _ask(self, **arguments: t.Any) -> dict[str, t.Any]:
        given = json.dumps({"name": self._name, **arguments})
        with tempfile.TemporaryDirectory() as folder:
            done = run(
                [
                    "ansible",
                    *self._lab.sources,
                    OBSERVER,
                    "-m",
                    "evergreen.virt.vm_probe",
                    "-a",
                    given,
                    "--tree",
                    folder,
                ]
            )
            if done.returncode:
                raise RuntimeError(done.stdout)
            answer: dict[str, t.Any] = json.loads((Path(folder) / OBSERVER).read_text(encoding="utf-8"))
            return answer
