# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""Which package manager a host has."""

from __future__ import annotations

import shutil

from .._errors import UnsupportedError
from . import running
from .apt import Apt
from .dnf import Dnf
from .protocol import PackageManager


def package_manager(*, refresh: bool) -> PackageManager:
    """Return the host's package manager.

    :param refresh: ask the repositories for what they hold now; False: take the lists that the host has.
    :raises UnsupportedError: when it is none that is known here.
    """
    if shutil.which("apt-get"):
        return Apt(running.read_os_release(), refresh=refresh)
    if shutil.which("dnf"):
        return Dnf(running.read_os_release(), refresh=refresh)
    raise UnsupportedError(
        "this host has neither apt nor dnf, and no other package manager is supported.",
        hint="Update it by other means, with its maintenance set by evergreen.virt.hypervisor_maintenance.",
    )
