# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run the tests with each ansible-core and each Python of tests/versions.txt, and print their counts as a table.

Interpreters are those of the machine: on PATH, or made by pyenv. One that is missing has its row, and fails nothing, unless nothing that was
named could be tried. Each ansible-core has a virtual environment of its own below .cache/versions/, kept between runs.
"""

from __future__ import annotations

import argparse
import collections.abc
import dataclasses
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CACHE = ROOT / ".cache" / "versions"
LISTED = ROOT / "tests" / "versions.txt"
PINS = ROOT / "tests" / "constraints.txt"
COLLECTIONS = ROOT / ".cache" / "collections"
SANITY = [str(ROOT / "tests" / "tools" / "sanity.py")]
ON_TARGETS = ["--test", "compile", "--test", "import"]
# What an older ansible-core needs in another version than the toolchain's does.
OF_CORE = re.compile(r"^(?:ansible-core|resolvelib)==.*\n", re.MULTILINE)
HEAD = ("ansible-core", "Python", "sanity", "unit", "seconds")


@dataclasses.dataclass(frozen=True)
class Version:
    """One line of tests/versions.txt; a target has no ansible-core of its own."""

    core: str
    python: str

    @property
    def where(self) -> str:
        """What the first column of the table says."""
        return self.core or "on a host"


def listed(text: str) -> list[Version]:
    """Return the versions that a text names.

    :raises ValueError: for a line that is none.
    """
    found = []
    for line in text.splitlines():
        match = re.fullmatch(r"controller (\d+\.\d+) (\d+\.\d+)|target (\d+\.\d+)", line)
        if match:
            found.append(Version(match[1] or "", match[2] or match[3]))
        elif line and not line.startswith("#"):
            raise ValueError(f"{LISTED.name}: neither 'controller ANSIBLE-CORE PYTHON' nor 'target PYTHON': {line}")
    return found


def interpreter(python: str) -> str | None:
    """Return the path of an interpreter of that version, None if the machine has none that runs."""
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    candidates = [shutil.which(f"python{python}"), *sorted(map(str, pyenv.glob(f"{python}.*/bin/python{python}")))]
    return next((path for path in candidates if path and succeeds(path, "-c", "import venv")), None)


def succeeds(*argv: str) -> bool:
    """Tell whether a command ends well; pyenv's shims are there for versions that are not."""
    return subprocess.run(argv, check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode == 0


def installed(version: Version, python: str) -> Path:
    """Return the bin folder of a virtual environment with that ansible-core and what the unit tests need.

    :raises subprocess.CalledProcessError: when something cannot be installed.
    """
    venv = CACHE / f"{version.core}-{version.python}"
    pins = CACHE / "constraints.txt"
    stamp = venv / "installed"
    wanted = "".join(path.read_text(encoding="utf-8") for path in (LISTED, PINS))
    if not stamp.is_file() or stamp.read_text(encoding="utf-8") != wanted:
        shutil.rmtree(venv, ignore_errors=True)
        run([python, "-m", "venv", str(venv)], os.environ)
        pins.write_text(OF_CORE.sub("", PINS.read_text(encoding="utf-8")), encoding="utf-8")
        pip = [str(venv / "bin" / "pip"), "install", "--quiet", "--disable-pip-version-check", "-c", str(pins)]
        needed = ["-r", str(ROOT / "tests" / "unit" / "requirements.txt"), "pytest", "pytest-xdist"]
        run([*pip, f"ansible-core~={version.core}.0", *needed], os.environ)
        (packages,) = (venv / "lib").glob("python3*/site-packages")
        (packages / "evergreen.pth").write_text(f"{COLLECTIONS}\n", encoding="utf-8")
        stamp.write_text(wanted, encoding="utf-8")
    return venv / "bin"


def run(argv: list[str], environment: collections.abc.Mapping[str, str]) -> str:
    """Run a command and return all that it printed.

    :raises subprocess.CalledProcessError: when it fails, with the same as its output.
    """
    return subprocess.run(
        argv, cwd=ROOT, env=environment, text=True, check=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    ).stdout


def counted(argv: list[str], folder: Path, log: Path) -> str:
    """Run tests with the programs of a folder before all others, and return their counts."""
    environment = {**os.environ, "PATH": f"{folder}:{os.environ['PATH']}"}
    try:
        output, failed = run(argv, environment), False
    except subprocess.CalledProcessError as exc:
        output, failed = exc.output, True
    log.write_text(output, encoding="utf-8")
    return counts(output, failed=failed)


def counts(output: str, *, failed: bool) -> str:
    """Return what pytest, or the tool for sanity tests, counts in its last lines."""
    lines = [line for line in output.splitlines() if re.search(r"\d+ (passed|failed|error)|sanity: \d+ tests", line)]
    numbers = re.findall(r"\d+ (?:passed|failed|errors?|skipped|tests)", lines[-1]) if lines else []
    return ("FAILED " if failed else "") + (", ".join(numbers) or "no count")


def tried(version: Version) -> tuple[str, ...]:
    """Return the row of a version."""
    python = interpreter(version.python)
    if python is None:
        return (version.where, version.python, f"missing: `pyenv install {version.python}` brings it", "", "")
    started = time.monotonic()
    log = CACHE / f"{version.core or 'target'}-{version.python}"
    if version.core:
        try:
            folder = installed(version, python)
        except subprocess.CalledProcessError as exc:
            last = (exc.output.strip().splitlines() or ["no output"])[-1]
            return (version.core, version.python, f"FAILED to install: {last}", "", "")
        unit = ["-m", "pytest", "-q", "-n", "2", "--dist", "loadfile", "tests/unit"]
        cells = [
            counted([str(folder / "python"), *argv], folder, log.with_name(f"{log.name}.{what}.log"))
            for what, argv in (("sanity", SANITY), ("unit", unit))
        ]
    else:
        argv = [sys.executable, *SANITY, *ON_TARGETS, "--python", version.python]
        cells = [counted(argv, Path(python).parent, log.with_name(f"{log.name}.sanity.log")), ""]
    return (version.where, version.python, *cells, f"{time.monotonic() - started:.0f}")


def table(rows: list[tuple[str, ...]]) -> str:
    """Return rows as a table with a head."""
    whole = [HEAD, *rows]
    widths = [max(len(row[column]) for row in whole) for column in range(len(HEAD))]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip() for row in whole)


def failed(rows: list[tuple[str, ...]], wanted: list[str]) -> bool:
    """Tell whether something went wrong, or whoever named versions learns nothing of them."""
    return any("FAILED" in cell for row in rows for cell in row) or (
        bool(wanted) and all(row[2].startswith("missing") for row in rows)
    )


def main() -> int:
    """Try what is wanted, and count."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("wanted", nargs="*", metavar="VERSION", help="of ansible-core or Python (all when left out)")
    wanted = parser.parse_args().wanted
    known = listed(LISTED.read_text(encoding="utf-8"))
    unknown = set(wanted) - {name for version in known for name in (version.core, version.python)}
    if unknown:
        parser.error(f"{LISTED.relative_to(ROOT)} has no {', '.join(sorted(unknown))}")
    CACHE.mkdir(parents=True, exist_ok=True)
    rows = []
    for version in known:
        if not wanted or {version.core, version.python} & set(wanted):
            print(f"trying ansible-core {version.core or 'of the toolchain'} with Python {version.python}", flush=True)
            rows.append(tried(version))
    print(f"\n{table(rows)}\n\nWhat they said: {CACHE.relative_to(ROOT)}/*.log")
    return 1 if failed(rows, wanted) else 0


if __name__ == "__main__":
    sys.exit(main())
