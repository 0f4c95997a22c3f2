# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run every linter, two at a time, and say at the end what each of them looked at and found.

`--fix` lets ruff mend and format first. Names of checks as arguments run only those, and those that are not run otherwise.
"""

from __future__ import annotations

import argparse
import concurrent.futures
import dataclasses
import os
import re
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# mypy has to see the files where Python sees them: below ansible_collections/.
HOME = ".cache/collections/ansible_collections/evergreen/virt"
CHECKS: dict[str, list[str]] = {
    "ansible-lint": ["ansible-lint", "--offline", "--nocolor"],
    "mypy": ["mypy", "--pretty", f"{HOME}/plugins", f"{HOME}/tests"],
    "docs": [
        *("antsibull-docs", "--config-file", "tests/tools/antsibull.cfg", "lint-collection-docs"),
        *("--plugin-docs", "--validate-collection-refs", "dependent", "."),
    ],
    "package": [sys.executable, "tests/tools/package.py"],
    "ruff": ["ruff", "check"],
    "format": ["ruff", "format", "--check"],
    "python-3.9": ["vermin", "--no-tips", "--violations", "--eval-annotations", "--target=3.9-", "plugins"],
    "yamllint": ["yamllint", "--strict", "--format", "parsable", "."],
    "changelog": ["antsibull-changelog", "lint"],
}
# Only when they are named: each of the many small playbooks costs a start of Ansible. .ansible-lint leaves them out, unless they are named too.
SCENARIOS = sorted(str(path.relative_to(ROOT)) for path in ROOT.glob("extensions/molecule/*/*.yml"))
SLOW: dict[str, list[str]] = {
    "molecule": ["ansible-lint", "--offline", "--nocolor", *SCENARIOS],
}


@dataclasses.dataclass(frozen=True)
class Result:
    """What came of one check."""

    name: str
    passed: bool
    output: str
    seconds: float

    @property
    def summary(self) -> str:
        """The line in which the tool counts what it saw, else its last one."""
        lines = [line.strip() for line in self.output.strip().splitlines()] or ["nothing found"]
        return next((line for line in reversed(lines) if re.search(r"\d+ (source )?files?\b", line)), lines[-1])


def check(name: str) -> Result:
    """Run one check."""
    started = time.monotonic()
    done = subprocess.run(
        {**CHECKS, **SLOW}[name], cwd=ROOT, text=True, check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    return Result(name, done.returncode == 0, done.stdout, time.monotonic() - started)


def main() -> int:
    """Run the wanted checks and report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--fix", action="store_true", help="let ruff mend and format first")
    parser.add_argument(
        "checks", nargs="*", metavar="CHECK", help=f"of {', '.join(CHECKS)} (all when left out), {', '.join(SLOW)}"
    )
    arguments = parser.parse_args()
    if unknown := set(arguments.checks) - {*CHECKS, *SLOW}:
        parser.error(f"no such check: {', '.join(sorted(unknown))}")
    if arguments.fix:
        for command in (["ruff", "check", "--fix", "--quiet"], ["ruff", "format", "--quiet"]):
            subprocess.run(command, cwd=ROOT, check=False)
    with concurrent.futures.ThreadPoolExecutor(min(2, os.cpu_count() or 1)) as pool:
        results = list(pool.map(check, arguments.checks or CHECKS))
    for result in results:
        if not result.passed:
            print(f"---- {result.name}\n{result.output.rstrip()}\n")
    for result in results:
        word = "passed" if result.passed else "FAILED"
        print(f"{word}  {result.name:<13} {result.seconds:5.1f} s  {result.summary}")
    return 0 if all(result.passed for result in results) else 1


if __name__ == "__main__":
    sys.exit(main())
