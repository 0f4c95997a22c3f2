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

TASKS = 10
FORKS = (5, 50)


def measure(hosts: int, forks: int, tasks: int) -> tuple[float, float, float]:
    """Return the processor's and the clock's seconds of a play with so many tasks, and the most memory of one process in MiB."""
    with tempfile.TemporaryDirectory() as name:
        inventory, playbook = Path(name, "hosts.json"), Path(name, "play.json")
        names = {f"kvm{number:04}": {"ansible_connection": "local"} for number in range(hosts)}
        inventory.write_text(json.dumps({"cluster": {"hosts": names}}))
        task = {"ansible.builtin.raw": "true", "changed_when": False}
        playbook.write_text(json.dumps([{"hosts": "cluster", "gather_facts": False, "tasks": [task] * tasks}]))
        argv = ["ansible-playbook", "--inventory", str(inventory), "--forks", str(forks), str(playbook)]
        before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
        subprocess.run(argv, check=True, stdout=subprocess.DEVNULL, env={**os.environ, "ANSIBLE_PIPELINING": "true"})
        after, clock = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic() - began
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, clock, after.ru_maxrss / 1024


def main() -> None:
    """Print one line for each size and number of forks: start and end of ansible-playbook are taken off."""
    for hosts in [int(argument) for argument in sys.argv[1:]] or [3, 30, 100, 300, 1000]:
        for forks in FORKS:
            few, most = measure(hosts, forks, 1), measure(hosts, forks, 1 + TASKS)
            each = [(more - less) / TASKS / hosts * 1000 for less, more in zip(few[:2], most[:2])]
            print(
                f"{hosts:5} hosts, {forks:3} forks: {each[0]:5.1f} ms of a processor and {each[1]:5.1f} ms of the clock"
                f" for a task on a host; {few[1]:5.1f} s for a play of one task; at most {most[2]:4.0f} MiB"
            )


if __name__ == "__main__":
    main()
