# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""Lists of names: what a user names twice, and how many are told."""

from __future__ import annotations

import collections
import typing as t

from ._errors import InvalidInputError


def refuse_twice(where: str, names: t.Iterable[str], *, hint: str = "") -> None:
    """Refuse a list in which two entries are about the same thing: which of them is meant?

    :param where: the option that the list is, for the message.
    :raises InvalidInputError: when a name is there more than once.
    """
    for name, count in collections.Counter(names).items():
        if count > 1:
            raise InvalidInputError(f"{where}: '{name}' is named twice.", hint=hint)


def listed(names: t.Sequence[str]) -> str:
    """Return one or more names as a sentence has them: "a, b and c"."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def shortened(names: t.Sequence[str], shown: int) -> str:
    """Return names, of many the first ones and how many there are beside them: "a, b and 7 more"."""
    told = ", ".join(names[:shown])
    return told if len(names) <= shown else f"{told} and {len(names) - shown} more"
