# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The roles on a host with dnf: a folder, below which a `dnf` of the test's own works and apt-get cannot be found."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.unit.plugins.module_utils._updates.rpm_host import PYTHON, Rpm, RpmHost, build

pytestmark = pytest.mark.programs

OLD = (Rpm("app", "1", ("Requires: part",)), Rpm("gone"), Rpm("part"))
NEW = (
    Rpm("app", "2", ("Requires: part >= 2", "Requires: fresh")),
    Rpm("fresh", "1", ("Recommends: nicety",)),
    Rpm("heir", "1", ("Obsoletes: gone <= 1",)),
    Rpm("nicety"),
    Rpm("part", "2"),
    Rpm("part", "3"),
)
MANIFEST = {"app": "2-1", "fresh": "1-1", "heir": "1-1", "part": "2-1"}


@pytest.fixture
def host(tmp_path: Path) -> RpmHost:
    host = RpmHost(tmp_path / "root")
    host.has_repository("os", build(tmp_path / "old", *OLD).as_uri())
    host.dnf("install", "app", "gone")
    return host


@pytest.fixture
def programs(host: RpmHost, tmp_path: Path) -> Path:
    """What the host finds on its PATH."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in ("bash", "pgrep", "sh"):  # Debian's rpm asks a shell where its database is
        (folder / name).symlink_to(str(shutil.which(name)))
    argv = " ".join([str(shutil.which("dnf")), *host.dnf_here()[1:]])
    (folder / "dnf").write_text(f'#!/bin/sh\nexec {argv} "$@"\n', encoding="utf-8")
    (folder / "dnf").chmod(0o755)
    return folder


def played(host: RpmHost, programs: Path, repository: Path, manifest: dict[str, str]) -> str:
    """Take the host through the steps of the roles that are about packages, and return what Ansible says."""
    steps = [("preflight", "packages"), ("upgrade", "sources"), ("upgrade", "dnf/packages")]
    roles = [
        {"ansible.builtin.include_role": {"name": f"evergreen.virt.{role}", "tasks_from": f"{step}.yml"}}
        for role, step in steps
    ]
    variables = {
        "ansible_python_interpreter": PYTHON,
        "preflight_cluster": ["localhost"],
        "preflight_updates": {"manifest": manifest},
        "upgrade_repositories": [{"name": "os", "types": ["rpm"], "uris": [repository.as_uri()], "trusted": True}],
        "ansible_async_dir": str(programs.parent / "jobs"),
        "__upgrade_repo_folder": str(host.root / "etc/yum.repos.d"),
    }
    play = {"hosts": "localhost", "connection": "local", "gather_facts": False, "tasks": roles}
    playbook = programs.parent / "play.json"
    playbook.write_text(json.dumps([{**play, "environment": {"PATH": str(programs)}}]), encoding="utf-8")
    argv = ["ansible-playbook", "-i", "localhost,", "-e", json.dumps(variables), str(playbook)]
    return subprocess.run(argv, check=False, capture_output=True, text=True).stdout


@pytest.mark.slow
def test_an_upgrade(host: RpmHost, programs: Path, tmp_path: Path) -> None:
    """One that an earlier run has left in the middle: part 2 is installed, and part 1 not yet removed."""
    new = build(tmp_path / "new", *NEW)
    left = str(new / "noarch" / "part-2-1.noarch.rpm")
    subprocess.run(["rpm", "--root", str(host.root), "-i", "--justdb", "--force", left], check=True)
    assert [name for name in host.installed() if name.startswith("part")] == ["part-1", "part-2"]
    said = played(host, programs, new, MANIFEST)
    assert "failed=0 " in said, said
    assert host.installed() == ["app-2", "fresh-1", "heir-1", "part-2"]


@pytest.mark.slow
def test_again(host: RpmHost, programs: Path, tmp_path: Path) -> None:
    new = build(tmp_path / "new", *NEW)
    assert "changed=2 " in played(host, programs, new, MANIFEST)
    said = played(host, programs, new, MANIFEST)
    assert "changed=0 " in said, said


@pytest.mark.slow
def test_a_version_that_is_gone_changes_nothing(host: RpmHost, programs: Path, tmp_path: Path) -> None:
    before = host.installed()
    said = played(host, programs, build(tmp_path / "new", *NEW), {**MANIFEST, "part": "2-7"})
    assert "No match for argument: part-2-7" in said, said
    assert "failed=1 " in said
    assert host.installed() == before
