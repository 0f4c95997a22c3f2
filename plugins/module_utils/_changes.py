# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""What a task is going to change: computed by pure functions, shown as diff, and all that an apply step gets."""

from __future__ import annotations

import dataclasses
import typing as t

HIDDEN = "(hidden)"
"""What stands for a secret, here and in facts."""
HIDDEN_NEW = "(hidden, another one)"


@dataclasses.dataclass(frozen=True)
class Change:
    """One option that differs.

    :param path: the option's name as the user writes it, dotted for suboptions, key in brackets for list items
        (`memory_mib`, `disks[vda].size_gib`).
    :param before: what is, None if it does not exist.
    :param after: what will be, None if it will not exist.
    :param restart_required: it takes effect only at the object's next start.
    """

    path: str
    before: t.Any
    after: t.Any
    restart_required: bool = False


@dataclasses.dataclass(frozen=True)
class ChangeSet:
    """An ordered set of changes; immutable, merged with `+`."""

    changes: tuple[Change, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.changes)

    def __iter__(self) -> t.Iterator[Change]:
        return iter(self.changes)

    def __add__(self, other: ChangeSet) -> ChangeSet:
        return ChangeSet(self.changes + other.changes)

    @classmethod
    def of(cls, *changes: Change) -> ChangeSet:
        return cls(tuple(changes))

    @classmethod
    def between(cls, before: t.Mapping[str, t.Any], after: t.Mapping[str, t.Any]) -> ChangeSet:
        """Return one change for each key of `after` whose value differs; None in `after` means "not managed"."""
        return cls(
            tuple(
                Change(key, before.get(key), value)
                for key, value in after.items()
                if value is not None and before.get(key) != value
            )
        )

    def within(self, path: str) -> ChangeSet:
        """Return the same changes with `path` put before each name."""
        return ChangeSet(tuple(dataclasses.replace(change, path=f"{path}.{change.path}") for change in self.changes))

    @property
    def restart_required(self) -> list[str]:
        """Names of the options that take effect only at the next start."""
        return [change.path for change in self.changes if change.restart_required]

    def diff(self) -> dict[str, dict[str, t.Any]]:
        """Return the task's `diff`: `{"before": {path: value}, "after": {path: value}}`."""
        return {
            "before": {change.path: change.before for change in self.changes},
            "after": {change.path: change.after for change in self.changes},
        }
