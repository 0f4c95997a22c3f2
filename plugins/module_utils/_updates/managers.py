# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""Which package manager a host has."""

from __future__ import annotations

import shutil
import typing as t

from .. import _os_release
from .._errors import UnsupportedError
from .apt import Apt
from .dnf import Dnf
from .protocol import PackageManager


def package_manager(*, refresh: bool, obsolete: t.Collection[str] | None = None) -> PackageManager:
    """Return the host's package manager.

    :param refresh: ask the repositories for what they hold now; False: take the lists that the host has.
    :param obsolete: files of its own sources that are not asked beside repositories that are given; None: none of its own is.
    :raises UnsupportedError: when it is none that is known here.
    """
    if shutil.which("apt-get"):
        return Apt(_os_release.read(), refresh=refresh, obsolete=obsolete)
    if shutil.which("dnf"):
        return Dnf(_os_release.read(), refresh=refresh, obsolete=obsolete)
    raise UnsupportedError(
        "this host has neither apt nor dnf, and no other package manager is supported.",
        hint="Update it by other means, with its maintenance set by evergreen.virt.hypervisor_maintenance.",
    )
