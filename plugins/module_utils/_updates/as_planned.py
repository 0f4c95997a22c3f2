# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""Whether an update brought a host what was planned for it (pure).

What is still pending does not tell: a package on hold is not, and neither is a version that its repository has dropped.
"""

from __future__ import annotations

import typing as t


def differences(
    manifest: t.Mapping[str, str],
    removed: t.Iterable[str],
    installed: t.Mapping[str, str],
    older: t.Callable[[str, str], bool],
) -> list[str]:
    """Return one phrase for each package that is not as it was planned.

    A newer version than the planned one is no difference: it came when the planned one was no longer to be had.

    :param manifest: package -> version that was to come.
    :param removed: packages that were to go.
    :param installed: package -> version of what is completely installed now.
    :param older: whether the first of two versions is older than the second, as the package manager orders them.
    """
    behind = [
        f"{name} is {f'at {installed[name]}' if name in installed else 'not installed'}, and {version} was planned"
        for name, version in sorted(manifest.items())
        if name not in installed or older(installed[name], version)
    ]
    return behind + [f"{name} is installed, and was planned to go" for name in sorted(removed) if name in installed]
