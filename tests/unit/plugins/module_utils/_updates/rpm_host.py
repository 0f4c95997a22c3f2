# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A host with RPM packages in a folder, and repositories that are built for it: by dnf, rpmbuild and createrepo_c of Debian."""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import http.server
import json
import subprocess
import threading
import typing as t
from pathlib import Path

COLLECTIONS = Path(__file__).resolve().parents[5] / ".cache" / "collections"
PYTHON = "/usr/bin/python3"
"""Has the dnf library, as on a host; the Python of the tests has not."""

ANSWER = """
packages = options.pop("packages", [])
try:
    if what == "keep":
        answer = dataclasses.asdict(host.keep(options["replaced"], pathlib.Path(options["folder"])))
    elif what in {"pending", "download"}:
        answer = getattr(host, what)(None if repositories is None else repository.parse(repositories), packages, **options)
    else:
        answer = getattr(host, what)(**options)
except _errors.VirtError as error:
    answer = {"error": error.code, "message": error.message}
if what == "pending" and dataclasses.is_dataclass(answer):
    answer = {**dataclasses.asdict(answer), "offered": sorted(answer.offered)}
print(json.dumps(answer))
"""
"""What a host that is known as `host` answers: `what` is a method of its package manager, `options` are its arguments."""

_ASK = """
import dataclasses, json, pathlib, sys
from ansible_collections.evergreen.virt.plugins.module_utils import _errors
from ansible_collections.evergreen.virt.plugins.module_utils._updates import dnf, repository

root, what, repositories, options = json.loads(sys.argv[1])
settings = {"root": pathlib.Path(root), "refresh": options.pop("refresh", True), "obsolete": options.pop("obsolete", None)}
host = dnf.Dnf({"NAME": "AlmaLinux", "VERSION_ID": "9.4"}, **settings)
"""


@dataclasses.dataclass(frozen=True)
class Rpm:
    """A package without files; `lines` are further lines of its spec file."""

    name: str
    version: str = "1"
    lines: tuple[str, ...] = ()


def build(folder: Path, *packages: Rpm) -> Path:
    """Return a repository of these packages."""
    folder.mkdir(parents=True)
    specs = []
    for package in packages:
        spec = folder / f"{package.name}-{package.version}.spec"
        fixed = (f"Name: {package.name}", f"Version: {package.version}", "Release: 1", "Summary: -", "License: -")
        lines = (*fixed, "BuildArch: noarch", *package.lines, "%description", "%files", "")
        spec.write_text("\n".join(lines), encoding="utf-8")
        specs.append(str(spec))
    folders = ("--define", f"_topdir {folder}/build", "--define", f"_rpmdir {folder}")
    subprocess.run(["rpmbuild", "--quiet", "-bb", *folders, *specs], check=True, capture_output=True)
    subprocess.run(["createrepo_c", "--quiet", str(folder)], check=True)
    return folder


class Mirror(str):
    """The URL of a repository, with the names of the files that were asked for."""

    __slots__ = ("asked",)
    asked: list[str]


@contextlib.contextmanager
def served(repository: Path) -> t.Iterator[Mirror]:
    """Have a repository over HTTP."""
    asked: list[str] = []

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_arguments: t.Any) -> None:
            asked.append(Path(self.path).name)

    handler = functools.partial(Quiet, directory=str(repository))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        url = Mirror(f"http://127.0.0.1:{server.server_port}")
        url.asked = asked
        try:
            yield url
        finally:
            server.shutdown()
            thread.join()


@dataclasses.dataclass(frozen=True)
class RpmHost:
    """What is below `root`."""

    root: Path

    def has_repository(self, name: str, url: str, *settings: str) -> None:
        """Name a repository of the host's own, with further lines of its file."""
        folder = self.root / "etc/yum.repos.d"
        folder.mkdir(parents=True, exist_ok=True)
        lines = (f"[{name}]", f"name={name}", f"baseurl={url}", "gpgcheck=0", *settings, "")
        (folder / f"{name}.repo").write_text("\n".join(lines), encoding="utf-8")

    def locks(self, *versions: str) -> None:
        """Have the plugin versionlock, which refuses to work without its list, hold packages to these versions."""
        folder = self.root / "etc/dnf/plugins"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "versionlock.conf").write_text(f"[main]\nlocklist={folder}/versionlock.list\n", encoding="utf-8")
        (folder / "versionlock.list").write_text("".join(f"{each}\n" for each in versions), encoding="utf-8")

    def dnf(self, *arguments: str) -> str:
        """Run dnf, and return what it says."""
        argv = [*self.dnf_here(), "--assumeyes", *arguments]
        return subprocess.run(argv, check=True, capture_output=True, text=True).stdout

    def dnf_here(self) -> list[str]:
        """Return the command that is dnf on this host."""
        folders = (f"--setopt=reposdir={self.root}/etc/yum.repos.d", f"--setopt=cachedir={self.root}/var/cache/dnf")
        return ["dnf", f"--installroot={self.root}", "--noplugins", *folders]

    def installed(self) -> list[str]:
        """Return name-version of what is installed."""
        argv = ["rpm", "--root", str(self.root), "-qa", "--queryformat", "%{NAME}-%{VERSION}\n"]
        return sorted(subprocess.run(argv, check=True, capture_output=True, text=True).stdout.split())

    def ask(self, what: str, repositories: list[dict[str, t.Any]] | None = None, **options: t.Any) -> t.Any:
        """Return the answer of a method of Dnf, asked by a process of its own as a module is."""
        question = json.dumps([str(self.root), what, repositories, options])
        environment = {"PYTHONPATH": str(COLLECTIONS), "PATH": "/usr/sbin:/usr/bin", "PYTHONDONTWRITEBYTECODE": "1"}
        argv = [PYTHON, "-c", _ASK + ANSWER, question]
        done = subprocess.run(argv, check=False, capture_output=True, text=True, env=environment)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)
