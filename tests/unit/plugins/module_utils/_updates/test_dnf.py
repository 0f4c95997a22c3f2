# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""dnf itself, on hosts in folders and repositories made for them."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
import typing as t
from pathlib import Path

import pytest

from ansible_collections.evergreen.virt.plugins.module_utils._wait import Deadline, wait_for

from .rpm_host import Mirror, Rpm, RpmHost, build, served

pytestmark = pytest.mark.programs

OLD = (
    Rpm("almalinux-release", "9.4", ("Provides: system-release",)),
    Rpm("app", "1", ("Requires: part",)),
    Rpm("gone"),
    Rpm("kernel-core", "5", ("Provides: installonlypkg(kernel)",)),
    Rpm("libvirt-daemon"),
    Rpm("part"),
)
NEW = (
    Rpm("almalinux-release", "9.5", ("Provides: system-release",)),
    Rpm("app", "2", ("Requires: part >= 2", "Requires: fresh")),
    Rpm("extra", "1", ("Recommends: nicety",)),
    Rpm("fresh"),
    Rpm("heir", "1", ("Obsoletes: gone <= 1",)),
    Rpm("impossible", "1", ("Requires: nowhere",)),
    Rpm("kernel-core", "6", ("Provides: installonlypkg(kernel)",)),
    Rpm("libvirt-daemon", "2", ("Epoch: 1",)),
    Rpm("nicety"),
    Rpm("part", "2"),
)


@pytest.fixture(scope="module")
def old(tmp_path_factory: pytest.TempPathFactory) -> RpmHost:
    """A host that nobody changes."""
    root = tmp_path_factory.mktemp("old") / "root"
    host = RpmHost(root)
    host.has_repository("os", build(root.parent / "packages", *OLD).as_uri())
    host.locks()
    host.dnf("install", *(package.name for package in OLD if package.name != "part"))
    return host


@pytest.fixture(scope="module")
def new(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("new") / "packages", *NEW)


@pytest.fixture
def host(old: RpmHost, tmp_path: Path) -> RpmHost:
    """The same, to be changed."""
    return RpmHost(Path(shutil.copytree(old.root, tmp_path / "root", symlinks=True)))


@pytest.fixture
def mirror(new: Path) -> t.Iterator[Mirror]:
    """The new packages over HTTP."""
    with served(new) as url:
        yield url


def rpm(url: str | Path, **named: t.Any) -> list[dict[str, t.Any]]:
    uri = url.as_uri() if isinstance(url, Path) else url
    return [{"name": "os", "types": ["rpm"], "uris": [uri], "trusted": True, **named}]


def files_of(host: RpmHost) -> dict[Path, int]:
    """Every file with its time, except the two in which SQLite notes who reads."""
    files = (path for path in host.root.rglob("*") if path.is_file() and not path.name.endswith(("-shm", "-wal")))
    return {path: path.stat().st_mtime_ns for path in files}


def rpm_install(host: RpmHost, package: Path, *options: str) -> None:
    subprocess.run(["rpm", "--root", str(host.root), "-i", *options, str(package)], check=True)


def test_nothing_is_pending(old: RpmHost) -> None:
    pending = old.ask("pending")
    assert pending["packages"] == pending["removed"] == pending["problems"] == []
    assert pending["release"] == "AlmaLinux 9.4"
    assert pending["versions"]["kernel-core"] == "5-1"


def test_an_upgrade(host: RpmHost, new: Path) -> None:
    before = files_of(host)
    pending = host.ask("pending", rpm(new))
    assert {each["name"]: (each["installed"], each["candidate"]) for each in pending["packages"]} == {
        "almalinux-release": ("9.4-1", "9.5-1"),
        "app": ("1-1", "2-1"),
        "fresh": (None, "1-1"),
        "heir": (None, "1-1"),
        "kernel-core": (None, "6-1"),
        "libvirt-daemon": ("1-1", "1:2-1"),
        "part": ("1-1", "2-1"),
    }
    assert pending["removed"] == ["gone"]
    assert pending["problems"] == []
    assert pending["release"] == "AlmaLinux 9.5"
    assert pending["download_mib"] == 0  # it lies on this host
    assert pending["archives"] == str(host.root / "var/cache/dnf")
    assert pending["offered"] == ["extra", "impossible", "nicety"]
    assert files_of(host) == before


