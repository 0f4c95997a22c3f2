# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A peer and this collection on the same work, in turn: `make bench`.

Each file of benchmarks/ is one benchmark, `planner` one without a host, `evacuation` and `whole_upgrade` those on a lab of their own; names as arguments
run only those. Leaves build/bench.json, bench.svg, scale.json, evacuation.json, evacuation.svg and whole_upgrade.json. Starts the lab if it is not up, and
then stops it afterwards unless KEEP=1.
"""

from __future__ import annotations

import argparse
import contextlib
import itertools
import json
import os
import subprocess
import sys
import time
import typing as t
from pathlib import Path

from ansible_collections.evergreen.virt.tests.bench import curve, evacuation, whole_upgrade
from ansible_collections.evergreen.virt.tests.bench.benchmark import Benchmark, load, playbook, sample
from ansible_collections.evergreen.virt.tests.bench.chart import svg
from ansible_collections.evergreen.virt.tests.bench.planner import speed
from ansible_collections.evergreen.virt.tests.bench.rows import Sample, row, scale_row, scale_table, table
from ansible_collections.evergreen.virt.tests.lab.cluster import INVENTORY, ROOT, playbook_argv, ssh

HERE = Path(__file__).parent
OUT = ROOT / "build"
WORK = OUT / "bench"
BENCHMARKS = {path.stem: path for path in sorted((HERE / "benchmarks").glob("*.yml"))}
PLANNER = "planner"
EVACUATION = "evacuation"
WHOLE = "whole_upgrade"
MOST_RUNS = 3
STARTED = time.monotonic()


def tell(text: str, end: str = "\n") -> None:
    """Say what comes next, with the time since the start."""
    elapsed = int(time.monotonic() - STARTED)
    print(f"[{elapsed // 60:2}:{elapsed % 60:02}] {text}", end=end, flush=True)


class Bench:
    """The benchmarks on one host.

    :param patience_s: after so many seconds of measuring no further run of the same benchmark begins.
    """

    def __init__(self, inventory: Path, host: str, patience_s: float) -> None:
        self.inventory, self.host, self.patience_s = inventory, host, patience_s

    def measure(self, benchmark: Benchmark, size: int) -> dict[str, list[Sample]]:
        """Run both sides in turn; return their samples."""
        samples: dict[str, list[Sample]] = {"ours": [], "peer": []} if benchmark.peer else {"ours": []}
        began = time.monotonic()
        try:
            while len(samples["ours"]) < MOST_RUNS and (
                not samples["ours"] or time.monotonic() - began < self.patience_s
            ):
                for side, found in samples.items():
                    who = "evergreen.virt" if side == "ours" else benchmark.peer_name
                    tell(f"{benchmark.told(size)}: {who}, run {len(found) + 1} ... ", end="")
                    found.append(sample(self.play(playbook(benchmark, side, self.host, size))))
                    print(f"{found[-1].seconds:.1f} s", flush=True)
        finally:
            self.play(playbook(benchmark, "after", self.host, size))
        return samples

    def play(self, plays: list[dict[str, t.Any]]) -> list[dict[str, t.Any]]:
        """Run a playbook and return what callback/evergreen_bench.py tells of it."""
        WORK.mkdir(parents=True, exist_ok=True)
        path = WORK / "playbook.json"
        path.write_text(json.dumps(plays))
        return self.run(str(path))

    def run(self, path: str) -> list[dict[str, t.Any]]:
        """Run the playbook of that path likewise; end the benchmarks if it fails."""
        extra = json.dumps({"bench": str(HERE), "bench_host": self.host})
        done = subprocess.run(
            playbook_argv(path, "-e", extra, inventories=[self.inventory]),
            cwd=ROOT,
            env=os.environ
            | {"ANSIBLE_STDOUT_CALLBACK": "evergreen_bench", "ANSIBLE_CALLBACK_PLUGINS": str(HERE / "callback")},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        lines = [json.loads(line) for line in done.stdout.splitlines() if line.startswith('{"task"')]
        if done.returncode:
            failures = [f"{line['task']}: {line['failure']}" for line in lines if line["failure"]]
            sys.exit("\n" + ("\n".join(failures) or done.stdout))
        return lines


@contextlib.contextmanager
def lab(host: str) -> t.Iterator[None]:
    """The lab with libvirt on that host; one that is up already is left as it is."""
    try:
        ssh(host, "virsh", "version")
    except subprocess.SubprocessError:
        pass
    else:
        yield
        return
    tell("Starting the lab")
    try:
        for arguments in (["tests/lab/up.yml"], ["evergreen.virt.install", "--limit", host]):
            subprocess.run(playbook_argv(*arguments), cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
        yield
    finally:
        if os.environ.get("KEEP") != "1":
            tell("Stopping the lab")
            subprocess.run(playbook_argv("tests/lab/down.yml"), cwd=ROOT, check=True, stdout=subprocess.DEVNULL)


def measure_all(bench: Bench, names: t.Sequence[str]) -> tuple[list[dict[str, t.Any]], list[dict[str, t.Any]]]:
    """Return the rows of bench.json and of scale.json."""
    compared, scaled = [], []
    for benchmark in (load(BENCHMARKS[name]) for name in names):
        for size in benchmark.sizes:
            name, samples = f"{benchmark.name}_{size}", bench.measure(benchmark, size)
            if benchmark.peer:
                compared.append(row(name, benchmark.told(size), benchmark.peer_name, samples["ours"], samples["peer"]))
            else:
                scaled.append(scale_row(name, benchmark.told(size), size, samples["ours"]))
    return compared, scaled


def measure_planner() -> list[dict[str, t.Any]]:
    """Return the rows of scale.json of the planner, which needs no host."""
    rows = []
    for (name, verb), (hosts, vms) in itertools.product(speed.WORKS.items(), speed.SIZES):
        work = f"{verb} {hosts:,} hosts with {vms:,} VMs"
        tell(f"{work} ... ", end="")
        rows.append(scale_row(f"{PLANNER}_{name}_{vms}", work, vms, speed.samples(name, hosts, vms)))
        print(f"{rows[-1]['seconds']:.1f} s", flush=True)
    return rows


def report(rows: list[dict[str, t.Any]], file: str, text: str) -> None:
    """Write rows and show them as a table."""
    if rows:
        (OUT / file).write_text(json.dumps(rows, indent=2) + "\n")
        print(f"\n{text}\n\nwritten: {OUT / file}", flush=True)


def on_a_host(
    arguments: argparse.Namespace, names: t.Sequence[str]
) -> tuple[list[dict[str, t.Any]], list[dict[str, t.Any]]]:
    """Run the benchmarks that need a host; return the rows of bench.json and of scale.json."""
    if not names:
        return [], []
    bench = Bench(arguments.inventory, arguments.host, arguments.patience)
    with lab(arguments.host) if arguments.inventory == INVENTORY else contextlib.nullcontext():
        tell(f"Preparing {arguments.host}")
        bench.run(str(HERE / "host.yml"))
        return measure_all(bench, names)


def main() -> None:
    """Run the benchmarks."""
    parser = argparse.ArgumentParser(description=__doc__)
    known = [*BENCHMARKS, PLANNER, EVACUATION, WHOLE]
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(known)}; all when left out")
    parser.add_argument("--inventory", type=Path, default=INVENTORY, help="another one than the lab's")
    parser.add_argument("--host", default="h1", help="where the work is done (%(default)s)")
    parser.add_argument(
        "--patience", type=float, default=30.0, help="seconds after which no further run of a benchmark begins"
    )
    arguments = parser.parse_args()
    names = arguments.names or known
    if unknown := set(names) - set(known):
        parser.error(f"no such benchmark: {', '.join(sorted(unknown))}")
    scaled = measure_planner() if PLANNER in names else []
    compared, more = on_a_host(arguments, [name for name in names if name in BENCHMARKS])
    report(compared, "bench.json", table(compared))
    if compared:
        (OUT / "bench.svg").write_text(svg(compared))
    report([*scaled, *more], "scale.json", scale_table([*scaled, *more]))
    if EVACUATION in names:  # these come last: they start labs of their own
        found = evacuation.rows(tell)
        report(found, "evacuation.json", evacuation.table(found))
        (OUT / "evacuation.svg").write_text(curve.svg(found))
    if WHOLE in names:
        found = whole_upgrade.rows(tell)
        report(found, "whole_upgrade.json", whole_upgrade.table(found))


if __name__ == "__main__":
    main()
