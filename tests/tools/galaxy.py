# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Let Galaxy's importer look at the tarball as it would be published; whatever it warns of is a failure.

The importer pins other versions than the toolchain, so that it has a virtual environment of its own, below .cache/, made at the first use.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "build" / "package"
VERSION = "0.4.44"
VENV = ROOT / ".cache" / "galaxy-importer"
IMPORTER = VENV / f"installed-{VERSION}"
# What it would do in a container, which is ansible-test's sanity tests; `make sanity` runs them.
SETTINGS = """\
[galaxy-importer]
RUN_ANSIBLE_TEST = False
RUN_ANSIBLE_LINT = True
CHECK_REQUIRED_TAGS = True
CHECK_CHANGELOG = True
REQUIRE_V1_OR_GREATER = True
"""


def install() -> None:
    """Make the virtual environment, unless it is there."""
    if IMPORTER.exists():
        return
    print("installing galaxy-importer into .cache/galaxy-importer", flush=True)
    subprocess.run([sys.executable, "-m", "venv", "--clear", str(VENV)], check=True)
    pip = [str(VENV / "bin" / "pip"), "--quiet", "--disable-pip-version-check"]
    # The newest ansible-core that runs here, as in the toolchain.
    core = subprocess.run(
        [sys.executable, "-c", "import ansible; print(ansible.__version__)"], text=True, check=True, capture_output=True
    )
    subprocess.run([*pip, "install", f"galaxy-importer=={VERSION}", f"ansible-core=={core.stdout.strip()}"], check=True)
    IMPORTER.touch()


def main() -> int:
    """Build, import, count."""
    install()
    subprocess.run([sys.executable, str(ROOT / "tests" / "tools" / "package.py")], check=True)
    (archive,) = PACKAGE.glob("*.tar.gz")
    settings = VENV / "galaxy-importer.cfg"
    settings.write_text(SETTINGS, encoding="utf-8")
    environment = os.environ | {"PATH": f"{VENV / 'bin'}:{os.environ['PATH']}", "GALAXY_IMPORTER_CONFIG": str(settings)}
    done = subprocess.run(
        [str(VENV / "bin" / "python"), "-m", "galaxy_importer.main", str(archive)],
        cwd=PACKAGE,
        env=environment,
        text=True,
        check=False,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    wrong = [line for line in done.stdout.splitlines() if re.match("WARNING|ERROR|CRITICAL", line)]
    print("\n".join(wrong) if wrong or not done.returncode else done.stdout)
    word = "FAILED" if wrong or done.returncode else "passed"
    print(f"{word}  galaxy-importer {VERSION}: {len(wrong)} complaints, {archive.name}")
    return 1 if word == "FAILED" else 0


if __name__ == "__main__":
    sys.exit(main())
