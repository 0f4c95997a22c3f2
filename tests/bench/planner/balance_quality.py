# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How good plans are that even out loads: 500 small instances against what a constraint solver, OR-Tools CP-SAT, has found.

    python -m pip install -r tests/bench/requirements.txt
    python tests/bench/planner/balance_quality.py

writes tests/unit/plugins/module_utils/_plan/balance_bounds.json: for each instance of `instances.uneven` the fewest moves, null where
it has proven that no places of the VMs are within the tolerance, and whether the solver came to an end. The model knows only where VMs are
in the end, so that what it finds is a bound for every plan.
"""

from __future__ import annotations

import argparse
import json
import typing as t
from fractions import Fraction
from pathlib import Path

from ortools.sat.python import cp_model

from ansible_collections.evergreen.virt.plugins.module_utils._plan.loads import Wish
from ansible_collections.evergreen.virt.tests.bench.planner.instances import Instance, uneven

OUT = Path(__file__).parents[2] / "unit/plugins/module_utils/_plan/balance_bounds.json"


class Model:
    """Where the VMs of an instance may be."""

    def __init__(self, instance: Instance, wish: Wish) -> None:
        self.model = cp_model.CpModel()
        self._nodes, self._rules = instance.nodes, instance.rules
        self._vms = {vm.name: vm for node in self._nodes.values() for vm in node.facts.vms}
        self._home = {vm.name: host for host, node in self._nodes.items() for vm in node.facts.vms}
        self._at = {(vm, host): self.model.new_bool_var("") for vm in self._vms for host in self._nodes}
        for name in self._vms:
            self.model.add_exactly_one(self._at[name, host] for host in self._nodes)
        self._policies()
        memory = {name: vm.memory_mib + self._rules.vm_overhead_mib for name, vm in self._vms.items()}
        room = {
            host: self._nodes[host].facts.capacity.memory_mib - self._rules.host_reserve_mib for host in self._nodes
        }
        self._within(memory, dict.fromkeys(room, 0), room)
        threads = {host: node.facts.capacity.threads for host, node in self._nodes.items()}
        vcpus = {name: vm.vcpus for name, vm in self._vms.items()}
        for measure, tolerance in wish.tolerances.items():
            weights, sizes = (memory, room) if measure == "memory" else (vcpus, threads)
            self._even(weights, sizes, Fraction(str(tolerance)) / 100)

    def _policies(self) -> None:
        for name, vm in self._vms.items():
            for host in self._nodes:
                stays = vm.policy.evacuation != "live"
                if host != self._home[name] and (stays or (vm.policy.hosts and host not in vm.policy.hosts)):
                    self.model.add(self._at[name, host] == 0)
        for group in {group for vm in self._vms.values() for group in vm.policy.anti_affinity}:
            members = [name for name, vm in self._vms.items() if group in vm.policy.anti_affinity]
            for host in self._nodes:
                self.model.add_at_most_one(self._at[name, host] for name in members)

    def _even(self, weights: t.Mapping[str, int], sizes: t.Mapping[str, int], tolerance: Fraction) -> None:
        mean = Fraction(sum(weights.values()), sum(sizes.values()))
        low = {host: -((tolerance - mean) * size // 1) for host, size in sizes.items()}
        high = {host: (mean + tolerance) * size // 1 for host, size in sizes.items()}
        self._within(weights, low, high)

    def _within(self, weights: t.Mapping[str, int], low: t.Mapping[str, int], high: t.Mapping[str, int]) -> None:
        for host in self._nodes:
            carried = sum(self._at[name, host] * weight for name, weight in weights.items())
            self.model.add_linear_constraint(carried, int(low[host]), int(high[host]))

    def fewest_moves(self, seconds: float) -> dict[str, t.Any]:
        """Return the bound, and whether the solver came to an end."""
        self.model.minimize(sum(1 - self._at[name, home] for name, home in self._home.items()))
        solver = cp_model.CpSolver()
        solver.parameters.max_time_in_seconds = seconds
        solver.parameters.num_workers = 1
        status = solver.solve(self.model)
        if status == cp_model.INFEASIBLE:
            return {"moves": None, "solved": True}
        return {"moves": round(solver.best_objective_bound + 0.4999), "solved": status == cp_model.OPTIMAL}


def main() -> None:
    """Find the bounds that are not known yet, and write all."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=500, help="instances (%(default)s)")
    parser.add_argument("--seconds", type=float, default=10.0, help="for each of them (%(default)s)")
    arguments = parser.parse_args()
    found = json.loads(OUT.read_text()) if OUT.exists() else []
    for number in range(len(found), arguments.count):
        found.append(Model(*uneven(number)).fewest_moves(arguments.seconds))
        print(number, found[-1], flush=True)
        OUT.write_text("[\n" + ",\n".join(map(json.dumps, found)) + "\n]\n")


if __name__ == "__main__":
    main()
