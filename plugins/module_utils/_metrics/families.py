# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""What a host's facts are as metrics (pure)."""

from __future__ import annotations

import datetime as dt
import typing as t

from .._facts import IMPACTS, Lease, Maintenance, Updates
from .._ovs.bridge_model import Bridge
from .text import Metric, gauge


def maintenance(record: Maintenance | None, *, damaged: bool = False) -> list[Metric]:
    """Return what the record says.

    :param damaged: there is one that nobody can read; the host takes no VM, as with any other.
    """
    in_force = record is not None or damaged
    found = [gauge("evergreen_maintenance", "Whether the host takes no VM.", int(in_force))]
    if record is None:
        return found
    told = {"owner": record.owner, "reason": record.reason, "run_id": record.run_id or "", "stage": record.stage or ""}
    return [
        *found,
        gauge("evergreen_maintenance_info", "Whose maintenance it is, why, and how far a run has come.", 1, **told),
        gauge("evergreen_maintenance_since_timestamp_seconds", "When it began.", _seconds(record.since)),
    ]


def run(lease: Lease | None) -> list[Metric]:
    """Return which rolling upgrade was here last, none if none ever was."""
    if lease is None:
        return []
    told = {"run_id": lease.run_id, "epoch": str(lease.epoch), "controller": lease.controller or ""}
    found = [gauge("evergreen_run_info", "The newest rolling upgrade that the host has heard of.", 1, **told)]
    if lease.seen:
        found.append(gauge("evergreen_run_seen_timestamp_seconds", "When it last asked.", _seconds(lease.seen)))
    return found


def updates(pending: Updates, problems: t.Sequence[str], lists: float | None) -> list[Metric]:
    """Return what is pending.

    :param lists: when the package lists were last brought up to date, in seconds since 1970; None if nobody knows.
    """
    impacts = tuple(({"impact": impact}, float(impact == pending.impact)) for impact in IMPACTS)
    found = [
        gauge("evergreen_updates_pending", "Packages that an upgrade would change or add.", len(pending.manifest)),
        gauge("evergreen_updates_removed", "Packages that an upgrade would remove.", len(pending.removed)),
        gauge("evergreen_updates_download_bytes", "What it has to download.", pending.download_mib * 2**20),
        gauge("evergreen_updates_problems", "What stands in its way.", len(problems)),
        Metric("evergreen_updates_impact", "What it asks of the host: 1 for one of them.", impacts),
    ]
    if lists is not None:
        name = "evergreen_package_lists_timestamp_seconds"
        found.append(gauge(name, "When the package lists were last brought up to date.", lists))
    return found


def reachable(*, up: bool) -> list[Metric]:
    """Return whether the switch's database answers."""
    return [gauge("evergreen_ovs_up", "Whether Open vSwitch's database answers.", int(up))]


def switch(bridges: t.Iterable[Bridge], *, applied: bool) -> list[Metric]:
    """Return the state of Open vSwitch.

    :param applied: ovs-vswitchd has applied the newest configuration.
    """
    known = sorted(bridges, key=lambda bridge: bridge.name)
    problems = tuple(
        ({"bridge": bridge.name, "interface": interface.name, "problem": interface.problem}, 1.0)
        for bridge in known
        for port in bridge.ports.values()
        for interface in port.interfaces
        if interface.problem
    )
    return [
        gauge("evergreen_ovs_applied", "Whether ovs-vswitchd has applied the newest configuration.", int(applied)),
        Metric(
            "evergreen_ovs_ports",
            "Ports and bonds of a bridge.",
            tuple(({"bridge": bridge.name}, float(len(bridge.ports))) for bridge in known),
        ),
        Metric("evergreen_ovs_interface_problem", "Interfaces that do not work, and why.", problems),
    ]


def collector(name: str, *, success: bool, now: float) -> list[Metric]:
    """Return whether all of this could be found out, and when.

    :param now: in seconds since 1970.
    """
    labels = {"collector": name}
    return [
        Metric("evergreen_collector_success", "Whether the host told all of it.", ((labels, float(success)),)),
        Metric("evergreen_collector_timestamp_seconds", "When it was asked.", ((labels, now),)),
    ]


def _seconds(moment: str) -> float:
    return dt.datetime.fromisoformat(moment).timestamp()
