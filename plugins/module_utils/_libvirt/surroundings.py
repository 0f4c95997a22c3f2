# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""What else a host must have right for a rolling upgrade. Pure."""

from __future__ import annotations

import re
import typing as t

_VERSIONED = re.compile(r"python3\.\d+$")


def clock_problems(here: float, there: t.Optional[float], skew_s: int) -> list[str]:
    """Compare the host's clock with the controller's, both in seconds since 1970; None: unknown."""
    if there is None or abs(here - there) <= skew_s:
        return []
    seconds = abs(round(here - there))
    side = "ahead of" if here > there else "behind"
    return [
        f"the host's clock is {seconds} s {side} the controller's; certificates and records need it right within {skew_s} s."
    ]


def interpreter_problems(executable: str) -> list[str]:
    """An interpreter with its version in its name is not that of the next release, and has lost libvirt's library there."""
    if not _VERSIONED.search(executable):
        return []
    sentence = (
        f"Ansible runs modules here with {executable}, which an upgrade to another release takes libvirt's library from: set"
        " ansible_python_interpreter to /usr/bin/python3."
    )
    return [sentence]
