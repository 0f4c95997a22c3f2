# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A small update that takes seconds, so that one lab can be upgraded many times: packages made here, in the folder that all hosts share."""

from __future__ import annotations

import subprocess
import typing as t
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from .cluster import ROOT, RUN, Lab, ssh

FOLDER = "updates"
"""Below /srv/shared on the hosts."""
URI = f"file:/srv/shared/{FOLDER}"
REPOSITORY = {"name": "updates", "uris": [URI], "suites": ["./"], "trusted": True}
COPIED = {**REPOSITORY, "uris": [f"copy:/srv/shared/{FOLDER}"]}
"""The same as if it were on another machine: apt has to fetch what is in it."""
PAYLOAD = "/usr/share/evergreen-lab"
"""The folder on the hosts that the packages fill with some megabytes."""

PACKAGES = {"empty": "qemu-system-lab", "reboot": "lab-microcode"}
"""What such an update asks of its host (_updates/impact.py) -> the name of its package."""

SOURCES = {"upgrade_repositories": [REPOSITORY], "upgrade_packages": []}
"""Variables of a run that takes its updates from here."""

LIST = """
for deb in *.deb; do
  dpkg-deb --field $deb
  echo "Filename: ./$deb"
  echo "Size: $(stat --format=%s $deb)"
  echo "SHA256: $(sha256sum $deb | cut -d' ' -f1)"
  echo
done > Packages
"""
"""What makes a repository of the packages in a folder on a host, which has no apt-ftparchive."""

_CONTROL = """\
Package: {name}
Version: {version}
Architecture: all
Maintainer: evergreen.virt lab <root@localhost>
Description: an update of the lab
"""
_POSTINST = f"""\
#!/bin/sh
set -e
sleep 3
! test -e /srv/shared/{FOLDER}/broken
"""


def offer(name: str) -> str:
    """Return a script that installs a package on its host, and offers a newer version in a package source of the host's own."""
    script = ROOT / "extensions" / "molecule" / "upgrade" / "offer.sh"
    return script.read_text(encoding="utf-8").replace("libvirt-daemon-it-molecule", name)


class Updates:
    """The packages in a lab's shared folder."""

    def __init__(self, shared: Path) -> None:
        self.folder = shared / FOLDER
        self.broken = self.folder / "broken"
        self._version = 0

    @classmethod
    def of(cls, lab: Lab) -> Updates:
        """Return those of a lab that is up, whose hosts have their first version."""
        found = cls(RUN / "shared")
        found.introduce(list(PACKAGES.values()), lab.cluster)
        return found

    def introduce(self, names: t.Sequence[str], hosts: t.Sequence[str]) -> None:
        """Bring packages to hosts for the first time."""
        for name in names:
            self.publish(name)
        with ThreadPoolExecutor() as pool:
            list(pool.map(lambda host: ssh(host, _installation(names), timeout=120), hosts))

    def publish(self, name: str) -> str:
        """Offer one more version of a package, and return which."""
        self._version += 1
        version = f"{self._version}.0"
        _build(self.folder, name, version)
        index = _said(self.folder, "apt-ftparchive", "packages", ".")
        (self.folder / "Packages").write_bytes(index)
        (self.folder / "Release").unlink(missing_ok=True)
        (self.folder / "Release").write_bytes(_said(self.folder, "apt-ftparchive", "release", "."))
        return version

    def vanish(self) -> None:
        """Take the repository away."""
        self.folder.rename(self.folder.with_name("gone"))

    def come_back(self) -> None:
        """Bring it back."""
        self.folder.with_name("gone").rename(self.folder)


def _installation(names: t.Sequence[str]) -> str:
    return f"""
    echo 'deb [trusted=yes] {URI} ./' > /etc/apt/sources.list.d/updates.list && apt-get --quiet update &&
    apt-get --quiet --yes install {" ".join(names)} && rm /etc/apt/sources.list.d/updates.list
    """


def _build(folder: Path, name: str, version: str) -> None:
    tree = folder / "tree" / f"{name}_{version}"
    for part in ("DEBIAN", PAYLOAD.lstrip("/")):
        (tree / part).mkdir(parents=True)
    (tree / "DEBIAN" / "control").write_text(_CONTROL.format(name=name, version=version))
    (tree / "DEBIAN" / "postinst").write_text(_POSTINST)
    (tree / "DEBIAN" / "postinst").chmod(0o755)
    (tree / PAYLOAD.lstrip("/") / name).write_bytes(bytes(4 << 20))
    _said(folder, "dpkg-deb", "--root-owner-group", "--build", str(tree), str(folder))


def _said(folder: Path, *argv: str) -> bytes:
    return subprocess.run(argv, cwd=folder, stdout=subprocess.PIPE, check=True).stdout
