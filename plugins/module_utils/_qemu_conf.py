# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""libvirt's settings for QEMU: /etc/libvirt/qemu.conf.

`root` is the folder that holds the host's `/`: tests give one of their own.
"""

from __future__ import annotations

import pathlib
import re

ROOT = pathlib.Path("/")


def read(root: pathlib.Path = ROOT) -> str | None:
    """Return the text, empty if there is none; None if the user may not read it."""
    try:
        return (root / "etc/libvirt/qemu.conf").read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return ""
    except PermissionError:
        return None


def setting(text: str, name: str) -> str | None:
    """Return a text or a number that is set, None if it is not; libvirt takes the first line that names a setting."""
    found = re.search(rf"""^\s*{name}\s*=\s*(?:(["'])(?P<text>.*?)\1|(?P<number>\d+))""", text, re.MULTILINE)
    return None if found is None else found["text"] if found["number"] is None else found["number"]
