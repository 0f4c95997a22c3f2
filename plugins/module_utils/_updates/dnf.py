# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""What dnf would do: asked through its API, as `dnf upgrade --allowerasing` with its plugins (versionlock is one), changing
nothing of what is installed. What the named packages merely recommend is left out.

Source: https://dnf.readthedocs.io/en/latest/api.html
"""

from __future__ import annotations

import contextlib
import dataclasses
import pathlib
import typing as t

from .. import _os_release, _systemd
from .._errors import ConflictError, UnavailableError
from . import impact, running
from .dnf_archives import fetch_archives, is_remote
from .dnf_base import DNF, leave_metadata, one_line, opened, what_is_installed
from .dnf_kept import archives_size, keep_archives, lost
from .protocol import Archives, Pending, PendingPackage
from .release import os_after_package
from .repository import Repository, require_types

with contextlib.suppress(ImportError):  # DNF tells who misses it
    import dnf
    import dnf.exceptions
    import dnf.rpm
    import dnf.sack
    import hawkey

ROOT = pathlib.Path("/")
_MIB = 2**20
_HINT = "Run 'dnf check' and 'dnf upgrade --allowerasing --assumeno' on the host: they say the same in detail."


class Dnf:
    """dnf 4, in the sense of `protocol.PackageManager`.

    :param os_release: the host's /etc/os-release.
    :param refresh: ask the repositories for what they hold now; False: take the metadata that the host has.
    :param obsolete: files of the host's repositories that are not asked beside those that are given; None: none of its own is.
    :param root: where the host's file system is.
    """

    name = "dnf"

    def __init__(
        self,
        os_release: t.Mapping[str, str],
        *,
        refresh: bool = True,
        obsolete: t.Collection[str] | None = None,
        root: pathlib.Path = ROOT,
    ) -> None:
        self._os_release = os_release
        self._obsolete = obsolete
        self._refresh = refresh
        self._root = root

    def pending(self, repositories: t.Sequence[Repository] | None, packages: t.Sequence[str]) -> Pending:
        """Return what an upgrade of everything would do, and the installation of packages with it.

        :raises MissingDependencyError: without python3-dnf.
        :raises UnavailableError: when a repository does not answer.
        :raises ConflictError: when dnf finds no way to upgrade, or its settings are broken.
        """
        with self._simulated(repositories, packages) as simulated:
            pending = self._summary(simulated)
            if repositories is None:
                return _with_way_back(pending, simulated.base, simulated.base.transaction.remove_set)
            going = {str(package) for package in simulated.base.transaction.remove_set}
        if pending.release != _os_release.name(self._os_release):
            return pending
        with self._opened(None) as (base, _archives):
            return _with_way_back(pending, base, (old for old in _installed(base) if str(old) in going))

    def download(
        self, repositories: t.Sequence[Repository] | None, packages: t.Sequence[str], *, check_mode: bool
    ) -> int:
        """Fetch what an upgrade needs into dnf's own cache, and return the bytes that were missing there.

        What is on a medium of the host already is left there. Metadata are left in that cache as well.

        :raises UnavailableError: when a package cannot be had.
        :raises OperationError: when the metadata cannot be left.
        :raises ConflictError, MissingDependencyError: as `pending`.
        """
        with self._simulated(repositories, packages) as simulated:
            missing = fetch_archives(simulated.base, simulated.archives, check_mode=check_mode)
            if not check_mode:
                leave_metadata(simulated.base, simulated.archives)
            return missing

    def keep(self, replaced: t.Mapping[str, str], folder: pathlib.Path) -> Archives:
        """Put the files of installed packages into a folder.

        :raises UnavailableError: when one cannot be had.
        :raises ConflictError, MissingDependencyError: as `pending`.
        """
        with self._opened(None) as (base, _archives):
            old = [package for package in sorted(_installed(base)) if replaced.get(_name(base, package)) == package.evr]
            return keep_archives(base, {_name(base, package): package for package in old}, folder)

    def installed(self) -> dict[str, str]:
        """Return package -> version of what is installed, of several versions the newest.

        :raises MissingDependencyError: without python3-dnf.
        """
        DNF.require()
        with what_is_installed(self._root) as base:
            return {_name(base, package): package.evr for package in sorted(_installed(base))}

    def is_older(self, version: str, other: str) -> bool:
        """Return whether a version of a package, with its epoch and release, is older than another one of it.

        :raises MissingDependencyError: without python3-dnf.
        """
        DNF.require()
        return bool(hawkey.Sack().evr_cmp(version, other) < 0)

    @contextlib.contextmanager
    def _simulated(
        self, repositories: t.Sequence[Repository] | None, packages: t.Sequence[str]
    ) -> t.Iterator[_Simulated]:
        with self._opened(repositories) as (base, archives):
            broken = _problems_of_the_host(base)
            missing = _upgrade(base, packages)
            yield _Simulated(base, archives, broken, missing)

    @contextlib.contextmanager
    def _opened(self, repositories: t.Sequence[Repository] | None) -> t.Iterator[tuple[dnf.Base, str]]:
        DNF.require()
        require_types(repositories or [], self.name)
        try:
            with opened(self._root, repositories, refresh=self._refresh, obsolete=self._obsolete) as (base, archives):
                yield base, archives
        except (dnf.exceptions.RepoError, dnf.exceptions.DownloadError) as exc:
            raise UnavailableError(
                f"dnf cannot read its repositories: {one_line(exc)}.",
                hint="Check the repository's address, and the host's way to it.",
            ) from exc
        except (dnf.exceptions.Error, hawkey.Exception) as exc:
            raise ConflictError(f"dnf cannot tell what is pending: {one_line(exc)}.", hint=_HINT) from exc

    def _summary(self, simulated: _Simulated) -> Pending:
        base = simulated.base
        new, gone = sorted(base.transaction.install_set), base.transaction.remove_set
        before = sorted(_installed(base))
        after = {_name(base, package): package for package in sorted([*(set(before) - set(gone)), *new])}
        return Pending(
            packages=[_pending(base, package, before) for package in new],
            removed=sorted({_name(base, package) for package in gone} - set(after)),
            problems=simulated.broken + _kept_back(base, after) + simulated.missing,
            download_mib=-(-sum(package.downloadsize for package in new if is_remote(package)) // _MIB),
            archives=simulated.archives,
            growth_mib=-(-(_installed_size(new) - _installed_size(gone)) // _MIB),
            versions={name: package.evr for name, package in after.items()},
            release=self._release(base, after.values()),
            offered=frozenset(_name(base, package) for package in base.sack.query().available()) - set(after),
            since_boot=_since_boot(before, running.booted(self._root), _systemd.soft_rebooted(self._root)),
            replaced={_name(base, package): package.evr for package in sorted(gone)},
        )

    def _release(self, base: dnf.Base, after: t.Iterable[t.Any]) -> str | None:
        named = set(base.sack.query().filter(provides="system-release"))
        for package in after:
            if package in named:
                return os_after_package(self._os_release, package.version, changes=not package.installed)
        return None


@dataclasses.dataclass(frozen=True)
class _Simulated:
    """An upgrade that dnf has worked out.

    :param archives: where dnf keeps what it downloads.
    :param broken: what is wrong with the host before it.
    :param missing: what was asked for and cannot be had.
    """

    base: dnf.Base
    archives: str
    broken: list[str]
    missing: list[str]


def _with_way_back(pending: Pending, base: dnf.Base, going: t.Iterable[t.Any]) -> Pending:
    """Tell what becomes of the packages that an upgrade replaces, by the host's own repositories."""
    old = sorted(going)
    return dataclasses.replace(pending, lost=lost(base, old), keep_mib=-(-archives_size(base, old) // _MIB))


def _upgrade(base: dnf.Base, names: t.Sequence[str]) -> list[str]:
    """Resolve the upgrade of everything, with packages installed; return one sentence for each that cannot be."""
    base.upgrade_all()
    base.resolve(allow_erasing=True)
    upgraded = list(base.transaction.install_set)
    wanted, problems = _wanted(base, upgraded, names)
    if not wanted:
        return problems
    try:
        _install(base, upgraded, wanted)
    except (dnf.exceptions.DepsolveError, dnf.exceptions.MarkingError) as exc:
        problems.append(f"dnf cannot install {', '.join(wanted)} with the update: {one_line(exc)}.")
        _install(base, upgraded, [])
    return problems


def _wanted(base: dnf.Base, upgraded: t.Sequence[t.Any], names: t.Sequence[str]) -> tuple[list[str], list[str]]:
    """Return which of the packages the upgrade neither keeps nor brings, and a sentence for each that nobody has."""
    wanted, problems = [], []
    there = {package.name for package in upgraded} | {
        package.name for package in _installed(base) - set(base.transaction.remove_set)
    }
    for name in names:
        if name in there:
            continue
        if base.sack.query().available().filter(name=name):
            wanted.append(name)
        else:
            problems.append(f"{name} shall be installed with the update, and no repository has it.")
    return wanted, problems


def _install(base: dnf.Base, upgraded: t.Sequence[t.Any], names: t.Sequence[str]) -> None:
    """Resolve the same upgrade once more, with packages beside it that bring none that they only recommend.

    The upgrade follows the host's own setting in that.
    """
    base.reset(goal=True)
    for package in upgraded:
        base.package_install(package)
    for name in names:
        base.install(name)
    base.conf.install_weak_deps = False
    base.resolve(allow_erasing=True)


def _installed(base: dnf.Base) -> set[t.Any]:
    """Return every installed package, excluded ones as well. dnf orders packages by name, of one name the newest last."""
    return set(base.sack.query(flags=hawkey.IGNORE_EXCLUDES).installed())


def _name(base: dnf.Base, package: t.Any) -> str:
    """Return the name as dnf takes it, with the architecture if it is a foreign one."""
    own = dnf.rpm.basearch(package.arch) in {base.conf.basearch, "noarch"}
    return package.name if own else f"{package.name}.{package.arch}"


def _pending(base: dnf.Base, package: t.Any, before: t.Sequence[t.Any]) -> PendingPackage:
    """A kernel is put beside the old ones, and so is a new package."""
    olds = [old.evr for old in before if (old.name, old.arch) == (package.name, package.arch)]
    beside = bool(base.sack.query().filter(pkg=[package], provides=list(base.conf.installonlypkgs)))
    return PendingPackage(_name(base, package), olds[-1] if olds and not beside else None, package.evr)


def _installed_size(packages: t.Iterable[t.Any]) -> int:
    return sum(int(package.installsize) for package in packages)


def _problems_of_the_host(base: dnf.Base) -> list[str]:
    everything = dnf.sack.rpmdb_sack(base)  # without the host's excludes, which hide installed packages too
    installed = everything.query()
    beside = set(installed.filter(provides=list(base.conf.installonlypkgs)))
    several: dict[str, list[str]] = {}
    for package in sorted(set(installed) - beside):
        several.setdefault(f"{package.name}.{package.arch}", []).append(package.evr)
    problems = [
        f"{name} is installed as {' and '.join(versions)}, which an interrupted update left behind; finish it with"
        " 'dnf remove --duplicates'."
        for name, versions in several.items()
        if len(versions) > 1
    ]
    if not hawkey.Goal(everything).run(verify=True):
        problems.append("packages have unmet dependencies; see 'dnf check'.")
    return problems


def _kept_back(base: dnf.Base, after: t.Mapping[str, t.Any]) -> list[str]:
    """Say which packages have an update that the upgrade does not bring, and why.

    What is excluded is told too, and hides nothing of what may be installed.
    """
    problems = []
    usable = _offers(base.sack.query())
    for offer in sorted(usable | _offers(base.sack.query(flags=hawkey.IGNORE_REGULAR_EXCLUDES))):
        kept = after.get(_name(base, offer))
        if kept and kept.arch == offer.arch and kept < offer:
            excluded = offer not in usable
            why = "excluded or locked to a version" if excluded else "kept back by dnf, its dependencies cannot be met"
            problems.append(f"{_name(base, offer)} stays at {kept.evr} though {offer.evr} is there: it is {why}.")
    return problems


def _offers(packages: t.Any) -> set[t.Any]:
    """Return the newest that is available of each name: in the repository that dnf prefers, even where another has a newer one."""
    return set(packages.available().filter(latest_per_arch_by_priority=True))


def _since_boot(installed: t.Iterable[t.Any], booted: float | None, soft_rebooted: float | None) -> list[str]:
    """Return what was installed after the boot, and is not settled by the last soft reboot."""
    if booted is None:
        return []
    began = {True: soft_rebooted or booted, False: booted}
    return sorted({one.name for one in installed if one.installtime > began[impact.settled_by_soft_reboot(one.name)]})
