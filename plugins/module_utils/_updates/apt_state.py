# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""Where apt reads and writes while it is asked: never where the host's own apt writes.

Source: apt.conf(5), "DIRECTORIES"; apt-secure(8) for the sandbox user.
"""

from __future__ import annotations

import contextlib
import pathlib
import shutil
import tempfile
import typing as t

from .repository import Repository, stanza

if t.TYPE_CHECKING:
    import apt_pkg

_LISTS = pathlib.Path("/var/lib/apt/lists")
_HOOKS = ("APT::Update::Pre-Invoke", "APT::Update::Post-Invoke", "APT::Update::Post-Invoke-Success")
PIN = "evergreen-virt-manifest"
"""The file among apt's preferences in which the role upgrade holds packages to the versions of its plan, during the update of a host."""
_PLACES = ("Dir::State::lists", "Dir::Cache", "Dir::Cache::archives", "Dir::Etc::sourcelist", "Dir::Etc::sourceparts")


@contextlib.contextmanager
def host_state(config: apt_pkg.Configuration) -> t.Iterator[None]:
    """Read the host's own lists; keep the binary caches that apt makes of them in memory."""
    config.set("Dir::Cache::pkgcache", "")
    config.set("Dir::Cache::srcpkgcache", "")
    yield


@contextlib.contextmanager
def private_state(
    config: apt_pkg.Configuration,
    repositories: t.Sequence[Repository] | None,
    obsolete: t.Collection[str] | None = None,
) -> t.Iterator[None]:
    """Let apt keep its lists in a directory that lives as long as the body.

    What is installed, pinned and trusted is read from the host.

    :param repositories: the sources; None means the host's own.
    :param obsolete: files of the host's sources that are not among them; None: none of its sources is.
    """
    with tempfile.TemporaryDirectory(prefix="evergreen-apt-") as name, _restored(config):
        directory = pathlib.Path(name)
        directory.chmod(0o755)  # apt downloads as another user, who must get through
        for part in ("lists/partial", "archives/partial"):
            (directory / part).mkdir(parents=True)
        config.set("Dir::State::lists", f"{directory}/lists/")
        config.set("Dir::Cache", str(directory))
        for hook in _HOOKS:  # they are about the host's own lists
            config.clear(hook)
        if repositories is not None:
            _write_sources(directory / "sources", repositories)
            if obsolete is not None:
                replaced = {f"{repository.name}.sources" for repository in repositories}
                _copy_sources(config, directory / "sources", obsolete, replaced)
            config.set("Dir::Etc::sourcelist", "/dev/null")
            config.set("Dir::Etc::sourceparts", f"{directory}/sources/")
        yield


def _copy_sources(
    config: apt_pkg.Configuration, directory: pathlib.Path, obsolete: t.Collection[str], replaced: t.Collection[str]
) -> None:
    """Copy the host's sources, without files that go and those that repositories of the same names take the place of."""
    parts = pathlib.Path(config.find_dir("Dir::Etc::sourceparts"))
    found = [
        path for path in sorted(parts.glob("*")) if path.suffix in {".list", ".sources"} and path.name not in replaced
    ]
    for number, path in enumerate([pathlib.Path(config.find_file("Dir::Etc::sourcelist")), *found]):
        if path.is_file() and str(path) not in obsolete:
            shutil.copyfile(path, directory / f"{number}{path.suffix}")


@contextlib.contextmanager
def _restored(config: apt_pkg.Configuration) -> t.Iterator[None]:
    """Have the places afterwards that were set before."""
    before = {place: config.find(place) for place in _PLACES}
    try:
        yield
    finally:
        for place, value in before.items():
            config.set(place, value)


def leave_lists(config: apt_pkg.Configuration, host: pathlib.Path) -> None:
    """Put the lists that apt reads now to the host's own, beside those that are there. The caller holds the lock of these.

    :param host: the folder of the host's own lists.
    """
    for path in pathlib.Path(config.find_dir("Dir::State::lists")).iterdir():
        if path.is_dir() or path.name == "lock":
            continue
        own = host / "partial" / path.name
        own.unlink(missing_ok=True)
        shutil.copy2(path, own, follow_symlinks=False)  # one of a medium of this host is a link to it
        own.replace(host / path.name)


def lists_time(lists: pathlib.Path = _LISTS) -> float | None:
    """Return when the host's own lists were last brought up to date, in seconds since 1970; None if they never were.

    What is fetched goes through `partial`, also when the repository has nothing new.
    """
    found = [folder.stat().st_mtime for folder in (lists, lists / "partial") if folder.is_dir()]
    return max(found, default=None)


def _write_sources(directory: pathlib.Path, repositories: t.Sequence[Repository]) -> None:
    directory.mkdir(mode=0o700)  # a URI may hold a password
    text = "\n".join(stanza(repository) for repository in repositories)
    (directory / "evergreen.sources").write_text(text, encoding="utf-8")
