# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Build the collection as it would be published and look what is in it."""

from __future__ import annotations

import subprocess
import sys
import tarfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "build" / "package"
# What a published collection is made of; anything else that shows up is missing from build_ignore in galaxy.yml.
EXPECTED = {
    ".ansible-lint", ".yamllint", "CHANGELOG.rst", "CONTRIBUTING.md", "FILES.json", "LICENSE", "MANIFEST.json",
    "Makefile", "README.md", "changelogs", "docs", "extensions", "inventories", "meta", "playbooks", "plugins",
    "pyproject.toml", "roles", "tests",
}  # fmt: skip
REQUIRED = {"MANIFEST.json", "README.md", "LICENSE", "CHANGELOG.rst", "meta", "plugins"}


def main() -> int:
    """Build, compare, count."""
    for earlier in PACKAGE.glob("*.tar.gz"):  # of another version
        earlier.unlink()
    command = ["ansible-galaxy", "collection", "build", "--force", "--output-path", str(PACKAGE)]
    done = subprocess.run(command, cwd=ROOT, text=True, check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if done.returncode:
        print(done.stdout)
        return done.returncode
    (archive,) = PACKAGE.glob("*.tar.gz")
    with tarfile.open(archive) as tar:
        names = tar.getnames()
    top = {name.partition("/")[0] for name in names}
    odd = [name for name in names if "__pycache__" in name or name.startswith("tests/output")]
    problems = [
        *(f"must not be in the package: {name}" for name in sorted(top - EXPECTED) + odd),
        *(f"missing from the package: {name}" for name in sorted(REQUIRED - top)),
    ]
    print("\n".join(problems) or f"{len(names)} files, {archive.stat().st_size // 1024} KiB in {archive.name}")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
