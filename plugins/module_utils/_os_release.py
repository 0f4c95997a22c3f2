# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""What a host's operating system is called: os-release(5).

`root` is the folder that holds the host's `/`: tests give one of their own.
"""

from __future__ import annotations

import contextlib
import pathlib
import re
import shlex
import typing as t

ROOT = pathlib.Path("/")
_FILES = ("etc/os-release", "usr/lib/os-release")
_ASSIGNMENT = re.compile(r"([A-Z0-9_]+)=(.*)")


def read(root: pathlib.Path = ROOT) -> dict[str, str]:
    """Return the assignments of the first file that there is, empty if there is none."""
    for file in (root / name for name in _FILES):
        with contextlib.suppress(OSError):
            lines = file.read_text(encoding="utf-8", errors="replace").splitlines()
            return {found[1]: _plain(found[2]) for found in map(_ASSIGNMENT.match, lines) if found}
    return {}


def _plain(value: str) -> str:
    """Return a value as the shell reads it."""
    try:
        return "".join(shlex.split(value))
    except ValueError:  # a quote that nobody closes
        return value


def name(release: t.Mapping[str, str]) -> str | None:
    """Return name and version, "Debian 12", the name alone if there is no version, and None if there is no name either."""
    called = release.get("NAME", "").replace(" GNU/Linux", "")
    return f"{called} {release.get('VERSION_ID', '')}".strip() or None
