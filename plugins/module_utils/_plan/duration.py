# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""How long a plan takes, by a model. It is Ansible's own: in a wave each stage lasts as long as its slowest host.

In the stage that empties the hosts, each link carries what goes out of its host and, the other way, what comes in; what a
move takes besides is spent by as many moves at a time as leave a host together. Moves that only make room are made before,
one after another.
"""

from __future__ import annotations

import typing as t

from .boot import boot_of
from .model import Move, Node, Rules, Wave
from .ways import waits


def seconds(nodes: t.Mapping[str, Node], waves: t.Iterable[Wave], rules: Rules) -> float:
    """Return how long the waves take, one after another."""
    return sum(wave_seconds(nodes, wave, rules) for wave in waves)


def wave_seconds(nodes: t.Mapping[str, Node], wave: Wave, rules: Rules) -> float:
    """Return how long a wave takes."""
    room = sum(_carried(move, rules) + rules.pace.move_s for move in wave.room)
    stages = max((stage_seconds(nodes[host], rules) for host in wave.hosts), default=0.0)
    return room + _evacuation(wave, nodes, rules) + stages


def stage_seconds(node: Node, rules: Rules) -> float:
    """Return how long the stages after the evacuation take on a host."""
    stops = rules.pace.stop_s if node.must_be_empty and any(waits(vm) for vm in node.facts.vms if vm.active) else 0.0
    return rules.pace.update_s + _reboot(node, rules) + rules.pace.verify_s + stops


def _reboot(node: Node, rules: Rules) -> float:
    if node.impact != "reboot":
        return 0.0
    soft = rules.soft_reboot and boot_of(node)["kind"] == "soft"
    return rules.pace.soft_reboot_s if soft else rules.pace.reboot_s


def carried(mib: int, rules: Rules) -> float:
    """Return how long a link is busy with so many MiB."""
    return mib / rules.pace.move_mib_per_s


def _carried(move: Move, rules: Rules) -> float:
    return carried(move.sent_mib, rules)


def _evacuation(wave: Wave, nodes: t.Mapping[str, Node], rules: Rules) -> float:
    leaving: dict[str, float] = {}
    coming: dict[str, float] = {}
    parallel = rules.parallel(sum(nodes[host].must_be_empty for host in wave.hosts))
    for move in wave.moves:
        if move.source in wave.hosts:
            leaving[move.source] = leaving.get(move.source, 0.0) + _carried(move, rules) + rules.pace.move_s / parallel
            coming[move.target] = coming.get(move.target, 0.0) + _carried(move, rules)
    return max([*leaving.values(), *coming.values()], default=0.0)
