# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""apt itself, on hosts in folders and repositories made for them."""

from __future__ import annotations

import fcntl
from pathlib import Path

import pytest

from tests.unit.roles.role_variables import evaluated

from .deb_host import Deb, DebHost, build, source
from .rpm_host import served

pytestmark = pytest.mark.programs

OLD = (Deb("base-files", "12.4"), Deb("app", "1", ("Depends: part",)), Deb("part", "1"), Deb("gone", "1"))
NEW = (
    Deb("base-files", "12.4"),
    Deb("app", "2", ("Depends: part (>= 2), fresh", "Conflicts: gone")),
    Deb("part", "2"),
    Deb("fresh", "1"),
)


@pytest.fixture
def host(tmp_path: Path) -> DebHost:
    return DebHost.of(tmp_path / "root", *OLD)


@pytest.fixture
def new(tmp_path: Path) -> Path:
    return build(tmp_path / "new", *NEW)


def test_an_upgrade(host: DebHost, new: Path) -> None:
    pending = host.ask("pending", [source(new.as_uri())])
    assert {each["name"]: (each["installed"], each["candidate"]) for each in pending["packages"]} == {
        "app": ("1", "2"),
        "fresh": (None, "1"),
        "part": ("1", "2"),
    }
    assert pending["removed"] == ["gone"]
    assert pending["problems"] == []
    assert pending["release"] == "Debian 12"


def test_what_is_on_hold_is_not_pending(host: DebHost, new: Path) -> None:
    host.has(*OLD, held=["part"])
    pending = host.ask("pending", [source(new.as_uri())])
    assert pending["packages"] == []
    assert "part stays at 1 though 2 is there: it is on hold." in pending["problems"]
    assert host.ask("installed") == {package.name: package.version for package in OLD}


@pytest.mark.parametrize(
    ("version", "other", "older"),
    [("9", "10", True), ("1:1", "9", False), ("2~rc1", "2", True), ("2+b1", "2+b1", False)],
)
def test_which_version_is_older(host: DebHost, version: str, other: str, older: bool) -> None:
    assert host.ask("is_older", version=version, other=other) is older


def test_how_large_what_it_replaces_is(host: DebHost, new: Path, tmp_path: Path) -> None:
    sizes = {"app": 3 << 20, "part": 2 << 20, "gone": 1}
    old = [Deb(each.name, each.version, each.lines, sizes.get(each.name, 1)) for each in OLD]
    assert host.ask("pending", [source(new.as_uri())])["lost"] == ["app 1", "gone 1", "part 1"]
    host.has_repository("old", build(tmp_path / "old", *old).as_uri())
    pending = host.ask("pending", [source(new.as_uri())])
    assert (pending["lost"], pending["keep_mib"]) == ([], 6)
    (host.root / "var/cache/apt/archives" / old[1].archive).write_bytes(bytes(4 << 20))
    assert host.ask("pending", [source(new.as_uri())])["keep_mib"] == 7
    host.has_repository("new", new.as_uri())
    assert host.ask("pending")["keep_mib"] == 7


def test_another_release_is_not_kept(host: DebHost, tmp_path: Path) -> None:
    host.has_repository("old", build(tmp_path / "old", *OLD).as_uri())
    pending = host.ask("pending", [source(build(tmp_path / "next", *NEW[1:], Deb("base-files", "13.8")).as_uri())])
    assert (pending["release"], pending["keep_mib"]) == ("Debian 13", 0)


def test_versions_that_a_run_has_left_held_are_told(host: DebHost, new: Path) -> None:
    pin = host.root / evaluated("upgrade", "__upgrade_pin").lstrip("/")
    pin.write_text("Package: part\nPin: version 1\nPin-Priority: 1001\n", encoding="utf-8")
    pending = host.ask("pending", [source(new.as_uri())])
    assert "part" not in {each["name"] for each in pending["packages"]}
    assert len([problem for problem in pending["problems"] if problem.endswith(f"; remove {pin}.")]) == 1


def files_of(host: DebHost) -> dict[Path, int]:
    return {path: path.stat().st_mtime_ns for path in (host.root / "var").rglob("*") if path.is_file()}


@pytest.mark.parametrize("own", [True, False], ids=["the host's own", "another"])
def test_an_upgrade_that_was_downloaded_needs_no_repository(
    host: DebHost, new: Path, tmp_path: Path, own: bool
) -> None:
    """Sources that the host has, and those that it gets with the update, while others are there that stay."""
    host.has_repository("other", build(tmp_path / "other", Deb("aside", "1")).as_uri())
    host.apt_get("update")
    with served(new) as url:
        repositories = None if own else [source(url)]
        if own:
            host.has_repository("os", url)
        before = files_of(host)
        missing = host.ask("download", repositories, check_mode=True)
        assert files_of(host) == before
        assert host.ask("download", repositories, check_mode=False) == missing == 3000
    host.has_repository("os", url)
    pending = host.ask("pending", refresh=False)
    assert [each["name"] for each in pending["packages"]] == ["app", "fresh", "part"]
    assert "aside" in pending["offered"]
    host.apt_get("--yes", "--download-only", "dist-upgrade")
    assert host.ask("pending")["error"] == "unavailable"
    assert not list((host.root / "var/lib/apt/lists/partial").iterdir())


def test_lists_of_a_medium_are_left_as_links(host: DebHost, new: Path) -> None:
    for version in ("2", "3"):
        build(new, Deb("part", version))
        host.ask("download", [source(new.as_uri())], check_mode=False)
        host.has_repository("os", new.as_uri())
        pending = host.ask("pending", refresh=False)
        assert [(each["name"], each["candidate"]) for each in pending["packages"]] == [("part", version)]
        assert any(path.is_symlink() for path in (host.root / "var/lib/apt/lists").iterdir())


def test_lists_that_somebody_is_fetching_are_not_touched(host: DebHost, new: Path) -> None:
    lists = host.root / "var/lib/apt/lists"
    with (lists / "lock").open("w") as lock:
        fcntl.lockf(lock, fcntl.LOCK_EX)
        answer = host.ask("download", [source(new.as_uri())], check_mode=False)
    assert answer["error"] == "conflict"
    assert f"Could not get lock {lists}/lock" in answer["message"].replace("//", "/")
    assert {path.name for path in lists.iterdir()} == {"lock", "partial"}