def test_what_is_predicted_comes_true(host: RpmHost, new: Path) -> None:
    predicted = host.ask("pending", rpm(new), packages=["extra"])
    host.has_repository("os", new.as_uri())
    wanted = [f"{each['name']}-{each['candidate']}" for each in predicted["packages"]]
    host.dnf("--setopt=install_weak_deps=False", "--allowerasing", "install", *wanted)
    after = host.ask("pending", packages=["extra"])
    assert after["packages"] == after["removed"] == after["problems"] == []
    assert after["versions"] == predicted["versions"]
    assert {"kernel-core-5", "kernel-core-6"} < set(host.installed())


def test_packages_asked_for(old: RpmHost, new: Path) -> None:
    pending = old.ask("pending", rpm(new), packages=["extra", "app", "nobody"])
    names = {each["name"] for each in pending["packages"]}
    assert "extra" in names
    assert "nicety" not in names  # is only recommended
    assert pending["problems"] == ["nobody shall be installed with the update, and no repository has it."]


def test_a_package_that_cannot_be_installed_leaves_the_rest(old: RpmHost, new: Path) -> None:
    pending = old.ask("pending", rpm(new), packages=["impossible"])
    assert "app" in {each["name"] for each in pending["packages"]}
    (problem,) = pending["problems"]
    assert problem.startswith("dnf cannot install impossible with the update: ")
    assert "nowhere" in problem


def test_an_excluded_package_is_told(host: RpmHost, new: Path) -> None:
    (host.root / "etc/dnf").mkdir(parents=True, exist_ok=True)
    (host.root / "etc/dnf/dnf.conf").write_text("[main]\nexcludepkgs=part\n", encoding="utf-8")
    pending = host.ask("pending", rpm(new))
    assert not {"app", "part", "fresh"} & {each["name"] for each in pending["packages"]}
    assert pending["problems"] == [
        "app stays at 1-1 though 2-1 is there: it is kept back by dnf, its dependencies cannot be met.",
        "part stays at 1-1 though 2-1 is there: it is excluded or locked to a version.",
    ]


def test_a_locked_version_is_told(host: RpmHost, new: Path) -> None:
    host.locks("libvirt-daemon-0:1-1.*")
    pending = host.ask("pending", rpm(new))
    assert "libvirt-daemon" not in {each["name"] for each in pending["packages"]}
    assert pending["problems"] == [
        "libvirt-daemon stays at 1-1 though 1:2-1 is there: it is excluded or locked to a version."
    ]


def test_a_preferred_repository_keeps_nothing_back(host: RpmHost, old: RpmHost, new: Path) -> None:
    host.has_repository("os", (old.root.parent / "packages").as_uri(), "priority=10")
    host.has_repository("other", new.as_uri())
    host.locks("libvirt-daemon-0:1-1.*")
    pending = host.ask("pending")
    assert pending["problems"] == []
    assert not {"app", "part", "libvirt-daemon"} & {each["name"] for each in pending["packages"]}


def test_what_a_preferred_repository_may_not_give_hides_nothing(host: RpmHost, old: RpmHost, new: Path) -> None:
    host.has_repository("os", (old.root.parent / "packages").as_uri(), "priority=10", "excludepkgs=app")
    host.has_repository("other", new.as_uri(), "excludepkgs=fresh")
    assert host.ask("pending")["problems"] == [
        "app stays at 1-1 though 2-1 is there: it is kept back by dnf, its dependencies cannot be met."
    ]


def test_what_an_interrupted_update_left(host: RpmHost, new: Path) -> None:
    newer = new / "noarch" / "libvirt-daemon-2-1.noarch.rpm"
    rpm_install(host, newer, "--justdb", "--force", "--nodeps")
    assert any("interrupted" in problem and "libvirt-daemon" in problem for problem in host.ask("pending")["problems"])


