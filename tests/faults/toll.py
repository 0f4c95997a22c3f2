# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What faults have cost: counted by an audit, which shares no code with the collection, and kept as build/faults.json."""

from __future__ import annotations

import dataclasses
import json
import typing as t
from pathlib import Path

from ansible_collections.evergreen.virt.tests.lab.audit import Audit


@dataclasses.dataclass
class Toll:
    """One row. The VMs are counted once for each try that cost them something.

    :param finished_on_rerun: how many tries the same command has finished afterwards, from an empty folder.
    """

    fault: str
    seed: int
    tried: int = 0
    vms_lost: int = 0
    vms_doubled: int = 0
    vms_stopped: int = 0
    finished_on_rerun: int = 0

    @property
    def paid(self) -> bool:
        """Whether anything was lost, or a try was not finished."""
        return bool(self.vms_lost or self.vms_doubled or self.vms_stopped) or self.finished_on_rerun < self.tried

    def count(self, before: Audit, audits: t.Sequence[Audit], crashed: frozenset[str]) -> None:
        """Add what a try has cost, as its audits have seen it.

        :param crashed: VMs whose host crashed under them: they may have been restarted, and no more than that.
        """
        self.vms_lost += len(set().union(*(lost(before, after) for after in audits)))
        self.vms_doubled += len(set().union(*(doubled(after) for after in audits)))
        self.vms_stopped += len(set().union(*(stopped(before, after) for after in audits)) - crashed)


def lost(before: Audit, after: Audit) -> set[str]:
    """Return the VMs that no host defines or runs, that do not answer, or lack records on their disks."""
    return {
        vm
        for vm, answer in after.guests.items()
        if not after.places("defined", vm)
        or not after.places("running", vm)
        or "error" in answer
        or answer["missing"]
        or answer["damaged"]
        or answer["records"] < before.guests[vm]["records"]
    }


def doubled(after: Audit) -> set[str]:
    """Return the VMs that two hosts run, or define."""
    return {vm for vm in after.guests for kind in ("active", "defined") if len(after.places(kind, vm)) > 1}


def stopped(before: Audit, after: Audit) -> set[str]:
    """Return the VMs that answer from another boot than before."""
    return {
        vm
        for vm, answer in after.guests.items()
        if "error" not in answer and answer["boot_id"] != before.guests[vm]["boot_id"]
    }


def left_behind(after: Audit) -> list[str]:
    """Return one sentence for each thing on a host that should have gone."""
    return [
        *(f"{host} is in maintenance" for host, found in after.hosts.items() if found["in_maintenance"]),
        *_each(after, "failed_units", "{} has failed on {}"),
        *_each(after, "moving", "{} moves on {}"),
        *_each(after, "stray_ports", "{} on {} is no VM's"),
        *_each(after, "helpers", "{} is still there on {}"),
        *_each(after, "stray_emulators", "QEMU of {} runs on {} without libvirt"),
        *_each(after, "files_of_a_run", "{} is still there on {}"),
    ]


def _each(after: Audit, kind: str, sentence: str) -> list[str]:
    return [sentence.format(thing, host) for host, found in after.hosts.items() for thing in found[kind]]


def table(rows: list[Toll]) -> str:
    """Return the rows as text, one line each."""
    heads = [field.name for field in dataclasses.fields(Toll)]
    cells = [heads, *([str(value) for value in dataclasses.astuple(row)] for row in rows)]
    widths = [max(map(len, column)) for column in zip(*cells)]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(line, widths)).rstrip() for line in cells)


def write(rows: list[Toll], path: Path) -> None:
    """Write the rows as JSON."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps([dataclasses.asdict(row) for row in rows], indent=2) + "\n")
