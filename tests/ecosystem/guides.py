# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a guide tells its reader to write and to type."""

from __future__ import annotations

import re
import shlex
import textwrap

from ansible_collections.evergreen.virt.tests.lab.cluster import ROOT

_FILE = re.compile(r"^\.\. code-block:: yaml\n\n(?P<text>   # (?P<name>[\w/]+\.yml)\n(?:   .*\n|\n)+)", re.MULTILINE)
_CONSOLE = re.compile(r"^\.\. code-block:: console\n\n(?P<text>(?:   .*\n|\n)+)", re.MULTILINE)


def guide(name: str) -> str:
    """Return the text of a guide."""
    return (ROOT / "docs" / "docsite" / "rst" / f"{name}.rst").read_text(encoding="utf-8")


def section(text: str, title: str) -> str:
    """Return a part of a guide, from its title to the next one."""
    _before, _title, rest = text.partition(f"\n{title}\n{'-' * len(title)}\n")
    return re.split(r"\n.+\n-{3,}\n", rest)[0]


def files(text: str) -> dict[str, str]:
    """Return the files in YAML that say in their first line where they belong."""
    return {found["name"]: textwrap.dedent(found["text"]) for found in _FILE.finditer(text)}


def commands(text: str) -> list[list[str]]:
    """Return what is to be typed as an ordinary user, as argvs; a command may go on in further lines."""
    found: list[str] = []
    for block in _CONSOLE.finditer(text):
        for line in textwrap.dedent(block["text"]).splitlines():
            if line.startswith("$ "):
                found.append(line[2:])
            elif line:
                found[-1] += f"\n{line}"
    return [shlex.split(command) for command in found]
