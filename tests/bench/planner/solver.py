# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Bounds by a constraint solver, OR-Tools CP-SAT, to judge plans by: figures that no plan beats.

The model is looser than what a plan has to keep, so that its bounds hold for every plan: where VMs are is looked at only at the
end of each wave, every VM may move in every wave, and nobody minds the direction of versions. What it keeps: each host is
empty in its own wave, memory, anti-affinity, allowed hosts, and the number of hosts in a wave.
"""

from __future__ import annotations

import typing as t

from ortools.sat.python import cp_model

from ansible_collections.evergreen.virt.plugins.module_utils._plan.model import Node, Rules

Bound = tuple[int, bool]
"""A figure below which no plan stays, and whether the solver has come to an end."""


class Model:
    """All plans of so many waves; the last ones may be empty."""

    def __init__(self, nodes: t.Mapping[str, Node], rules: Rules, waves: int) -> None:
        self.model = cp_model.CpModel()
        self._nodes, self._rules, self._waves = nodes, rules, range(1, waves + 1)
        self._vms = {vm.name: vm for node in nodes.values() for vm in node.facts.vms}
        self._out = self._hosts_of_waves()
        self._at = self._places()
        self._capacities()
        self._groups()

    def _hosts_of_waves(self) -> dict[tuple[str, int], t.Any]:
        """Each host that needs work has one wave."""
        hosts = [name for name, node in self._nodes.items() if node.impact != "none"]
        out = {(host, wave): self.model.new_bool_var("") for host in hosts for wave in self._waves}
        for host in hosts:
            self.model.add_exactly_one(out[host, wave] for wave in self._waves)
        for wave in self._waves:
            self.model.add(sum(out[host, wave] for host in hosts) <= self._rules.max_hosts_per_wave)
        return out

    def _places(self) -> dict[tuple[str, int, str], t.Any]:
        """Where each VM is at the end of each wave; wave 0 is the beginning."""
        at: dict[tuple[str, int, str], t.Any] = {}
        for home, node in self._nodes.items():
            for vm in node.facts.vms:
                for host in self._nodes:
                    at[vm.name, 0, host] = int(host == home)
                    for wave in self._waves:
                        at[vm.name, wave, host] = self.model.new_bool_var("")
                        self._may_be(vm.policy.hosts, at, (vm.name, wave, host))
                for wave in self._waves:
                    self.model.add_exactly_one(at[vm.name, wave, host] for host in self._nodes)
        return at

    def _may_be(self, allowed: t.Sequence[str], at: t.Mapping[t.Any, t.Any], key: tuple[str, int, str]) -> None:
        name, wave, host = key
        before = at[name, wave - 1, host]
        if allowed and host not in allowed:
            self.model.add(at[key] <= before)
        if (host, wave) in self._out:
            stays = before if not self._nodes[host].must_be_empty else 0
            self.model.add(at[key] <= 1 - self._out[host, wave] + stays)

    def _capacities(self) -> None:
        for host, node in self._nodes.items():
            most = node.facts.capacity.memory_mib - self._rules.host_reserve_mib
            for wave in self._waves:
                taken = (
                    self._at[name, wave, host] * (vm.memory_mib + self._rules.vm_overhead_mib)
                    for name, vm in self._vms.items()
                )
                self.model.add(sum(taken) <= most)

    def _groups(self) -> None:
        for group in {group for vm in self._vms.values() for group in vm.policy.anti_affinity}:
            members = [name for name, vm in self._vms.items() if group in vm.policy.anti_affinity]
            for host in self._nodes:
                for wave in self._waves:
                    self.model.add_at_most_one(self._at[name, wave, host] for name in members)

    def moves(self) -> t.Any:
        """How many moves a plan has."""
        arrivals = []
        for name in self._vms:
            for host in self._nodes:
                for wave in self._waves:
                    arrival = self.model.new_bool_var("")
                    self.model.add(arrival >= self._at[name, wave, host] - self._at[name, wave - 1, host])
                    arrivals.append(arrival)
        return sum(arrivals)

    def solve(self, seconds: float) -> tuple[t.Any, float]:
        """Return the solver's answer and the bound of its objective."""
        solver = cp_model.CpSolver()
        solver.parameters.max_time_in_seconds = seconds
        solver.parameters.num_workers = 2
        status = solver.solve(self.model)
        return status, solver.best_objective_bound


def is_impossible(nodes: t.Mapping[str, Node], rules: Rules, seconds: float) -> bool:
    """Tell whether the solver has proven that there is no plan."""
    status, _bound = Model(nodes, rules, sum(node.impact != "none" for node in nodes.values())).solve(seconds)
    return bool(status == cp_model.INFEASIBLE)


def fewest_moves(nodes: t.Mapping[str, Node], rules: Rules, known: int, found: int, seconds: float) -> Bound:
    """Return a bound for the moves.

    :param known: a bound that is known already.
    :param found: the moves of a plan.
    """
    model = Model(nodes, rules, sum(node.impact != "none" for node in nodes.values()))
    moves = model.moves()
    model.model.add(moves <= found - 1)
    model.model.add(moves >= known)
    model.model.minimize(moves)
    status, bound = model.solve(seconds)
    if status == cp_model.INFEASIBLE:
        return found, True
    return max(known, round(bound + 0.4999)), status == cp_model.OPTIMAL


def fewest_waves(nodes: t.Mapping[str, Node], rules: Rules, known: int, found: int, seconds: float) -> Bound:
    """Return a bound for the waves: the smallest number of which the solver cannot say that it is too small."""
    for waves in range(known, found):
        status, _bound = Model(nodes, rules, waves).solve(seconds)
        if status != cp_model.INFEASIBLE:
            return waves, status in (cp_model.OPTIMAL, cp_model.FEASIBLE)
    return found, True
