# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A host with Debian packages in a folder, and repositories for it: apt reads what is written here, and installs nothing."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import subprocess
import typing as t
from pathlib import Path

from .rpm_host import ANSWER, COLLECTIONS, PYTHON

_ASK = """
import dataclasses, json, pathlib, sys
from ansible_collections.evergreen.virt.plugins.module_utils import _errors
from ansible_collections.evergreen.virt.plugins.module_utils._updates import apt, repository

what, repositories, options = json.loads(sys.argv[1])
settings = {"refresh": options.pop("refresh", True), "obsolete": options.pop("obsolete", None)}
host = apt.Apt({"ID": "debian", "NAME": "Debian", "VERSION_ID": "12"}, **settings)
"""
_FOLDERS = (
    "etc/apt/apt.conf.d",
    "etc/apt/preferences.d",
    "etc/apt/sources.list.d",
    "var/cache/apt/archives/partial",
    "var/lib/apt/lists/partial",
    "var/lib/dpkg/updates",
)


@dataclasses.dataclass(frozen=True)
class Deb:
    """A package; `lines` are further ones of its control file, `size` is that of its archive, which holds nothing."""

    name: str
    version: str = "1"
    lines: tuple[str, ...] = ()
    size: int = 1000

    @property
    def archive(self) -> str:
        """The file's name."""
        return f"{self.name}_{self.version}_all.deb"

    @property
    def control(self) -> str:
        """What dpkg and repositories know of it alike."""
        fixed = (
            f"Package: {self.name}",
            f"Version: {self.version}",
            "Architecture: all",
            "Maintainer: -",
            "Description: -",
        )
        return "\n".join((*fixed, *self.lines, ""))


def build(folder: Path, *packages: Deb) -> Path:
    """Return a repository of these packages, in the place of what was there."""
    folder.mkdir(parents=True, exist_ok=True)
    stanzas = []
    for package in packages:
        content = package.archive.encode().ljust(package.size, b"-")
        (folder / package.archive).write_bytes(content)
        digest = hashlib.sha256(content).hexdigest()
        stanzas.append(f"{package.control}Filename: ./{package.archive}\nSize: {len(content)}\nSHA256: {digest}\n")
    (folder / "Packages").write_text("\n".join(stanzas), encoding="utf-8")
    return folder


def source(url: str, name: str = "os") -> dict[str, t.Any]:
    """Return a repository as data."""
    return {"name": name, "uris": [url], "suites": ["./"], "trusted": True}


@dataclasses.dataclass(frozen=True)
class DebHost:
    """What is below `root`."""

    root: Path

    @classmethod
    def of(cls, root: Path, *packages: Deb) -> DebHost:
        """Return a host that has these packages."""
        for folder in _FOLDERS:
            (root / folder).mkdir(parents=True)
        settings = {
            "Dir": f"{root}/",
            "Dir::State::status": f"{root}/var/lib/dpkg/status",
            "APT::Sandbox::User": "root",
        }
        lines = [f'{name} "{value}";\n' for name, value in settings.items()]
        (root / "apt.conf").write_text("".join(lines), encoding="utf-8")
        host = cls(root)
        host.has(*packages)
        return host

    def has(self, *packages: Deb, held: t.Collection[str] = ()) -> None:
        """Have exactly these packages installed."""
        stanzas = [
            f"{package.control}Status: {'hold' if package.name in held else 'install'} ok installed\n"
            for package in packages
        ]
        (self.root / "var/lib/dpkg/status").write_text("\n".join(stanzas), encoding="utf-8")

    def has_repository(self, name: str, url: str) -> None:
        """Name a repository of the host's own."""
        line = f"deb [trusted=yes] {url} ./\n"
        (self.root / f"etc/apt/sources.list.d/{name}.list").write_text(line, encoding="utf-8")

    def apt_get(self, *arguments: str) -> str:
        """Run apt-get, and return what it says."""
        done = self._run("apt-get", *arguments)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def ask(self, what: str, repositories: list[dict[str, t.Any]] | None = None, **options: t.Any) -> t.Any:
        """Return the answer of a method of Apt, asked by a process of its own as a module is."""
        done = self._run(PYTHON, "-c", _ASK + ANSWER, json.dumps([what, repositories, options]))
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def _run(self, *argv: str) -> subprocess.CompletedProcess[str]:
        environment = {
            "APT_CONFIG": str(self.root / "apt.conf"),
            "PATH": "/usr/sbin:/usr/bin",
            "PYTHONPATH": str(COLLECTIONS),
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        return subprocess.run(argv, check=False, capture_output=True, text=True, env=environment)
