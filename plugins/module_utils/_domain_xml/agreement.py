# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""Whether the options of a VM fit together, seen from the definition that they make."""

from __future__ import annotations

import typing as t

from .._errors import InvalidInputError
from . import numa
from .option import Option
from .tree import Element, copied


def check(definition: Element, wanted: list[tuple[Option, t.Any]], purge: t.Container[str] = ()) -> None:
    """Raise InvalidInputError if one option undoes what another one says: the VM would change with each task.

    :param definition: what all options have been written to.
    :param wanted: the options that are named, with their values.
    :param purge: the lists whose unnamed devices are removed.
    """
    numa.check_memory(definition)
    last = [option.name for option, _value in wanted if option.stacked]
    for option, value in wanted if last else ():
        changes = option.compare(definition, value)
        changes += option.purge(copied(definition), value) if option.name in purge else type(changes)()
        for change in changes:
            raise InvalidInputError(
                f"{last[0]}: it contradicts {change.path}.", hint="Say it in one of the two options only."
            )
