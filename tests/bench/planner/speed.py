# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How fast the planner is, and how that grows: from facts as plain data to the plan as plain data.

    python -m ansible_collections.evergreen.virt.tests.bench.planner.speed WORK HOSTS VMS

measures one work of `WORKS` in one size in this process and prints it; `samples` starts one process for each run, so that its memory is its own.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
import typing as t

from ansible_collections.evergreen.virt.plugins.module_utils._facts import Host, Updates
from ansible_collections.evergreen.virt.plugins.module_utils._plan.balance import plan_balance
from ansible_collections.evergreen.virt.plugins.module_utils._plan.loads import Wish
from ansible_collections.evergreen.virt.plugins.module_utils._plan.model import Node, Rules
from ansible_collections.evergreen.virt.plugins.module_utils._plan.run import plan_run
from ansible_collections.evergreen.virt.tests.bench.planner.instances import large
from ansible_collections.evergreen.virt.tests.bench.rows import Sample

WORKS = {"upgrade": "plan", "rebalance": "even out"}
SIZES = ((100, 1_000), (300, 3_000), (1_000, 10_000), (2_000, 16_000), (5_000, 30_000))
RUNS = 3


def samples(work: str, hosts: int, vms: int, runs: int = RUNS) -> list[Sample]:
    """Return what `runs` processes measured."""
    return [_sample(work, hosts, vms) for _run in range(runs)]


def _sample(work: str, hosts: int, vms: int) -> Sample:
    argv = [sys.executable, "-m", __spec__.name, work, str(hosts), str(vms)]
    done = subprocess.run(argv, check=True, stdout=subprocess.PIPE, text=True)
    told = json.loads(done.stdout)
    return Sample(told["seconds"], processes=1, rss_mib=told["rss_mib"])


def _upgrade(facts: t.Mapping[str, t.Any], rules: Rules) -> t.Mapping[str, t.Any]:
    nodes = {name: Node(name, Host.from_dict(told), Updates("apt", "reboot")) for name, told in facts.items()}
    return plan_run(nodes, list(nodes), rules)


def _rebalance(facts: t.Mapping[str, t.Any], rules: Rules) -> t.Mapping[str, t.Any]:
    nodes = {name: Node(name, Host.from_dict(told)) for name, told in facts.items()}
    return plan_balance(nodes, list(nodes), rules, Wish())


def main() -> None:
    """Measure one work in one size."""
    work, (hosts, vms) = sys.argv[1], map(int, sys.argv[2:4])
    instance = large(hosts, vms)
    facts = {name: json.loads(json.dumps(node.facts.to_dict())) for name, node in instance.nodes.items()}
    plan = {"upgrade": _upgrade, "rebalance": _rebalance}[work]
    began = time.monotonic()
    made = plan(facts, instance.rules)
    seconds = time.monotonic() - began
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    told = {"figures": made["figures"], "bounds": made["bounds"]}
    json.dump({"seconds": seconds, "rss_mib": memory, **told}, sys.stdout)


if __name__ == "__main__":
    main()
