# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A project of somebody who has no checkout: a folder with the collection as its tarball brings it."""

from __future__ import annotations

import shutil
import subprocess
import typing as t
from pathlib import Path

from ansible_collections.evergreen.virt.tests.lab.cluster import ROOT, run

CRYPTO = ROOT / ".cache" / "collections" / "ansible_collections" / "community" / "crypto"


class Project(t.NamedTuple):
    """A folder with installed collections.

    :param variables: of the environment of what runs there.
    """

    folder: Path
    variables: t.Mapping[str, str]

    def run(self, *argv: str) -> subprocess.CompletedProcess[str]:
        """Run a program of Ansible there, with nothing of this checkout in its paths."""
        own = {
            "ANSIBLE_COLLECTIONS_PATH": str(self.folder / "collections"),
            "ANSIBLE_COLLECTIONS_SCAN_SYS_PATH": "false",  # the virtual environment knows this checkout
            "ANSIBLE_REMOTE_TMP": "~/.ansible/tmp",
            "ANSIBLE_NOCOLOR": "1",
            "PWD": str(self.folder),
        }
        return run(argv, cwd=self.folder, **own, **self.variables)


def installed(folder: Path, **variables: str) -> Project:
    """Build the tarball, and install it into an empty folder.

    What Galaxy would bring along is there already: a dependency has to be found without a network.
    """
    made = Project(folder, variables)
    shutil.copytree(CRYPTO, folder / "collections" / "ansible_collections" / "community" / "crypto")
    build = ["ansible-galaxy", "collection", "build", "--output-path", str(folder)]
    assert subprocess.run(build, cwd=ROOT, check=False, capture_output=True).returncode == 0
    (archive,) = folder.glob("*.tar.gz")
    done = made.run("ansible-galaxy", "collection", "install", "--offline", "-p", "collections", archive.name)
    assert done.returncode == 0, done.stdout
    return made
