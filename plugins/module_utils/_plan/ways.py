# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""How a VM gets out of the way of its host, which is what its policy says or, where it cannot, a reason.

`live` and `offline` take it to another host. `suspend` and `shutdown` let it wait where it is: its memory stays counted on
its host, which needs it again as soon as it is back. `stay` keeps the host from being upgraded.
"""

from __future__ import annotations

import dataclasses
import typing as t

from .._facts import EVACUATION_MODES, RUNS, Host, Stopped, Vm
from .model import Node

LIVE, OFFLINE, SUSPEND, STAY = "live", "offline", "suspend", "stay"
WAITING = ("suspend", "shutdown")
"""The ways of VMs that wait on their host."""


def way(vm: Vm) -> str:
    """Return how `vm` gets out of the way, as its policy says."""
    return vm.policy.evacuation


def waits(vm: Vm) -> bool:
    """Tell whether `vm` waits on its host until that is back."""
    return way(vm) in WAITING


def pinned(vm: Vm) -> str | None:
    """Return why `vm` can neither leave its host nor wait there, or None if it can."""
    if way(vm) == STAY:
        return "its policy is evacuation: stay"
    if way(vm) not in EVACUATION_MODES:
        return f"its policy is evacuation: {way(vm)}, and nobody here knows what that is"
    if way(vm) != LIVE and not vm.persistent:
        return "it is transient, so that nothing is left of it when it is stopped"
    hindered = {LIVE: vm.obstacles, OFFLINE: vm.tied, SUSPEND: vm.unsavable}.get(way(vm), [])
    if hindered:
        return hindered[0].rstrip(".")
    if vm.state in RUNS or (vm.state == "paused" and way(vm) in (LIVE, SUSPEND)):
        return None
    return f"it is {vm.state}"


def without_room(host: Host) -> dict[str, str]:
    """Return the VMs of a host whose memory cannot be saved because there is no space for that of all, each with the reason."""
    saved = [vm for vm in host.vms if vm.active and way(vm) == SUSPEND]
    wanted = sum(vm.memory_mib for vm in saved)
    if host.save_free_mib is None or wanted <= host.save_free_mib:
        return {}
    reason = f"to suspend what is to be suspended takes up to {wanted} MiB on its host's disk, and {host.save_free_mib} MiB are free"
    return {vm.name: reason for vm in saved}


def kept_by(node: Node) -> str | None:
    """Return why a host that would have to be empty is not upgraded: a VM stays on it whatever comes."""
    staying = sorted(vm.name for vm in node.facts.vms if vm.active and way(vm) == STAY)
    if not staying or not node.must_be_empty:
        return None
    return f"VM '{staying[0]}' must not be touched, its policy is evacuation: stay"


def as_if_undisturbed(nodes: t.Mapping[str, Node]) -> dict[str, Node]:
    """Return the hosts as if the VMs that an interrupted run has stopped, or that went down with their host, still ran.

    A VM that was moved while it was off, and was not seen to start there, counts where it is now, and so does one that has come to
    another host while its own went down.
    """
    if not any(_stopped(node) or node.facts.went_down for node in nodes.values()):
        return dict(nodes)
    elsewhere = {vm.uuid: name for name, node in nodes.items() for vm in node.facts.vms if vm.active}
    nodes = {name: _without_settled(node, elsewhere) for name, node in nodes.items()}
    gone = [one for node in nodes.values() for one in _gone(node)]
    return {
        name: _as_running(
            _back(node, elsewhere), {one.uuid: one for one in (*gone, *_stopped(node)) if one.uuid not in elsewhere}
        )
        for name, node in nodes.items()
    }


def _without_settled(node: Node, runs_on: t.Mapping[str, str]) -> Node:
    """Return a host that owes nothing to a VM which runs, but not where it was to be started: somebody has brought it there."""
    known = node.facts.maintenance
    if known is None:
        return node
    stopped = [one for one in known.stopped if one.way != OFFLINE or runs_on.get(one.uuid) in (None, one.to, node.name)]
    facts = dataclasses.replace(node.facts, maintenance=dataclasses.replace(known, stopped=stopped))
    return dataclasses.replace(node, facts=facts)


def _back(node: Node, elsewhere: t.Container[str]) -> Node:
    """Return a host as if its VMs that went down with it were back; those stay off that another one runs."""
    down = node.facts.went_down
    vms = [
        dataclasses.replace(vm, state="running") if vm.name in down and vm.uuid not in elsewhere else vm
        for vm in node.facts.vms
    ]
    return dataclasses.replace(node, facts=dataclasses.replace(node.facts, vms=vms))


def _stopped(node: Node) -> t.Sequence[Stopped]:
    return node.facts.maintenance.stopped if node.facts.maintenance else ()


def _gone(node: Node) -> list[Stopped]:
    """Return the VMs that have left a host while they were off."""
    here = {vm.uuid for vm in node.facts.vms}
    return [one for one in _stopped(node) if one.way == OFFLINE and one.uuid not in here]


def _as_running(node: Node, owed: t.Mapping[str, Stopped]) -> Node:
    """Return a host as if those VMs ran that are owed a start; then what they are saved in is free again, for them to be saved anew."""
    ways = {vm.uuid: owed[vm.uuid].way for vm in node.facts.vms if vm.uuid in owed and not vm.active}
    vms = [_running(vm, ways[vm.uuid]) if vm.uuid in ways else vm for vm in node.facts.vms]
    saved = sum(vm.memory_mib for vm in vms if ways.get(vm.uuid) == SUSPEND)
    free = None if node.facts.save_free_mib is None else node.facts.save_free_mib + saved
    return dataclasses.replace(node, facts=dataclasses.replace(node.facts, vms=vms, save_free_mib=free))


def _running(vm: Vm, stopped_by: str) -> Vm:
    return dataclasses.replace(vm, state="running", policy=dataclasses.replace(vm.policy, evacuation=stopped_by))


def unfinished(node: Node) -> list[tuple[str, str]]:
    """Return the VMs that have left a host while they were off and are owed their start, each with its target."""
    return [(one.vm, one.to) for one in _gone(node) if one.to]
