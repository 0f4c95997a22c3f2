# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""The packages that dnf has downloaded and not installed yet, where `dnf upgrade` looks for them first.

Source: https://dnf.readthedocs.io/en/latest/api_base.html (Base.download_packages)
"""

from __future__ import annotations

import contextlib
import pathlib
import typing as t

from .._errors import UnavailableError
from .dnf_base import one_line

with contextlib.suppress(ImportError):  # dnf_base.py tells who misses it
    import dnf
    import dnf.exceptions


def fetch_archives(base: dnf.Base, folder: str, *, check_mode: bool) -> int:
    """Download what the transaction installs to the host's cache, and return the bytes that were missing there.

    :param folder: where that cache is, for messages.
    :raises UnavailableError: when a package cannot be had; what was downloaded stays.
    """
    missing = [package for package in base.transaction.install_set if is_remote(package) and not is_there(package)]
    if missing and not check_mode:
        try:
            base.download_packages(missing)
        except dnf.exceptions.DownloadError as exc:
            raise UnavailableError(
                f"{len(missing)} packages cannot all be downloaded to {folder}: {one_line(exc)}.",
                hint="Check the host's way to the repository, and that it still holds these versions.",
            ) from exc
    return sum(int(package.downloadsize) for package in missing)


def is_remote(package: t.Any) -> bool:
    """Return whether a package comes over a network."""
    return package.remote_location(schemes=("file",)) is None


def is_there(package: t.Any) -> bool:
    """Return whether the file of a package is on this host, and whole."""
    return pathlib.Path(package.localPkg()).exists() and bool(package.verifyLocalPkg())
