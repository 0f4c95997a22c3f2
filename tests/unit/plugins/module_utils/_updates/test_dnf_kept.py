# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A host with dnf goes back behind an update, by what was kept of it."""

from __future__ import annotations

import subprocess
import typing as t
from pathlib import Path

import jinja2
import pytest
import yaml

from .rpm_host import Rpm, RpmHost, build, served

pytestmark = pytest.mark.programs

OLD = (Rpm("app", "1", ("Requires: part",)), Rpm("gone"), Rpm("part"), Rpm("steady"))
NEW = (
    Rpm("app", "2", ("Requires: part >= 2", "Requires: fresh")),
    Rpm("fresh"),
    Rpm("heir", "1", ("Obsoletes: gone <= 1",)),
    Rpm("part", "2"),
)
REPLACED = {"app": "1-1", "gone": "1-1", "part": "1-1"}
ROLE = Path(__file__).resolve().parents[5] / "roles" / "upgrade"


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> RpmHost:
    """A host with old packages, whose repositories have both old and new ones; the tests leave it as it is."""
    folder = tmp_path_factory.mktemp("kept")
    host = RpmHost(folder / "root")
    host.has_repository("old", build(folder / "old", *OLD).as_uri())
    host.locks()
    host.dnf("install", "app", "gone", "steady")
    host.has_repository("new", build(folder / "new", *NEW).as_uri())
    return host


def new_only(host: RpmHost) -> list[dict[str, t.Any]]:
    """The new repository in the place of both."""
    return [{"name": "new", "types": ["rpm"], "uris": [(host.root.parent / "new").as_uri()], "trusted": True}]


def test_what_would_be_lost(host: RpmHost) -> None:
    for repositories in (None, new_only(host)):
        pending = host.ask("pending", repositories)
        assert (pending["replaced"], pending["lost"]) == (REPLACED, [])
    assert host.ask("pending")["keep_mib"] == 1
    old = host.root / "etc/yum.repos.d/old.repo"
    old.rename(old.with_suffix(".away"))
    try:
        pending = host.ask("pending")
        assert (pending["lost"], pending["keep_mib"]) == (["app 1-1", "gone 1-1", "part 1-1"], 0)
    finally:
        old.with_suffix(".away").rename(old)


@pytest.fixture
def from_afar(host: RpmHost) -> t.Iterator[None]:
    """The old repository comes over HTTP, for one test."""
    file = host.root / "etc/yum.repos.d/old.repo"
    before = file.read_text(encoding="utf-8")
    with served(host.root.parent / "old") as url:
        host.has_repository("old", url)
        yield
    file.write_text(before, encoding="utf-8")


@pytest.mark.parametrize("length", [0, 100, -1], ids=["nothing", "its beginning", "all but its end"])
@pytest.mark.usefixtures("from_afar")
def test_a_package_of_which_a_part_is_there_is_downloaded(host: RpmHost, tmp_path: Path, length: int) -> None:
    [there] = (host.root.parent / "old" / "noarch").glob("part-*")
    whole = there.read_bytes()
    for folder in ("first", "second"):
        [path] = host.ask("keep", replaced={"part": "1-1"}, folder=str(tmp_path / folder))["paths"]
        assert Path(path).read_bytes() == whole
        for cache in (host.root / "var/cache/dnf").glob("old-*/packages"):
            (cache / there.name).write_bytes(whole[:length])


@pytest.mark.usefixtures("from_afar")
def test_what_is_downloaded_to_be_kept_takes_room_once(host: RpmHost, tmp_path: Path) -> None:
    cache = host.root / "var/cache/dnf"
    before = set(cache.rglob("*.rpm"))
    assert len(host.ask("keep", replaced={"part": "1-1"}, folder=str(tmp_path / "kept"))["paths"]) == 1
    assert set(cache.rglob("*.rpm")) == before


def back(archives: t.Sequence[str], new: t.Sequence[str]) -> str:
    """What the role tells dnf."""
    script = yaml.safe_load((ROLE / "vars" / "main.yml").read_text(encoding="utf-8"))["__upgrade_back_by_dnf"]
    template = jinja2.Environment(trim_blocks=True).from_string(script)  # noqa: S701 - no HTML, and as Ansible does
    return template.render(__upgrade_kept={"kept": {"archives": archives}}, __upgrade_back_rpms=new)


def test_a_host_goes_back_in_one_transaction(host: RpmHost, tmp_path: Path) -> None:
    before, folder = host.installed(), tmp_path / "kept"
    kept = host.ask("keep", replaced=REPLACED, folder=str(folder))
    assert sorted(Path(path).name for path in kept["paths"]) == sorted(path.name for path in folder.iterdir())
    assert kept["automatic"] == ["part"]
    host.dnf("install", "--allowerasing", "app-2", "heir")
    assert host.ask("installed")["part"] == "2-1"
    assert host.installed() != before
    options = ("--assumeyes", "--setopt=obsoletes=False", "--disablerepo=*", "--allowerasing", "shell")
    script = back(kept["paths"], ["fresh-1-1", "heir-1-1"])
    subprocess.run([*host.dnf_here(), *options], input=script, check=True, capture_output=True, text=True)
    assert host.installed() == before


def test_nobody_has_it_any_more(host: RpmHost, tmp_path: Path) -> None:
    [part] = (host.root.parent / "old" / "noarch").glob("part-*")
    part.unlink()
    answer = host.ask("keep", replaced=REPLACED, folder=str(tmp_path / "kept"))
    assert answer["error"] == "unavailable"
