# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""How the processor of a VM is built, and what it can: suboptions of `cpu` (compute.py).

Source: https://libvirt.org/formatdomain.html#cpu-model-and-topology
"""

from __future__ import annotations

import typing as t

from .option import Entry, Scalar, named
from .tree import Element, drop, ensure, integer

TOPOLOGY = ("sockets", "dies", "clusters", "cores", "threads")
POLICIES = ("require", "disable", "optional", "force", "forbid", "default")

_ON, _OFF = ("require", "force"), ("disable", "forbid")


def _topology(root: Element) -> dict[str, int] | None:
    element = root.find("cpu/topology")
    if element is None:
        return None
    counts = {name: integer(element.get(name)) or 1 for name in TOPOLOGY}
    return {name: count for name, count in counts.items() if count > 1 or name in ("sockets", "cores", "threads")}


def _put_topology(root: Element, wanted: Entry) -> None:
    counts = named(wanted)
    if not counts:
        drop(root, "cpu/topology")
        return
    element = ensure(root, "cpu/topology")
    element.attrib.clear()
    for name in TOPOLOGY:
        if name in counts or name in ("sockets", "cores", "threads"):
            element.set(name, str(counts.get(name, 1)))


def _same_topology(current: Entry | None, wanted: Entry) -> bool:
    counts = named(wanted)
    if current is None or not counts:
        return current is None and not counts
    return all(current.get(name, 1) == counts.get(name, 1) for name in TOPOLOGY)


def _topology_problem(wanted: Entry) -> str | None:
    wrong = [name for name, count in named(wanted).items() if not 1 <= count <= 2**16 - 1]
    return f"{wrong[0]}: {wanted[wrong[0]]} is not between 1 and {2**16 - 1}" if wrong else None


def policies(root: Element) -> dict[str, str] | None:
    """Return the policies of the features that a VM names, None if it names none."""
    found = root.findall("cpu/feature")
    return {feature.get("name", ""): feature.get("policy", "require") for feature in found} or None


def _put_policies(root: Element, wanted: t.Mapping[str, str]) -> None:
    cpu = ensure(root, "cpu")
    found = {feature.get("name"): feature for feature in cpu.findall("feature")}
    for name, policy in wanted.items():
        feature = found.get(name)
        if policy == "default":
            if feature is not None:
                cpu.remove(feature)
        elif feature is None:
            cpu.append(Element("feature", {"policy": policy, "name": name}))
        else:
            feature.set("policy", policy)


def _same_policies(current: t.Mapping[str, str] | None, wanted: t.Mapping[str, str]) -> bool:
    return all((current or {}).get(name, "default") == policy for name, policy in wanted.items())


def _policies_problem(wanted: t.Mapping[str, t.Any]) -> str | None:
    wrong = [name for name, policy in wanted.items() if policy not in POLICIES]
    return f"{wrong[0]}: {wanted[wrong[0]]!r} is not one of {', '.join(POLICIES)}" if wrong else None


def _policies_guess(running: Element, wanted: t.Mapping[str, str]) -> bool:
    """A feature that is no longer named may be the model's, too."""
    current = policies(running) or {}
    return any(policy == "default" and name in current for name, policy in wanted.items())


def _policies_restartable(running: Element, wanted: t.Mapping[str, str]) -> bool:
    """libvirt shows a running VM's features as what became of them: on or off."""
    current = policies(running) or {}
    return any(
        (policy in _ON and current.get(name) not in _ON) or (policy in _OFF and current.get(name) not in _OFF)
        for name, policy in wanted.items()
    )


ITEMS: tuple[Scalar, ...] = (
    Scalar(
        "topology", {"type": "dict", "options": {name: {"type": "int"} for name in TOPOLOGY}}, _topology, _put_topology,
        same=_same_topology, problem=_topology_problem,
    ),
    Scalar(
        "features", {"type": "dict"}, policies, _put_policies, same=_same_policies, problem=_policies_problem,
        restartable=_policies_restartable, guess=_policies_guess,
    ),
)  # fmt: skip
