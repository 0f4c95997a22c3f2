# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""Whether a host can go back behind an update by the packages that it has now, and whether it did (pure)."""

from __future__ import annotations

import fnmatch
import typing as t

from .._facts import Kept
from .._names import shortened
from .impact import KERNELS
from .protocol import Pending

_SHOWN = 3


def no_return(pending: Pending, release: str | None) -> str | None:
    """Return why there is no way back, one phrase; None if the packages can be kept.

    :param release: the operating system now.
    """
    if pending.release != release:
        return f"{release} -> {pending.release} is a release upgrade, which packages do not undo"
    kernels = [package.name for package in pending.packages if _is_new_kernel(package.name, package.installed)]
    if kernels:
        return f"{kernels[0]} is a new kernel, and cannot be removed while it runs"
    if pending.lost:
        return f"no repository has {shortened(pending.lost, _SHOWN)} any more"
    return None


def _is_new_kernel(name: str, installed: str | None) -> bool:
    return installed is None and any(fnmatch.fnmatchcase(name, kernel) for kernel in KERNELS)


def differences(kept: Kept, installed: t.Mapping[str, str]) -> list[str]:
    """Return one phrase for each package that is not as it was kept.

    :param installed: package -> version of what is completely installed now.
    """
    found = [
        f"{name} is {f'at {installed[name]}' if name in installed else 'not installed'}, and was at {version}"
        for name, version in sorted(kept.packages.items())
        if installed.get(name) != version
    ]
    return found + [f"{name} is installed, and was not" for name in sorted(kept.new) if name in installed]
