# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What many hosts cost the controller, for the guide "An inventory of any size": `python tests/bench/controller.py [HOSTS ...]`.

The hosts are made up: `raw` runs `true` on the controller itself instead of over SSH. What is measured is Ansible's own work
for one task on one host, in seconds of one processor, which other work on the machine changes less than seconds of a clock.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

TASKS = 4
FORKS = 50


def measure(hosts: int, tasks: int) -> tuple[float, float, float]:
    """Return the processor's and the clock's seconds of a play with so many tasks, and the most memory of one process in MiB."""
    with tempfile.TemporaryDirectory() as name:
        inventory, playbook = Path(name, "hosts.json"), Path(name, "play.json")
        names = {f"kvm{number:04}": {"ansible_connection": "local"} for number in range(hosts)}
        inventory.write_text(json.dumps({"cluster": {"hosts": names}}))
        task = {"ansible.builtin.raw": "true", "changed_when": False}
        playbook.write_text(json.dumps([{"hosts": "cluster", "gather_facts": False, "tasks": [task] * tasks}]))
        argv = ["ansible-playbook", "--inventory", str(inventory), "--forks", str(FORKS), str(playbook)]
        before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
        subprocess.run(argv, check=True, stdout=subprocess.DEVNULL, env={**os.environ, "ANSIBLE_PIPELINING": "true"})
        after, clock = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic() - began
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, clock, after.ru_maxrss / 1024


def main() -> None:
    """Print one line for each size: what a play costs that has one task, and each further task on a host."""
    for hosts in [int(argument) for argument in sys.argv[1:]] or [3, 30, 100, 300, 1000]:
        few, most = measure(hosts, 1), measure(hosts, 1 + TASKS)
        each = [(more - less) / TASKS / hosts * 1000 for less, more in zip(few[:2], most[:2])]
        print(
            f"{hosts:5} hosts: a play of one task {few[0]:6.1f} s of a processor and {few[1]:6.1f} s of the clock, each further one"
            f" {each[0]:5.1f} and {each[1]:5.1f} ms for each host; at most {most[2]:4.0f} MiB",
            flush=True,
        )


if __name__ == "__main__":
    main()
