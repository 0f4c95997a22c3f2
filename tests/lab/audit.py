# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An independent look at the lab: what the hosts and the guests themselves say, past the collection and its reports."""

from __future__ import annotations

import dataclasses
import json
import time
import typing as t
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from .cluster import OBSERVER, SMALL, Lab, ssh

REMOTE = Path(__file__).parent / "remote"


@dataclasses.dataclass(frozen=True)
class Audit:
    """What was found: `hosts` as remote/inspect_host.py prints, `guests` as remote/ask_guests.py prints."""

    hosts: dict[str, dict[str, t.Any]]
    guests: dict[str, dict[str, t.Any]]

    def places(self, kind: str, vm: str) -> list[str]:
        """Return the hosts where a VM is `running`, `active` or `defined`."""
        return [name for name, found in self.hosts.items() if vm in found[kind]]


def audit(lab: Lab = SMALL) -> Audit:
    """Ask every host and every guest, all at a time."""
    guests = [f"{name}={address}" for name, address in lab.guests.items()]
    with ThreadPoolExecutor() as pool:
        hosts = {host: pool.submit(_ask, host, "inspect_host.py") for host in (*lab.cluster, OBSERVER)}
        asked = pool.submit(_ask, OBSERVER, "ask_guests.py", *guests)
        return Audit({host: answer.result() for host, answer in hosts.items()}, asked.result())


def _ask(host: str, program: str, *arguments: str) -> dict[str, t.Any]:
    answer = ssh(host, "python3", "-", *arguments, stdin=(REMOTE / program).read_text(), timeout=300)
    return t.cast(dict[str, t.Any], json.loads(answer))


def first_audit(lab: Lab = SMALL, seconds: float = 180) -> Audit:
    """Audit as soon as every guest has booted.

    :raises TimeoutError: when one does not answer in that time.
    """
    end = time.monotonic() + seconds
    while True:
        found = audit(lab)
        silent = [name for name, answer in found.guests.items() if "error" in answer]
        if not silent:
            return found
        if time.monotonic() > end:
            raise TimeoutError(f"no answer within {seconds:.0f} s from {', '.join(silent)}")
        time.sleep(1)


def losses(before: Audit, after: Audit) -> list[str]:
    """Return one sentence for each thing that was lost between two audits; none means that nothing was."""
    found = []
    for vm in before.guests:
        places = {kind: after.places(kind, vm) for kind in ("running", "defined")}
        found += [f"{vm} is {kind} on {hosts or 'no host'}" for kind, hosts in places.items() if len(hosts) != 1]
        found += _guest_losses(vm, before.guests[vm], after.guests[vm])
    return found


def _guest_losses(vm: str, before: dict[str, t.Any], after: dict[str, t.Any]) -> t.Iterator[str]:
    if "error" in after:
        yield f"{vm} does not answer: {after['error']}"
        return
    if after["boot_id"] != before["boot_id"]:
        yield f"{vm} was restarted"
    if after["missing"] or after["damaged"]:
        yield f"{vm} lacks {after['missing']} disk records and {after['damaged']} are damaged"
    if after["records"] < before["records"]:
        yield f"{vm} had {before['records']} disk records and has {after['records']}"
