# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""The files of packages that are installed: what a host goes back to after an update. Repositories have them, or nobody.

Source: https://dnf.readthedocs.io/en/latest/api_base.html (Base.download_packages)
"""

from __future__ import annotations

import contextlib
import pathlib
import shutil
import typing as t

from .._errors import UnavailableError
from .dnf_archives import is_there
from .dnf_base import one_line
from .protocol import Archives

with contextlib.suppress(ImportError):  # dnf_base.py tells who misses it
    import dnf
    import dnf.exceptions


def lost(base: dnf.Base, packages: t.Iterable[t.Any]) -> list[str]:
    """Return `package version` of each installed package that no repository has."""
    return [f"{package.name} {package.evr}" for package in packages if _offered(base, package) is None]


def archives_size(base: dnf.Base, packages: t.Iterable[t.Any]) -> int:
    """Return how large the files of these installed packages are together, in bytes."""
    offered = filter(None, (_offered(base, package) for package in packages))
    return sum(int(offer.downloadsize) for offer in offered)


def keep_archives(base: dnf.Base, packages: t.Mapping[str, t.Any], folder: pathlib.Path) -> Archives:
    """Copy or download the files of installed packages to a folder, and leave none that was downloaded for it where it takes room as well.

    :raises UnavailableError: when one cannot be had.
    :raises OSError: when one cannot be put there.
    """
    folder.mkdir(parents=True, exist_ok=True)
    offered = [offer for package in packages.values() if (offer := _offered(base, package)) is not None]
    missing = [offer for offer in offered if not is_there(offer)]
    try:
        base.download_packages(missing)
    except dnf.exceptions.Error as exc:  # that a local file is gone is no DownloadError
        raise UnavailableError(
            f"installed packages cannot all be downloaded again: {one_line(exc)}.",
            hint="Check the host's way to the repository, and that it still holds these versions.",
        ) from exc
    paths = [str(_put(offer.localPkg(), folder, leave=offer not in missing)) for offer in offered]
    automatic = [name for name, package in packages.items() if not base.history.user_installed(package)]
    return Archives(paths, automatic)


def _put(file: str, folder: pathlib.Path, *, leave: bool) -> pathlib.Path:
    return pathlib.Path(shutil.copy(file, folder) if leave else shutil.move(file, folder / pathlib.Path(file).name))


def _offered(base: dnf.Base, package: t.Any) -> t.Any:
    """Return the same package as a repository has it, None if none has."""
    return next(iter(base.sack.query().available().filter(nevra_strict=str(package))), None)
