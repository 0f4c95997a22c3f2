# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""dnf as this host has it set up, with metadata of its own: never where the host's dnf writes.

Source: https://dnf.readthedocs.io/en/latest/api_base.html, dnf.conf(5)
"""

from __future__ import annotations

import contextlib
import os
import pathlib
import shutil
import tempfile
import typing as t

from .._deps import Dependency
from .._files import refused
from .repository import Repository, without_passwords

DNF = Dependency("dnf", "python3-dnf")
with DNF.importing():
    import dnf
    import dnf.lock
    import dnf.rpm


@contextlib.contextmanager
def opened(
    root: pathlib.Path,
    repositories: t.Sequence[Repository] | None,
    *,
    refresh: bool,
    obsolete: t.Collection[str] | None = None,
) -> t.Iterator[tuple[dnf.Base, str]]:
    """Open dnf, with what is installed and what repositories hold, and tell the folder of the host's packages.

    What is installed, excluded and trusted is read from the host.

    :param repositories: the sources; None means the host's own.
    :param refresh: ask the host's own sources; False: believe the metadata that it has.
    :param obsolete: files of the host's own that are not asked beside given ones; None: none of its own is.
    :raises dnf.exceptions.Error: when its settings are broken, or a repository does not answer.
    """
    with tempfile.TemporaryDirectory(prefix="evergreen-dnf-") as private, dnf.Base() as base:
        _configure(base, root)
        _copy_history(base, f"{private}/history")
        archives = base.conf.cachedir
        with _plugins(base):
            if repositories is None or obsolete is not None:
                base.read_all_repos()
            if repositories is not None:
                _drop(base, {repository.name for repository in repositories}, obsolete or [])
            base.configure_plugins()
            for repository in repositories or []:
                _add(base, repository)
            own_metadata = repositories is not None or refresh
            if own_metadata:
                _keep_apart(base, private)
            for repo in base.repos.iter_enabled():
                repo.skip_if_unavailable = False  # else its updates would be missed untold
            if own_metadata:
                base.fill_sack()
            else:
                base.fill_sack_from_repos_in_cache()
            yield base, archives


@contextlib.contextmanager
def what_is_installed(root: pathlib.Path) -> t.Iterator[dnf.Base]:
    """Open dnf with what is installed and no repository."""
    with tempfile.TemporaryDirectory(prefix="evergreen-dnf-") as private, dnf.Base() as base:
        _configure(base, root)
        _copy_history(base, f"{private}/history")
        base.fill_sack(load_available_repos=False)
        yield base


def one_line(error: Exception) -> str:
    """Return dnf's words, which may fill a paragraph, as one line without passwords and without a full stop."""
    lines = without_passwords(str(error)).splitlines()
    return "; ".join(line.strip() for line in lines if line.strip()).rstrip(".")


@contextlib.contextmanager
def _plugins(base: dnf.Base) -> t.Iterator[None]:
    """Have the host's plugins, which dnf loads for one Base at a time."""
    base.init_plugins()
    base.pre_configure_plugins()
    try:
        yield
    finally:
        base.unload_plugins()


def copy(source: str, target: str, *, without: str = "") -> None:
    """Copy a folder, without what goes while it is copied: the host's dnf writes there whenever its timer lets it.

    :param without: folders of this name are left out.
    """
    for folder, folders, files in os.walk(source, followlinks=True):
        folders[:] = [name for name in folders if name != without]
        copied = pathlib.Path(target, os.path.relpath(folder, source))
        copied.mkdir(parents=True, exist_ok=True)
        for name in files:
            with contextlib.suppress(FileNotFoundError):
                shutil.copy2(pathlib.Path(folder, name), copied)


def _copy_history(base: dnf.Base, folder: str) -> None:
    """Have what dnf knows of installed packages, and its log, where it may write: it does when it only reads."""
    copy(base.conf.persistdir, folder)
    base.conf.persistdir = base.conf.logdir = folder


def _configure(base: dnf.Base, root: pathlib.Path) -> None:
    conf = base.conf
    conf.installroot = str(root)
    conf.config_file_path = str(root / "etc/dnf/dnf.conf")
    if pathlib.Path(conf.config_file_path).exists():
        conf.read()
    conf.releasever = dnf.rpm.detect_releasever(conf.installroot)
    conf.substitutions.update_from_etc(conf.installroot)
    if root != pathlib.Path(root.anchor):
        for option in ("cachedir", "persistdir", "logdir"):
            conf.prepend_installroot(option)
        conf.reposdir = [f"{root}{folder}" for folder in conf.reposdir]
        conf.pluginconfpath = [f"{root}{folder}" for folder in conf.pluginconfpath]
    conf.best = False  # what cannot be updated is told as kept back, and does not hide the rest
    conf.deltarpm = False


def _drop(base: dnf.Base, names: t.Collection[str], files: t.Collection[str]) -> None:
    for name, repo in list(base.repos.items()):
        if name in names or repo.repofile in files:
            del base.repos[name]


def _add(base: dnf.Base, repository: Repository) -> None:
    key = repository.signed_by
    base.repos.add_new_repo(
        repository.name,
        base.conf,
        baseurl=repository.uris,
        gpgcheck=not repository.trusted,
        gpgkey=[pathlib.Path(key).as_uri()] if key else [],
    )


def _keep_apart(base: dnf.Base, private: str) -> None:
    """Have metadata in a folder that lives as long as this, and packages where the host's dnf looks for them.

    It begins with the host's metadata, of which dnf downloads only what has changed.
    """
    packages = {repo.id: repo.pkgdir for repo in base.repos.iter_enabled() if not _is_on_this_host(repo)}
    folder = f"{private}/metadata"
    copy(base.conf.cachedir, folder, without="packages")
    base.conf.cachedir = folder
    for repo in base.repos.iter_enabled():
        repo.basecachedir = folder
        repo.metadata_expire = 0
        if repo.id in packages:
            repo.pkgdir = packages[repo.id]


def leave_metadata(base: dnf.Base, cache: str) -> None:
    """Leave the metadata that were fetched to the host's own dnf, so that an upgrade needs to ask no repository.

    :param cache: the folder of the host's own.
    :raises OperationError: when they cannot be left.
    """
    if base.conf.cachedir == cache:
        return
    try:
        with dnf.lock.build_metadata_lock(cache, exit_on_lock=False):
            copy(base.conf.cachedir, cache)
    except OSError as exc:
        raise refused(f"leave metadata in {cache}", exc) from exc


def _is_on_this_host(repo: dnf.repo.Repo) -> bool:
    return bool(repo.baseurl) and all(url.startswith("file:") for url in repo.baseurl)
