# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Publish the collection on Galaxy: the version that the tag names, if Galaxy's importer has nothing to complain of.

TAG and GALAXY_TOKEN are read from the environment, and the token is handed on in it: a command line can be read by every user of the machine.
"""

from __future__ import annotations

import collections.abc
import os
import subprocess
import sys

import yaml

from ansible_collections.evergreen.virt.tests.tools import galaxy

SERVER = "https://galaxy.ansible.com/"


def refused(environment: collections.abc.Mapping[str, str]) -> str:
    """Return why nothing may be published, empty if it may."""
    version = yaml.safe_load((galaxy.ROOT / "galaxy.yml").read_text(encoding="utf-8"))["version"]
    tag = environment.get("TAG", "")
    if tag != f"v{version}":
        return f"TAG is '{tag}', and galaxy.yml has the version {version}: publish with the tag v{version}, or set the version first"
    return (
        "" if environment.get("GALAXY_TOKEN") else "GALAXY_TOKEN is not in the environment: get a token at Galaxy first"
    )


def publish() -> int:
    """Send the tarball, and wait until Galaxy has imported it."""
    (archive,) = galaxy.PACKAGE.glob("*.tar.gz")
    server = {"SERVER_LIST": "galaxy", "SERVER_GALAXY_URL": SERVER, "SERVER_GALAXY_TOKEN": os.environ["GALAXY_TOKEN"]}
    environment = os.environ | {f"ANSIBLE_GALAXY_{name}": value for name, value in server.items()}
    return subprocess.run(
        ["ansible-galaxy", "collection", "publish", str(archive)], env=environment, check=False
    ).returncode


def main() -> int:
    """Check, import, publish."""
    why = refused(os.environ)
    if why:
        print(f"nothing was published: {why}")
        return 1
    return galaxy.main() or publish()


if __name__ == "__main__":
    sys.exit(main())
