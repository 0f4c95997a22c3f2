# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""What apt would do: asked through libapt, with the same algorithm as `apt-get dist-upgrade PACKAGE...`, changing
nothing of what is installed. Whether it brings what packages merely recommend is the host's own setting.

Source: https://apt-team.pages.debian.net/python-apt/library/apt_pkg.html
"""

from __future__ import annotations

import contextlib
import dataclasses
import pathlib
import re
import typing as t

from .. import _os_release
from .._deps import Dependency
from .._errors import ConflictError, UnavailableError
from .._files import refused
from .apt_archives import fetch_archives
from .apt_kept import archives_size, keep_archives, lost
from .apt_state import PIN, host_state, leave_lists, private_state
from .protocol import Archives, Pending, PendingPackage
from .release import os_after
from .repository import Repository, require_types, without_passwords

APT = Dependency("apt_pkg", "python-apt (Debian package python3-apt)")
with APT.importing():
    import apt_pkg
    from apt.progress.base import AcquireProgress

_MIB = 2**20


class Apt:
    """apt, in the sense of `protocol.PackageManager`.

    :param os_release: the host's /etc/os-release.
    :param refresh: ask the repositories for what they hold now; False: take the lists that the host has.
    :param obsolete: files of the host's sources that are not asked beside repositories that are given; None: none of its sources is.
    """

    name = "apt"

    def __init__(
        self, os_release: t.Mapping[str, str], *, refresh: bool = True, obsolete: t.Collection[str] | None = None
    ) -> None:
        self._os_release = os_release
        self._refresh = refresh
        self._obsolete = obsolete

    def pending(self, repositories: t.Sequence[Repository] | None, packages: t.Sequence[str]) -> Pending:
        """Return what a dist-upgrade would do, and the installation of packages after it.

        :raises MissingDependencyError: without python-apt.
        :raises UnavailableError: when a repository does not answer.
        :raises ConflictError: when apt finds no way to upgrade, or its sources are broken.
        """
        with self._simulated(repositories, packages) as simulated:
            pending = self._summary(simulated)
            if repositories is None:
                return _with_way_back(pending, simulated.cache, simulated.archives)
        if pending.release != _os_release.name(self._os_release):
            return pending
        with self._opened(None) as (cache, archives):
            return _with_way_back(pending, cache, archives)

    def download(
        self, repositories: t.Sequence[Repository] | None, packages: t.Sequence[str], *, check_mode: bool
    ) -> int:
        """Fetch what an upgrade needs into apt's own archives, and return the bytes that were missing there.

        What is on a medium of the host already is left there. The lists are left where the host's apt has its own.

        :raises UnavailableError: when a package cannot be had.
        :raises OperationError: when the lists cannot be left.
        :raises ConflictError, MissingDependencyError: as `pending`.
        """
        APT.require()
        apt_pkg.init_config()
        lists = pathlib.Path(apt_pkg.config.find_dir("Dir::State::lists"))
        with self._simulated(repositories, packages) as simulated:
            missing = fetch_archives(simulated.cache, simulated.plan, simulated.archives, check_mode=check_mode)
            if not check_mode and self._is_private(repositories):
                _leave_lists(lists)
            return missing

    def keep(self, replaced: t.Mapping[str, str], folder: pathlib.Path) -> Archives:
        """Put the archives of installed packages into a folder.

        :raises UnavailableError: when one cannot be had.
        :raises ConflictError, MissingDependencyError: as `pending`.
        """
        with self._opened(None) as (cache, archives):
            return keep_archives(cache, replaced, archives, folder)

    def installed(self) -> dict[str, str]:
        """Return package -> version of what is completely installed.

        :raises MissingDependencyError: without python-apt.
        """
        APT.require()
        apt_pkg.init_config()
        apt_pkg.init_system()
        with host_state(apt_pkg.config):
            return {
                package.get_fullname(True): package.current_ver.ver_str
                for package in apt_pkg.Cache(None).packages
                if package.current_state == apt_pkg.CURSTATE_INSTALLED
            }

    def is_older(self, version: str, other: str) -> bool:
        """Return whether a version of a package is older than another one of it (deb-version(7)).

        :raises MissingDependencyError: without python-apt.
        """
        APT.require()
        apt_pkg.init_system()
        return bool(apt_pkg.version_compare(version, other) < 0)

    @contextlib.contextmanager
    def _simulated(
        self, repositories: t.Sequence[Repository] | None, packages: t.Sequence[str]
    ) -> t.Iterator[_Simulated]:
        with self._opened(repositories) as (cache, archives):
            yield _simulate(cache, packages, archives)

    @contextlib.contextmanager
    def _opened(self, repositories: t.Sequence[Repository] | None) -> t.Iterator[tuple[apt_pkg.Cache, str]]:
        """Open what is installed and what the repositories hold, and tell where apt keeps what it downloads."""
        APT.require()
        require_types(repositories or [], self.name)
        apt_pkg.init_config()
        archives = apt_pkg.config.find_dir("Dir::Cache::archives")
        private = self._is_private(repositories)
        with private_state(apt_pkg.config, repositories, self._obsolete) if private else host_state(apt_pkg.config):
            try:
                apt_pkg.init_system()
                cache = apt_pkg.Cache(None)
                if private:
                    _fetch_lists(cache)
                    cache = apt_pkg.Cache(None)
                yield cache, archives
            except apt_pkg.Error as exc:
                raise ConflictError(
                    f"apt cannot tell what is pending: {without_passwords(str(exc))}.",
                    hint="Run 'apt-get check' and 'apt-get -s dist-upgrade' on the host: they say the same in detail.",
                ) from exc

    def _is_private(self, repositories: t.Sequence[Repository] | None) -> bool:
        """Return whether lists are fetched, or those of the host are believed."""
        return repositories is not None or self._refresh

    def _summary(self, simulated: _Simulated) -> Pending:
        cache, plan = simulated.cache, simulated.plan
        after = {package: _version_after(plan, package) for package in cache.packages}
        changed = [package for package in after if plan.marked_install(package) or _changes(plan, package)]
        return Pending(
            packages=sorted((_pending(package, after[package]) for package in changed), key=lambda each: each.name),
            removed=sorted(package.get_fullname(True) for package in after if plan.marked_delete(package)),
            problems=simulated.broken + _kept_back(cache, plan) + simulated.missing,
            download_mib=-(-fetch_archives(cache, plan, simulated.archives, check_mode=True) // _MIB),
            archives=simulated.archives,
            growth_mib=-(-int(plan.usr_size) // _MIB),
            versions={package.get_fullname(True): version.ver_str for package, version in after.items() if version},
            release=self._release(after),
            offered=frozenset(
                package.get_fullname(True)
                for package, version in after.items()
                if not version and plan.get_candidate_ver(package)
            ),
            replaced={
                package.get_fullname(True): package.current_ver.ver_str
                for package in after
                if package.current_ver and (plan.marked_delete(package) or _changes(plan, package))
            },
        )

    def _release(self, after: t.Mapping[apt_pkg.Package, apt_pkg.Version | None]) -> str | None:
        for package, version in after.items():
            if package.name == "base-files" and version:
                files = [file for file, _index in version.file_list if file.origin and file.version]
                repository = (files[0].origin, files[0].version) if files else None
                return os_after(self._os_release, version.ver_str, repository, changes=version != package.current_ver)
        return None


@dataclasses.dataclass(frozen=True)
class _Simulated:
    """An upgrade that apt has worked out.

    :param archives: where apt keeps what it downloads.
    :param broken: what is wrong with the host before it.
    :param missing: what was asked for and cannot be had.
    """

    cache: apt_pkg.Cache
    plan: apt_pkg.DepCache
    archives: str
    broken: list[str]
    missing: list[str]


def _with_way_back(pending: Pending, cache: apt_pkg.Cache, archives: str) -> Pending:
    """Tell what becomes of the packages that an upgrade replaces, by the host's own repositories."""
    return dataclasses.replace(
        pending,
        lost=lost(cache, pending.replaced, archives),
        keep_mib=-(-archives_size(cache, pending.replaced, archives) // _MIB),
    )


def _simulate(cache: apt_pkg.Cache, packages: t.Sequence[str], archives: str) -> _Simulated:
    plan = apt_pkg.DepCache(cache)
    broken = _held_to_a_plan() + _problems_of_the_host(cache, plan)
    plan.upgrade(True)
    missing = _install(cache, plan, packages)
    return _Simulated(cache, plan, archives, broken, missing)


def _fetch_lists(cache: apt_pkg.Cache) -> None:
    """Download the lists of the configured sources into the configured state."""
    sources = apt_pkg.SourceList()
    sources.read_main_list()
    apt_pkg.config.set("APT::Update::Error-Mode", "any")  # apt-get(8), --error-on: a host out of reach is one, too
    try:
        cache.update(AcquireProgress(), sources, 0)
    except apt_pkg.Error as exc:
        said = without_passwords(str(exc))
        raise UnavailableError(
            f"apt cannot read its repositories: {'; '.join(first_lines(said))}.",
            hint="Check the repository's address and key, and the host's way to it.",
            apt_says=said,
        ) from exc


def _leave_lists(host: pathlib.Path) -> None:
    """Leave the lists that were fetched to the host's own apt, so that an upgrade needs to ask no repository."""
    try:
        (host / "partial").mkdir(parents=True, exist_ok=True)
        with apt_pkg.FileLock(f"{host}/lock"):
            leave_lists(apt_pkg.config, host)
    except OSError as exc:
        raise refused(f"leave package lists in {host}", exc) from exc


def first_lines(errors: str) -> list[str]:
    """Return the first line of each of libapt's errors, which come as `E:one, W:two`."""
    lines = (error[2:].splitlines()[0].strip().rstrip(".") for error in re.split(r", (?=[EW]:)", errors))
    return [line for line in lines if not line.startswith("Some index files failed")]


def _install(cache: apt_pkg.Cache, plan: apt_pkg.DepCache, names: t.Sequence[str]) -> list[str]:
    """Add packages to the plan of an upgrade; return one sentence for each that cannot be.

    Packages that the upgrade keeps or brings anyway change nothing.
    """
    wanted, problems = [], []
    for name in names:
        if name not in cache or not (cache[name].current_ver or plan.get_candidate_ver(cache[name])):
            problems.append(f"{name} shall be installed with the update, and no repository has it.")
        elif not _version_after(plan, cache[name]):
            wanted.append(name)
    if not wanted:
        return problems
    resolver = apt_pkg.ProblemResolver(plan)
    for name in wanted:
        resolver.clear(cache[name])
        resolver.protect(cache[name])
        plan.mark_install(cache[name])
    try:
        resolver.resolve(True)
    except apt_pkg.Error as exc:
        return [*problems, f"apt cannot install {', '.join(wanted)} with the update: {exc}."]
    refused = [name for name in wanted if not _version_after(plan, cache[name])]
    return [*problems, *(f"apt cannot install {name} with the update." for name in refused)]


def _changes(plan: apt_pkg.DepCache, package: apt_pkg.Package) -> bool:
    return bool(plan.marked_upgrade(package) or plan.marked_downgrade(package) or plan.marked_reinstall(package))


def _version_after(plan: apt_pkg.DepCache, package: apt_pkg.Package) -> apt_pkg.Version | None:
    if plan.marked_delete(package):
        return None
    if plan.marked_install(package) or _changes(plan, package):
        return plan.get_candidate_ver(package)
    return package.current_ver


def _pending(package: apt_pkg.Package, after: apt_pkg.Version) -> PendingPackage:
    installed = package.current_ver.ver_str if package.current_ver else None
    return PendingPackage(package.get_fullname(True), installed, after.ver_str)


def _problems_of_the_host(cache: apt_pkg.Cache, plan: apt_pkg.DepCache) -> list[str]:
    whole = (apt_pkg.CURSTATE_INSTALLED, apt_pkg.CURSTATE_NOT_INSTALLED, apt_pkg.CURSTATE_CONFIG_FILES)
    problems = [
        f"{package.get_fullname(True)} is not completely installed; finish it with 'dpkg --configure -a' or reinstall it."
        for package in cache.packages
        if package.current_state not in whole or package.inst_state != apt_pkg.INSTSTATE_OK
    ]
    if plan.broken_count:
        problems.append(f"{plan.broken_count} packages have unmet dependencies; see 'apt-get check'.")
    return sorted(problems)


def _held_to_a_plan() -> list[str]:
    """Say whether a run that broke in the middle of an update has left what hides newer versions."""
    pin = pathlib.Path(apt_pkg.config.find_dir("Dir::Etc::preferencesparts")) / PIN
    if not pin.exists():
        return []
    return [
        f"an upgrade that broke off holds packages to the versions of its plan, which hides newer ones; remove {pin}."
    ]


def is_phased(record: str) -> bool:
    """Return whether a version is given to a part of all machines at first: to this one later, by itself (pure).

    python-apt tells only since 2.7 whether this one is among them: what is on hold for it and can be installed is no problem of its own.
    Source: https://wiki.ubuntu.com/PhasedUpdates

    :param record: the version's stanza in the list of its repository.
    """
    percentage = re.search(r"^Phased-Update-Percentage:\s*(\d+)", record, re.MULTILINE)
    return percentage is not None and int(percentage[1]) < 100


def _record(cache: apt_pkg.Cache, version: apt_pkg.Version) -> str:
    records = apt_pkg.PackageRecords(cache)
    records.lookup(version.file_list[0])
    return str(records.record)


def _kept_back(cache: apt_pkg.Cache, plan: apt_pkg.DepCache) -> list[str]:
    """Say which packages have an update that the upgrade does not bring, and why."""
    problems = []
    for package in cache.packages:
        if not package.current_ver or not plan.is_upgradable(package) or _changes(plan, package):
            continue
        if plan.marked_delete(package):
            continue
        held = package.selected_state == apt_pkg.SELSTATE_HOLD
        if not held and is_phased(_record(cache, plan.get_candidate_ver(package))):
            continue
        why = "on hold" if held else "kept back by apt, its dependencies cannot be met"
        problems.append(
            f"{package.get_fullname(True)} stays at {package.current_ver.ver_str} though"
            f" {plan.get_candidate_ver(package).ver_str} is there: it is {why}."
        )
    return sorted(problems)
