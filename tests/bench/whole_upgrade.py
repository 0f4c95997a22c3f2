# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A whole upgrade of four hosts with twelve VMs on the larger lab: by this collection, and one host at a time with every VM moved back.

The update is a small one that asks for a boot, so what is compared is what each does around it.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
import typing as t
from pathlib import Path

from ansible_collections.evergreen.virt.tests.bench.rows import markdown
from ansible_collections.evergreen.virt.tests.lab.audit import first_audit, losses
from ansible_collections.evergreen.virt.tests.lab.cluster import LARGE, fresh_lab, play
from ansible_collections.evergreen.virt.tests.lab.updates import PACKAGES, SOURCES, Updates

SIDES = {
    "evergreen.virt": ("evergreen.virt.rolling_upgrade", {}),
    "evergreen.virt, waves of two": ("evergreen.virt.rolling_upgrade", {"upgrade_max_hosts_per_wave": 2}),
    "one host at a time, moved back": (str(Path(__file__).with_name("move_back.yml")), {}),
}


def rows(tell: t.Callable[[str], None]) -> list[dict[str, t.Any]]:
    """Start the larger lab, measure each side once, and return a row for each."""
    tell("Starting the larger lab")
    with fresh_lab(LARGE), tempfile.TemporaryDirectory() as folder:
        done = play("evergreen.virt.site", lab=LARGE)
        if done.returncode:
            sys.exit(done.stdout)
        updates = Updates.of(LARGE)
        return [_row(side, updates, Path(folder), tell) for side in SIDES]


def _row(side: str, updates: Updates, folder: Path, tell: t.Callable[[str], None]) -> dict[str, t.Any]:
    playbook, options = SIDES[side]
    directory = folder / side
    updates.publish(PACKAGES["reboot"])
    before = first_audit(LARGE)
    tell(f"upgrade 4 hosts with 12 VMs: {side} ...")
    began = time.monotonic()
    given = {**SOURCES, **options, "upgrade_report_directory": str(directory)}
    done = play(playbook, "-e", json.dumps(given), lab=LARGE)
    seconds = time.monotonic() - began
    lost = losses(before, first_audit(LARGE))
    if done.returncode or lost:
        sys.exit(f"{done.stdout}\n{lost}")
    report = json.loads((directory / "report.json").read_text())
    gaps = [vm["worst_gap_ms"] for vm in report["vms"] if vm["worst_gap_ms"] is not None]
    return {
        "name": "whole_upgrade",
        "side": side,
        "seconds": round(seconds, 1),
        "moves": sum(len(vm["moves"]) for vm in report["vms"]),
        "worst_gap_ms": max(gaps),
        "control_gap_ms": report["vms"][0]["control_gap_ms"],
    }


def table(found: t.Sequence[t.Mapping[str, t.Any]]) -> str:
    """Return the rows as a table of Markdown."""
    return markdown(
        ["whole upgrade", "time", "moves", "worst gap", "of a VM that stays"],
        [
            [
                *(row["side"], f"{row['seconds']:.0f} s", str(row["moves"])),
                *(f"{row['worst_gap_ms']:.0f} ms", f"{row['control_gap_ms']:.0f} ms"),
            ]
            for row in found
        ],
    )
