# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""The packages that apt has downloaded and not installed yet, where `apt-get dist-upgrade` looks for them first.

Source: https://apt-team.pages.debian.net/python-apt/library/apt_pkg.html (Acquire, PackageManager.get_archives)
"""

from __future__ import annotations

import contextlib
import pathlib
import typing as t

from .._errors import UnavailableError
from .repository import without_passwords

with contextlib.suppress(ImportError):  # apt.py tells who misses it
    import apt_pkg


def fetch_archives(cache: apt_pkg.Cache, plan: apt_pkg.DepCache, folder: str, *, check_mode: bool) -> int:
    """Download what the plan installs to `folder`, and return the bytes that were missing there.

    :raises UnavailableError: when a package cannot be had; what was downloaded stays.
    """
    if not check_mode:
        (pathlib.Path(folder) / "partial").mkdir(parents=True, exist_ok=True)
    lock = contextlib.nullcontext() if check_mode else apt_pkg.FileLock(f"{folder}lock")
    with lock, acquiring(cache, plan, folder) as fetcher:
        missing = int(fetcher.fetch_needed)
        if missing and not check_mode:
            fetch(fetcher)
    return missing


@contextlib.contextmanager
def acquiring(cache: apt_pkg.Cache, plan: apt_pkg.DepCache, folder: str) -> t.Iterator[apt_pkg.Acquire]:
    """Have a fetcher that knows what the plan installs and what of it lies in `folder`."""
    apt_pkg.config.set("Dir::Cache::archives", folder)
    sources = apt_pkg.SourceList()
    sources.read_main_list()
    fetcher, manager, records = apt_pkg.Acquire(), apt_pkg.PackageManager(plan), apt_pkg.PackageRecords(cache)
    manager.get_archives(fetcher, sources, records)
    yield fetcher  # which reads all three without holding them


def fetch(fetcher: apt_pkg.Acquire) -> None:
    """Download what the fetcher knows.

    :raises UnavailableError: when a package cannot be had; what was downloaded stays.
    """
    fetcher.run()
    failed = [item for item in fetcher.items if item.status != item.STAT_DONE]
    if failed:
        raise UnavailableError(
            f"{len(failed)} of {len(fetcher.items)} packages cannot be downloaded, {without_passwords(failed[0].desc_uri)} for one:"
            f" {without_passwords(failed[0].error_text) or 'no reason is given'}.",
            hint="Check the host's way to the repository, and that it still holds these versions.",
        )
