# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""The VMs that many hosts tell of, each name once."""

from __future__ import annotations

import dataclasses
import fnmatch
import typing as t

from ansible_collections.evergreen.virt.plugins.module_utils._errors import ConflictError, InvalidInputError
from ansible_collections.evergreen.virt.plugins.module_utils._facts import Vm


@dataclasses.dataclass(frozen=True)
class FoundVm:
    """A VM where it was found.

    :param host: the name of its host.
    :param vm: its facts as plain data.
    :param address: where its guest is reached, None if nothing is known.
    :param moving: it stands still because it is arriving there, or has all but left.
    """

    host: str
    vm: t.Mapping[str, t.Any]
    address: str | None = None
    moving: bool = False

    @property
    def name(self) -> str:
        """The VM's own name."""
        return str(self.vm["name"])

    @property
    def active(self) -> bool:
        """It occupies memory on its host."""
        return Vm.from_dict(self.vm).active

    def matches(self, patterns: t.Iterable[str]) -> bool:
        """Return whether its name matches one of the patterns (fnmatch)."""
        return any(fnmatch.fnmatchcase(self.name, str(pattern)) for pattern in patterns)

    def groups(self, by: t.Iterable[str]) -> list[str]:
        """Return the groups that it is in, with whatever characters a label has.

        :param by: `host`, `state`, or `labels.` and the name of a label.
        :raises InvalidInputError: when it is anything else.
        """
        return [name for what in by for name in self._group(str(what))]

    def _group(self, what: str) -> list[str]:
        kind, _dot, label = what.partition(".")
        if kind == "labels" and label:
            value = self.vm["labels"].get(label)
            return [] if value is None else [f"label_{label}_{value}"]
        values = {"host": self.host, "state": self.vm["state"]}
        if what not in values:
            raise InvalidInputError(f"group_by: '{what}' is none of host, state, and labels.NAME.")
        return [f"{what}_{values[what]}"]

    def variables(self) -> dict[str, t.Any]:
        """Return its variables in the inventory."""
        reached = {} if self.address is None else {"ansible_host": self.address}
        return {"virt_vm": dict(self.vm), "virt_host": self.host, "virt_state": self.vm["state"], **reached}


def one_of_each_name(found: t.Iterable[FoundVm], *, prefer_active: bool) -> list[FoundVm]:
    """Return one VM for each name, in the order of the names.

    Of a VM that is being moved the copy that stands still never counts.

    :param prefer_active: of several the active one is taken.
    :raises ConflictError: when several are left.
    """
    by_name: dict[str, list[FoundVm]] = {}
    for vm in found:
        by_name.setdefault(vm.name, []).append(vm)
    return [_the_one(name, vms, prefer_active) for name, vms in sorted(by_name.items())]


def _the_one(name: str, vms: list[FoundVm], prefer_active: bool) -> FoundVm:
    left = [vm for vm in vms if not vm.moving] or vms
    if len(left) > 1 and prefer_active:
        left = [vm for vm in left if vm.active] or left
    if len(left) > 1:
        raise ConflictError(
            f"there are several VMs '{name}': " + ", ".join(f"{vm.vm['state']} on {vm.host}" for vm in left) + ".",
            hint="Undefine or rename all but one, leave some out by `where`, or let `same_name: active` take the one that runs.",
        )
    return left[0]
