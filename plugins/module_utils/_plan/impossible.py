# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""Why a host cannot become empty, which VM cannot go where, and what would make it possible."""

from __future__ import annotations

import typing as t

from .._errors import ImpossiblePlanError
from .._names import shortened
from .cluster import Cluster
from .draft import Draft
from .placement import Choice, Unit, units
from .remedies import remedies

_TOLD = 6
"""Reasons that the message names; all of them are in the details."""
_HOSTS = 20
"""Hosts whose reasons are in the details."""

Refusals = dict[str, dict[str, str]]
"""VM -> host -> why it cannot go there."""


def explain(cluster: Cluster, hosts: t.Sequence[str]) -> ImpossiblePlanError:
    """Return the error for hosts of which none can become empty; it tells of the first.

    Its details are `refusals` (VM -> host -> reason), or `pinned` (VM -> reason), `remedies`, each of which was tried
    on the model and makes the first host empty, and `hosts` (host -> why it cannot become empty).
    """
    host = hosts[0]
    message, hint, details = _why(Draft(cluster, 1, Choice()), host)
    ways = remedies(cluster, host)
    if ways:
        hint = f"What would make it possible: {'; or '.join(ways)}."
    told = {name: _why(Draft(cluster, 1, Choice()), name)[0] for name in hosts[:_HOSTS]}
    return ImpossiblePlanError(message, hint=hint, host=host, **details, remedies=ways, hosts=told)


def why_not(draft: Draft, host: str) -> str:
    """Return in one sentence why a host is not in a wave."""
    message, hint, _details = _why(draft, host)
    return f"{message} {hint}".rstrip()


def _why(draft: Draft, host: str) -> tuple[str, str, dict[str, t.Any]]:
    """Return message, hint and details of why a host cannot join a wave, which may have no hosts yet."""
    cluster = draft.cluster
    stuck = cluster.stuck(host)
    if stuck:
        name, reason = next(iter(stuck.items()))
        message = f"VM '{name}' cannot get out of the way of host '{host}': {reason}."
        return message, "Stop it, change its policy, or leave its host out with --limit.", {"pinned": stuck}
    refused = draft.refusal(host)
    if refused is not None:
        return f"host '{host}' cannot go out of service: {refused}.", "", {}
    alone = cluster.copy()
    if alone.in_service(host):
        alone.take_out(host)
    leaving = units(alone, alone.leaving(host))
    refusals = _refusals(alone, leaving, host)
    for unit in leaving:
        reasons = refusals[unit[0].name]
        if all(reasons.values()):
            return _no_target(unit, host, reasons), _NO_TARGET, {"refusals": _told(refusals)}
    together = ", ".join(f"'{name}'" for name in (*draft.hosts, host))
    return f"the VMs of {together} do not fit together on the other hosts.", _TOGETHER, {"refusals": _told(refusals)}


_NO_TARGET = "Make room on one of these hosts, stop the VM, or drop the rule that forbids it."
_TOGETHER = "Stop VMs, add memory, or upgrade fewer hosts at a time."


def _refusals(cluster: Cluster, leaving: t.Sequence[Unit], host: str) -> dict[str, dict[str, str | None]]:
    return {
        unit[0].name: {name: cluster.refusal(unit, name) for name in cluster.nodes if name != host} for unit in leaving
    }


def _told(refusals: t.Mapping[str, t.Mapping[str, str | None]]) -> Refusals:
    return {vm: {host: reason for host, reason in reasons.items() if reason} for vm, reasons in refusals.items()}


def _no_target(unit: Unit, host: str, reasons: t.Mapping[str, str | None]) -> str:
    """Return the message; hosts with the same reason are told of together."""
    who = f"VM '{unit[0].name}'"
    if len(unit) > 1:
        who += f" and those that it must be with ({', '.join(vm.name for vm in unit[1:])})"
    alike: dict[str, list[str]] = {}
    for name, reason in reasons.items():
        alike.setdefault(reason or "", []).append(name)
    told = [f"{shortened(names, _TOLD)}: {reason}" for reason, names in list(alike.items())[:_TOLD]]
    more = sum(len(names) for names in list(alike.values())[_TOLD:])
    told += [f"{more} {'other' if more == 1 else 'others'} for such reasons"] if more else []
    return f"{who} cannot leave host '{host}': {'; '.join(told) or 'there is no other host'}."
