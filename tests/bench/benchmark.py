# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A benchmark as its file in benchmarks/ declares it, and the playbook that measures one side of it once. Pure but for `load`.

A file has these keys; tasks are Ansible's own:

- `work`: what is done, with `{n}` for the size
- `sizes`: how many objects
- `vars`: worked out before anything is measured
- `ours`, `before_ours`, `peer`, `before_peer`: the measured tasks of each side, and what comes before them
- `peer_name`: who the peer is; without a peer it is measured how our side grows, and the memory that it takes
- `transactions`: a command that prints how many transactions a database has had, if they are to be counted
- `verify`: tasks that fail if a side has not done its work; `after`: tasks that clean up
"""

from __future__ import annotations

import dataclasses
import typing as t
from pathlib import Path

import yaml

from .rows import Sample

Tasks = list[dict[str, t.Any]]

MEASURED = "measured"
_MARK = "mark"
_COUNT = "transactions"
_PYTHON = "/tmp/evergreen-bench-python"
_MEMORY = f"{_PYTHON}.kib"
"""Written by remote/measured_python.py: the largest resident set of each module, in KiB, one a line."""


@dataclasses.dataclass(frozen=True)
class Benchmark:
    """One file of benchmarks/."""

    name: str
    work: str
    sizes: tuple[int, ...]
    ours: Tasks
    peer: Tasks = dataclasses.field(default_factory=list)
    before_ours: Tasks = dataclasses.field(default_factory=list)
    before_peer: Tasks = dataclasses.field(default_factory=list)
    verify: Tasks = dataclasses.field(default_factory=list)
    after: Tasks = dataclasses.field(default_factory=list)
    vars: t.Mapping[str, t.Any] = dataclasses.field(default_factory=dict)
    peer_name: str = ""
    transactions: str = ""

    def told(self, size: int) -> str:
        """Return what is done, for people."""
        return self.work.replace("{n}", f"{size:,}")


def load(path: Path) -> Benchmark:
    """Read a file of benchmarks/."""
    found = yaml.safe_load(path.read_text(encoding="utf-8"))
    return Benchmark(name=path.stem, **{**found, "sizes": tuple(found["sizes"])})


def playbook(benchmark: Benchmark, side: str, host: str, size: int) -> list[dict[str, t.Any]]:
    """Return the playbook that measures `ours` or `peer` once; `after` only cleans up."""
    values: Tasks = [{"name": "work out", "ansible.builtin.set_fact": dict(benchmark.vars)}] if benchmark.vars else []
    if side == "after":
        tasks = benchmark.after
    else:
        before, measured = (
            (benchmark.before_ours, benchmark.ours) if side == "ours" else (benchmark.before_peer, benchmark.peer)
        )
        with_memory = {} if benchmark.peer else {"vars": {"ansible_python_interpreter": _PYTHON}}
        named = [{**with_memory, **task, "name": MEASURED} for task in measured]
        count = _count(benchmark)
        tasks = [*before, *_wrapper(benchmark), *count, _mark(), _mark(), *named, _mark(), *count, *benchmark.verify]
    return [{"hosts": host, "gather_facts": False, "vars": {"n": size}, "tasks": [*values, *tasks]}]


def _wrapper(benchmark: Benchmark) -> Tasks:
    """The interpreter that notes a module's memory."""
    if benchmark.peer:
        return []
    program = "#!/usr/bin/python3 -S\n" + (Path(__file__).parent / "remote" / "measured_python.py").read_text()
    return [
        {"name": "forget", "ansible.builtin.file": {"path": _MEMORY, "state": "absent"}},
        {"name": "wrap", "ansible.builtin.copy": {"content": program, "dest": _PYTHON, "mode": "0755"}},
    ]


def _mark() -> dict[str, t.Any]:
    """PIDs are given in their order: that of a new shell says how many were given before it."""
    command = f"echo $$ `cat /proc/sys/kernel/pid_max {_MEMORY} 2>/dev/null`"
    return {"name": _MARK, "ansible.builtin.raw": command, "changed_when": False}


def _count(benchmark: Benchmark) -> Tasks:
    task = {"name": _COUNT, "ansible.builtin.raw": benchmark.transactions, "changed_when": False}
    return [task] if benchmark.transactions else []


def sample(lines: t.Sequence[t.Mapping[str, t.Any]]) -> Sample:
    """Return what the lines of callback/evergreen_bench.py say of one run of `playbook`.

    Processes are the PIDs that were given between the marks, less those that a mark takes itself.
    """
    marks = [[int(word) for word in line["stdout"].split()] for line in lines if line["task"] == _MARK]
    measured = [line for line in lines if line["task"] == MEASURED]
    counts = [int(line["stdout"]) for line in lines if line["task"] == _COUNT]
    first, second, third = (numbers[0] for numbers in marks)
    most, *memory = marks[-1][1:]
    return Sample(
        seconds=measured[-1]["ended"] - measured[0]["began"],
        processes=(third - second) % most - (second - first) % most,
        rss_mib=max(memory) / 1024 if memory else None,
        transactions=counts[1] - counts[0] if counts else None,
    )
