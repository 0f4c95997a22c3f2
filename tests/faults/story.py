# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A rolling upgrade that something is done to in the middle, as the tests of this folder tell it."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import time
import typing as t
from pathlib import Path

from ansible_collections.evergreen.virt.tests.lab.audit import Audit, audit, first_audit, losses
from ansible_collections.evergreen.virt.tests.lab.cluster import (
    CLUSTER,
    SMALL,
    Lab,
    fresh_lab,
    play,
    playbook_argv,
    ssh,
)

T = t.TypeVar("T")
SLOWLY = ("-e", "upgrade_move_bandwidth_mib=16")
"""So that there is a middle of a move to break something in."""
ONCE = ("-e", "upgrade_retries=0")
"""So that what a fault leaves is seen, and what the same command makes of it."""


class Story:
    """One upgrade of the lab; each fault is followed by an audit and a new controller."""

    def __init__(self, folder: Path, before: Audit, lab: Lab = SMALL) -> None:
        self.folder = folder
        self.before = before
        self.lab = lab
        self.runs = 0

    def start(self, *arguments: str) -> tuple[subprocess.Popen[bytes], Path]:
        """Start the upgrade on a controller that knows nothing: an empty folder of its own."""
        self.runs += 1
        controller = self.folder / f"controller{self.runs}"
        controller.mkdir()
        options = (*ONCE, "-e", f"upgrade_report_directory={controller}", *arguments)
        process = subprocess.Popen(
            playbook_argv("evergreen.virt.rolling_upgrade", *options, inventories=self.lab.inventories),
            cwd=controller,
            stdin=subprocess.DEVNULL,
            stdout=(controller / "output").open("wb"),
            stderr=subprocess.STDOUT,
            start_new_session=True,
            env=os.environ | {"ANSIBLE_NOCOLOR": "1"},
        )
        return process, controller

    def assert_nothing_lost(self) -> None:
        """Every VM runs exactly once, is defined exactly once, with its boot and its records.

        A move that goes on without its controller is given the time to end.
        """
        end = time.monotonic() + 90
        while found := losses(self.before, audit(self.lab)):
            assert time.monotonic() < end, found


@contextlib.contextmanager
def fresh_cluster(folder: Path, lab: Lab = SMALL) -> t.Iterator[Story]:
    """A lab whose hosts are hypervisors with VMs on them, for the length of the body.

    :param folder: for what the controllers leave.
    """
    with fresh_lab(lab):
        done = play("evergreen.virt.site", lab=lab)
        assert done.returncode == 0, done.stdout
        yield Story(folder, first_audit(lab), lab)


def wait_until(
    happened: t.Callable[[], T | None], what: str, process: subprocess.Popen[bytes], seconds: float = 600
) -> T:
    """Wait for something in the middle of a run, and return it; fail if the run ends first."""
    end = time.monotonic() + seconds
    while not (seen := happened()):
        assert process.poll() is None, f"the run ended before {what}"
        assert time.monotonic() < end, f"no {what} within {seconds} s"
        time.sleep(0.2)
    return seen


def a_move_from(host: str) -> bool:
    """Return whether libvirt on a host is sending a VM away at this moment."""
    # of a VM that has just gone, or is just coming, libvirt may refuse to tell
    script = 'for vm in $(virsh list --name); do virsh domjobinfo "$vm" 2>/dev/null || true; done'
    return "Outgoing migration" in ssh(host, script)


def moving() -> str | None:
    """Return the host that is sending a VM away at this moment."""
    return next((host for host in CLUSTER if a_move_from(host)), None)


def stage(controller: Path, host: str) -> str | None:
    """Return the stage that the journal saw a host enter last."""
    journal = controller / "journal.ndjson"
    complete = journal.read_text().rpartition("\n")[0] if journal.exists() else ""  # the last line may just be written
    events = [json.loads(line) for line in complete.splitlines()]
    return next((event["stage"] for event in reversed(events) if event.get("host") == host and "stage" in event), None)