@pytest.mark.slow
def test_a_transaction_that_is_killed_can_be_finished(host: RpmHost, tmp_path: Path) -> None:
    """As the role does it: what is there twice first, then what is pending."""
    busy = ("%post -p <lua>", "local finish = os.time() + 60", "while os.time() < finish do end")
    new = build(tmp_path / "busy", Rpm("app", "2", ("Requires: part >= 2",)), Rpm("part", "2", busy))
    host.has_repository("os", new.as_uri())
    with subprocess.Popen([*host.dnf_here(), "--assumeyes", "upgrade"], stdout=subprocess.DEVNULL) as upgrade:
        wait_for(lambda: {"part-1", "part-2"} < set(host.installed()), "dnf to install part 2", Deadline(50))
        upgrade.kill()
    assert "app-1" in host.installed()
    (problem,) = host.ask("pending")["problems"]
    assert problem.startswith("part.noarch is installed as 1-1 and 2-1")
    host.dnf("remove", "--duplicates", "--setopt=tsflags=noscripts")
    pending = host.ask("pending")
    assert [(each["name"], each["candidate"]) for each in pending["packages"]] == [("app", "2-1")]
    assert pending["problems"] == []


def test_unmet_dependencies_are_told(host: RpmHost, new: Path) -> None:
    rpm_install(host, new / "noarch" / "impossible-1-1.noarch.rpm", "--nodeps")
    assert host.ask("pending")["problems"] == ["packages have unmet dependencies; see 'dnf check'."]


def boots(host: RpmHost, seconds: float, clock: float) -> None:
    """Have the first process begin `seconds` after the kernel, when the clock said that."""
    process = host.root / "proc" / "1"
    process.mkdir(parents=True, exist_ok=True)
    fields = ["S", *"0" * 18, str(round(seconds * os.sysconf("SC_CLK_TCK"))), "0"]
    (process / "stat").write_text(f"1 (init (odd) name) {' '.join(fields)}\n", encoding="utf-8")
    os.utime(process, (clock, clock))


def test_what_was_installed_since_boot(host: RpmHost) -> None:
    assert host.ask("pending")["since_boot"] == []  # nobody says when that was
    up = time.clock_gettime(time.CLOCK_BOOTTIME)
    boots(host, up, time.time())
    assert host.ask("pending")["since_boot"] == []
    boots(host, 0, time.time() - up)
    assert "kernel-core" in host.ask("pending")["since_boot"]


def test_a_clock_that_was_wrong_at_the_boot_makes_nothing_new(host: RpmHost) -> None:
    boots(host, time.clock_gettime(time.CLOCK_BOOTTIME), 1)
    assert host.ask("pending")["since_boot"] == []


def test_a_folder_of_the_first_process_that_was_made_anew_is_no_boot(host: RpmHost) -> None:
    boots(host, 0, time.time() + 60)
    assert "kernel-core" in host.ask("pending")["since_boot"]


def test_a_download(host: RpmHost, mirror: Mirror) -> None:
    pending = host.ask("pending", rpm(mirror))
    assert pending["download_mib"] == 1
    missing = host.ask("download", rpm(mirror), check_mode=True)
    assert missing > 0
    assert not list(host.root.rglob("fresh-1-1.noarch.rpm"))
    assert host.ask("download", rpm(mirror), check_mode=False) == missing
    assert host.ask("download", rpm(mirror), check_mode=False) == 0
    (fresh,) = host.root.rglob("fresh-1-1.noarch.rpm")
    fresh.write_bytes(fresh.read_bytes()[:-1])
    assert 0 < host.ask("download", rpm(mirror), check_mode=True) < missing


def test_dnf_finds_what_was_downloaded(host: RpmHost, mirror: Mirror) -> None:
    host.ask("download", rpm(mirror), check_mode=False)
    host.has_repository("os", mirror)
    assert "fresh-1-1.noarch.rpm: Already downloaded" in host.dnf("upgrade")


