# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""What a running VM gets at its next start only: its definition compared with what it runs with, option by option."""

from __future__ import annotations

import typing as t

from . import tree
from .option import Option
from .registry import OPTIONS
from .tree import Element

_EXPANDED = ("cpu",)
"""Where the definition names none, libvirt shows a running VM's own."""


def pending(running: Element, definition: Element) -> list[str]:
    """Return the names of the options that a start would change (`memory_max_mib`, `disks[vdb]`, `disks[vda].cache`)."""
    return [name for option in OPTIONS for name in _pending(option, running, definition)]


def _pending(option: Option, running: Element, definition: Element) -> t.Iterator[str]:
    value = option.read(definition)
    if value is None:
        if option.name not in _EXPANDED and option.read(running) is not None:
            yield option.name
        return
    if option.compare(running, value):
        for part in option.differences(running, tree.copied(running), definition, value):
            if part.restartable:
                yield part.change.path
    for part in option.superfluous(running, value):
        yield part.change.path
