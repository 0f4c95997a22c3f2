# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a rolling upgrade of the lab promised, claim by claim, judged by what was measured."""

from __future__ import annotations

import dataclasses
import typing as t

from .audit import Audit, losses
from .cluster import CLUSTER, GUESTS
from .sampler import Sampler

TARGET = {"os": "13", "libvirt": "11.", "qemu": "10.", "ovs": "3.5."}


@dataclasses.dataclass(frozen=True)
class Gaps:
    """For how long a VM may have been silent, and how much longer than one that stayed; in milliseconds."""

    worst: int
    above_control: int

    def kept_by(self, vm: t.Mapping[str, t.Any]) -> bool:
        """Whether a VM of a report was measured and kept to it."""
        worst, control = vm["worst_gap_ms"], vm["control_gap_ms"]
        return None not in (worst, control) and worst <= self.worst and worst - control <= self.above_control


PROMISED = Gaps(500, 250)
"""On a machine that has nothing else to do."""
UNDER_TEST = Gaps(2500, 2500)
"""On a machine whose other work nobody knows: still less than a VM needs to boot. Figures are for `make bench`."""


@dataclasses.dataclass(frozen=True)
class Claim:
    """One promise; `failures` says where it was not kept."""

    text: str
    failures: list[str]

    @property
    def kept(self) -> bool:
        return not self.failures


def judge(
    report: t.Mapping[str, t.Any], before: Audit, after: Audit, sampler: Sampler, gaps: Gaps = PROMISED
) -> list[Claim]:
    """Return every claim with its failures. `report` is the run's report.json."""
    silence = f"no VM was silent for more than {gaps.worst} ms, nor {gaps.above_control} ms longer than one that stayed"
    return [
        Claim("every host runs Debian 13 with libvirt 11, QEMU 10 and Open vSwitch 3.5", _versions(after)),
        Claim("every host is healthy and out of maintenance", _service(after)),
        Claim("no VM was restarted, no disk record is missing or damaged, none runs twice", losses(before, after)),
        Claim("no TCP connection was lost", _connections(report)),
        Claim(silence, _gaps(report, gaps)),
        Claim("no VM runs on a QEMU that was replaced on disk", _stale(after)),
        Claim("VMs that must not share a host never did", sorted(sampler.together) or _unsampled(sampler)),
        Claim("no more moves than the bound and the VMs of one host", _moves(report, before)),
    ]


def _versions(after: Audit) -> list[str]:
    return [
        f"{host} runs {name} {after.hosts[host][name] or 'none'}"
        for host in CLUSTER
        for name, wanted in TARGET.items()
        if not after.hosts[host][name].startswith(wanted)
    ]


def _service(after: Audit) -> list[str]:
    failed = [f"{host}: {unit}" for host in CLUSTER for unit in after.hosts[host]["failed_units"]]
    return failed + [f"{host} is in maintenance" for host in CLUSTER if after.hosts[host]["in_maintenance"]]


def _connections(report: t.Mapping[str, t.Any]) -> list[str]:
    return [f"{vm['name']}: {vm['connections_lost']}" for vm in _watched(report) if vm["connections_lost"] != 0]


def _gaps(report: t.Mapping[str, t.Any], gaps: Gaps) -> list[str]:
    return [
        f"{vm['name']}: {vm['worst_gap_ms']} ms, the control VM {vm['control_gap_ms']} ms"
        for vm in _watched(report)
        if not gaps.kept_by(vm)
    ]


def _watched(report: t.Mapping[str, t.Any]) -> list[dict[str, t.Any]]:
    """Every guest of the cluster, also one that the report says nothing of."""
    silent = {"worst_gap_ms": None, "control_gap_ms": None, "connections_lost": None}
    told = {vm["name"]: vm for vm in report["vms"]}
    return [told.get(name, {"name": name, **silent}) for name in GUESTS if name != "control"]


def _stale(after: Audit) -> list[str]:
    return [f"{vm} on {host}" for host in CLUSTER for vm in after.hosts[host]["stale"]]


def _unsampled(sampler: Sampler) -> list[str]:
    return [] if sampler.samples else ["nothing was sampled"]


def _moves(report: t.Mapping[str, t.Any], before: Audit) -> list[str]:
    moves = sum(len(vm["moves"]) for vm in report["vms"])
    allowed = report["plan"]["moves_lower_bound"] + max(len(before.hosts[host]["active"]) for host in CLUSTER)
    return [] if moves <= allowed else [f"{moves} moves, {allowed} allowed"]
