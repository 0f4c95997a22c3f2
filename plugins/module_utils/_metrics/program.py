# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""The program that a timer of the host runs: it writes what is known of this host for node_exporter's textfile collector.

Nothing of it changes the host, and apart from Open vSwitch's socket it talks to nobody.
"""

from __future__ import annotations

import argparse
import pathlib
import sys
import time
import typing as t

from .._errors import ConflictError, UnavailableError, VirtError
from .._files import write_atomically
from .._ovs import bridge, switch
from .._ovs.connection import OVS, Remote, connect, joined
from .._state import lease, record
from .._updates.apt_state import lists_time
from .._updates.assessment import assessed
from .._updates.managers import package_manager
from . import families
from .text import Metric, exposition

OVS_DATABASE = pathlib.Path("/etc/openvswitch/conf.db")
"""Where it is, there is a switch: Debian's place for the database."""


def main(arguments: t.Sequence[str] | None = None) -> None:
    """Write one file for each collector that was asked for, whole or not at all."""
    parser = argparse.ArgumentParser(description="Writes metrics of this host for node_exporter.")
    parser.add_argument("folder", type=pathlib.Path, help="where node_exporter looks for them")
    parser.add_argument("collectors", nargs="+", choices=sorted(COLLECTORS))
    given = parser.parse_args(arguments)
    for name in given.collectors:
        text = exposition(collected(name, COLLECTORS[name]))
        write_atomically(given.folder / f"evergreen_{name}.prom", text, mode=0o644)


def collected(name: str, collector: t.Callable[[], t.Iterator[Metric]]) -> list[Metric]:
    """Return what a collector finds out before it fails, and whether it did; the journal gets the reason."""
    found: list[Metric] = []
    success = True
    try:
        for metric in collector():
            found.append(metric)  # noqa: PERF402 - those before an error count
    except VirtError as exc:
        success = False
        sys.stderr.write(f"{exc}\n")
    return [*found, *families.collector(name, success=success, now=time.time())]


def state() -> t.Iterator[Metric]:
    """The maintenance record and the lease."""
    try:
        known = record.read()
    except ConflictError:
        yield from families.maintenance(None, damaged=True)
        raise
    yield from families.maintenance(known)
    yield from families.run(lease.read())


def ovs() -> t.Iterator[Metric]:
    """Open vSwitch, if there is one."""
    if not OVS_DATABASE.exists():
        return
    OVS.require()
    needed = {**bridge.NEEDED, **switch.NEEDED}
    try:
        with connect(Remote(), needed=needed, wanted=joined(switch.WANTED, bridge.wanted_columns())) as database:
            found, applied = bridge.read(database).bridges, switch.read(database)["applied"]
    except UnavailableError:
        yield from families.reachable(up=False)
        raise
    yield from families.reachable(up=True)
    yield from families.switch(found.values(), applied=applied)


def updates() -> t.Iterator[Metric]:
    """What is pending by the package lists that the host has."""
    manager = package_manager(refresh=False)
    pending, problems = assessed(manager.name, manager.pending(None, []))
    yield from families.updates(pending, problems, lists_time())


COLLECTORS: t.Mapping[str, t.Callable[[], t.Iterator[Metric]]] = {"ovs": ovs, "state": state, "updates": updates}
