# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Ten VMs leave a host over a slow link: by this collection, so many at a time, and by a loop of `virsh migrate --live` as an administrator would write it.

Each is held against the time that the link itself takes for the bytes that were sent, and watched from outside. The VMs have memory that is worth
sending: a file of random bytes in their first file system, and what is left of the archive that it came out of.
"""

from __future__ import annotations

import dataclasses
import functools
import json
import os
import sys
import time
import typing as t

from ansible_collections.evergreen.virt.tests.bench.rows import markdown
from ansible_collections.evergreen.virt.tests.lab.audit import Audit, first_audit, losses
from ansible_collections.evergreen.virt.tests.lab.cluster import (
    CLUSTER,
    INVENTORY,
    ROOT,
    RUN,
    Lab,
    fresh_lab,
    play,
    ssh,
)
from ansible_collections.evergreen.virt.tests.lab.guests import CONTROL, Probe, now, odd_memory

COUNT = 10
MIB = 2**20
BALLAST_MIB = 240
MEMORY_MIB = 640
LINK = 50_000_000
"""Bytes that the link of the host carries in a second."""
IMAGE = "ballast.img"
"""Below /srv/shared on the hosts."""
HOST, TARGETS = CLUSTER[0], CLUSTER[1:]
LINK_OF_HOST = "host0"

VMS = {f"heavy{number}": f"10.213.10.{50 + number}" for number in range(COUNT)}
LAB = Lab((INVENTORY,), CLUSTER, {**VMS, CONTROL: "10.213.10.30"})
EVACUATE = "evergreen.virt.evacuate"

Row = dict[str, t.Any]


def archive(name: str, content: bytes) -> bytes:
    """Return a file as an archive that a kernel unpacks into its first file system (cpio's format newc)."""
    return _member(name, 0o100644, content) + _member("TRAILER!!!", 0, b"")


def _member(name: str, mode: int, content: bytes) -> bytes:
    fields = (1, mode, 0, 0, 1, 0, len(content), 0, 0, 0, 0, len(name) + 1, 0)
    head = b"070701" + b"".join(b"%08X" % field for field in fields) + name.encode() + b"\0"
    return _padded(head) + _padded(content)


def _padded(data: bytes) -> bytes:
    return data + b"\0" * (-len(data) % 4)


def fleet(memory_mib: int = MEMORY_MIB) -> dict[str, t.Any]:
    """Return the variables of the VMs: those that are moved, on one host, and the one that stays."""
    heavy = {
        "memory_mib": memory_mib,
        "initrd": f"/srv/shared/{IMAGE}",
        "qemu_arguments": odd_memory(memory_mib),
    }
    known: list[Row] = [{"name": name, "host": HOST, **heavy} for name in VMS]
    known.append({"name": CONTROL, "host": "watch", "policy": {"evacuation": "stay"}})
    return {
        "fleet_vms": [
            {**vm, "cmdline": f"console=ttyS0 quiet evg.ip={LAB.guests[str(vm['name'])]}/24 evg.name={vm['name']}"}
            for vm in known
        ]
    }


def rows(tell: t.Callable[[str], None]) -> list[Row]:
    """Start the lab anew, measure each side once, and return a row for each."""
    tell(f"Starting a lab with {COUNT} VMs on one host")
    with fresh_lab(LAB):
        guest = (ROOT / ".cache" / "lab" / "guest" / "initrd.img").read_bytes()
        (RUN / "shared" / IMAGE).write_bytes(_padded(guest) + archive("ballast", os.urandom(BALLAST_MIB * MIB)))
        _played("evergreen.virt.site", "-e", json.dumps(fleet()))
        before = first_audit(LAB)
        with Probe("evacuation", LAB) as probe:
            return [_row(side, probe, before, tell) for side in SIDES]


def ours(parallel: int) -> None:
    """Let the collection empty the host."""
    _played(EVACUATE, "--limit", HOST, "-e", f"maintenance_parallel_moves={parallel}")


def loop() -> None:
    """Let a shell do it, from the host itself."""
    targets = " ".join(TARGETS)
    ssh(
        HOST,
        f"set -e; set -- {targets}; for vm in $(virsh list --name); do"
        " virsh migrate --live --persistent --undefinesource $vm qemu+tls://$1/system; set -- $2 $1; done",
        timeout=1800,
    )


@dataclasses.dataclass(frozen=True)
class Side:
    """Who empties the host.

    :param at_a_time: how many VMs move at a time, None if that is nothing to choose.
    """

    name: str
    work: t.Callable[[], None]
    at_a_time: int | None = None


SIDES = (
    *(Side(f"evergreen.virt, {count} at a time", functools.partial(ours, count), count) for count in (1, 2, 4, 8)),
    Side("a loop of virsh migrate --live", loop),
)


def _row(side: Side, probe: Probe, before: Audit, tell: t.Callable[[str], None]) -> Row:
    tell(f"{COUNT} VMs leave a host: {side.name} ...")
    _throttle(LINK)
    try:
        since, sent, began = now(), _sent(), time.monotonic()
        side.work()
        seconds, sent = time.monotonic() - began, _sent() - sent
        seen = probe.seen(since)
    finally:
        _throttle(None)
    found = first_audit(LAB)
    lost = [*losses(before, found), *(f"{vm}: a connection was lost" for vm, count in seen.lost.items() if count)]
    if lost or found.hosts[HOST]["active"]:
        sys.exit(f"{side.name}: {lost or 'the host is not empty'}")
    _bring_back(found)
    return row(side, seconds, sent, seen.worst(VMS), seen.gap_ms[CONTROL])


def row(side: Side, seconds: float, sent: int, gap_ms: float, control_ms: float) -> Row:
    """Return a row of evacuation.json; `times_the_link` is how many times as long it took as the link does for the bytes."""
    return {
        "name": "evacuation",
        "side": side.name,
        "at_a_time": side.at_a_time,
        "vms": COUNT,
        "seconds": round(seconds, 1),
        "sent_mb": round(sent / 1e6),
        "times_the_link": round(seconds * LINK / sent, 2),
        "worst_gap_ms": round(gap_ms),
        "control_gap_ms": round(control_ms),
    }


def table(found: t.Sequence[Row]) -> str:
    """Return the rows as a table of Markdown."""
    return markdown(
        [
            *(f"{COUNT} VMs leave a host over {LINK // 1_000_000} MB/s", "time", "sent", "of the link's own time"),
            *("worst gap", "of a VM that stays"),
        ],
        [
            [
                *(one["side"], f"{one['seconds']:.0f} s", f"{one['sent_mb']} MB", f"{one['times_the_link']:.2f}"),
                *(f"{one['worst_gap_ms']} ms", f"{one['control_gap_ms']} ms"),
            ]
            for one in found
        ],
    )


def _throttle(bytes_per_s: int | None) -> None:
    """Let the link by which VMs leave the host carry no more than that, or as much as it can."""
    how = f"replace dev {LINK_OF_HOST} root tbf rate {bytes_per_s}bps burst 256kb latency 20ms" if bytes_per_s else ""
    ssh(HOST, f"tc qdisc {how}" if how else f"tc qdisc del dev {LINK_OF_HOST} root 2>/dev/null || true")


def _sent() -> int:
    return int(ssh(HOST, "cat", f"/sys/class/net/{LINK_OF_HOST}/statistics/tx_bytes"))


def _bring_back(found: Audit) -> None:
    """Let the VMs be where they were, and the host in service."""
    _played(EVACUATE, "--limit", HOST, "-e", "maintenance_state=disabled")
    for target in TARGETS:
        for vm in found.hosts[target]["active"]:
            ssh(
                target,
                f"virsh migrate --live --persistent --undefinesource {vm} qemu+tls://{HOST}/system",
                timeout=300,
            )


def _played(playbook: str, *arguments: str) -> None:
    done = play(playbook, *arguments, lab=LAB)
    if done.returncode:
        sys.exit(done.stdout)