@pytest.mark.parametrize("own", [True, False], ids=["the host's own", "another"])
def test_an_upgrade_that_was_downloaded_needs_no_repository(host: RpmHost, new: Path, own: bool) -> None:
    with served(new) as url:
        repositories = None if own else rpm(url)
        if own:
            host.has_repository("os", url)
        before = files_of(host)
        host.ask("download", repositories, check_mode=True)
        assert files_of(host) == before
        host.ask("download", repositories, check_mode=False)
    host.has_repository("os", url, "metadata_expire=1")
    grow_old(host)
    pending = host.ask("pending", refresh=False)
    assert {"app", "fresh", "part"} < {each["name"] for each in pending["packages"]}
    assert host.ask("pending")["error"] == "unavailable"
    wanted = [f"{each['name']}-{each['candidate']}" for each in pending["packages"]]
    host.dnf("--setopt=*.metadata_expire=-1", "--allowerasing", "install", *wanted)
    assert {"app-2", "fresh-1", "part-2"} < set(host.installed())


def test_a_package_that_is_gone(host: RpmHost, new: Path, mirror: Mirror) -> None:
    there = new / "noarch" / "fresh-1-1.noarch.rpm"
    away = there.rename(there.with_suffix(".away"))
    answer = host.ask("download", rpm(mirror), check_mode=False)
    away.rename(there)
    assert answer["error"] == "unavailable"
    assert "fresh" in answer["message"]


def test_a_repository_that_is_gone(old: RpmHost, tmp_path: Path) -> None:
    for what, options in (("pending", {}), ("download", {"check_mode": False})):
        answer = old.ask(what, rpm(tmp_path / "nothing"), **options)
        assert answer["error"] == "unavailable"
        assert "'os'" in answer["message"]


def grow_old(host: RpmHost) -> None:
    """Let time go by: dnf believes what it fetched in this very second."""
    for path in (host.root / "var/cache/dnf").rglob("*"):
        os.utime(path, (1, 1))


def test_metadata_that_the_host_has(host: RpmHost, new: Path) -> None:
    host.has_repository("os", new.as_uri())
    host.dnf("makecache")
    grow_old(host)
    (new / "repodata").rename(new / "away")
    try:
        assert "app" in {each["name"] for each in host.ask("pending", refresh=False)["packages"]}
        assert host.ask("pending")["error"] == "unavailable"
    finally:
        (new / "away").rename(new / "repodata")


def test_what_goes_while_the_host_s_own_is_copied(host: RpmHost, new: Path) -> None:
    """A name that leads nowhere is what is left of a file between the look for it and its copy."""
    for folder in ("var/cache/dnf", "var/lib/dnf"):
        (host.root / folder / "gone").symlink_to("nowhere")
    assert "app" in {each["name"] for each in host.ask("pending", rpm(new))["packages"]}


def test_what_the_host_has_is_not_downloaded_again(host: RpmHost, mirror: Mirror) -> None:
    host.has_repository("os", mirror)
    host.dnf("makecache")
    assert len(mirror.asked) > 1
    mirror.asked.clear()
    grow_old(host)
    before = files_of(host)
    assert host.ask("pending")["packages"]
    assert mirror.asked == ["repomd.xml"]
    assert host.ask("pending", refresh=False)["packages"]
    assert mirror.asked == ["repomd.xml"]
    assert files_of(host) == before


@pytest.mark.parametrize(
    ("version", "other", "older"),
    [("9-1", "10-1", True), ("1:1-1", "9-1", False), ("2~rc1-1", "2-1", True), ("2-1.el9", "2-1.el9", False)],
)
def test_which_version_is_older(old: RpmHost, version: str, other: str, older: bool) -> None:
    assert old.ask("is_older", version=version, other=other) is older


def test_an_apt_repository_is_refused(old: RpmHost) -> None:
    answer = old.ask("pending", [{"name": "debian", "uris": ["file:/srv"], "suites": ["./"]}])
    assert answer["error"] == "invalid_input"
    assert "this host has dnf" in answer["message"]


def test_repositories_beside_the_hosts_own(host: RpmHost, new: Path, tmp_path: Path) -> None:
    host.has_repository("other", (tmp_path / "nothing").as_uri())
    other = str(host.root / "etc/yum.repos.d/other.repo")
    assert "error" not in host.ask("pending", rpm(new))
    refused = host.ask("pending", rpm(new), obsolete=[])
    assert refused["error"] == "unavailable"
    assert "'other'" in refused["message"]
    assert host.ask("pending", rpm(new), obsolete=[other]) == host.ask("pending", rpm(new))
