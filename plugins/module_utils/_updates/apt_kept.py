# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""The archives of packages that are installed: what a host goes back to after an update.

They are where they were once downloaded to, or in a repository that still has this version.
Source: https://apt-team.pages.debian.net/python-apt/library/apt_pkg.html (SourceList.find_index, DepCache.set_reinstall)
"""

from __future__ import annotations

import contextlib
import pathlib
import shutil
import typing as t

from .apt_archives import acquiring, fetch
from .protocol import Archives

with contextlib.suppress(ImportError):  # apt.py tells who misses it
    import apt_pkg


def lost(cache: apt_pkg.Cache, replaced: t.Mapping[str, str], archives: str) -> list[str]:
    """Return `package version` of each installed package that can be had nowhere."""
    sources = apt_pkg.SourceList()
    sources.read_main_list()
    return [
        f"{name} {version}"
        for name, version in sorted(replaced.items())
        if not (_archive(cache, name, archives).exists() or _is_offered(sources, cache[name].current_ver))
    ]


def archives_size(cache: apt_pkg.Cache, replaced: t.Iterable[str], archives: str) -> int:
    """Return how large the archives of these installed packages are together, in bytes."""
    files = {name: _archive(cache, name, archives) for name in replaced}
    return sum(
        file.stat().st_size if file.exists() else int(cache[name].current_ver.size) for name, file in files.items()
    )


def keep_archives(cache: apt_pkg.Cache, replaced: t.Mapping[str, str], archives: str, folder: pathlib.Path) -> Archives:
    """Copy or download the archives of installed packages to a folder.

    :param archives: where apt keeps what it downloads.
    :raises UnavailableError: when one cannot be had.
    :raises OSError: when one cannot be put there.
    """
    plan = apt_pkg.DepCache(cache)
    paths = {name: folder / _archive(cache, name, archives).name for name in sorted(replaced)}
    (folder / "partial").mkdir(parents=True, exist_ok=True)
    for name, path in paths.items():
        old = _archive(cache, name, archives)
        if old.exists():
            shutil.copyfile(old, path)
        else:
            plan.set_reinstall(cache[name], True)
    with acquiring(cache, plan, f"{folder}/") as fetcher:
        fetch(fetcher)
        for file in (pathlib.Path(item.destfile) for item in fetcher.items):
            if file.parent != folder:  # it lies on this host already, and may go from there
                shutil.copyfile(file, folder / file.name)
    automatic = [name for name in paths if plan.is_auto_installed(cache[name])]
    return Archives([str(path) for path in paths.values()], automatic)


def _is_offered(sources: apt_pkg.SourceList, version: apt_pkg.Version) -> bool:
    """Return whether a repository has it: what only dpkg knows is in none of the sources."""
    return any(sources.find_index(file) for file, _index in version.file_list)


def _archive(cache: apt_pkg.Cache, name: str, archives: str) -> pathlib.Path:
    """Return where apt puts the archive of the installed version, as pkgAcqArchive does."""
    version = cache[name].current_ver
    parts = (cache[name].name, version.ver_str, version.arch)
    return pathlib.Path(archives) / f"{'_'.join(apt_pkg.quote_string(part, '_:') for part in parts)}.deb"
