# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""A plan that is kept to be approved, and whether the cluster still is what the plan was made for.

Kept are the plan, what it was asked for, and of each host and VM what the plan depends on. Space in storage pools is not
compared, because it changes all the time; the gate of each wave looks at it again.
"""

from __future__ import annotations

import dataclasses
import typing as t

from .._errors import ConflictError, InvalidInputError
from .._facts import Host, Vm
from .model import Node, Rules
from .run import next_epoch

SCHEMA = 1

_LEFT_OUT = ("name", "labels", "autostart", "persistent", "emulator_stale", "cpu_features")
"""Facts of a VM that are not compared: no plan depends on them, or they change only when it is started anew."""


def keep(
    plan: t.Mapping[str, t.Any], nodes: t.Mapping[str, Node], scope: t.Sequence[str], rules: Rules
) -> dict[str, t.Any]:
    """Return what is to be kept of a plan, as plain data."""
    return {
        "schema": SCHEMA,
        "asked": {"scope": sorted(scope), **dataclasses.asdict(rules)},
        "cluster": {name: _host(node) for name, node in sorted(nodes.items())},
        "plan": dict(plan),
    }


def read(kept: t.Any) -> t.Mapping[str, t.Any]:
    """Return what was kept, out of a file or a text that may hold anything.

    :raises InvalidInputError: when it is not what `keep` returned, or is that of another version.
    """
    if isinstance(kept, dict) and kept.get("schema") != SCHEMA:
        raise InvalidInputError(f"the approved plan has the schema {kept.get('schema')}, and {SCHEMA} is known.")
    parts = [kept.get(part) for part in ("asked", "cluster", "plan")] if isinstance(kept, dict) else [None]
    if not all(isinstance(part, dict) for part in parts) or not _is_whole(kept):
        raise InvalidInputError(
            "what is named as the approved plan is something else.",
            hint="Name the file that upgrade_plan wrote (save), or the text that it returned (as_text).",
        )
    return t.cast("dict[str, t.Any]", kept)


def _is_whole(kept: t.Mapping[str, t.Any]) -> bool:
    hosts = kept["cluster"].values()
    return isinstance(kept["plan"].get("waves"), list) and all(
        isinstance(host, dict) and isinstance(host.get("vms"), dict) for host in hosts
    )


def approved(
    kept: t.Mapping[str, t.Any],
    nodes: t.Mapping[str, Node],
    scope: t.Sequence[str],
    rules: Rules,
    left_out: t.Mapping[str, str] | None = None,
) -> dict[str, t.Any]:
    """Return the plan that was kept, with a new epoch.

    :param kept: result of `read`.
    :param left_out: hosts that somebody wants left alone, and why.
    :raises ConflictError: when the cluster has changed, or something else is asked for; `details["differences"]` tells all.
    """
    fresh = keep({}, nodes, scope, rules)
    found = [*_asked(kept["asked"], fresh["asked"]), *differences(kept["cluster"], fresh["cluster"])]
    gone = {name: why for name, why in (left_out or {}).items() if any(name in wave for wave in kept["plan"]["waves"])}
    found += [f"host {name} is to be left out: {why}" for name, why in gone.items()]
    if found:
        raise ConflictError(
            f"the cluster is not what the approved plan was made for: {'; '.join(found[:10])}"
            f"{f'; and {len(found) - 10} differences more' if len(found) > 10 else ''}.",
            hint="Make a new plan and have it approved. A run that was interrupted goes on without an approved plan.",
            differences=found,
        )
    return {**kept["plan"], "epoch": next_epoch(nodes)}


def differences(before: t.Mapping[str, t.Any], after: t.Mapping[str, t.Any]) -> list[str]:
    """Return one phrase for each difference between two clusters as `keep` tells of them."""
    found = [f"host {name} is gone" for name in before if name not in after]
    found += [f"host {name} is new" for name in after if name not in before]
    common = [name for name in before if name in after]
    for name in common:
        found += [
            f"{what} of {name}: {_told(old, new)}"
            for what, old in before[name].items()
            if what != "vms" and (new := after[name].get(what)) != old
        ]
    return found + _vms(_by_vm(before), _by_vm(after))


def _vms(before: t.Mapping[str, t.Any], after: t.Mapping[str, t.Any]) -> list[str]:
    found = [
        f"VM {name} no longer runs (it was on {host})" for name, (host, _vm) in before.items() if name not in after
    ]
    found += [f"VM {name} runs on {host} and did not" for name, (host, _vm) in after.items() if name not in before]
    for name, (host, vm) in before.items():
        if name in after and after[name][0] != host:
            found.append(f"VM {name} is on {after[name][0]} and was on {host}")
        if name in after:
            found += [
                f"{what} of VM {name}: {_told(old, after[name][1].get(what))}"
                for what, old in vm.items()
                if after[name][1].get(what) != old
            ]
    return found


def _by_vm(cluster: t.Mapping[str, t.Any]) -> dict[str, tuple[str, t.Mapping[str, t.Any]]]:
    return {name: (host, vm) for host, known in cluster.items() for name, vm in known["vms"].items()}


def _asked(before: t.Mapping[str, t.Any], now: t.Mapping[str, t.Any]) -> list[str]:
    return [f"{what}: {_told(old, now.get(what))}" for what, old in before.items() if now.get(what) != old]


def _told(old: t.Any, new: t.Any) -> str:
    """Return how one value became another; of long lists and tables only what differs."""
    if isinstance(old, dict) and isinstance(new, dict):
        keys = [key for key in {**old, **new} if old.get(key) != new.get(key)]
        return ", ".join(f"{key} {_told(old.get(key), new.get(key))}" for key in keys)
    if isinstance(old, list) and isinstance(new, list):
        gone, more = [one for one in old if one not in new], [one for one in new if one not in old]
        told = [
            f"without {', '.join(map(str, gone))}" if gone else "",
            f"with {', '.join(map(str, more))}" if more else "",
        ]
        return ", ".join(text for text in told if text) or "in another order"
    return f"{_value(old)} -> {_value(new)}"


def _value(value: t.Any) -> str:
    return "none" if value in (None, "") else str(value)


def _host(node: Node) -> dict[str, t.Any]:
    """Return what a plan depends on at one host."""
    facts, updates = node.facts, node.updates
    return {
        "impact": node.impact,
        "packages": dict(updates.manifest) if updates else {},
        "versions": facts.versions.to_dict(),
        "capacity": {"memory_mib": facts.capacity.memory_mib, "threads": facts.capacity.threads},
        "nodes": [node.to_dict() for node in facts.capacity.nodes],
        **{what: list(getattr(facts, what) or []) for what in ("bridges", "networks", "filters", "secrets")},
        "pools": sorted(f"{pool.name} ({pool.backend})" for pool in facts.pools if pool.active),
        "maintenance": facts.maintenance.owner if facts.maintenance else None,
        "health": list(facts.health.problems),
        "place": {"site": node.site, "label": node.label},
        "vms": _vms_of(facts),
    }


def _vms_of(host: Host) -> dict[str, t.Any]:
    return {vm.name: _vm(vm) for vm in host.vms if vm.active}


def _vm(vm: Vm) -> dict[str, t.Any]:
    return {what: value for what, value in vm.to_dict().items() if what not in _LEFT_OUT}
