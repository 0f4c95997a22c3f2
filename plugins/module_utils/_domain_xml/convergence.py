# Copyright: (c) 2026, evergreen.virt contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# PRIVATE to the evergreen.virt collection: it may change without notice.
"""What has to happen so that a VM is as its options say: computed from what is, without libvirt."""

from __future__ import annotations

import dataclasses
import typing as t

from .._changes import Change, ChangeSet
from .._errors import InvalidInputError
from . import agreement, tree
from .option import Difference, Entry, LiveStep, Option
from .registry import OPTIONS
from .texts import check_line, check_lines, check_xml
from .tree import Element

_CHECKS = {"description": check_lines, "xml": check_xml, "labels": check_xml, "cloud_init": check_xml}
"""Options whose line breaks libvirt keeps, or does not see."""

APPLY = ("live", "next_start", "restart")


@dataclasses.dataclass(frozen=True)
class Convergence:
    """Everything that an apply step needs.

    :param changes: what changes, for the user; what differs only in the running VM is below `running`.
    :param definition: the XML to define, None if the definition is right.
    :param steps: live calls, in this order, each with the options that it changes.
    :param waiting: options whose value the running VM gets at its next start.
    :param restart: the VM must be started anew, as `apply: restart` asks.
    """

    changes: ChangeSet
    definition: t.Optional[str] = None
    steps: t.Mapping[LiveStep, tuple[str, ...]] = dataclasses.field(default_factory=dict)
    waiting: tuple[str, ...] = ()
    restart: bool = False


def wanted_options(params: Entry) -> list[tuple[Option, t.Any]]:
    """Return the options that are named, with their values."""
    return [(option, params[option.name]) for option in OPTIONS if params.get(option.name) is not None]


def check(params: Entry) -> None:
    """Raise InvalidInputError for the first option that cannot be meant."""
    for name, value in params.items():
        _CHECKS.get(name, check_line)(name, value)
    for option, value in wanted_options(params):
        option.check(value)
    for low, high in (("memory_mib", "memory_max_mib"), ("vcpus", "vcpus_max")):
        if params.get(low) is not None and params.get(high) is not None and params[high] < params[low]:
            raise InvalidInputError(f"{high}: {params[high]} is less than {low}, {params[low]}.")
    if (params.get("numa") or {}).get("cells") == [] and (params.get("memory_hotplug") or {}).get("max_mib"):
        raise InvalidInputError("numa.cells: memory_hotplug needs one.")


def options_of(root: Element) -> dict[str, t.Any]:
    """Return a VM's options as the user would write them, without secrets."""
    return {option.name: option.shown(option.read(root)) for option in OPTIONS}


def create(base: Element, params: Entry) -> Convergence:
    """Return how a new VM comes to be.

    :param base: the tree that it begins with (skeleton.py).
    """
    for option in OPTIONS:
        value = params.get(option.name)
        if value is None:
            value = option.first(params)
        if value is not None:
            option.write(base, value)
    agreement.check(base, wanted_options(params))
    named = ChangeSet.of(*(Change(option.name, None, option.shown(value)) for option, value in wanted_options(params)))
    return Convergence(ChangeSet.of(Change("name", None, tree.text(base, "name"))) + named, tree.serialize(base))


def converge(definition: Element, running: Element | None, params: Entry, apply: str = "live") -> Convergence:
    """Return how an existing VM gets the named options; nothing else of it is touched.

    :param definition: what the VM is started with next (XMLDesc INACTIVE).
    :param running: what it runs with now, None if it does not run.
    :param params: all options of the module, `purge` among them.
    :param apply: live, next_start or restart.
    """
    wanted = wanted_options(params)
    purge = set(params.get("purge") or ())
    after = tree.copied(definition)
    changes = ChangeSet()
    for option, value in wanted:
        changes += option.compare(after if option.stacked else definition, value)
        changes += option.purge(after, value) if option.name in purge else ChangeSet()
        option.write(after, value)
    if changes:
        for option, value in wanted:
            option.write(after, value)  # again: a purged disk may have held what an earlier option found
        agreement.check(after, wanted, purge)
    text = tree.serialize(after) if changes else None
    if running is None:
        return Convergence(changes, text)
    reached = tree.copied(running)
    found = [part for option, value in wanted for part in option.differences(running, reached, after, value)]
    for option, value in wanted:
        found += option.superfluous(running, value) if option.name in purge else []
    return _live(changes, text, found, apply)


def _live(changes: ChangeSet, text: str | None, found: list[Difference], apply: str) -> Convergence:
    defined = {change.path for change in changes}
    options = {_option(path) for path in defined}
    found = [part for part in found if not part.guess or part.change.path in defined]
    now = [part for part in found if apply != "next_start" and _is_live(part, defined)]
    later = [part for part in found if part not in now and part.restartable]
    restart = apply == "restart" and any(not part.once or _option(part.change.path) in options for part in later)
    if restart:
        now, later = [], []
    waiting = tuple(part.change.path for part in later)
    told = ChangeSet.of(*(dataclasses.replace(change, restart_required=change.path in waiting) for change in changes))
    only_live = [part.change for part in now if part.change.path not in defined]
    told += ChangeSet.of(*only_live).within("running")
    steps: dict[LiveStep, tuple[str, ...]] = {}
    for part in now:
        if part.step is not None:
            steps[part.step] = (*steps.get(part.step, ()), part.change.path)
    if restart:
        told += ChangeSet.of(Change("state", "running", "restarted"))
    return Convergence(told, text, steps, waiting, restart)


def _option(path: str) -> str:
    return path.partition(".")[0]


def _is_live(difference: Difference, defined: t.Container[str]) -> bool:
    step = difference.step
    return step is not None and (not step.uncertain or difference.change.path in defined)
